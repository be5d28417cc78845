import { readFileSync, type Stats } from 'node:fs'
import { dirname } from 'node:path'
import { SentenceError, sentence } from '../../wire/model/sentence.ts'
import { codeOf, type Disk } from './disk.ts'
import { cannotWrite } from './file-trouble.ts'
import type { Change } from './version.ts'
import { discard, sweep, temporaryIn } from './whole-file.ts'

/** Where the bytes of a file stand. */
export interface Placed {
  /** its path in the lab */
  name: string
  /** the same, or where a link leads */
  real: string
  /** of the file that is there */
  stats: Stats | undefined
}

interface Staged extends Change, Placed {
  /** the path as the reader knows it */
  shown: string
  /** the file that waits to be renamed */
  made: string | undefined
}

/** Changes of a lab whose bytes are on the disk already, so that nothing but renaming is left to go wrong. */
export class StagedChanges {
  readonly #disk: Disk
  readonly #staged: Staged[] = []

  constructor(disk: Disk) {
    this.#disk = disk
  }

  add(change: Change, placed: Placed, shown: string): void {
    const folder = dirname(placed.real)
    this.#sweepOnce(folder)
    const made = change.after && temporaryIn(folder)
    this.#staged.push({ ...change, ...placed, shown, made })
    if (!change.after || !made) return
    this.#disk.makeFolder(folder)
    this.#disk.create(made, change.after, placed.stats)
  }

  /** What this process left is swept too, so not what it has just made. */
  #sweepOnce(folder: string): void {
    if (!this.#staged.some(({ real }) => dirname(real) === folder)) sweep(folder, this.#disk)
  }

  /**
   * Makes the changes, one file after the other.
   *
   * @throws {SentenceError} when a file was saved since it was read: it is not kept, so nothing is written; or when a
   * file cannot be written, and then some may be
   */
  commit(): void {
    const saved = this.#staged.find(isOther)
    if (saved) {
      this.discard()
      throw new SentenceError(sentence('files.saved-meanwhile', { path: saved.shown }))
    }
    // Removed first: where `Frame.ts` and `frame.ts` are one name, the other order would remove what was written.
    const removed = this.#staged.filter(({ made }) => made === undefined)
    const written = this.#staged.filter(({ made }) => made !== undefined)
    let done = 0
    for (const { name, real, made, shown } of [...removed, ...written]) {
      try {
        if (made) this.#disk.rename(made, real)
        else this.#disk.unlink(name)
        done += 1
      } catch (error) {
        this.discard()
        const why = cannotWrite(error, shown)
        throw done === 0 ? why : new SentenceError(sentence('files.written-in-part', { why: why.sentence }))
      }
    }
  }

  /** Forgets the changes. */
  discard(): void {
    for (const { made } of this.#staged) if (made) discard(made, this.#disk)
  }
}

/** Whether another text is there than the one that was read, and kept. */
function isOther({ real, before }: Staged): boolean {
  try {
    const now = readFileSync(real)
    return !before?.equals(now)
  } catch (error) {
    return before !== undefined || codeOf(error) !== 'ENOENT'
  }
}
