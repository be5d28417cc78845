import { Truncated } from '../bytes/bits.ts'
import { messagePackField } from '../messagepack/fields.ts'
import type { Field } from '../model/field.ts'

/**
 * What `@socket.io/redis-adapter` publishes on its channels: MessagePack, with the id of the server that sends it, the
 * packet, and to whom it goes.
 *
 * @param words the strings before the payload, among them the channel
 * @param data the payload @param start its offset in the unit, in bytes
 * @returns `undefined` for any other payload
 */
export function adapterMessage(words: readonly string[], data: Uint8Array, start: number): Field[] | undefined {
  const isPublished = /^(?:publish|spublish|message|pmessage|smessage)$/i.test(words[0] ?? '')
  if (!isPublished || !words.some((word) => word.startsWith('socket.io#'))) return undefined
  try {
    return [shifted(messagePackField(data, 0), start * 8)]
  } catch (error) {
    // Requests of the adapter are JSON; and a payload may be cut.
    if (error instanceof Truncated) return undefined
    throw error
  }
}

function shifted(field: Field, bits: number): Field {
  return { ...field, start: field.start + bits, children: field.children?.map((child) => shifted(child, bits)) }
}
