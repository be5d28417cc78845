import { concat } from '../bytes/bytes.ts'
import type { Direction } from '../model/chunk.ts'
import type { Problem } from '../model/problem.ts'
import { type Sentence, sentence, type Words } from '../model/sentence.ts'
import type { Extension } from './extensions.ts'

/** What two sides agreed on for permessage-deflate (RFC 7692 §7.1), seen from each sender. */
type DeflateAgreement = Record<Direction, { contextTakeover: boolean; maxWindowBits: number }>

/** @param extensions of the response @returns `undefined` when the extension was not agreed on */
export function deflateAgreement(extensions: Extension[]): DeflateAgreement | undefined {
  const found = extensions.find(({ name }) => name === 'permessage-deflate')
  if (!found) return undefined
  const { parameters } = found
  return {
    c2s: {
      contextTakeover: !('client_no_context_takeover' in parameters),
      maxWindowBits: windowBits(parameters.client_max_window_bits) ?? 15,
    },
    s2c: {
      contextTakeover: !('server_no_context_takeover' in parameters),
      maxWindowBits: windowBits(parameters.server_max_window_bits) ?? 15,
    },
  }
}

/**
 * The rules of RFC 7692 §7.1 that the parameters in an offer or in a response break. A server declines such an offer;
 * a client fails the connection after such a response.
 *
 * @param offers what the client offered, when `extension` is the response
 */
export function checkDeflate(extension: Extension, offers?: Extension[]): Problem[] {
  const problems: Problem[] = []
  const broken = (text: Sentence): void => {
    const severity = offers ? 'broken' : 'odd'
    problems.push({ field: 'Sec-WebSocket-Extensions', text, rfc: 'RFC 7692 §7.1', severity })
  }
  for (const [name, value] of Object.entries(extension.parameters)) {
    if (name === 'client_no_context_takeover' || name === 'server_no_context_takeover') {
      if (value !== true) broken(sentence('websocket.parameter-without-value', { name, value }))
    } else if (name === 'client_max_window_bits' || name === 'server_max_window_bits') {
      const hint = name === 'client_max_window_bits' && !offers && value === true
      if (!hint && windowBits(value) === undefined)
        broken(
          value === true
            ? sentence('websocket.window-bits-missing', { name })
            : sentence('websocket.window-bits', { name, value }),
        )
      if (name === 'client_max_window_bits' && offers?.every(({ parameters }) => !(name in parameters)))
        broken(sentence('websocket.not-offered', { name }))
    } else broken(sentence('websocket.parameter-unknown', { name }))
  }
  return problems
}

function windowBits(value: string | true | undefined): number | undefined {
  return typeof value === 'string' && /^([89]|1[0-5])$/.test(value) ? Number(value) : undefined
}

/** A message, inflated; or why that is not possible. */
export type Inflated = { bytes: Uint8Array } | { error: Sentence }

/** How far back a compressed message may point, in bytes (RFC 1951 §3.2.5). */
const windowSize = 32 * 1024
/** Ends the last block of a message, which the sender leaves out (RFC 7692 §7.2.2). */
const tail = Uint8Array.of(0x00, 0x00, 0xff, 0xff)
/** A last block without contents: the stream ends, so all of the output arrives. */
const lastBlock = Uint8Array.of(0x01, 0x00, 0x00, 0xff, 0xff)

/** Inflates the messages of one direction, one after another. With context takeover each may point back into those before. */
export class Inflater {
  /** the end of what was inflated so far; `undefined` when that was lost */
  #earlier: Uint8Array | undefined = new Uint8Array()
  #before: Promise<unknown> = Promise.resolve()
  readonly #contextTakeover: boolean
  readonly #limit: number

  /** @param limit the most that one message may become, in bytes; a few bytes can become gigabytes */
  constructor(contextTakeover: boolean, limit = 4 * 1024 * 1024) {
    this.#contextTakeover = contextTakeover
    this.#limit = limit
  }

  /** @param payload the joined payload of a message whose first frame has RSV1 */
  inflate(payload: Uint8Array): Promise<Inflated> {
    const result = this.#before.then(() => this.#next(payload))
    this.#before = result
    return result
  }

  async #next(payload: Uint8Array): Promise<Inflated> {
    const earlier = this.#earlier
    if (!earlier) return { error: sentence('websocket.inflate-earlier-failed') }
    const output = await inflateAfter(earlier, payload, earlier.length + this.#limit)
    if ('error' in output) {
      if (this.#contextTakeover) this.#earlier = undefined
      return output
    }
    if (this.#contextTakeover) this.#earlier = output.bytes.slice(-windowSize)
    return { bytes: output.bytes.slice(earlier.length) }
  }
}

/** A new stream for each message: what the messages before left behind goes first, as a block that is not compressed. */
async function inflateAfter(earlier: Uint8Array, payload: Uint8Array, limit: number): Promise<Inflated> {
  const before = storedBlock(earlier)
  const output = await inflateRaw(concat([before, payload, tail, lastBlock]), limit)
  if ('bytes' in output || payload[payload.length - 1] !== 0) return output
  // A sender may end the stream by itself and add an empty byte (RFC 7692 §7.2.3.4); some browsers then take no more.
  const ended = await inflateRaw(concat([before, payload.subarray(0, -1)]), limit)
  return 'bytes' in ended ? ended : output
}

/** A block that holds bytes as they are (RFC 1951 §3.2.4); at most 65,535. */
function storedBlock(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0) return bytes
  const { length } = bytes
  return concat([Uint8Array.of(0x00, length & 0xff, length >> 8, ~length & 0xff, (~length >> 8) & 0xff), bytes])
}

/**
 * So many bytes are inflated at a time. A byte of DEFLATE becomes up to 1032, and some browsers make all that comes out
 * of a write before anybody can say stop: here that is about a MiB.
 */
const sliceBytes = 1024

/**
 * Inflates a whole DEFLATE stream (RFC 1951).
 *
 * @param limit more output than that is an error, in bytes; what is left of the input is then not looked at
 */
export async function inflateRaw(input: Uint8Array, limit: number): Promise<Inflated> {
  const stream = new DecompressionStream('deflate-raw')
  // The reader learns of what goes wrong; this would only say it again.
  writeSlices(stream.writable, input).catch(() => {})
  const reader = stream.readable.getReader()
  const parts: Uint8Array[] = []
  let length = 0
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return { bytes: concat(parts) }
      parts.push(value)
      length += value.length
      if (length > limit) {
        await reader.cancel()
        return { error: sentence('websocket.inflate-too-large', { limit, length: input.length }) }
      }
    }
  } catch (error) {
    return { error: sentence('websocket.inflate-failed', { reason: reasonOf(error) }) }
  }
}

/** Writes a slice when the one before it was taken, and what came out of that was read. */
async function writeSlices(stream: WritableStream<BufferSource>, input: Uint8Array): Promise<void> {
  const writer = stream.getWriter()
  for (let at = 0; at < input.length; at += sliceBytes) {
    await writer.ready
    await writer.write(input.slice(at, at + sliceBytes))
  }
  await writer.close()
}

/** zlib's words: since Node 22 they stand in the cause of an error without any. */
function reasonOf(error: unknown): Words {
  if (!(error instanceof Error)) return sentence('websocket.inflate-no-data')
  return error.message || reasonOf(error.cause)
}
