import { type Sentence, SentenceError, sentence } from '../../wire/model/sentence.ts'
import { codeOf } from './disk.ts'

/** Why a file cannot be read, for a reader. @param path as the reader knows it */
export function whyUnread(error: unknown, path: string): Sentence {
  switch (codeOf(error)) {
    case 'EACCES':
    case 'EPERM':
      return sentence('files.may-not-read', { path })
    case 'ENOTDIR':
      return sentence('files.no-folder-above', { path })
    case 'ELOOP':
      return sentence('files.dead-link', { path })
    default:
      return sentence('files.trouble', { path, error: (error as Error).message })
  }
}

/** An error that says why a file cannot be written. @param path as the reader knows it */
export function cannotWrite(error: unknown, path: string): SentenceError {
  return error instanceof SentenceError ? error : new SentenceError(whyUnwritten(error, path))
}

function whyUnwritten(error: unknown, path: string): Sentence {
  switch (codeOf(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return sentence('files.disk-full', { path })
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'EBUSY':
      return sentence('files.may-not-write', { path })
    case 'ENOTDIR':
    case 'EEXIST':
      return sentence('files.no-folder-above', { path })
    default:
      return sentence('files.trouble', { path, error: (error as Error).message })
  }
}
