/** What the server and one page say to each other. */
export interface Channel {
  /** bytes that the page has not taken yet */
  readonly bufferedAmount: number
  /** @param sent hears that the message has left */
  send(message: string | Uint8Array, sent?: () => void): void
  /** @param listener gets the text of a message, or nothing when it was no text */
  onMessage(listener: (text: string | undefined) => void): void
  onClose(listener: () => void): void
  /** Says why, and ends it. @param why at most 123 bytes */
  refuse(why: string): void
  /** Ends it, whatever is on its way. */
  end(): void
}

// It is a WebSocket; or, where none comes through, it goes over HTTP: the answer to one POST that does not end holds what the
// server says, each message behind its kind and length; what the page says are POSTs of their own.

/** The request header that holds the token of a channel. */
export const tokenHeader = 'wirebook-token'
/** The header that names an open channel: in its answer, and in each request that says something on it. */
export const channelHeader = 'wirebook-channel'

const textKind = 0x74
const bytesKind = 0x62
/** kind, then the length in 32 bits */
const headLength = 5

/** Encodes one message of the server; an empty text is only a sign of life. */
export function encodeChannelFrame(message: string | Uint8Array): Uint8Array {
  const payload = typeof message === 'string' ? new TextEncoder().encode(message) : message
  const frame = new Uint8Array(headLength + payload.length)
  frame[0] = typeof message === 'string' ? textKind : bytesKind
  new DataView(frame.buffer).setUint32(1, payload.length)
  frame.set(payload, headLength)
  return frame
}

/** Reads messages out of the bytes of an answer, however they are cut. */
export class ChannelFrameReader {
  #pieces: Uint8Array[] = []
  #length = 0
  /** bytes that the next step needs */
  #needed = headLength

  /** Takes the next bytes. @returns the messages that are whole, without signs of life */
  push(bytes: Uint8Array): (string | Uint8Array<ArrayBuffer>)[] {
    this.#pieces.push(bytes)
    this.#length += bytes.length
    // Pieces are joined once for a message, not once for a piece.
    if (this.#length < this.#needed) return []
    let rest = join(this.#pieces, this.#length)
    const messages: (string | Uint8Array<ArrayBuffer>)[] = []
    for (;;) {
      this.#needed = rest.length < headLength ? headLength : headLength + lengthOf(rest)
      if (rest.length < this.#needed) break
      const payload = rest.slice(headLength, this.#needed)
      if (rest[0] === bytesKind) messages.push(payload)
      else if (payload.length > 0) messages.push(new TextDecoder().decode(payload))
      rest = rest.subarray(this.#needed)
    }
    this.#pieces = [rest]
    this.#length = rest.length
    return messages
  }
}

function lengthOf(frame: Uint8Array): number {
  return new DataView(frame.buffer, frame.byteOffset).getUint32(1)
}

function join(pieces: Uint8Array[], length: number): Uint8Array {
  if (pieces.length === 1) return pieces[0]!
  const joined = new Uint8Array(length)
  let at = 0
  for (const piece of pieces) {
    joined.set(piece, at)
    at += piece.length
  }
  return joined
}
