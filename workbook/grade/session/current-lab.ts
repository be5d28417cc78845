import { readFileSync } from 'node:fs'
import { type Sentence, sentence } from '../../wire/model/sentence.ts'
import { codeOf } from '../labs/disk.ts'
import { writeWhole } from '../labs/whole-file.ts'
import { setAside, whyWithout } from './set-aside.ts'

/** The stem of the lab that was open last, as the file holds it. @returns `notice` when it cannot be read */
export function readCurrentLab(file: string): { stem: string; notice?: Sentence } {
  try {
    return { stem: readFileSync(file, 'utf8').trim() }
  } catch (error) {
    return { stem: '', notice: ['ENOENT', 'ENOTDIR'].includes(codeOf(error)) ? undefined : tellAside(file) }
  }
}

/** @throws {SentenceError} why it cannot be written */
export function writeCurrentLab(file: string, stem: string): void {
  writeWhole(file, `${stem}\n`)
}

function tellAside(file: string): Sentence {
  try {
    return sentence('session.current-unreadable', { aside: setAside(file) })
  } catch (error) {
    return whyWithout(file, error)
  }
}
