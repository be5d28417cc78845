import type { Words } from '../../wire/model/sentence.ts'

/** Shows a session in a terminal: {@link LiveScreen} draws it anew, {@link PlainLog} appends lines. */
export interface Terminal {
  /** Tells where the site is, once it runs. */
  setSite(address: string): void
  /** Says something about another thing than the lab. */
  say(words: Words): void
  /** Gives the terminal back as it was. */
  close(): void
}

/** What is needed of standard input; a test has its own. */
export interface Keyboard {
  on(event: 'data', listener: (typed: Buffer) => void): unknown
  off(event: 'data', listener: (typed: Buffer) => void): unknown
  resume(): unknown
  pause(): unknown
  setRawMode?(raw: boolean): unknown
}

/** What is needed of standard output. */
export interface Display {
  columns?: number
  rows?: number
  write(text: string): unknown
  on(event: 'resize', listener: () => void): unknown
  off(event: 'resize', listener: () => void): unknown
}
