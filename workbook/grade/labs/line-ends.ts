import type { Files } from './folder.ts'

/** A file with LF at the end of each line: Git on Windows and some editors write CR LF, which is the same text. */
export function toLf(bytes: Buffer): Buffer {
  return changed(bytes, (text) => text.replaceAll('\r\n', '\n'))
}

/** Files with LF at the end of each line. */
export function allToLf(files: Files): Files {
  return new Map([...files].map(([path, bytes]) => [path, toLf(bytes)]))
}

/** Files with the line ends that the reader's editor has given to those of the same name. */
export function withLineEndsOf(theirs: Files, files: Files): Files {
  return new Map(
    [...allToLf(files)].map(([path, bytes]) => [
      path,
      hasCrLf(theirs.get(path)) ? changed(bytes, (text) => text.replaceAll('\n', '\r\n')) : bytes,
    ]),
  )
}

/** Whether the first line ends so; a file with both is on its way to one of them. */
function hasCrLf(bytes: Buffer | undefined): boolean {
  return bytes !== undefined && bytes[bytes.indexOf('\n') - 1] === 0x0d
}

/** Latin-1 keeps every byte, also of a text that is not UTF-8. */
function changed(bytes: Buffer, change: (text: string) => string): Buffer {
  return Buffer.from(change(bytes.toString('latin1')), 'latin1')
}
