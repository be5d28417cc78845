import { type FSWatcher, readdirSync, watch } from 'node:fs'
import { join } from 'node:path'
import { type Sentence, sentence } from '../../wire/model/sentence.ts'

/** Quiet that ends a save, in milliseconds: editors write a file in several steps. */
const quietMs = 50

/**
 * Tells which lab was saved. Each folder is watched on its own: that works the same on every system, and with editors
 * that save by writing a new file and renaming it.
 */
export class SaveWatcher {
  readonly #labs: string
  readonly #onSave: (stems: string[]) => void
  readonly #onTrouble: (why: Sentence) => void
  readonly #watchers = new Map<string, FSWatcher>()
  readonly #touched = new Set<string>()
  #timer: NodeJS.Timeout | undefined

  /**
   * @param labs folder of the labs
   * @param onSave gets the names of the folders in which something happened, 50 ms after the last of it
   * @param onTrouble gets told when a folder cannot be watched
   */
  constructor(labs: string, onSave: (stems: string[]) => void, onTrouble: (why: Sentence) => void) {
    this.#labs = labs
    this.#onSave = onSave
    this.#onTrouble = onTrouble
    this.#watch('.', labs)
    this.#watchLabs()
  }

  close(): void {
    clearTimeout(this.#timer)
    for (const watcher of this.#watchers.values()) watcher.close()
  }

  #watchLabs(): void {
    for (const entry of readdirSync(this.#labs, { withFileTypes: true })) {
      if (entry.isDirectory() && !this.#watchers.has(entry.name)) {
        this.#watch(entry.name, join(this.#labs, entry.name))
      }
    }
  }

  #watch(stem: string, folder: string): void {
    try {
      const watcher = watch(folder, { persistent: true }, () => this.#touch(stem))
      // A folder that was removed; the labs' own watcher tells when it is there again.
      watcher.on('error', () => {
        watcher.close()
        this.#watchers.delete(stem)
      })
      this.#watchers.set(stem, watcher)
    } catch (error) {
      this.#onTrouble(sentence('session.saves-unseen', { error: (error as Error).message }))
    }
  }

  #touch(stem: string): void {
    this.#touched.add(stem)
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#tell(), quietMs)
  }

  #tell(): void {
    if (this.#touched.delete('.')) this.#watchLabs()
    const stems = [...this.#touched]
    this.#touched.clear()
    if (stems.length > 0) this.#onSave(stems)
  }
}
