import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { covers, type Files, readFolder, writeFolder } from './folder.ts'

/** One version that was kept, `0003_2026-11-23T12-04-31_undo_0001`. */
interface Entry {
  name: string
  number: number
  reason: 'reset' | 'take' | 'undo' | 'passed'
  /** number of the entry that an undo brought back */
  restored?: number
}

/**
 * What was in a lab before each write of the workbook, under `.wirebook/history/STEM/`. Every write saves first, an
 * undo too, so nothing that a reader wrote is ever lost. Files are written over, never removed.
 */
export class History {
  readonly #labs: string
  readonly #kept: string

  /** @param labs folder of the labs @param kept folder of the histories */
  constructor(labs: string, kept: string) {
    this.#labs = labs
    this.#kept = kept
  }

  /** Saves what is there, then writes `files`. @returns false when that would change nothing */
  write(stem: string, files: Files, reason: 'reset' | 'take'): boolean {
    if (covers(this.read(stem), files)) return false
    this.#save(stem, [reason])
    writeFolder(join(this.#labs, stem), files)
    return true
  }

  /**
   * Brings back what the last write wrote over. Called again before anything else happens, it goes one write further
   * back; called after an edit, it undoes the last undo.
   *
   * @returns false when there is nothing to bring back
   */
  undo(stem: string): boolean {
    const now = this.read(stem)
    const entries = this.#entries(stem).filter(({ reason }) => reason !== 'passed')
    const brought = entries.find(({ number }) => number === entries.at(-1)?.restored)
    const goOn = brought !== undefined && covers(now, this.#files(stem, brought))
    const target = entries
      .filter(({ number }) => !goOn || number < brought.number)
      .findLast((entry) => !covers(now, this.#files(stem, entry)))
    if (!target) return false
    this.#save(stem, ['undo', pad(target.number)])
    writeFolder(join(this.#labs, stem), this.#files(stem, target))
    return true
  }

  /** Keeps the first version of a lab that passed. */
  keepPassed(stem: string): void {
    if (!this.#entries(stem).some(({ reason }) => reason === 'passed')) this.#save(stem, ['passed'])
  }

  /** The files of the lab as they are now. */
  read(stem: string): Files {
    return readFolder(join(this.#labs, stem))
  }

  /** Every version that was kept, oldest first. */
  versions(stem: string): Files[] {
    return this.#entries(stem).map((entry) => this.#files(stem, entry))
  }

  #save(stem: string, why: string[]): void {
    const number = (this.#entries(stem).at(-1)?.number ?? 0) + 1
    const time = new Date().toISOString().slice(0, 19).replaceAll(':', '-')
    writeFolder(join(this.#kept, stem, [pad(number), time, ...why].join('_')), this.read(stem))
  }

  #entries(stem: string): Entry[] {
    const folder = join(this.#kept, stem)
    if (!existsSync(folder)) return []
    return readdirSync(folder)
      .filter((name) => /^\d{4,}_/.test(name))
      .map((name) => {
        const [number, , reason, restored] = name.split('_')
        return {
          name,
          number: Number(number),
          reason: reason as Entry['reason'],
          restored: restored ? Number(restored) : undefined,
        }
      })
      .sort((a, b) => a.number - b.number)
  }

  #files(stem: string, { name }: Entry): Files {
    return readFolder(join(this.#kept, stem, name))
  }
}

function pad(number: number): string {
  return String(number).padStart(4, '0')
}
