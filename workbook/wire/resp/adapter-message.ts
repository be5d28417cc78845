import { Truncated } from '../bytes/bits.ts'
import { messagePackField } from '../messagepack/fields.ts'
import type { Field } from '../model/field.ts'

/** What the three values of a message are called in the adapter's source; a message is an array of them. */
const names = ['uid', 'packet', 'opts']
const arrayOfThree = 0x93

/**
 * What `@socket.io/redis-adapter` publishes on its channels: MessagePack, with the id of the server that sends it, the
 * packet, and to whom it goes.
 *
 * @param words the strings before the payload, among them the channel
 * @param bytes the unit up to the end of the payload @param start offset of the payload's first byte in `bytes`
 * @returns `undefined` for any other payload
 */
export function adapterMessage(words: readonly string[], bytes: Uint8Array, start: number): Field[] | undefined {
  const isPublished = /^(?:publish|spublish|message|pmessage|smessage)$/i.test(words[0] ?? '')
  // The name of a channel stands behind a pattern, and is no message.
  const isOfAdapter = words.some((word) => word.startsWith('socket.io#'))
  if (bytes[start] !== arrayOfThree || !isPublished || !isOfAdapter) return undefined
  try {
    return [named(messagePackField(bytes, start))]
  } catch (error) {
    // It may not have arrived yet, or be somebody else's.
    if (error instanceof Truncated) return undefined
    throw error
  }
}

function named(message: Field): Field {
  const [format, ...values] = message.children ?? []
  if (!format) return message
  return { ...message, children: [format, ...values.map((value, i) => ({ ...value, name: names[i] ?? value.name }))] }
}
