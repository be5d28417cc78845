import { StringDecoder } from 'node:string_decoder'

/** The limit of a decoder. */
export interface FramingOptions {
  /** longest message in bytes, framing not counted. Default 1 MiB */
  maxLength?: number
}

const defaultMaxLength = 1024 * 1024

/**
 * One message for the wire: its length in 4 bytes, big-endian, then the message.
 *
 * @param message any bytes, at most 2^32 - 1
 */
export function encodeLengthPrefixed(message: Uint8Array): Buffer {
  // #region encode-length
  // TODO 1: Put the number of bytes in front of the message, as 4 bytes, most significant first.
  // starter: return Buffer.from(message)

  const framed = Buffer.allocUnsafe(4 + message.length)
  framed.writeUInt32BE(message.length, 0)
  framed.set(message, 4)
  return framed
  // #endregion
}

/**
 * Finds the messages of `encodeLengthPrefixed` in a stream, however it was cut into chunks.
 * A decoder that has thrown stays broken: after a wrong length nobody knows where the next message begins.
 */
export class LengthPrefixedDecoder {
  readonly #maxLength: number
  readonly #header = Buffer.alloc(4)
  /** the message that is arriving; undefined while its length is */
  #body: Buffer | undefined
  /** bytes of `body`, or else of `header`, that are there */
  #filled = 0
  #failure: Error | undefined

  constructor({ maxLength = defaultMaxLength }: FramingOptions = {}) {
    this.#maxLength = maxLength
  }

  /**
   * Takes the next chunk.
   *
   * @param chunk bytes as they came from the socket; they are copied, so the caller may use its memory again
   * @returns the messages that this chunk completes, often none
   * @throws {RangeError} when a length is over `maxLength`
   */
  push(chunk: Uint8Array): Buffer[] {
    if (this.#failure) throw this.#failure
    // #region decode-length
    // TODO 2: Fill the header, then a body of that length, then the next header; return every body that is full.
    // A chunk may end anywhere, hold several messages, or be one byte. Call this.#announced() for the length.
    // starter: return [Buffer.from(chunk)]

    const messages: Buffer[] = []
    let at = 0
    while (at < chunk.length) {
      const part = this.#body ?? this.#header
      const taken = chunk.subarray(at, at + part.length - this.#filled)
      part.set(taken, this.#filled)
      this.#filled += taken.length
      at += taken.length
      if (this.#filled < part.length) break

      this.#filled = 0
      if (this.#body) {
        messages.push(this.#body)
        this.#body = undefined
      } else {
        const length = this.#announced()
        // No byte will come that could complete an empty body.
        if (length === 0) messages.push(Buffer.alloc(0))
        else this.#body = Buffer.allocUnsafe(length)
      }
    }
    return messages
    // #endregion
  }

  /**
   * Says that the stream is over.
   *
   * @throws {Error} when it ended inside a message, with the number of bytes that are missing
   */
  end(): void {
    if (this.#failure) throw this.#failure
    // #region end
    // TODO 3: Throw when the header or the body is only half there; say how many bytes are missing. Keep the error in
    // this.#failure.
    // starter:

    const missing = (this.#body ?? this.#header).length - this.#filled
    if (this.#body) throw this.#fail(new Error(`the stream ended inside a message: ${missing} bytes missing`))
    if (this.#filled > 0) throw this.#fail(new Error(`the stream ended inside a length: ${missing} bytes missing`))
    // #endregion
  }

  /** The length in the header. @throws {RangeError} when it is over the limit, before memory is taken for it */
  #announced(): number {
    const length = this.#header.readUInt32BE(0)
    // #region limit
    // TODO 3: Throw a RangeError when the length is over maxLength; the message gives both. Keep it in this.#failure.
    // starter:

    if (length > this.#maxLength) {
      throw this.#fail(new RangeError(`length: expected at most ${this.#maxLength}, received ${length}`))
    }
    // #endregion
    return length
  }

  #fail(error: Error): Error {
    this.#failure = error
    return error
  }
}

/**
 * One line for the wire, in UTF-8, with a line feed at its end.
 *
 * @throws {RangeError} when the text has a CR or LF in it, which would not come out as it went in
 */
export function encodeLine(text: string): Buffer {
  // #region encode-line
  // TODO 4: Throw a RangeError when the text has a line break (CR or LF) in it; say where.
  // starter:

  const at = text.search(/[\r\n]/)
  if (at >= 0) throw new RangeError(`text: expected one line, received a line break at index ${at}`)
  // #endregion
  return Buffer.from(`${text}\n`)
}

/** Finds lines in a stream of UTF-8, however it was cut into chunks. It stays broken after an error, as above. */
export class LineDecoder {
  readonly #maxLength: number
  /** keeps the first bytes of a character until its last one has come */
  readonly #utf8 = new StringDecoder('utf8')
  #text = ''
  /** bytes of the line that is arriving */
  #length = 0
  #failure: Error | undefined

  constructor({ maxLength = defaultMaxLength }: FramingOptions = {}) {
    this.#maxLength = maxLength
  }

  /**
   * Takes the next chunk.
   *
   * @returns the lines that this chunk completes, without LF or CRLF
   * @throws {RangeError} when a line is over `maxLength` bytes; lines before it in the same chunk are lost
   */
  push(chunk: Uint8Array): string[] {
    if (this.#failure) throw this.#failure
    // #region decode-line
    // TODO 5: Cut at every byte 0x0a; return the lines, and keep what follows the last one. Use this.#keep(bytes) for
    // bytes of the line that is arriving and this.#finish() where it ends.
    // starter: return String(Buffer.from(chunk)).split('\n')

    const lines: string[] = []
    let start = 0
    // In UTF-8 no byte of a longer character is 0x0a (RFC 3629 §3), so bytes can be searched before decoding.
    for (let at = chunk.indexOf(0x0a); at >= 0; at = chunk.indexOf(0x0a, start)) {
      this.#keep(chunk.subarray(start, at))
      lines.push(this.#finish())
      start = at + 1
    }
    this.#keep(chunk.subarray(start))
    return lines
    // #endregion
  }

  /** Says that the stream is over. @throws {Error} when a line was begun and its line feed never came */
  end(): void {
    if (this.#failure) throw this.#failure
    if (this.#length > 0) {
      throw this.#fail(
        new Error(`the stream ended inside a line of ${this.#length} bytes: 1 byte missing, the line feed`),
      )
    }
  }

  #keep(bytes: Uint8Array): void {
    this.#length += bytes.length
    if (this.#length > this.#maxLength) {
      throw this.#fail(new RangeError(`line: expected at most ${this.#maxLength} bytes, received ${this.#length}`))
    }
    this.#text += this.#utf8.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  }

  /** The line that is complete, and a fresh start for the next one. */
  #finish(): string {
    const line = this.#text + this.#utf8.end()
    this.#text = ''
    this.#length = 0
    return line.endsWith('\r') ? line.slice(0, -1) : line
  }

  #fail(error: Error): Error {
    this.#failure = error
    return error
  }
}
