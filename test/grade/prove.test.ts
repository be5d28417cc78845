import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { complaintLine } from '../../workbook/grade/labs/complaint.ts'
import { starterFiles } from '../../workbook/grade/labs/lab-files.ts'
import { type CollectedGrader, collectGraders } from '../../workbook/grade/run/collect-checks.ts'
import { pageSteps, writeInto } from './contributing-page.ts'
import { copyProject } from './project-copy.ts'
import { checkComplaints, labComplaints } from './proof/lab-complaints.ts'
import { isProven, recordProof } from './proof/proven.ts'

// The chapter of docs/contributing.md in a project of its own, with one mistake after the other.

const project = copyProject()
const { folder } = project
afterAll(() => project.remove())

const stem = '20-daytime'
const chapter = `docs/${stem}.md`
const solution = `solutions/${stem}/server.ts`
const starter = `labs/${stem}/server.ts`
const grader = `test/labs/${stem}.test.ts`
const wrongs = `test/labs/wrong/${stem}.ts`

let collected: CollectedGrader
beforeAll(async () => {
  for (const step of pageSteps()) if ('file' in step) writeInto(folder, step.file, step.text)
  for (const [path, bytes] of starterFiles(folder, stem)) writeInto(folder, `labs/${stem}/${path}`, String(bytes))
  collected = (await collectGraders(folder, [join(folder, grader)]))[0]!
}, 120_000)

test('the chapter of the page has nothing left to do', async () => {
  expect(await complaints()).toEqual([])
})

test.each([
  {
    name: 'no part',
    edits: [[chapter, 'part: 0\n', '']],
    says: [
      `${chapter}:1: part: expected a whole number from 0 to 5 (0 First bytes, 1 TCP vs UDP, 2 HTTPS, 3 WebSocket frames, 4 Socket.IO rooms, 5 Beneath and beyond); received none.`,
    ],
  },
  {
    name: 'a part that is not there',
    edits: [[chapter, 'part: 0\n', 'part: 6 # new\n']],
    says: [/^docs\/20-daytime\.md:4: part: expected a whole number from 0 to 5 .*; received 6\.$/],
  },
  {
    name: 'a protocol that the decoder does not know',
    edits: [[chapter, 'part: 0\n', 'part: 0\nprotocols: [morse]\n']],
    says: [/^docs\/20-daytime\.md: protocols: expected some of http, .*, received morse\.$/],
  },
  {
    name: 'no title',
    edits: [[chapter, 'title: What time is it?\n', '']],
    says: [`${chapter}:1: title: expected the title in words; received none.`],
  },
  {
    name: 'a region that is not closed',
    edits: [[solution, '    // #endregion\n', '']],
    says: [`${solution}:19: // #region answer: expected #endregion after it, received none.`],
  },
  {
    name: 'a region that is not opened',
    edits: [[solution, '    // #region answer\n', '']],
    says: [`${solution}:23: // #endregion: expected #region before it, received none.`],
  },
  {
    name: 'a check without hints',
    edits: [[chapter, '::: hints hangs-up goes-on', '::: hints hangs-up']],
    says: [
      `${grader}:16: check goes-on: it has no hints. Write \`::: hints goes-on\` and a list of three in ${chapter}.`,
    ],
  },
  {
    name: 'hints for no check',
    edits: [[chapter, '::: hints line', '::: hints line lines']],
    says: [`${chapter}:25: hints lines: the grader has no such check.`],
  },
  {
    name: 'hints written 1)',
    edits: [[chapter, '1. Which two', '1) Which two']],
    says: [`${chapter}:26: hints line: expected "1.", received "1)".`],
  },
  {
    name: 'two hints',
    edits: [[chapter, '3. `new Date', '   `new Date']],
    says: [`${chapter}:25: hints line: expected three (look, idea, almost code), received 2.`],
  },
  {
    name: 'an anchor that is not there',
    edits: [[chapter, '## One line', '## A line']],
    says: [
      `${grader}:6: check line: the anchor one-line is no heading of ${chapter}, which has what-time-is-it, a-line, who-hangs-up.`,
    ],
  },
  {
    name: 'a wrong program whose text stands nine times',
    edits: [[wrongs, /find: .*/, "find: 'now',"]],
    says: [`${wrongs}:5: "a line without CR": "now" stands 9 times in ${solution}, expected once. Make it longer.`],
  },
  {
    name: 'a wrong program whose text stands nowhere',
    edits: [[wrongs, /find: .*/, "find: 'Temporal',"]],
    says: [
      `${wrongs}:5: "a line without CR": "Temporal" stands 0 times in ${solution}, expected once. Copy it from there.`,
    ],
  },
  {
    name: 'a wrong program that fails no check',
    edits: [[wrongs, "fails: ['line']", "fails: ['lines']"]],
    says: [`${wrongs}:5: "a line without CR" is to fail lines, and the grader has no such check.`],
  },
  {
    name: 'a list of wrong programs that is no TypeScript',
    edits: [[wrongs, 'export default [', 'export default [[']],
    says: [/^test\/labs\/wrong\/20-daytime\.ts: it cannot be loaded: Transform failed with 1 error: ./],
  },
  {
    name: 'a starter that is not what the solution gives',
    edits: [[starter, 'TODO 1', 'TODO 3']],
    says: [`${starter}: it is not what the solution gives. Run: npm run starters -- 20`],
  },
  {
    name: 'a stem that is not there',
    edits: [[chapter, 'buildsOn: []', 'buildsOn: [19-smoke-signals]']],
    says: [`${chapter}:6: buildsOn: expected the stem of a chapter, and there is no docs/19-smoke-signals.md.`],
  },
  {
    name: 'a package that the front matter does not name',
    edits: [
      [solution, 'import { isMain', "import 'ws/browser.js'\nimport { isMain"],
      [starter, 'import { isMain', "import 'ws/browser.js'\nimport { isMain"],
    ],
    says: [`${solution}:2: imports ws, which ${chapter} does not name: add it to packages.`],
  },
  {
    name: 'a TODO without a check',
    edits: [
      [solution, 'TODO 2', 'TODO 3'],
      [starter, 'TODO 2', 'TODO 3'],
    ],
    says: [
      `solutions/${stem}: expected TODOs numbered from 1 without a gap, received 1, 3.`,
      `${grader}:10: check hangs-up: it names TODO 2, which the solution does not have.`,
      `${grader}: TODO 3 has no check. Let one name it: \`{ todo: 3, … }\`.`,
    ],
  },
] as { name: string; edits: [file: string, find: string | RegExp, replace: string][]; says: (string | RegExp)[] }[])(
  '$name is one sentence',
  async ({ edits, says }) => {
    const before = edits.map(([file]) => [file, readFileSync(join(folder, file), 'utf8')] as const)
    for (const [file, find, replace] of edits) {
      const text = readFileSync(join(folder, file), 'utf8')
      expect(text).toMatch(find)
      writeInto(
        folder,
        file,
        text.replace(find, () => replace),
      )
    }
    try {
      const wanted = says.map((say) => (typeof say === 'string' ? say : expect.stringMatching(say)))
      expect(await complaints()).toEqual(wanted)
    } finally {
      for (const [file, text] of before) writeInto(folder, file, text)
    }
  },
)

test.each([
  { file: chapter, says: `${chapter}: the chapter is missing: docs/contributing.md shows how it looks.` },
  {
    file: `solutions/${stem}`,
    says: `solutions/${stem}: the solution is missing: docs/contributing.md shows how it looks.`,
  },
  { file: `labs/${stem}`, says: `labs/${stem}: the starter is missing. Run: npm run starters -- 20` },
  { file: grader, says: `${grader}: the grader is missing: docs/contributing.md shows how it looks.` },
  { file: wrongs, says: `${wrongs}: the list of wrong programs is missing: docs/contributing.md shows how it looks.` },
])('$file that is missing is named', async ({ file, says }) => {
  const aside = join(folder, '.wirebook', 'aside')
  rmSync(aside, { recursive: true, force: true })
  cpSync(join(folder, file), aside, { recursive: true })
  rmSync(join(folder, file), { recursive: true })
  try {
    expect((await labComplaints(folder, stem)).map(complaintLine)[0]).toBe(says)
  } finally {
    cpSync(aside, join(folder, file), { recursive: true })
  }
})

test.each([
  { change: 'nothing', file: grader, text: '', stays: true },
  { change: 'the grader', file: grader, text: '// more', stays: false },
  { change: 'the solution', file: solution, text: '// more', stays: false },
  { change: 'the wrong programs', file: wrongs, text: '// more', stays: false },
  { change: 'a first right program', file: `test/labs/right/${stem}.ts`, text: 'export default []', stays: false },
  { change: 'another lab', file: 'solutions/01-where-to-listen/main.ts', text: '// more', stays: true },
])('a proof holds until the lab is another one: $change', ({ file, text, stays }) => {
  recordProof(folder, stem)
  const path = join(folder, file)
  const before = existsSync(path) ? readFileSync(path, 'utf8') : undefined
  writeInto(folder, file, `${before ?? ''}${text}`)
  try {
    expect(isProven(folder, stem)).toBe(stays)
  } finally {
    if (before === undefined) rmSync(path)
    else writeInto(folder, file, before)
  }
})

test('a proof holds until a lab that it builds on is another one', () => {
  recordProof(folder, '13-ws-server')
  expect(isProven(folder, '13-ws-server')).toBe(true)
  const file = 'solutions/12-ws-frames/mask.ts'
  const before = readFileSync(join(folder, file), 'utf8')
  writeInto(folder, file, `${before}// more\n`)
  expect(isProven(folder, '13-ws-server')).toBe(false)
  writeInto(folder, file, before)
})

test('a stem with capitals is one sentence', async () => {
  const wrong = 'docs/20-Daytime.md'
  renameSync(join(folder, chapter), join(folder, wrong))
  try {
    expect((await labComplaints(folder, '20-Daytime')).map(complaintLine)).toEqual([
      `${wrong}: expected a stem of two digits and lower-case words, such as 20-daytime; received 20-Daytime.`,
    ])
    const { status, lines } = prove('20')
    expect(lines).toEqual([
      '20: expected one stem for one thing, and found 20-Daytime and 20-daytime. Rename what has the wrong one.',
    ])
    expect(status).toBe(1)
  } finally {
    renameSync(join(folder, wrong), join(folder, chapter))
  }
}, 120_000)

test('the command says it first on the screen, without a stack, and ends with 1', () => {
  const text = readFileSync(join(folder, solution), 'utf8')
  writeInto(folder, solution, text.replace('  // #endregion\n', ''))
  const { status, lines } = prove('20')
  expect(lines).toEqual([
    `${solution}:18: // #region answer: expected #endregion before it (line 6).`,
    '',
    'One thing to do. npm run prove -- 20 looks again.',
  ])
  expect(status).toBe(1)
  writeInto(folder, solution, text)
}, 240_000)

async function complaints(): Promise<string[]> {
  const found = [...(await labComplaints(folder, stem)), ...(await checkComplaints(folder, stem, collected))]
  return found.map(complaintLine)
}

function prove(name: string): { status: number | null; lines: string[] } {
  const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, VITEST: undefined, NODE_OPTIONS: undefined }
  const command = ['--import', 'tsx', 'test/grade/proof/main.ts', name]
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: folder, encoding: 'utf8', env })
  expect(stdout + stderr).not.toMatch(/^\s+at /m)
  return { status, lines: stdout.trimEnd().split('\n') }
}
