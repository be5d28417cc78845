import { type Frame, type Header, maxHeaderBytes, readHeader } from './header.ts'
import { applyMask } from './mask.ts'
import { brokenRule, FrameError, type Role } from './rules.ts'

// Ten thousand connections are mostly idle: what they need for a frame is made when the first one comes.
const nothing = Buffer.alloc(0)
const zeroKey = new Uint8Array(4)

/** Turns the bytes of a stream into frames, however they are cut. Never writes into a chunk: it belongs to the caller. */
export class FrameDecoder {
  readonly #role: Role
  readonly #maxPayload: number
  #failure: FrameError | undefined

  /** the header of a frame that began in an earlier chunk, while it is not complete */
  #carried: Uint8Array | undefined
  #carriedLength = 0

  /** the frame whose payload is arriving */
  #header: Header | undefined
  /** masking key of that frame; a client's stays 0, which changes nothing */
  #maskingKey = zeroKey
  /** room for that payload, for all of it or for a beginning: it grows with what arrives */
  #payload = nothing
  #filled = 0

  /** @param options `role` is our own; `maxPayload` is the longest payload in bytes, default 1 MiB */
  constructor({ role, maxPayload = 1024 * 1024 }: { role: Role; maxPayload?: number }) {
    this.#role = role
    this.#maxPayload = maxPayload
  }

  /**
   * @returns the frames that are complete with this chunk
   * @throws {FrameError} when a frame breaks a rule; `error.frames` came before it. Every later call throws it again
   */
  push(chunk: Uint8Array): Frame[] {
    if (this.#failure) throw this.#failure
    const frames: Frame[] = []
    let at = 0
    while (true) {
      if (!this.#header) {
        at = this.#takeHeader(chunk, at)
        if (!this.#header) return frames
        if (this.#failure) throw Object.assign(this.#failure, { frames })
      }
      if (this.#payload.length < this.#header.payloadLength) this.#makeRoom(this.#header, chunk.length - at)
      at = this.#takePayload(chunk, at, this.#payload)
      if (this.#filled < this.#header.payloadLength) return frames
      frames.push(this.#finish(this.#header))
    }
  }

  /** The frame whose payload is still arriving, with what is there of it: bad UTF-8 can be refused without waiting. */
  get arriving(): Frame | undefined {
    if (!this.#header) return undefined
    const { fin, opcode } = this.#header
    return { fin, opcode, payload: this.#payload.subarray(0, this.#filled) }
  }

  /** Reads a header, or what is there of it. @returns where in the chunk to go on */
  #takeHeader(chunk: Uint8Array, at: number): number {
    const carriedLength = this.#carriedLength
    if (carriedLength === 0) {
      const header = readHeader(chunk, at, chunk.length)
      if (header) return this.#begin(header, chunk, at)
    }
    // TODO 5: Add the chunk's bytes to #carried (maxHeaderBytes long, made when needed) and read the header from there once it is complete.
    // Then call #begin, empty #carried, and return where in the chunk the payload begins. See RFC 6455 §5.2.
    return chunk.length
  }

  /** Begins a frame whose header stands at `bytes[at]`. @returns where its payload begins */
  #begin(header: Header, bytes: Uint8Array, at: number): number {
    this.#header = header
    this.#filled = 0
    this.#failure = brokenRule(header, this.#role, this.#maxPayload) ?? longForm(header)

    const end = at + header.length
    if (!header.mask) return end
    if (this.#maskingKey === zeroKey) this.#maskingKey = new Uint8Array(4)
    for (let i = 0; i < 4; i++) this.#maskingKey[i] = bytes[end + i]!
    return end + 4
  }

  /** Makes room for the bytes that have come. A header promises what it likes, so its promise alone gets no memory. */
  #makeRoom({ payloadLength }: Header, arrived: number): void {
    const needed = this.#filled + arrived
    if (this.#payload.length >= needed) return
    // Four times what is there: with room for one chunk more, each chunk would copy the whole beginning again.
    const room = Math.min(payloadLength, 4 * needed)
    const larger = Buffer.allocUnsafe(room)
    if (this.#filled > 0) larger.set(this.#payload.subarray(0, this.#filled))
    this.#payload = larger
  }

  /** Copies into `payload`, unmasked, what the chunk has of it. @returns where in the chunk to go on */
  #takePayload(chunk: Uint8Array, at: number, payload: Buffer): number {
    const filled = this.#filled
    const key = this.#maskingKey
    // TODO 5: Copy no more than the chunk has and no more than is missing, behind the bytes that came earlier, and unmask
    // it there: the key goes on where it stopped. Count it in #filled, and return where the next frame begins. See §5.2.
    this.#payload = applyMask(Buffer.from(chunk.subarray(at, at + payload.length)), key)
    this.#filled = this.#payload.length
    return chunk.length
  }

  #finish({ fin, opcode }: Header): Frame {
    const payload = this.#payload
    this.#header = undefined
    // An idle connection keeps nothing of its last message.
    this.#payload = nothing
    return { fin, opcode, payload }
  }
}

/** The rule that a control frame breaks whose length would fit into 7 bits, and stands in 16 or 64 (RFC 6455 §5.5). */
function longForm({ opcode, payloadLength, length }: Header): FrameError | undefined {
  if (opcode < 0x8 || payloadLength > 125 || length === 2) return undefined
  const marker = length === 4 ? 126 : 127
  return new FrameError(1002, 'payloadLength', 'at most 125 in a control frame', marker, 'RFC 6455 §5.5')
}
