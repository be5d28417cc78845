import { readdirSync, statSync, type watch } from 'node:fs'
import { join } from 'node:path'
import { holdsSources } from '../labs/source-names.ts'

/** What is used of `fs.watch`. */
export type WatchFolder = (
  folder: string,
  listener: (event: string, name: string | null) => void,
) => Pick<ReturnType<typeof watch>, 'close' | 'on'>

interface Watched {
  /** which folder it is: another one under the same name has another */
  identity: string
  close(): void
}

/**
 * Watches the folder of the labs, and each lab's folder on its own: that works the same on every system, and with
 * editors that save by writing a new file and renaming it.
 *
 * A folder that is removed and made again is another folder, and Linux says nothing about it to those who watch the old
 * one. So somebody has to ask `follow` from time to time.
 */
export class FolderWatches {
  readonly #labs: string
  readonly #watch: WatchFolder
  readonly #onEvent: (stem: string, name: string | null) => void
  readonly #watched = new Map<string, Watched>()

  /**
   * @param labs folder of the labs
   * @param onEvent gets the name of the folder in which something happened, `.` for that of the labs, and of the file where the system tells
   */
  constructor(labs: string, watch: WatchFolder, onEvent: (stem: string, name: string | null) => void) {
    this.#labs = labs
    this.#watch = watch
    this.#onEvent = onEvent
  }

  /**
   * Watches what is there now.
   *
   * @returns the labs whose folders were not watched until now
   * @throws {Error} when the system has no more watches to give
   */
  follow(): string[] {
    const now = this.#identities()
    for (const [stem, { identity, close }] of this.#watched) {
      if (now.get(stem) === identity) continue
      close()
      this.#watched.delete(stem)
    }
    const fresh = [...now].filter(([stem]) => !this.#watched.has(stem))
    for (const [stem, identity] of fresh) this.#begin(stem, identity)
    return fresh.flatMap(([stem]) => (stem === '.' ? [] : stem))
  }

  close(): void {
    for (const { close } of this.#watched.values()) close()
    this.#watched.clear()
  }

  #begin(stem: string, identity: string): void {
    const folder = join(this.#labs, stem)
    try {
      const watcher = this.#watch(folder, (_, name) => this.#onEvent(stem, name))
      const watched = { identity, close: () => watcher.close() }
      // Windows tells so that a folder was removed.
      watcher.on('error', () => {
        watcher.close()
        if (this.#watched.get(stem) === watched) this.#watched.delete(stem)
      })
      this.#watched.set(stem, watched)
    } catch (error) {
      if (identityOf(folder) !== undefined) throw error
      // It was removed in this moment; it is followed when it is there again.
    }
  }

  /** The folders that are there, by name; `.` is that of the labs. */
  #identities(): Map<string, string> {
    const found = new Map<string, string>()
    for (const name of ['.', ...namesIn(this.#labs).filter(holdsSources)]) {
      const identity = identityOf(join(this.#labs, name))
      if (identity !== undefined) found.set(name, identity)
    }
    return found
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return [] // it is not there now
  }
}

/**
 * What tells a folder from a later one of the same name; `undefined` when there is none. The number of a folder that was
 * removed is soon given to another one, so its time of birth counts as well.
 */
function identityOf(folder: string): string | undefined {
  const stats = statSync(folder, { bigint: true, throwIfNoEntry: false })
  return stats?.isDirectory() ? `${stats.dev} ${stats.ino} ${stats.birthtimeNs}` : undefined
}
