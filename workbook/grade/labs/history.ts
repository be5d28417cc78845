import { join } from 'node:path'
import { type Disk, systemDisk } from './disk.ts'
import type { Files } from './folder.ts'
import { LabFolder } from './lab-folder.ts'
import { type Change, isKept, remembers, type Version } from './version.ts'
import { Versions } from './versions.ts'
import { sweep } from './whole-file.ts'

/**
 * What was in each lab before the workbook wrote over it, under `.wirebook/history/STEM/`. Undo and redo walk one row of
 * versions, to which only is added: what is in a lab is kept, whole, before the first of its files changes. So every
 * text that the workbook ever wrote over can be reached, and a process that is killed leaves nothing that cannot.
 */
export class History {
  readonly #labs: string
  readonly #kept: string
  readonly #disk: Disk

  /** @param labs folder of the labs @param kept folder of the histories */
  constructor(labs: string, kept: string, disk: Disk = systemDisk) {
    this.#labs = labs
    this.#kept = kept
    this.#disk = disk
  }

  /**
   * Keeps what is there, then writes `files`, and removes the files at `absent`. Other files stay.
   *
   * @returns false when that would change nothing
   * @throws {SentenceError} why it cannot; so do undo and redo
   */
  write(stem: string, files: Files, absent: Iterable<string> = []): boolean {
    const [lab, versions] = this.#open(stem)
    const changes = lab.changesTo({ files, absent: new Set(absent) })
    if (changes.length === 0) return false
    const names = versions.list()
    keep(lab, versions, names, changes, newestHeld(lab, versions, names))
    lab.stage(changes).commit()
    return true
  }

  /**
   * Brings back what the last write wrote over; called again, it goes one version further back. After an edit, it begins
   * with the newest version again, so that the edit is passed on the way.
   *
   * @returns false when there is nothing to bring back
   */
  undo(stem: string): boolean {
    return this.#walk(stem, (names, at) => names.slice(0, at).reverse())
  }

  /** Brings back what the last undo left. @returns false when there is nothing to bring back */
  redo(stem: string): boolean {
    return this.#walk(stem, (names, at) => names.slice(at + 1))
  }

  /** Keeps the first version of a lab that passed. */
  keepPassed(stem: string): void {
    const [lab, versions] = this.#open(stem)
    versions.savePassed({ files: lab.read().files, absent: new Set() })
  }

  /** Removes what a workbook that was killed has left half-written. */
  sweep(stem: string): void {
    for (const above of [this.#labs, this.#kept]) sweep(join(above, stem), this.#disk)
  }

  /** @param way names of the versions on the way, the nearest first */
  #walk(stem: string, way: (names: string[], at: number) => string[]): boolean {
    const [lab, versions] = this.#open(stem)
    const names = versions.list()
    const at = place(lab, versions, names)
    for (const name of way(names, at)) {
      const changes = lab.changesTo(versions.read(name))
      if (changes.length === 0) continue
      const newest = keep(lab, versions, names, changes, names[at])
      const staged = lab.stage(changes)
      try {
        versions.moveTo(name, newest)
      } catch (error) {
        staged.discard()
        throw error
      }
      staged.commit()
      return true
    }
    return false
  }

  #open(stem: string): [LabFolder, Versions] {
    return [new LabFolder(join(this.#labs, stem), this.#disk), new Versions(join(this.#kept, stem), this.#disk)]
  }
}

/**
 * Keeps the lab as it is, unless all of it is kept, and `there`, the version that it holds, says what will change.
 *
 * @param names of the versions @returns the newest of them then
 */
function keep(lab: LabFolder, versions: Versions, names: string[], changes: Change[], there?: string): string {
  const name = names.at(-1)
  const newest = name === undefined ? nothing : versions.read(name)
  const known = [...newest.files.keys(), ...newest.absent, ...changes.map(({ path }) => path)]
  const { files, unread } = lab.read(known)
  if (name !== undefined && there !== undefined) {
    const held = versions.read(there)
    if (remembers(held, changes) && isKept(files, held, newest)) return name
  }
  return versions.save({ files, absent: new Set(known.filter((path) => !files.has(path) && !unread.has(path))) })
}

const nothing: Version = { files: new Map(), absent: new Set() }

/** The index of the version that the lab holds; past the end when it holds what is not kept yet. */
function place(lab: LabFolder, versions: Versions, names: string[]): number {
  const brought = versions.current(names)
  const likely = brought === undefined ? [] : [names.indexOf(brought)]
  const at = [...likely, names.length - 1].find((i) => i >= 0 && holds(lab, versions.read(names[i]!)))
  return at ?? names.length
}

/** The newest version, when the lab holds it and no undo has gone on from there: then the next undo begins with it. */
function newestHeld(lab: LabFolder, versions: Versions, names: string[]): string | undefined {
  const newest = names.at(-1)
  const isLast = [undefined, newest].includes(versions.current(names))
  return newest !== undefined && isLast && holds(lab, versions.read(newest)) ? newest : undefined
}

function holds(lab: LabFolder, version: Version): boolean {
  return lab.changesTo(version).length === 0
}
