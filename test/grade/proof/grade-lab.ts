import { gradeVariants, type Outcome } from './grade-variants.ts'
import { judge } from './judge.ts'
import { type Variant, variantsOf } from './variants.ts'

/** The variants of a lab, and what its grader says of each. */
export interface LabProof {
  variants: Variant[]
  outcomes: Map<string, Outcome>
}

/** Grades the starter, the mutants, the wrong programs and the right ones of a lab. @param choose those to grade; default all */
export async function gradeLab(stem: string, choose = (variants: Variant[]) => variants): Promise<LabProof> {
  const variants = choose(await variantsOf(stem))
  const outcomes = await gradeVariants(stem, variants, 0.25)
  // Whatever looks wrong under short deadlines is looked at again with the reader's own.
  const doubtful = variants.filter((variant) => judge(variant, outcomes.get(variant.name)!).length > 0)
  if (doubtful.length === 0) return { variants, outcomes }
  return { variants, outcomes: new Map([...outcomes, ...(await gradeVariants(stem, doubtful, 1))]) }
}
