import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { answerOf, diffLab, diffText } from '../../workbook/grade/labs/diff.ts'
import { frontMatter, listOf } from '../../workbook/grade/labs/front-matter.ts'
import { readHints } from '../../workbook/grade/labs/hints.ts'
import { findLab, readLabs } from '../../workbook/grade/labs/labs.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

/** A project that holds these files. */
function project(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'wirebook-chapters-'))
  folders.push(folder)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}

describe('front matter', () => {
  test.each([
    { name: 'a plain value', text: '---\ntitle: Frames\n---\n', title: 'Frames' },
    { name: 'a quoted one', text: '---\ntitle: "Frames: all of them"\n---\n', title: 'Frames: all of them' },
    { name: 'line ends of Windows', text: '---\r\ntitle: Frames\r\n---\r\n', title: 'Frames' },
    { name: 'none', text: '# Frames\n', title: undefined },
    { name: 'a rule further down', text: '# Frames\n---\ntitle: no\n---\n', title: undefined },
  ])('$name', ({ text, title }) => expect(frontMatter(text).title).toBe(title))

  test.each([
    { value: '[]', list: [] },
    { value: undefined, list: [] },
    { value: '[02-tcp-vs-udp, "07-tcp-chat"]', list: ['02-tcp-vs-udp', '07-tcp-chat'] },
  ])('the list $value', ({ value, list }) => expect(listOf(value)).toEqual(list))

  test('a list on lines of its own', () => {
    const { buildsOn } = frontMatter('---\nbuildsOn:\n  - 11-a\n  - 12-b\ntitle: x\n---')
    expect(listOf(buildsOn)).toEqual(['11-a', '12-b'])
  })
})

test('a lab is a chapter with a solution', () => {
  const root = project({
    'docs/index.md': '',
    'docs/12-ws-frames.md': '---\ntitle: Frames\npart: 3\ndescription: Every bit.\nbuildsOn: [11-ws-handshake]\n---\n',
    'docs/13-without-solution.md': '---\ntitle: no\n---\n',
    'solutions/12-ws-frames/given.ts': 'export {}\n',
    'solutions/12-ws-frames/late.ts': '  // TODO 3: c\n',
    'solutions/12-ws-frames/early.ts': '  // TODO 4: d\n  // TODO 1: a\n',
  })
  const labs = readLabs(root)
  expect(labs).toEqual([
    {
      stem: '12-ws-frames',
      title: 'Frames',
      description: 'Every bit.',
      path: '/ws-frames',
      part: 3,
      buildsOn: ['11-ws-handshake'],
      files: ['labs/12-ws-frames/early.ts', 'labs/12-ws-frames/late.ts'],
    },
  ])
  for (const name of ['12', 'ws-frames', '12-ws-frames']) expect(findLab(labs, name)).toBe(labs[0])
  for (const name of ['2', '1', '', 'frames']) expect(findLab(labs, name)).toBeUndefined()
})

test('hints stand beside what they explain, and one block serves several checks', () => {
  const hints = readHints(
    '# Frames\n\n::: hints length-16 length-64\n1. Look at bytes 2 and 3,\n   both of them.\n' +
      '2. The marker says it.\n3. Almost:\n   ```ts\n   a\n     b\n   ```\n:::\n\n::: tip\n1. no hint\n:::\n',
  )
  expect([...hints.keys()]).toEqual(['length-16', 'length-64'])
  expect(hints.get('length-64')).toEqual([
    'Look at bytes 2 and 3,\nboth of them.',
    'The marker says it.',
    'Almost:\n```ts\na\n  b\n```',
  ])
})

describe('diff', () => {
  const solution = [
    'export function f() {',
    '  // #region a',
    '  // TODO 1: Return 1.',
    '  // starter: return 0',
    '',
    '  return 1',
    '  // #endregion',
    '}',
    'export function g() {',
    '  // #region b',
    '  // TODO 2: Return 2.',
    '  // starter: return 0',
    '',
    '  return 2',
    '  // #endregion',
    '}',
    '',
  ].join('\n')
  const yours =
    'export function f() {\n  // TODO 1: Return 1.\n  return 7\n}\nexport function g() {\n  // TODO 2: Return 2.\n  return 0\n}\n'

  test('the solution reads as if a reader had written it', () => {
    expect(answerOf(solution)).not.toMatch(/#region|#endregion|starter:/)
    expect(answerOf(solution)).toContain('// TODO 1: Return 1.\n\n  return 1\n}')
  })

  test('a lab against its solution, in all or only in the TODOs that were reached', () => {
    const root = project({ 'labs/12-a/a.ts': yours, 'solutions/12-a/a.ts': solution })
    const files = ['labs/12-a/a.ts']
    const lab = { stem: '12-a', title: '', description: '', path: '/a', part: 3, buildsOn: [], files }
    const added = (todos?: Set<number>) =>
      diffLab(root, lab, todos)[0]!
        .lines.filter(({ side }) => side === 'solution')
        .map(({ text }) => text.trim())
    expect(added()).toEqual(['', 'return 1', '', 'return 2'])
    expect(added(new Set([1]))).toEqual(['', 'return 1'])
  })

  test('what is the same in between is one line', () => {
    const long = Array.from({ length: 30 }, (_, i) => `line ${i}`)
    const other = long.map((line, i) => (i === 2 || i === 27 ? `${line}!` : line))
    const lines = diffText(long.join('\n'), other.join('\n'))
    expect(lines.filter(({ side }) => side !== 'both').map(({ text }) => text)).toEqual([
      'line 2',
      'line 2!',
      'line 27',
      'line 27!',
    ])
    expect(lines.filter(({ text }) => text === '⋯')).toHaveLength(1)
    expect(diffText('a\r\nb\r\n', 'a\nb\n')).toEqual([])
  })
})
