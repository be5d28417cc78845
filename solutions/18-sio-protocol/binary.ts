// Given: JSON has no bytes, so they travel beside it, and a placeholder stands in their place.

interface Placeholder {
  _placeholder: true
  num: number
}

/** Whether it travels as bytes, beside the text. */
export function isBinary(data: unknown): data is Uint8Array | ArrayBuffer {
  return data instanceof ArrayBuffer || data instanceof Uint8Array
}

/** A copy of the data with placeholders for bytes; the bytes are appended to `attachments`. */
export function takeOut(data: unknown, attachments: Uint8Array[]): unknown {
  if (isBinary(data)) {
    attachments.push(data instanceof ArrayBuffer ? new Uint8Array(data) : data)
    return { _placeholder: true, num: attachments.length - 1 } satisfies Placeholder
  }
  if (Array.isArray(data)) return data.map((value) => takeOut(value, attachments))
  if (typeof data !== 'object' || data === null || 'toJSON' in data) return data
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, takeOut(value, attachments)]))
}

/** A copy of the data with the attachments in the places of their placeholders. @throws {Error} for a number that has none */
export function putBack(data: unknown, attachments: Uint8Array[]): unknown {
  if (Array.isArray(data)) return data.map((value) => putBack(value, attachments))
  if (typeof data !== 'object' || data === null) return data
  if (isPlaceholder(data)) {
    const bytes = attachments[data.num]
    if (bytes === undefined)
      throw new Error(`placeholder: expected one of ${attachments.length} attachments, received ${data.num}`)
    return bytes
  }
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, putBack(value, attachments)]))
}

function isPlaceholder(data: object): data is Placeholder {
  return '_placeholder' in data && data._placeholder === true && 'num' in data
}
