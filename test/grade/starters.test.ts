import { afterAll, describe, expect, test } from 'vitest'
import { labTodos, solutionStems, starterFiles } from '../../workbook/grade/labs/lab-files.ts'
import { mutantOf, starterOf, todosOf } from '../../workbook/grade/labs/starter.ts'
import { root } from '../../workbook/grade/labs/tree.ts'
import { proofFolder, removeProofs, writeStarters } from './proof/trees.ts'
import { typeErrors } from './proof/type-check.ts'

const solution = `export function length(n: number): number {
  // #region length
  // TODO 1: Give 2 bytes up to 125,
  // and 4 above. See RFC 6455 §5.2.
  // starter: if (n < 0)
  // starter:   throw n
  // starter: return 2

  // The reader never sees this line.
  return n <= 125 ? 2 : 4
  // #endregion
}

// #region given
export const given = 1
// #endregion

export function key(): Buffer {
  // #region key
  // TODO 2: Give four random bytes.

  return randomBytes(4)
  // #endregion
}

export function log(): void {
  // #region log
  // TODO 2: Say it.
  // starter:

  console.log('four')
  // #endregion
}
`

afterAll(removeProofs)

describe('a starter', () => {
  test('keeps the TODO and its starter lines, and loses the body and the marks', () => {
    expect(starterOf(solution)).toBe(`export function length(n: number): number {
  // TODO 1: Give 2 bytes up to 125,
  // and 4 above. See RFC 6455 §5.2.
  if (n < 0)
    throw n
  return 2
}

export const given = 1

export function key(): Buffer {
  // TODO 2: Give four random bytes.
  throw new Error('TODO 2')
}

export function log(): void {
  // TODO 2: Say it.
}
`)
  })

  test('a mutant lacks one TODO, in all its regions', () => {
    const mutant = mutantOf(solution, 2)
    expect(mutant).toContain('return n <= 125 ? 2 : 4')
    expect(mutant).toContain("throw new Error('TODO 2')")
    expect(mutant).not.toContain("console.log('four')")
  })

  test('TODOs have a number and a text on one line', () => {
    expect(todosOf(solution)).toEqual([
      { number: 1, text: 'Give 2 bytes up to 125, and 4 above. See RFC 6455 §5.2.' },
      { number: 2, text: 'Give four random bytes.' },
      { number: 2, text: 'Say it.' },
    ])
  })

  test.each([
    { name: 'a region that is not closed', text: '// #region a\n// TODO 1: x\n' },
    { name: 'a region in a region', text: '// #region a\n// TODO 1: x\n\n// #region b\n// #endregion\n' },
  ])('$name is refused', ({ text }) => {
    expect(() => starterOf(text)).toThrow(/#region .: expected #endregion/)
  })
})

test('every lab has TODOs, numbered from 1 without a gap', () => {
  for (const stem of solutionStems(root)) {
    const numbers = labTodos(root, stem).map(({ number }) => number)
    expect(numbers.length, stem).toBeGreaterThan(0)
    expect(numbers, stem).toEqual(numbers.map((_, i) => i + 1))
  }
})

test('every starter type-checks', () => {
  const folder = proofFolder('starters')
  writeStarters(folder, (stem) => starterFiles(root, stem))
  expect(typeErrors(folder)).toEqual([])
}, 120_000)
