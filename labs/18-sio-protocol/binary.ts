// Given: JSON has no bytes, so they travel beside it, and a placeholder stands in their place.

interface Placeholder {
  _placeholder: true
  num: number
}

/** Whether it travels as bytes, beside the text. */
export function isBinary(data: unknown): data is ArrayBufferView | ArrayBuffer {
  return data instanceof ArrayBuffer || ArrayBuffer.isView(data)
}

/** A copy of the data with placeholders for bytes; the bytes are appended to `attachments`. */
export function takeOut(data: unknown, attachments: Uint8Array[]): unknown {
  if (isBinary(data)) {
    attachments.push(bytesOf(data))
    return { _placeholder: true, num: attachments.length - 1 } satisfies Placeholder
  }
  if (Array.isArray(data)) return data.map((value) => takeOut(value, attachments))
  if (typeof data !== 'object' || data === null || 'toJSON' in data) return data
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, takeOut(value, attachments)]))
}

/** A copy of the data with the attachments in the places of their placeholders. @throws {Error} for a `num` that numbers none of them */
export function putBack(data: unknown, attachments: Uint8Array[]): unknown {
  if (Array.isArray(data)) return data.map((value) => putBack(value, attachments))
  if (typeof data !== 'object' || data === null) return data
  if (isPlaceholder(data)) {
    const { num } = data
    // A client wrote it: `attachments["push"]` is a function, and would be handed on in the place of bytes.
    if (typeof num !== 'number' || !Number.isInteger(num) || num < 0 || num >= attachments.length)
      throw new Error(`placeholder: expected num from 0 to ${attachments.length - 1}, received ${JSON.stringify(num)}`)
    return attachments[num]
  }
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, putBack(value, attachments)]))
}

function isPlaceholder(data: object): data is { num: unknown } {
  return '_placeholder' in data && data._placeholder === true && 'num' in data
}

/** The bytes behind it: all of a buffer, or what a view of any kind shows of one. */
function bytesOf(data: ArrayBufferView | ArrayBuffer): Uint8Array {
  return data instanceof ArrayBuffer
    ? new Uint8Array(data)
    : new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}
