import { sentence } from '../../wire/model/sentence.ts'
import type { Command } from '../session/state.ts'

const letters: Partial<Record<string, Command>> = {
  h: { command: 'hint' },
  d: { command: 'diff' },
  r: { command: 'reset' },
  u: { command: 'undo' },
  y: { command: 'redo' },
  t: { command: 'take' },
  n: { command: 'next' },
  l: { command: 'list' },
  q: { command: 'quit' },
  '\r': { command: 'run' },
  '\n': { command: 'run' },
  '\x03': { command: 'quit' }, // Ctrl-C, which a terminal in raw mode gives as a key
}

/** What a key does, in a word. */
export const keyWord = {
  h: sentence('key.hint'),
  d: sentence('key.diff'),
  r: sentence('key.reset'),
  u: sentence('key.undo'),
  y: sentence('key.redo'),
  n: sentence('key.next'),
  l: sentence('key.list'),
  '⏎': sentence('key.run'),
  q: sentence('key.quit'),
}

/**
 * The commands in what a terminal sent. Arrow and function keys come as a sequence that begins with ESC, and mean
 * nothing here.
 */
export function commandsOf(typed: string): Command[] {
  const keys = typed.replace(/\x1b(\[[0-9;]*[ -/]*[@-~]|O.|.)?/g, '')
  return [...keys].flatMap((key): Command[] => {
    if (/[0-9]/.test(key)) return [{ command: 'digit', digit: key }]
    const command = letters[key.toLowerCase()]
    return command ? [command] : []
  })
}
