import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import * as v from 'valibot'
import { codeOf, type Disk, systemDisk } from './disk.ts'
import { cannotWrite } from './file-trouble.ts'
import { readFolder } from './folder.ts'
import type { Version } from './version.ts'
import { isPassed, nextName, numberOf, restoredBefore, walkedNames } from './version-names.ts'
import { discard, sweep, temporaryIn, writeWhole } from './whole-file.ts'

/** Where undo and redo have gone. */
interface Position {
  /** name of the version that was brought back */
  at: string
  /** name of the newest one then: when another has been kept since, the lab was written, and this is past */
  newest: string
}

/** Paths that had no file, in the folder of a version. No source has a hidden name. */
const absentFile = '.absent.json'
const absentPaths = v.pipe(v.string(), v.parseJson(), v.array(v.string()))
const positionText = v.pipe(v.string(), v.parseJson(), v.object({ at: v.string(), newest: v.string() }))

/**
 * The versions of one lab that were kept, a folder each, `0003`, and the first that passed, `passed`. A version is built
 * under another name, so one that has its name is whole.
 */
export class Versions {
  readonly #folder: string
  readonly #disk: Disk
  /** what was read: a version never changes */
  readonly #read = new Map<string, Version>()

  constructor(folder: string, disk: Disk = systemDisk) {
    this.#folder = folder
    this.#disk = disk
  }

  /** Names of the versions that undo and redo walk, oldest first. */
  list(): string[] {
    return walkedNames(this.#names())
  }

  read(name: string): Version {
    const known = this.#read.get(name) ?? this.#readFolder(join(this.#folder, name))
    this.#read.set(name, known)
    return known
  }

  #readFolder(folder: string): Version {
    // Older workbooks kept whatever was in a lab, and may have written over it since; only clutter stays away.
    const files = readFolder(folder, (path) => !/(^|\/)[.#~]/.test(path))
    const absent = v.safeParse(absentPaths, textOf(join(folder, absentFile)))
    return { files, absent: new Set(absent.success ? absent.output : []) }
  }

  /** Keeps a version as the newest. Another process may be doing the same: each takes a number of its own. @returns its name */
  save(version: Version): string {
    return this.#keep(version, () => nextName(this.#names()))
  }

  /** Keeps the first version that passed. */
  savePassed(version: Version): void {
    if (!this.#names().some(isPassed)) this.#keep(version, () => 'passed')
  }

  /** Name of the version that undo or redo brought back last; none when the lab was written since. @param names as listed */
  current(names: string[]): string | undefined {
    const position = this.#position(names)
    return position && position.newest === names.at(-1) ? position.at : undefined
  }

  /**
   * Notes that a version is being brought back.
   *
   * @param newest name of the newest version, which holds what the lab held before
   * @throws {SentenceError} when it cannot; so do `list`, `save` and `savePassed`
   */
  moveTo(at: string, newest: string): void {
    const position: Position = { at, newest }
    writeWhole(join(this.#folder, 'position'), `${JSON.stringify(position)}\n`, this.#disk)
  }

  #position(names: string[]): Position | undefined {
    const written = v.safeParse(positionText, textOf(join(this.#folder, 'position')))
    if (written.success) return written.output
    const newest = names.at(-1) ?? ''
    const restored = restoredBefore(newest)
    const at = names.find((name) => numberOf(name) === restored)
    return at === undefined ? undefined : { at, newest }
  }

  /** @param nameNow asked again when another process was faster */
  #keep({ files, absent }: Version, nameNow: () => string): string {
    sweep(this.#folder, this.#disk)
    const made = temporaryIn(this.#folder)
    try {
      for (const [path, bytes] of files) {
        this.#disk.makeFolder(dirname(join(made, path)))
        this.#disk.create(join(made, path), bytes)
      }
      this.#disk.makeFolder(made)
      this.#disk.create(join(made, absentFile), Buffer.from(JSON.stringify([...absent].sort())))
      return this.#name(made, nameNow)
    } catch (error) {
      discard(made, this.#disk)
      throw cannotWrite(error, this.#folder)
    }
  }

  /** Renames the folder, which fails where a version has the name: no version's folder is empty. */
  #name(made: string, nameNow: () => string): string {
    for (;;) {
      const name = nameNow()
      try {
        this.#disk.rename(made, join(this.#folder, name))
        return name
      } catch (error) {
        if (!existsSync(join(this.#folder, name))) throw error
        if (nameNow() !== name) continue
        discard(made, this.#disk) // there is but one that passed first
        return name
      }
    }
  }

  #names(): string[] {
    try {
      return readdirSync(this.#folder)
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return []
      throw cannotWrite(error, this.#folder)
    }
  }
}

/** What a file holds; nothing when it cannot be read. */
function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined // what it would say is a convenience, and can be done without
  }
}
