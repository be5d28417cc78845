import { variantsOf } from './grade/proof/variants.ts'
import { gradeVariants } from './grade/proof/grade-variants.ts'
import { judge } from './grade/proof/judge.ts'
import { removeProofs } from './grade/proof/trees.ts'
for (const stem of process.argv.slice(2)) {
  const v = await variantsOf(stem)
  const t = performance.now(), c = process.resourceUsage()
  const o = await gradeVariants(stem, v, 0.25)
  const t1 = performance.now()
  const d = v.filter((x) => judge(x, o.get(x.name)!).length > 0)
  console.log(stem, v.length, 'variants', Math.round(t1 - t), 'ms; doubtful', d.map((x) => x.name).join(' '))
  for (const x of d) console.log(judge(x, o.get(x.name)!).join('\n').slice(0,400))
  if (d.length) { const o2 = await gradeVariants(stem, d, 1); console.log(' again', Math.round(performance.now() - t1)); for (const x of d) console.log(' !!', judge(x, o2.get(x.name)!).join('\n').slice(0,300)) }
}
removeProofs()
