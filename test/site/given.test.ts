import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { cachedChecks } from '../../.vitepress/given.ts'
import { root } from '../../workbook/grade/labs/tree.ts'

const source = `
  import { readFileSync } from 'node:fs'
  import { type Chunking, check, expect, chunkings as cuts } from '../../workbook/grade/checks/check.ts'
  import * as lab from '#lab/12-ws-frames/frame.ts'

  const rule = 'RFC 6455 §5.2'
  const named = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).name
  check('short', "it's short", { anchor: 'two-bytes', rule }, () => { throw new Error(named) })
  for (const [id, length] of [['length-16', 126], ['length-64', 65_536]] as const) {
    check(id, \`\${length} bytes\`, { todo: [1, 2], anchor: 'three-lengths', rule }, async () => expect(lab).toBe(cuts))
  }
`

test('a page knows the checks of its grader, also those written in a loop, and runs none of them', async () => {
  const folder = project()
  const grader = join(folder, 'a.test.ts')
  writeFileSync(grader, source)
  const checks = (await cachedChecks([grader], join(folder, 'checks.json'))).get(grader)
  const rule = 'RFC 6455 §5.2'
  expect(checks).toEqual([
    { id: 'short', title: "it's short", todo: [], anchor: 'two-bytes', rule },
    { id: 'length-16', title: '126 bytes', todo: [1, 2], anchor: 'three-lengths', rule },
    { id: 'length-64', title: '65536 bytes', todo: [1, 2], anchor: 'three-lengths', rule },
  ])
})

test('a grader is loaded again when its text has changed, and a broken one is named', async () => {
  const folder = project()
  const grader = join(folder, 'a.test.ts')
  const file = join(folder, 'checks.json')
  const titles = async () => (await cachedChecks([grader], file)).get(grader)!.map(({ title }) => title)

  writeFileSync(grader, source)
  await titles()
  const kept = performance.now()
  expect(await titles()).toEqual(["it's short", '126 bytes', '65536 bytes'])
  expect(performance.now() - kept, 'milliseconds for what is known').toBeLessThan(500)

  writeFileSync(grader, source.replace("it's short", "it's new"))
  expect(await titles()).toEqual(["it's new", '126 bytes', '65536 bytes'])

  writeFileSync(grader, "throw new Error('no grader')")
  await expect(titles()).rejects.toThrow(/a\.test\.ts: no grader/)
})

/** A folder from which a grader finds the project two levels up, as those of test/labs do. */
function project(): string {
  const parent = join(root, '.wirebook')
  mkdirSync(parent, { recursive: true })
  const folder = mkdtempSync(join(parent, 'given-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}
