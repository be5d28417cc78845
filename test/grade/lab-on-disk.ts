import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Disk } from '../../workbook/grade/labs/disk.ts'
import type { Files } from '../../workbook/grade/labs/folder.ts'
import { History } from '../../workbook/grade/labs/history.ts'
import { Versions } from '../../workbook/grade/labs/versions.ts'
import { sayError } from '../../workbook/sentences/say.ts'

export const stem = '12-frames'

/** A lab with its history, in a folder of its own. */
export class LabOnDisk {
  readonly folder: string
  readonly history: History

  constructor(disk?: Disk, folder = mkdtempSync(join(tmpdir(), 'wirebook-history-'))) {
    this.folder = folder
    this.history = new History(join(folder, 'labs'), join(folder, 'history'), disk)
  }

  remove(): void {
    rmSync(this.folder, { recursive: true })
  }

  /** The path of a file of the lab. */
  file(name = 'frame.ts'): string {
    return join(this.folder, 'labs', stem, name)
  }

  edit(text: string, name = 'frame.ts'): void {
    mkdirSync(join(this.folder, 'labs', stem), { recursive: true })
    writeFileSync(this.file(name), text)
  }

  text(name = 'frame.ts'): string {
    return readFileSync(this.file(name), 'utf8')
  }

  write(texts: Record<string, string>): boolean {
    return this.history.write(stem, filesOf(texts))
  }

  undo(): boolean {
    return this.history.undo(stem)
  }

  redo(): boolean {
    return this.history.redo(stem)
  }

  /** What one undo, or redo, after another brings back. */
  all(way: 'undo' | 'redo', name = 'frame.ts'): string[] {
    const found: string[] = []
    while (this[way]()) found.push(this.text(name))
    return found
  }

  /** The folder of the versions. */
  get kept(): string {
    return join(this.folder, 'history', stem)
  }

  /** The texts that are kept, oldest first. */
  keptTexts(): string[] {
    const versions = new Versions(this.kept)
    return versions.list().map((name) => String(versions.read(name).files.get('frame.ts')))
  }

  /** The text that passed first. */
  passedText(): string {
    return String(new Versions(this.kept).read('passed').files.get('frame.ts'))
  }

  /** Names of what is half-written. */
  leftovers(): string[] {
    const folders = [join(this.folder, 'labs'), join(this.folder, 'history')].filter((folder) => existsSync(folder))
    const names = folders.flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    return names.filter((name) => /\.wirebook-\d/.test(name))
  }
}

export function filesOf(texts: Record<string, string>): Files {
  return new Map(Object.entries(texts).map(([path, text]) => [path, Buffer.from(text)]))
}

/** What `act` says when it fails. */
export function said(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    return sayError(error as Error)
  }
  return ''
}
