import { watch } from 'node:fs'
import { type Sentence, sentence } from '../../wire/model/sentence.ts'
import { isSource } from '../labs/source-names.ts'
import { FolderWatches, type WatchFolder } from './folder-watches.ts'
import { readStamps } from './lab-stamps.ts'

/** Quiet that ends a save, in milliseconds: editors write a file in several steps. */
const quietMs = 50

/** How a `SaveWatcher` finds out; times in milliseconds. */
interface SaveWatcherOptions {
  /** look at the files instead of waiting for events. Default: when no event comes */
  poll?: boolean
  /** time between two looks while events come */
  slowMs?: number
  /** time between two looks when they do not */
  fastMs?: number
  watch?: WatchFolder
}

/**
 * Tells which lab was saved. The system announces it; but not on every disk (`/mnt/c` in WSL, a container's folder on
 * Windows, NFS), and not when it has no more watches to give. So the files are looked at as well, seldom: a change that
 * nobody has announced is a save, and from then on they are looked at often.
 */
export class SaveWatcher {
  readonly #labs: string
  readonly #onSave: (stems: string[]) => void
  readonly #onTrouble: (why: Sentence) => void
  readonly #slowMs: number
  readonly #fastMs: number
  /** while the system is asked to announce */
  #watches: FolderWatches | undefined
  #stamps: Map<string, string> | undefined
  /** labs of which there were events since the last look began */
  #announced = new Set<string>()
  /** labs whose last change no event had announced when it was seen */
  #unannounced: string[] = []
  readonly #touched = new Set<string>()
  #quiet: NodeJS.Timeout | undefined
  #nextLook: NodeJS.Timeout | undefined
  #closed = false

  /**
   * @param labs folder of the labs
   * @param onSave gets the names of the folders in which something may have happened, 50 ms after the last of it; all of
   *   them at the start, since what is saved before the first look is not noticed
   * @param onTrouble gets told, once, when events do not come
   */
  constructor(
    labs: string,
    onSave: (stems: string[]) => void,
    onTrouble: (why: Sentence) => void,
    { poll = false, slowMs = 2000, fastMs = 300, watch: watchFolder = watch }: SaveWatcherOptions = {},
  ) {
    this.#labs = labs
    this.#onSave = onSave
    this.#onTrouble = onTrouble
    this.#slowMs = slowMs
    this.#fastMs = fastMs
    if (!poll) this.#watches = new FolderWatches(labs, watchFolder, (stem, name) => this.#hear(stem, name))
    void this.#look()
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#quiet)
    clearTimeout(this.#nextLook)
    this.#watches?.close()
  }

  #hear(stem: string, name: string | null): void {
    this.#announced.add(stem)
    // In the folder of the labs every name counts: it is a folder's.
    if (stem === '.' || name === null || isSource(name)) this.#touch(stem)
  }

  #touch(stem: string): void {
    this.#touched.add(stem)
    clearTimeout(this.#quiet)
    this.#quiet = setTimeout(() => this.#tell(), quietMs)
  }

  #tell(): void {
    if (this.#touched.delete('.')) for (const stem of this.#follow()) this.#touched.add(stem)
    const stems = [...this.#touched]
    this.#touched.clear()
    if (stems.length > 0) this.#onSave(stems)
  }

  /** Watches folders that are new, or other ones than before. @returns the names of those */
  #follow(): string[] {
    try {
      const fresh = this.#watches?.follow() ?? []
      // What happened in them before they were watched could not be announced.
      for (const stem of fresh) this.#announced.add(stem)
      return fresh
    } catch (error) {
      this.#lookOften(sentence('session.watch-refused', { error: (error as Error).message }))
      return []
    }
  }

  /** Looks at the files, and again after a while. */
  async #look(): Promise<void> {
    const before = this.#stamps
    const fresh = this.#follow()
    if (before) for (const stem of fresh) this.#touch(stem)
    const announced = this.#announced
    this.#announced = new Set()
    const stamps = await readStamps(this.#labs)
    if (this.#closed) return

    this.#stamps = stamps
    const changed = differences(before ?? new Map(), stamps)
    for (const stem of changed) this.#touch(stem)
    // Of a folder that comes or goes, the folder of the labs tells.
    const stayed = changed.filter((stem) => before?.has(stem) && stamps.has(stem))
    if (this.#watches) this.#judge(stayed, announced)
    const isEasy = this.#watches && stamps.size > 0
    this.#nextLook = setTimeout(() => void this.#look(), isEasy ? this.#slowMs : this.#fastMs)
  }

  /** Decides whether events come. One that is late may still come until the next look. */
  #judge(changed: string[], announced: Set<string>): void {
    const isMissing = (stem: string) => !announced.has(stem) && !this.#announced.has(stem)
    if (this.#unannounced.some(isMissing)) this.#lookOften(sentence('session.no-events'))
    this.#unannounced = changed.filter(isMissing)
  }

  #lookOften(why: Sentence): void {
    this.#watches?.close()
    this.#watches = undefined
    this.#onTrouble(why)
  }
}

/** Names under which the two hold something else, or only one of them anything. */
function differences(before: Map<string, string>, now: Map<string, string>): string[] {
  const names = new Set([...before.keys(), ...now.keys()])
  return [...names].filter((name) => before.get(name) !== now.get(name))
}
