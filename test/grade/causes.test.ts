import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Failure, GradeEvent } from '../../workbook/grade/checks/events.ts'
import { root } from '../../workbook/grade/labs/tree.ts'
import { Runner } from '../../workbook/grade/run/runner.ts'
import { proofFolder, removeProofs, writeTree } from './proof/trees.ts'

// A loop is tried twice on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

// Line 5 of each lab is what the case says.
const server = (line: string) => `import { createServer } from 'node:net'

export const createUpperServer = () =>
  createServer({ allowHalfOpen: true }, (socket) => {
${line}
    socket.on('end', () => socket.end())
  })
`
const upper = `socket.on('data', (chunk) => socket.write(String(chunk).toUpperCase()))`

interface Case {
  name: string
  lab: string
  /** id of the first check that fails, or `end`; left out where it depends on the machine's speed */
  at?: string
  says: string | RegExp
  where?: string
}

const cases: Case[] = [
  {
    name: 'wrong bytes',
    lab: server('socket.pipe(socket)'),
    at: 'answers',
    says: 'first difference at byte 0: want 48, got 68',
  },
  {
    name: 'no reply',
    lab: server(''),
    at: 'answers',
    says: 'no reply within 300 ms: waited for 6 bytes',
  },
  {
    name: 'only part of a reply',
    lab: server(`socket.once('data', (chunk) => socket.write(String(chunk).toUpperCase()))`),
    at: 'answers',
    says: 'nothing more within 300 ms after "HE": waited for 6 bytes',
  },
  {
    name: 'FIN too early',
    lab: server('socket.end()'),
    at: 'answers',
    says: 'FIN instead of a reply: waited for 6 bytes',
  },
  {
    name: 'reset',
    lab: server(`socket.on('data', () => socket.resetAndDestroy())`),
    at: 'answers',
    says: 'reset (RST): waited for 6 bytes',
  },
  {
    name: 'no FIN',
    lab: server(`${upper}; socket.end = () => socket`),
    at: 'ends',
    says: 'no FIN within 300 ms',
  },
  {
    name: 'extra bytes',
    lab: server(`${upper}; socket.on('end', () => socket.write('bye'))`),
    at: 'ends',
    says: 'extra bytes before FIN: "bye"',
  },
  {
    name: 'a server that closes at once',
    lab: server(upper).replace(/\}\)\n$/, "}).on('listening', function () { this.close() })\n"),
    at: 'answers',
    says: 'your server has closed',
  },
  {
    name: 'its own port',
    lab: server(upper).replace(/\}\)\n$/, '}).listen(0)\n'),
    at: 'answers',
    says: /^your server listens already, on \d+$/,
  },
  {
    name: 'a crash in an event handler',
    lab: server(`socket.on('data', () => JSON.parse('{'))`),
    at: 'answers',
    says: /^SyntaxError: /,
    where: 'labs/90-causes/server.ts:5',
  },
  {
    name: 'a forgotten rejection',
    lab: server(`void Promise.reject(new RangeError('too far'))`),
    at: 'answers',
    says: 'RangeError: too far',
    where: 'labs/90-causes/server.ts:5',
  },
  {
    name: 'a throw when the peer has gone',
    lab: server(`${upper}; socket.on('close', () => setImmediate(() => { throw new Error('late') }))`),
    says: /^(Error: )?late$/,
    where: 'labs/90-causes/server.ts:5',
  },
  {
    name: 'process.exit',
    lab: server('process.exit(3)'),
    at: 'answers',
    says: 'Error: process.exit unexpectedly called with "3"',
    where: 'labs/90-causes/server.ts:5',
  },
  {
    name: 'a loop without end',
    lab: server(`while (socket) {}`),
    at: 'end',
    says: 'labs/90-causes does not come back in the check "text comes back in capitals": look for a loop that never ends',
  },
  {
    name: 'a loop without end while it is loaded',
    lab: 'for (;;) {}\n',
    at: 'end',
    says: 'labs/90-causes does not come back while it was loaded: look for a loop that never ends',
  },
  {
    name: 'a syntax error',
    lab: server('const x: = 3'),
    at: 'end',
    says: 'syntax error: Unexpected token',
    where: 'labs/90-causes/server.ts:5',
  },
  {
    name: 'a missing export',
    lab: 'export {}\n',
    at: 'answers',
    says: 'TypeError: lab.createUpperServer is not a function',
  },
  { name: 'a missing import', lab: `import './nowhere.ts'\n`, at: 'end', says: /nowhere/ },
]

describe('causes are told apart', () => {
  const folder = proofFolder('causes')
  let runner: Runner

  beforeAll(() => {
    write(server(upper))
    runner = new Runner({ labsFolder: folder, graders: join(root, 'test/grade/fixtures/graders') })
  })
  afterAll(async () => {
    await runner.close()
    removeProofs()
  })

  const write = (text: string) => writeTree(folder, '90-causes', new Map([['server.ts', Buffer.from(text)]]))

  async function grade(text: string): Promise<GradeEvent[]> {
    const events: GradeEvent[] = []
    const off = runner.on((event) => events.push(event))
    write(text)
    await runner.grade('90-causes')
    off()
    return events
  }

  test('a right program', async () => {
    const events = await grade(server(upper))
    expect(events.at(-1)).toMatchObject({ type: 'end', passed: 2, failed: 0 })
    expect(firstFailure(events)).toBeUndefined()
  })

  test.each(cases)('$name', async ({ lab, at, says, where }) => {
    const found = firstFailure(await grade(lab))
    expect(found?.failure.difference.summary).toMatch(
      typeof says === 'string' ? new RegExp(`^${escaped(says)}$`) : says,
    )
    if (at) expect(found?.at).toBe(at)
    if (where) expect(found?.failure.where).toBe(where)
  })

  test('after all of them a right program passes', async () => {
    expect((await grade(server(upper))).at(-1)).toMatchObject({ type: 'end', passed: 2, failed: 0 })
  })
})

function firstFailure(events: GradeEvent[]): { at: string; failure: Failure } | undefined {
  for (const event of events) {
    if (event.type === 'check' && event.failure) return { at: event.id, failure: event.failure }
    if (event.type === 'end' && event.problem) return { at: 'end', failure: event.problem }
  }
  return undefined
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
