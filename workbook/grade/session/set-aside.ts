import { lstatSync, readdirSync, renameSync } from 'node:fs'
import { type Sentence, sentence } from '../../wire/model/sentence.ts'
import { codeOf } from '../labs/disk.ts'

/**
 * Gives what cannot be read another name, so that nothing is written over it.
 *
 * @returns the name, `progress.json.unreadable`, or with a number when there is one already
 */
export function setAside(path: string): string {
  let aside = `${path}.unreadable`
  for (let number = 2; lstatSync(aside, { throwIfNoEntry: false }); number++) aside = `${path}.unreadable-${number}`
  renameSync(path, aside)
  return aside
}

/** Why the workbook does without a file or a folder. */
export function whyWithout(path: string, error: unknown): Sentence {
  return sentence('files.cannot-read', { path, error: (error as Error).message })
}

/** What is wrong with the first of these folders that is there and is none, or may not be read. */
export function folderTrouble(...folders: string[]): Sentence | undefined {
  for (const path of folders) {
    try {
      readdirSync(path)
    } catch (error) {
      if (codeOf(error) === 'ENOTDIR') return sentence('files.expected-folder', { path })
      if (codeOf(error) !== 'ENOENT') return whyWithout(path, error)
    }
  }
  return undefined
}
