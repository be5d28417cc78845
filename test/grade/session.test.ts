import { spawnSync } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { GradeEvent } from '../../workbook/grade/checks/events.ts'
import { Queue } from '../../workbook/grade/session/queue.ts'
import { SaveWatcher } from '../../workbook/grade/session/save-watcher.ts'
import { Session } from '../../workbook/grade/session/session.ts'
import { sayAll, sayError } from '../../workbook/sentences/say.ts'

const solution =
  '// #region a\n// TODO 1: Say yes.\n// starter: export const answer = "no"\n\nexport const answer = "yes"\n// #endregion\n'
const starter = '// TODO 1: Say yes.\nexport const answer = "no"\n'
let root = ''

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'wirebook-session-'))
  for (const stem of ['01-one', '02-two']) {
    put(
      `docs/${stem}.md`,
      `---\ntitle: ${stem}\npart: 1\ntarget: none\nminutes: 20\nbuildsOn: [${stem === '02-two' ? '01-one' : ''}]\n---\n::: hints says\n1. a\n2. b\n3. c\n:::\n`,
    )
    put(`solutions/${stem}/a.ts`, solution)
    put(`labs/${stem}/a.ts`, starter)
  }
})
afterEach(() => rmSync(root, { recursive: true }))

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

/** A runner whose verdict on a lab is whether it says yes. */
class FakeRunner extends EventEmitter {
  listeners_ = new Set<(event: GradeEvent) => void>()

  readonly runner = {
    on: (listener: (event: GradeEvent) => void) => {
      this.listeners_.add(listener)
      return () => this.listeners_.delete(listener)
    },
    grade: async (lab: string) => {
      const state = readFileSync(join(root, 'labs', lab, 'a.ts'), 'utf8').includes('"yes"') ? 'passed' : 'failed'
      const check = { id: 'says', title: 'says yes', todo: [1], anchor: 'a', rule: 'r' }
      await Promise.resolve()
      this.#tell({ type: 'start', lab, checks: [check] })
      this.#tell({ type: 'check', lab, id: 'says', state, milliseconds: 1 })
      const passed = state === 'passed' ? 1 : 0
      this.#tell({ type: 'end', lab, passed, failed: 1 - passed, milliseconds: 2 })
      setImmediate(() => this.emit('graded', lab))
    },
  }

  #tell(event: GradeEvent): void {
    for (const listener of this.listeners_) listener(event)
  }
}

describe('session', () => {
  let fake: FakeRunner
  let session: Session
  const quits: string[] = []
  const notice = () => sayAll(session.state.views[session.state.current]!.notice ?? [])
  const start = (begin?: string, poll?: boolean) =>
    new Session({ root, runner: fake.runner, begin, poll, quit: () => quits.push('quit') })

  beforeEach(() => {
    fake = new FakeRunner()
  })
  afterEach(() => session.close())

  test('grades at the start, and again what is saved, in the lab where it was saved', async () => {
    session = start()
    expect((await once(fake, 'graded'))[0]).toBe('01-one')
    expect(session.state.views['01-one']!.checks[0]!.state).toBe('failed')

    put('labs/02-two/a.ts', 'export const answer = "yes"\n')
    expect((await once(fake, 'graded'))[0]).toBe('02-two')
    expect(session.state.current).toBe('02-two')
    expect(session.state.views['02-two']).toMatchObject({ green: true, needs: ['01-one'] })
  })

  test('notices an editor that writes a new file and renames it', async () => {
    session = start()
    await once(fake, 'graded')
    put('labs/01-one/a.ts.new', 'export const answer = "yes"\n')
    renameSync(join(root, 'labs/01-one/a.ts.new'), join(root, 'labs/01-one/a.ts'))
    await once(fake, 'graded')
    expect(session.state.views['01-one']!.green).toBe(true)
  })

  test('with poll, stays in the lab when labs/ is restored as it was, and notices saves', async () => {
    session = start('2', true)
    expect((await once(fake, 'graded'))[0]).toBe('02-two')
    const restored = new EventEmitter()
    const saves = new SaveWatcher(
      join(root, 'labs'),
      (stems) => restored.emit('seen', stems),
      () => {},
      { poll: true },
    )
    await once(restored, 'seen')
    cpSync(join(root, 'labs'), join(root, 'kept'), { recursive: true })
    rmSync(join(root, 'labs'), { recursive: true })
    renameSync(join(root, 'kept'), join(root, 'labs'))
    expect((await once(restored, 'seen'))[0]).toEqual(['01-one', '02-two'])
    saves.close()

    put('labs/02-two/a.ts', 'export const answer = "yes"\n')
    expect((await once(fake, 'graded'))[0]).toBe('02-two')
    expect(session.state.current).toBe('02-two')
    expect(session.state.views['02-two']!.green).toBe(true)
  })

  test('take, reset, undo and redo write the lab and grade it', async () => {
    session = start('1')
    await once(fake, 'graded')
    session.put({ type: 'command', command: 'take' })
    session.put({ type: 'command', command: 'take' })
    await once(fake, 'graded')
    expect(session.state.views['01-one']!.green).toBe(true)
    expect(readFileSync(join(root, 'labs/01-one/a.ts'), 'utf8')).toBe(
      '// TODO 1: Say yes.\n\nexport const answer = "yes"\n',
    )
    session.put({ type: 'command', command: 'undo' })
    await once(fake, 'graded')
    expect(readFileSync(join(root, 'labs/01-one/a.ts'), 'utf8')).toBe(starter)
    session.put({ type: 'command', command: 'redo' })
    await once(fake, 'graded')
    expect(session.state.views['01-one']!.green).toBe(true)
    session.put({ type: 'command', command: 'undo' })
    await once(fake, 'graded')
    session.put({ type: 'command', command: 'reset' })
    expect(notice()).toBe('Nothing to reset: this is the starter.')
  })

  test('a lab that the reader’s editor writes with CR LF keeps it, and is the starter all the same', async () => {
    put('labs/01-one/a.ts', starter.replaceAll('\n', '\r\n'))
    session = start('1')
    await once(fake, 'graded')
    session.put({ type: 'command', command: 'reset' })
    expect(sayAll(session.state.views['01-one']!.notice!)).toBe('Nothing to reset: this is the starter.')
    session.put({ type: 'command', command: 'take' })
    session.put({ type: 'command', command: 'take' })
    await once(fake, 'graded')
    expect(readFileSync(join(root, 'labs/01-one/a.ts'), 'utf8')).toBe(
      '// TODO 1: Say yes.\r\n\r\nexport const answer = "yes"\r\n',
    )
  })

  test('remembers the lab, the tries and the hints', async () => {
    session = start('02')
    await once(fake, 'graded')
    session.put({ type: 'command', command: 'hint' })
    session.close()
    session = start()
    expect(session.state.current).toBe('02-two')
    await once(fake, 'graded')
    expect(session.state.views['02-two']!.help).toEqual({ check: 'says', tries: 1, ready: 1, hints: ['a'] })
  })

  test('begins with the first lab that is not done', async () => {
    put('.wirebook/progress.json', '{"01-one": {"says": {"passedAt": "2026-01-01", "tries": 1, "hints": 0}}}')
    session = start()
    expect(session.state.current).toBe('02-two')
    await once(fake, 'graded')
  })

  test('what a killed workbook left half-written is gone', async () => {
    const { pid } = spawnSync(process.execPath, ['--version'])
    for (const path of ['labs/01-one', '.wirebook/history/02-two']) put(`${path}/.wirebook-${pid}-1`, 'half')
    session = start()
    await once(fake, 'graded')
    expect(readdirSync(join(root, 'labs/01-one'))).toEqual(['a.ts'])
    expect(readdirSync(join(root, '.wirebook/history/02-two'))).toEqual([])
  })

  test('a diff is read from the files', async () => {
    session = start('01')
    await once(fake, 'graded')
    session.put({ type: 'command', command: 'diff' })
    session.put({ type: 'command', command: 'diff' })
    expect(session.state.views['01-one']!.diff![0]!.lines.map(({ side, text }) => `${side}: ${text}`)).toEqual([
      'both: // TODO 1: Say yes.',
      'yours: export const answer = "no"',
      'solution: ',
      'solution: export const answer = "yes"',
    ])
  })

  test('a folder that is a file is said at the start, and the lab stays as it is', async () => {
    put('.wirebook', 'a file where the folder should be')
    session = start('01')
    expect(notice()).toMatch(/\.wirebook\/?: expected a folder, found a file\. Nothing is remembered/)
    await once(fake, 'graded')
    expect(notice()).toMatch(/^Could not remember: .*progress\.json: a file stands where its folder should be\./)
    put('labs/01-one/a.ts', 'mine')
    session.put({ type: 'command', command: 'reset' })
    expect(notice()).toMatch(/^Could not reset: .* a file stands where its folder .* Your lab is as it was\.$/)
    expect(readFileSync(join(root, 'labs/01-one/a.ts'), 'utf8')).toBe('mine')
  })

  test.each([
    {
      path: 'current',
      says: /^current, which names the lab of last time, could not be read\. It is now .*current\.unreadable;/,
    },
    { path: 'progress.json', says: /^progress\.json could not be read\. It is now .*progress\.json\.unreadable;/ },
  ])('$path that is a folder is set aside with a sentence', async ({ path, says }) => {
    put(`.wirebook/${path}/mine`, 'text')
    session = start()
    expect(notice()).toMatch(says)
    await once(fake, 'graded')
    expect(notice(), 'remembering works again').toMatch(says)
    expect(readFileSync(join(root, '.wirebook', `${path}.unreadable/mine`), 'utf8')).toBe('text')
  })

  test('all of it may be folders and files of another kind', async () => {
    for (const path of ['current', 'progress.json', 'progress.json.unreadable']) put(`.wirebook/${path}/mine`, 'text')
    put('.wirebook/history', 'a file')
    session = start()
    expect(notice()).toMatch(/history: expected a folder.* progress\.json could .*unreadable-2; .* current, which/)
    await once(fake, 'graded')
  })

  test.skipIf(process.platform === 'win32')(
    'a lab with a lock, a dead link and a folder in it is graded once',
    async () => {
      mkdirSync(join(root, 'labs/01-one/folder.ts'))
      symlinkSync('ann@host.4711', join(root, 'labs/01-one/.#a.ts'))
      symlinkSync('nowhere.ts', join(root, 'labs/01-one/b.ts'))
      session = start('01')
      await once(fake, 'graded')
      const tries = () => session.state.progress['01-one']!.says!.tries
      put('labs/01-one/.a.ts.swp', 'Vim')
      put('labs/01-one/4913', '')
      put('labs/01-one/a.ts~', 'the text before')
      session.put({ type: 'command', command: 'run' })
      await once(fake, 'graded')
      expect(tries()).toBe(1)
    },
  )

  test('a lab that does not exist is a sentence', async () => {
    session = start()
    await once(fake, 'graded')
    expect(() => saidError(() => start('7'))).toThrow('7: expected the number of a lab: 01, 02.')
  })
})

/** Fails with what `act` says when it fails. */
function saidError(act: () => unknown): void {
  try {
    act()
  } catch (error) {
    throw new Error(sayError(error as Error))
  }
}

describe('queue', () => {
  /** Runs end when told to. */
  function manual() {
    const began: string[] = []
    const ends: (() => void)[] = []
    const queue = new Queue((stem) => {
      began.push(stem)
      return new Promise((resolve) => ends.push(resolve))
    })
    const end = async (i: number) => {
      ends[i]!()
      await new Promise(setImmediate)
    }
    return { queue, began, end }
  }

  test('one at a time, in order, each once', async () => {
    const { queue, began, end } = manual()
    for (const stem of ['a', 'b', 'c', 'b']) queue.add(stem)
    expect(began).toEqual(['a'])
    await end(0)
    await end(1)
    await end(2)
    expect(began).toEqual(['a', 'b', 'c'])
  })

  test('what is saved goes first, and what it interrupts has its turn again', async () => {
    const { queue, began, end } = manual()
    queue.add('a')
    queue.add('b')
    queue.addFirst('c')
    expect(began).toEqual(['a', 'c'])
    await end(0)
    expect(began).toEqual(['a', 'c'])
    await end(1)
    await end(2)
    expect(began).toEqual(['a', 'c', 'a', 'b'])
  })

  test('the same lab saved again is not graded twice over', async () => {
    const { queue, began, end } = manual()
    queue.addFirst('a')
    queue.addFirst('a')
    await end(0)
    await end(1)
    expect(began).toEqual(['a', 'a'])
  })
})
