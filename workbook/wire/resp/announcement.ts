import type { Direction } from '../model/chunk.ts'
import { type Sentence, sentence } from '../model/sentence.ts'
import { type RespType, respTypes } from './types.ts'

/** What has to follow a line before its value is complete. */
export interface Announcement {
  type: RespType
  /** number of values inside it */
  values: number
  /** length of a blob in bytes, without its CRLF; `undefined` when there is none */
  blob?: number
}

/** What cannot be read, and in which field. */
export interface Unreadable {
  field: 'type' | 'length' | 'count' | 'data'
  text: Sentence
}

/** Reads the first line of a value. @param line the line, or its beginning, with its CRLF */
export function readAnnouncement(line: string): Announcement | Unreadable {
  const type = respTypes[line.charAt(0)]
  if (!type) return { field: 'type', text: sentence('resp.unknown-type', { byte: JSON.stringify(line.charAt(0)) }) }
  if (type.shape === 'line') return { type, values: 0 }
  const digits = line.slice(1).trimEnd()
  const field = digits === '' ? 'type' : type.shape === 'blob' ? 'length' : 'count'
  if (digits === '?') return { field, text: sentence('resp.streamed', { type: type.name }) }
  // RESP2 has no type for null: a string or an array of -1 is none.
  if (digits === '-1' && type.version === 2) return { type, values: 0 }
  if (!/^\d{1,15}$/.test(digits)) return { field, text: sentence('resp.no-length', { type: type.name, digits }) }
  return { type, ...contents(type, Number(digits)) }
}

function contents({ shape }: RespType, count: number): Omit<Announcement, 'type'> {
  if (shape === 'blob') return { values: 0, blob: count }
  return { values: shape === 'pairs' ? 2 * count : count }
}

/** Whether the first line of a unit is a command that somebody has typed. */
export function isInline(line: string, direction: Direction): boolean {
  return direction === 'c2s' && /^[A-Za-z\r\n]/.test(line)
}
