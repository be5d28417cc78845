import { lstatSync, readFileSync, readlinkSync, realpathSync, type Stats, statSync } from 'node:fs'
import { basename, dirname, join, sep } from 'node:path'
import { type Sentence, SentenceError, sentence } from '../../wire/model/sentence.ts'
import { codeOf, type Disk, systemDisk } from './disk.ts'
import { cannotWrite, whyUnread } from './file-trouble.ts'
import { type Files, sourcePaths } from './folder.ts'
import { type Placed, StagedChanges } from './staged-changes.ts'
import type { Change, Version } from './version.ts'

/** What a lab holds. */
interface LabContent {
  files: Files
  /** what is there and cannot be read as a file, by its path, and why */
  unread: Map<string, Sentence>
}

/** The folder of one lab, with whatever a reader may have put there: files, links, folders, what may not be read. */
export class LabFolder {
  readonly #folder: string
  /** `labs/12-ws-frames`, as the reader knows it */
  readonly #shown: string
  readonly #disk: Disk
  /** folders of the project that no link may have the workbook write into */
  readonly #reserved: string[]

  /** @param folder of the lab, beside those of the other labs */
  constructor(folder: string, disk: Disk = systemDisk) {
    const labs = dirname(folder)
    this.#folder = folder
    this.#shown = `${basename(labs)}/${basename(folder)}`
    this.#disk = disk
    this.#reserved = ['solutions', '.wirebook'].map((name) => join(dirname(labs), name))
  }

  /** Reads the sources, through links. @param also paths of other files that are wanted */
  read(also: Iterable<string> = []): LabContent {
    const content: LabContent = { files: new Map(), unread: new Map() }
    for (const path of new Set([...sourcePaths(this.#folder), ...also])) {
      const found = this.#readFile(path)
      if (Buffer.isBuffer(found)) content.files.set(path, found)
      else if (found) content.unread.set(path, found)
    }
    return content
  }

  /**
   * What has to change for the lab to hold this version; what is in it besides stays.
   *
   * @throws {SentenceError} when one of these files cannot be read, and so could not be kept
   */
  changesTo({ files, absent }: Version): Change[] {
    const now = this.read([...files.keys(), ...absent])
    const wanted = [...files, ...[...absent].map((path) => [path, undefined] as const)]
    return wanted.flatMap(([path, after]) => {
      const unread = now.unread.get(path)
      if (unread) throw new SentenceError(unread)
      const before = now.files.get(path)
      return same(before, after) ? [] : [{ path, before, after }]
    })
  }

  /** Writes all that the changes need beside where it belongs. @throws {SentenceError} when it cannot; the lab is as it was */
  stage(changes: Change[]): StagedChanges {
    const staged = new StagedChanges(this.#disk)
    for (const change of changes) {
      const shown = `${this.#shown}/${change.path}`
      try {
        staged.add(change, this.#place(change.path), shown)
      } catch (error) {
        staged.discard()
        throw cannotWrite(error, shown)
      }
    }
    return staged
  }

  /** Where the bytes of a path stand: of a link, the file that it leads to, so that it stays a link. */
  #place(path: string): Placed {
    const name = join(this.#folder, path)
    const stats = lstat(name)
    if (!stats?.isSymbolicLink()) return { name, real: name, stats }
    const real = realpathSync(name)
    if (this.#reserved.some((folder) => real.startsWith(realFolder(folder) + sep))) {
      throw new SentenceError(sentence('files.reserved-link', { path: `${this.#shown}/${path}`, target: real }))
    }
    return { name, real, stats: statSync(real) }
  }

  /** @returns the bytes, why there are none to be had, or nothing where there is no file */
  #readFile(path: string): Buffer | Sentence | undefined {
    const [file, shown] = [join(this.#folder, path), `${this.#shown}/${path}`]
    try {
      const stats = statSync(file, { throwIfNoEntry: false })
      // A pipe must not be read: nobody may ever write into it.
      if (stats) return stats.isFile() ? readFileSync(file) : sentence('files.no-file', { path: shown })
      return lstat(file) && sentence('files.dead-link-to', { path: shown, target: readlinkSync(file) })
    } catch (error) {
      return whyUnread(error, shown)
    }
  }
}

function same(a: Buffer | undefined, b: Buffer | undefined): boolean {
  return a && b ? a.equals(b) : a === b
}

function lstat(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false })
}

function realFolder(folder: string): string {
  try {
    return realpathSync(folder)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return folder
    throw error
  }
}
