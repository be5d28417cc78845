import { cpSync, linkSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { WatchFolder } from '../../workbook/grade/session/folder-watches.ts'
import { SaveWatcher } from '../../workbook/grade/session/save-watcher.ts'
import { say } from '../../workbook/sentences/say.ts'

/** How long a save may take to be noticed on a machine that is busy with other tests, in milliseconds. */
const maxWaitMs = 10_000
/** Time between two looks that no test waits for, in milliseconds. */
const neverMs = 1_000_000

let folder = ''
let labs = ''
let saves: Saves

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wirebook-saves-'))
  labs = join(folder, 'labs')
  for (const file of ['01-one/a.ts', '01-one/b.ts', '02-two/a.ts']) put(file, 'before')
})
afterEach(() => {
  saves.close()
  rmSync(folder, { recursive: true })
})

function put(file: string, text: string): void {
  mkdirSync(dirname(join(labs, file)), { recursive: true })
  writeFileSync(join(labs, file), text)
}

/** Watches from now on. */
async function watchSaves(options: ConstructorParameters<typeof SaveWatcher>[3]): Promise<Saves> {
  saves = new Saves(options)
  expect((await saves.of('02-two')).sort()).toEqual(['01-one', '02-two'])
  return saves
}

/** A watcher, what it noticed that no wait has taken yet, and what it complained of. */
class Saves {
  readonly troubles: string[] = []
  readonly #watcher: SaveWatcher
  #noticed: string[] = []
  #news = () => {}

  constructor(options: ConstructorParameters<typeof SaveWatcher>[3]) {
    const hear = (stems: string[]) => {
      this.#noticed.push(...stems)
      this.#news()
    }
    const complain = (why: Parameters<typeof say>[0]) => {
      this.troubles.push(say(why))
      this.#news()
    }
    this.#watcher = new SaveWatcher(labs, hear, complain, options)
  }

  /** Waits until a save of this lab was noticed. @returns all labs that were noticed until then */
  async of(stem: string): Promise<string[]> {
    await this.#until(() => this.#noticed.includes(stem), `a save of ${stem}`)
    const noticed = this.#noticed
    this.#noticed = []
    return noticed
  }

  async trouble(): Promise<string> {
    await this.#until(() => this.troubles.length > 0, 'a sentence that events do not come')
    return this.troubles[0]!
  }

  close(): void {
    this.#watcher.close()
  }

  async #until(isSo: () => boolean, what: string): Promise<void> {
    const deadline = AbortSignal.timeout(maxWaitMs)
    while (!isSo()) {
      if (deadline.aborted) throw new Error(`expected ${what} within ${maxWaitMs} ms`)
      await new Promise<void>((resolve) => {
        this.#news = resolve
        deadline.addEventListener('abort', () => resolve(), { once: true })
      })
    }
  }
}

describe('with events', () => {
  test('a new folder of labs/ is watched as well', async () => {
    await watchSaves({ slowMs: neverMs })
    mkdirSync(join(labs, '03-three'))
    await saves.of('03-three')
    put('03-three/a.ts', 'x')
    await saves.of('03-three')
  })

  test.each([
    { name: 'removed and restored at once', away: () => rmSync(join(labs, '02-two'), { recursive: true }) },
    { name: 'moved away and copied back', away: () => renameSync(join(labs, '02-two'), join(folder, 'away')) },
  ])('a lab that is $name is watched again', async ({ away }) => {
    await watchSaves({ slowMs: neverMs })
    cpSync(join(labs, '02-two'), join(folder, 'kept'), { recursive: true })
    away()
    cpSync(join(folder, 'kept'), join(labs, '02-two'), { recursive: true })
    // The first is news of the other folder; from then on it is watched.
    await saves.of('02-two')
    for (const text of ['one', 'two!', 'three']) {
      put('02-two/a.ts', text)
      await saves.of('02-two')
    }
    expect(saves.troubles).toEqual([])
  })

  test('so is labs/ itself, however long it was away', async () => {
    await watchSaves({ slowMs: 100, fastMs: 20 })
    renameSync(labs, join(folder, 'away'))
    await saves.of('02-two')
    cpSync(join(folder, 'away'), labs, { recursive: true })
    await saves.of('02-two')
    put('02-two/a.ts', 'restored')
    await saves.of('02-two')
    expect(saves.troubles).toEqual([])
  })

  test('names that are no sources are no saves', async () => {
    await watchSaves({ slowMs: neverMs })
    for (const name of ['.#a.ts', '.a.ts.swp', '4913', 'a.ts~', '#a.ts#']) put(`01-one/${name}`, 'x')
    put('02-two/a.ts', 'x')
    expect(await saves.of('02-two')).toEqual(['02-two'])
  })

  test('looking at the files beside finds nothing to complain of', async () => {
    await watchSaves({ slowMs: 20, fastMs: 20 })
    for (let i = 0; i < 10; i++) {
      put('01-one/a.ts', 'x'.repeat(i))
      await saves.of('01-one')
    }
    expect(saves.troubles).toEqual([])
  })
})

describe('without events', () => {
  const silent: WatchFolder = () => ({ close() {}, on: () => undefined as never })

  test('a save is noticed, then said, and the next ones are looked for', async () => {
    await watchSaves({ slowMs: 50, fastMs: 20, watch: silent })
    for (const text of ['one', 'two!', 'three']) {
      put('02-two/a.ts', text)
      expect(await saves.of('02-two')).toEqual(['02-two'])
      expect(await saves.trouble()).toMatch(
        /^The system does not announce the saves in labs\/, .* three times a second\.$/,
      )
    }
    expect(saves.troubles).toHaveLength(1)
  })

  // A write through another name of the same file is announced to whoever watches that name's folder, and to nobody else.
  test.runIf(process.platform === 'linux')('as with a real watch that Linux tells nothing', async () => {
    linkSync(join(labs, '02-two/a.ts'), join(folder, 'other-name.ts'))
    await watchSaves({ slowMs: 50, fastMs: 20 })
    put('../other-name.ts', 'through the other name')
    await saves.of('02-two')
    await saves.trouble()
  })

  test('when the system has no watch left, it is said at once', async () => {
    const refuse = () => {
      throw new Error("EMFILE: too many open files, watch 'labs'")
    }
    saves = new Saves({ slowMs: neverMs, fastMs: 20, watch: refuse })
    expect(saves.troubles).toEqual([
      "The system refuses to watch labs/ (EMFILE: too many open files, watch 'labs'), so the workbook looks for saves itself, three times a second.",
    ])
    await saves.of('01-one')
    put('01-one/b.ts', 'x')
    await saves.of('01-one')
  })

  test('with poll, nothing is watched and nothing said; a name that is no source is no save', async () => {
    const never = () => expect.fail('watched')
    await watchSaves({ poll: true, fastMs: 20, watch: never })
    for (const [i, change] of [
      () => put('01-one/a.ts', 'longer than before'),
      () => put('01-one/a.ts', 'as long as the next'),
      () => put('01-one/a.ts', 'as long as the last'),
      () => put('01-one/new.ts', 'x'),
      () => rmSync(join(labs, '01-one/b.ts')),
    ].entries()) {
      put(`02-two/.#a${i}.ts`, 'x')
      change()
      expect(await saves.of('01-one')).toEqual(['01-one'])
    }
    expect(saves.troubles).toEqual([])
  })
})
