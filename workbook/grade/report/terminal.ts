import type { Session } from '../session/session.ts'
import { commandsOf } from './keys.ts'
import { colour, noColour, type Paint } from './paint.ts'
import { newLines } from './plain-log.ts'
import { screen } from './screen.ts'

type Watched = Pick<Session, 'state' | 'put' | 'on'>

export interface Shown {
  /** Tells where the site is, once it runs. */
  setSite(address: string): void
  /** A sentence about something other than the lab. */
  say(sentence: string): void
  /** Gives the terminal back as it was. */
  close(): void
}

/** What is needed of a terminal; a test has its own. */
export interface Keyboard {
  on(event: 'data', listener: (typed: Buffer) => void): unknown
  off(event: 'data', listener: (typed: Buffer) => void): unknown
  resume(): unknown
  pause(): unknown
  setRawMode?(raw: boolean): unknown
}

export interface Display {
  columns?: number
  rows?: number
  write(text: string): unknown
  on(event: 'resize', listener: () => void): unknown
  off(event: 'resize', listener: () => void): unknown
}

/** Draws the screen anew whenever it differs, and takes single keys. */
export function showScreen(
  watch: Watched,
  input: Keyboard,
  output: Display,
  paint: Paint = paintFor(process.env),
): Shown {
  let site = ''
  let drawn = ''
  const said: string[] = []
  const draw = () => {
    const size = { columns: output.columns ?? 80, rows: output.rows ?? 24 }
    const lines = screen(watch.state, site, size, paint)
    const next = lines.map((line) => `${line}${clearLine}`).join('\r\n')
    if (next !== drawn) output.write(`${home}${next}${clearBelow}`)
    drawn = next
  }
  const redraw = () => {
    drawn = ''
    output.write(clearAll)
    draw()
  }
  const onKeys = (typed: Buffer) => {
    for (const command of commandsOf(typed.toString())) watch.put({ type: 'command', ...command })
  }

  const stop = watch.on(draw)
  output.on('resize', redraw)
  input.setRawMode?.(true)
  input.on('data', onKeys)
  input.resume()
  output.write(hideCursor)
  redraw()
  return {
    setSite(address) {
      site = address
      draw()
    },
    say(sentence) {
      said.push(sentence)
      watch.put({ type: 'notice', text: said.slice(-3).join(' ') })
    },
    close() {
      stop()
      output.off('resize', redraw)
      input.off('data', onKeys)
      input.setRawMode?.(false)
      input.pause()
      output.write(`${clearAll}${showCursor}`)
    },
  }
}

/** Appends lines, without colour; commands come as lines: `h`, `08`, an empty one to grade now. */
export function showLines(watch: Watched, input: Keyboard, output: Display): Shown {
  let before = watch.state
  let typed = ''
  const print = (lines: string[]) => {
    if (lines.length > 0) output.write(`${lines.join('\n')}\n`)
  }
  const tell = () => {
    const after = watch.state
    print(newLines(before, after))
    before = after
  }
  const onText = (text: Buffer) => {
    typed += text.toString()
    const lines = typed.split(/\r?\n/)
    typed = lines.pop()!
    for (const line of lines) {
      for (const command of commandsOf(line || '\r')) watch.put({ type: 'command', ...command })
    }
  }

  const stop = watch.on(tell)
  input.on('data', onText)
  input.resume()
  const { views, current } = before
  print([`Wirebook  ${current.slice(0, 2)} ${views[current]!.title}`])
  return {
    setSite(address) {
      print([`Open ${address}${views[watch.state.current]!.path}`])
    },
    say: (sentence) => print([sentence]),
    close() {
      stop()
      input.off('data', onText)
      input.pause()
    },
  }
}

/** Colours, unless NO_COLOR asks for none (no-color.org) or the terminal cannot. */
export function paintFor({ NO_COLOR, TERM }: NodeJS.ProcessEnv): Paint {
  return NO_COLOR || TERM === 'dumb' ? noColour : colour
}

const home = '\x1b[H'
const clearLine = '\x1b[K'
const clearBelow = '\x1b[J'
const clearAll = '\x1b[2J\x1b[H'
const hideCursor = '\x1b[?25l'
const showCursor = '\x1b[?25h'
