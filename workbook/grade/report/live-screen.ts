import type { Words } from '../../wire/model/sentence.ts'
import type { ShownSession } from '../session/session.ts'
import { commandsOf } from './keys.ts'
import { type Paint, paintFor } from './paint.ts'
import { screen } from './screen.ts'
import type { Display, Keyboard, Terminal } from './terminal.ts'

const home = '\x1b[H'
const clearLine = '\x1b[K'
const clearBelow = '\x1b[J'
const clearAll = '\x1b[2J\x1b[H'
const hideCursor = '\x1b[?25l'
const showCursor = '\x1b[?25h'

/** How many of the things that were said stand on the screen. */
const maxSaid = 3

/** Draws the screen anew whenever it differs, and takes single keys. */
export class LiveScreen implements Terminal {
  readonly #session: ShownSession
  readonly #input: Keyboard
  readonly #output: Display
  readonly #paint: Paint
  readonly #stopHearing: () => void
  readonly #said: Words[]
  #site = ''
  /** what stands there */
  #drawn = ''

  constructor(session: ShownSession, input: Keyboard, output: Display, paint: Paint = paintFor(process.env)) {
    this.#session = session
    this.#said = [...(session.state.views[session.state.current]?.notice ?? [])]
    this.#input = input
    this.#output = output
    this.#paint = paint
    this.#stopHearing = session.on(() => this.#draw())
    output.on('resize', this.#redraw)
    input.setRawMode?.(true)
    input.on('data', this.#onKeys)
    input.resume()
    output.write(hideCursor)
    this.#redraw()
  }

  setSite(address: string): void {
    this.#site = address
    this.#draw()
  }

  say(words: Words): void {
    this.#said.push(words)
    this.#session.put({ type: 'notice', notice: this.#said.slice(-maxSaid) })
  }

  close(): void {
    this.#stopHearing()
    this.#output.off('resize', this.#redraw)
    this.#input.off('data', this.#onKeys)
    this.#input.setRawMode?.(false)
    this.#input.pause()
    this.#output.write(`${clearAll}${showCursor}`)
  }

  #draw(): void {
    const { columns = 80, rows = 24 } = this.#output
    const lines = screen(this.#session.state, this.#site, { columns, rows }, this.#paint)
    const next = lines.map((line) => `${line}${clearLine}`).join('\r\n')
    if (next !== this.#drawn) this.#output.write(`${home}${next}${clearBelow}`)
    this.#drawn = next
  }

  readonly #redraw = () => {
    this.#drawn = ''
    this.#output.write(clearAll)
    this.#draw()
  }

  readonly #onKeys = (typed: Buffer) => {
    for (const command of commandsOf(typed.toString())) this.#session.put({ type: 'command', ...command })
  }
}
