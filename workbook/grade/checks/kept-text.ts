import type { Printed } from './events.ts'

/** What is kept of each end of a long text. */
const maxCharacters = 2000
const maxLines = 20
/** The end is cut when it has grown to this many characters: cutting at each addition would cost more than printing. */
const cutAtCharacters = 32 * 1024

/** The beginning and the end of a text that comes in pieces and may be endless; its memory is bounded. */
export class KeptText {
  #start = ''
  #end = ''
  #leftOut = 0

  add(text: string): void {
    const room = maxCharacters - this.#start.length
    if (room > 0) {
      this.#start += text.slice(0, room)
      if (text.length <= room) return
      return this.add(text.slice(room))
    }
    // Of a piece that is longer than what is kept, only its end is copied.
    if (text.length > maxCharacters) this.skip(text.length - maxCharacters)
    this.#end += text.slice(-maxCharacters)
    if (this.#end.length > cutAtCharacters) this.#cutEnd()
  }

  /** Counts characters that are not even looked at. */
  skip(characters: number): void {
    this.#leftOut += this.#end.length + characters
    this.#end = ''
  }

  /** @returns undefined when nothing was added */
  get printed(): Printed | undefined {
    if (this.#start === '') return undefined
    this.#cutEnd()
    if (this.#leftOut === 0) return shortened(this.#start + this.#end)
    const start = firstLines(this.#start)
    const end = lastLines(this.#end)
    const cut = this.#start.length - start.length + this.#end.length - end.length
    return { start, leftOut: this.#leftOut + cut, end }
  }

  #cutEnd(): void {
    const over = this.#end.length - maxCharacters
    if (over <= 0) return
    this.#leftOut += over
    this.#end = this.#end.slice(-maxCharacters)
  }
}

function shortened(text: string): Printed {
  if (text.split('\n').length <= 2 * maxLines) return { start: text, leftOut: 0, end: '' }
  const start = firstLines(text)
  const end = lastLines(text.slice(start.length))
  return { start, leftOut: text.length - start.length - end.length, end }
}

function firstLines(text: string): string {
  return text.split('\n').slice(0, maxLines).join('\n')
}

function lastLines(text: string): string {
  const closed = text.endsWith('\n') ? 1 : 0
  return text
    .split('\n')
    .slice(-maxLines - closed)
    .join('\n')
}
