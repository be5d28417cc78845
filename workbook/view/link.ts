import { packLink, unpackLink } from '../wire/formats/permalink.ts'
import type { Chunk } from '../wire/model/chunk.ts'
import { isRecognised } from '../wire/protocols.ts'
import type { ConversationOptions } from '../wire/stream/conversation.ts'

/** What the part of an address behind `#` names: bytes, and what is chosen of them. It never leaves the browser. */
export interface Linked {
  /** id of a recording that comes with the page */
  recording?: string
  chunks?: Chunk[]
  /** position among the units, from 0 */
  unit: number
  /** key of the field that is pinned */
  field?: string
}

/** @returns `undefined` when so many bytes do not fit an address */
export async function writeLink({ recording, chunks = [], unit, field }: Linked): Promise<string | undefined> {
  const packed = recording ? undefined : await packLink(chunks)
  if (!recording && !packed) return undefined
  const parts = new URLSearchParams(recording ? { c: recording } : { d: packed! })
  parts.set('f', String(unit))
  if (field) parts.set('s', field)
  return `#${parts}`
}

/** Reads what `writeLink` made. Anybody may have written it: whatever is not as it should be is nothing. @param isRecording knows the recordings of the page */
export async function readLink(
  hash: string,
  isRecording: (id: string | null) => id is string,
): Promise<Linked | undefined> {
  if (hash.length > maxHashCharacters) return undefined
  const parts = new URLSearchParams(hash.replace(/^#/, ''))
  const unit = /^\d{1,5}$/.test(parts.get('f') ?? '') ? Number(parts.get('f')) : 0
  const field = parts.get('s') ?? undefined
  const recording = parts.get('c')
  if (isRecording(recording)) return { recording, unit, field }
  const packed = parts.get('d')
  const chunks = packed ? await unpackLink(packed) : undefined
  return chunks && chunks.length > 0 ? { chunks, unit, field } : undefined
}

/** Bytes without a handshake are taken for frames: what was pasted and then shared has none. */
export function startOf([first]: Chunk[]): ConversationOptions {
  return first && !isRecognised(first.bytes, first.direction) ? { start: 'websocket' } : {}
}

/** Characters of a hash; `packLink` stays below, with room for the rest. */
const maxHashCharacters = 9 * 1024
