import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { answerOf, diffLab, diffText } from '../../workbook/grade/labs/diff.ts'
import { readFrontMatter } from '../../workbook/grade/labs/front-matter.ts'
import { hintBlocks, readHints } from '../../workbook/grade/labs/hints.ts'
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
  const rest = 'part: 3\ntarget: none\nminutes: 20\n'

  test.each([
    { name: 'a plain value', text: `---\ntitle: Frames\n${rest}---\n`, title: 'Frames' },
    { name: 'a quoted one', text: `---\ntitle: "Frames: all of them"\n${rest}---\n`, title: 'Frames: all of them' },
    { name: 'a comment', text: `---\ntitle: Frames # all\n${rest}---\n`, title: 'Frames' },
    {
      name: 'line ends of Windows',
      text: `---\ntitle: Frames\n${rest}---\n`.replaceAll('\n', '\r\n'),
      title: 'Frames',
    },
  ])('$name', ({ text, title }) => {
    const { frontMatter, complaints } = readFrontMatter('docs/12-a.md', text)
    expect(complaints).toEqual([])
    expect(frontMatter).toMatchObject({ title, part: 3, target: 'none', minutes: 20, packages: [], buildsOn: [] })
  })

  test.each([
    { name: 'none', text: '# Frames\n' },
    { name: 'a rule further down', text: '# Frames\n---\ntitle: no\n---\n' },
  ])('$name', ({ text }) => {
    const { frontMatter, complaints } = readFrontMatter('docs/12-a.md', text)
    expect(frontMatter.title).toBe('')
    expect(complaints).toMatchObject([{ file: 'docs/12-a.md', line: 1 }])
    expect(complaints[0]!.sentence).toMatch(/^expected front matter on the first lines/)
  })

  test.each([
    { yaml: 'buildsOn: []', buildsOn: [] },
    { yaml: '', buildsOn: [] },
    { yaml: 'buildsOn: [02-tcp-vs-udp, "07-tcp-chat"]', buildsOn: ['02-tcp-vs-udp', '07-tcp-chat'] },
    { yaml: 'buildsOn:\n  - 11-a\n  - 12-b', buildsOn: ['11-a', '12-b'] },
  ])('the list $yaml', ({ yaml, buildsOn }) => {
    const text = `---\n${yaml}\ntitle: x\n${rest}---`
    expect(readFrontMatter('docs/13-a.md', text)).toMatchObject({ frontMatter: { buildsOn }, complaints: [] })
  })

  test.each([
    { wrong: 'part: 6', line: 3, says: /^part: expected a whole number from 0 to 5 .*; received 6\.$/ },
    { wrong: 'part: 1 TCP', line: 3, says: /^part: expected .*; received "1 TCP"\.$/ },
    { wrong: 'target: quic', line: 3, says: /^target: expected one of tcp, udp, .*; received "quic"\.$/ },
    { wrong: 'packages: ws', line: 3, says: /^packages: expected a list of npm packages, .*; received "ws"\.$/ },
    { wrong: 'buildsOn: [7]', line: 3, says: /^buildsOn: expected a list of stems, .*; received \[7\]\.$/ },
    { wrong: 'minutes: soon', line: 3, says: /^minutes: expected a whole number .*; received "soon"\.$/ },
    { wrong: 'mirrors: a: b', line: 3, says: /^this is not YAML: .*stands in quotes\.$/ },
  ])('$wrong', ({ wrong, line, says }) => {
    const key = wrong.split(':')[0]!
    const others = rest.split('\n').filter((text) => !text.startsWith(`${key}:`))
    const { complaints } = readFrontMatter('docs/12-a.md', `---\ntitle: x\n${wrong}\n${others.join('\n')}---\n`)
    expect(complaints).toEqual([{ file: 'docs/12-a.md', line, sentence: expect.stringMatching(says) }])
  })
})

test('a lab is a chapter with a solution', () => {
  const root = project({
    'docs/index.md': '',
    'docs/12-ws-frames.md':
      '---\ntitle: Frames\npart: 3\ntarget: none\nminutes: 30\ndescription: Every bit.\nbuildsOn: [11-ws-handshake]\n---\n',
    'docs/11-ws-handshake.md': '',
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

test.each([
  { name: 'written 1)', list: '1) a\n2. b\n3. c\n', says: 'hints x: expected "1.", received "1)".' },
  { name: 'with a number left out', list: '1. a\n3. b\n3. c\n', says: 'hints x: expected "2.", received "3.".' },
  { name: 'two', list: '1. a\n2. b\n', says: 'hints x: expected three (look, idea, almost code), received 2.' },
  {
    name: 'with text before them',
    list: 'Well.\n1. a\n2. b\n3. c\n',
    says: 'hints x: expected "1." to begin the first one, received "Well.".',
  },
])('hints that are $name are complained of', ({ list, says }) => {
  const [block] = hintBlocks(`# A\n\n::: hints x\n${list}:::\n`)
  expect(block!.mistakes).toEqual([{ line: expect.any(Number), sentence: says }])
})

test('hints without an end or a check are complained of, and those of an example are none', () => {
  expect(hintBlocks('::: hints x\n1. a\n2. b\n3. c\n')[0]!.mistakes[0]!.sentence).toMatch(/expected ::: at the end/)
  expect(hintBlocks('::: hints\n1. a\n2. b\n3. c\n:::\n')[0]!.mistakes[0]!.sentence).toMatch(/expected ids of checks/)
  expect(hintBlocks('````md\n::: hints x\n```\n:::\n````\n')).toEqual([])
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
