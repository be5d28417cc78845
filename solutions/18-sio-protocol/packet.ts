import { isBinary, putBack, takeOut } from './binary.ts'
import { parseData, reserved } from './data.ts'

/** The types of Socket.IO packets, protocol version 5. */
export const CONNECT = 0
export const DISCONNECT = 1
export const EVENT = 2
export const ACK = 3
export const CONNECT_ERROR = 4
export const BINARY_EVENT = 5
export const BINARY_ACK = 6

export interface Packet {
  /** 0 to 6; a packet with bytes in its data is encoded as BINARY_EVENT or BINARY_ACK by itself */
  type: number
  /** `/`, `/chat` */
  namespace: string
  /** number of the acknowledgement that is asked for, or given; counted from 0 by each side */
  id?: number
  data?: unknown
}

export interface EncodedPacket {
  text: string
  /** bytes that follow the text, each as a message of its own */
  attachments: Uint8Array[]
}

/** Most attachments of one packet, as in the official parser. */
const maxAttachments = 10

/** `type [attachments "-"] [namespace ","] [id] [data as JSON]`, Socket.IO protocol, packet encoding. */
export function encodePacket({ type, namespace, id, data }: Packet): EncodedPacket {
  const attachments: Uint8Array[] = []
  let head = String(type)
  let body = data
  // #region binary-out
  // TODO 9: When there are bytes in the data of an EVENT or ACK, take them out (`takeOut` puts placeholders in
  // their places), make the type BINARY_EVENT or BINARY_ACK, and write their number and a dash after it.
  // starter:

  if (hasBytes(data)) {
    body = takeOut(data, attachments)
    head = `${type === EVENT ? BINARY_EVENT : BINARY_ACK}${attachments.length}-`
  }
  // #endregion
  // #region encode
  // TODO 4: Write the namespace and a comma, unless it is `/`, then the id if there is one (0 is one), then
  // the data as JSON if there are any.
  // starter: return { text: head + JSON.stringify(body), attachments }

  const where = namespace === '/' ? '' : `${namespace},`
  const json = body === undefined ? '' : JSON.stringify(body)
  return { text: `${head}${where}${id ?? ''}${json}`, attachments }
  // #endregion
}

/**
 * Reads the text of a packet.
 *
 * @returns the packet, and how many attachments must come before it is complete
 * @throws {Error} that says what is wrong; the connection ends then
 */
export function decodePacket(text: string): { packet: Packet; attachments: number } {
  const match = /^([0-6])(?:(\d+)-)?(?:(\/[^,]*)(?:,|$))?(\d{1,15})?(.*)$/s.exec(text)
  if (match === null)
    throw new Error(`packet: expected a type from 0 to 6, received ${JSON.stringify(text.slice(0, 20))}`)
  const [, typeText, countText, namespace = '/', idText, json = ''] = match
  const wireType = Number(typeText)
  const binary = wireType === BINARY_EVENT || wireType === BINARY_ACK
  if (binary !== (countText !== undefined))
    throw new Error(`packet ${typeText}: expected a number of attachments with types 5 and 6 only`)
  const attachments = Number(countText ?? 0)
  if (attachments > maxAttachments)
    throw new Error(`attachments: expected at most ${maxAttachments}, received ${attachments}`)

  const packet: Packet = {
    type: wireType === BINARY_EVENT ? EVENT : wireType === BINARY_ACK ? ACK : wireType,
    namespace,
    id: idText === undefined ? undefined : Number(idText),
    data: json === '' ? undefined : parseData(json),
  }
  // #region rules
  // TODO 4: Refuse data of the wrong kind: CONNECT has an object or nothing, DISCONNECT nothing, EVENT an
  // array that begins with a name that is not reserved, ACK an array and an id.
  // starter:

  const problem = problemOf(packet)
  if (problem !== undefined)
    throw new Error(`packet ${typeText}: ${problem}, received ${json.slice(0, 40) || 'nothing'}`)
  // #endregion
  return { packet, attachments }
}

function problemOf({ type, id, data }: Packet): string | undefined {
  if (type === CONNECT && data !== undefined && !isObject(data)) return 'expected an object'
  if (type === DISCONNECT && data !== undefined) return 'expected no data'
  if (type === EVENT) {
    if (!Array.isArray(data) || typeof data[0] !== 'string') return 'expected an array that begins with a name'
    if (reserved.includes(data[0])) return 'expected a name that is not reserved'
  }
  if (type === ACK && (!Array.isArray(data) || id === undefined)) return 'expected an id and an array'
  return undefined
}

/** Joins the messages of a connection to packets: a text, then its attachments. */
export class PacketReader {
  #waiting: { packet: Packet; attachments: number; bytes: Uint8Array[] } | undefined

  /**
   * Takes the next message.
   *
   * @returns the packet that this message completes, or undefined while attachments are missing
   * @throws {Error} for what is no packet, bytes that nobody announced, and text where bytes were announced
   */
  push(message: string | Uint8Array): Packet | undefined {
    if (typeof message === 'string') {
      if (this.#waiting)
        throw new Error(`attachment: expected ${this.#waiting.attachments} messages of bytes, received text`)
      const { packet, attachments } = decodePacket(message)
      if (attachments === 0) return packet
      this.#waiting = { packet, attachments, bytes: [] }
      return undefined
    }
    // #region binary-in
    // TODO 9: Collect the bytes until all attachments are there, then put them in the places of the
    // placeholders (`putBack`) and return the packet. Bytes that nobody announced are an error.
    // starter: throw new Error(`attachments cannot be read yet: ${message.length} bytes`)

    const waiting = this.#waiting
    if (waiting === undefined) throw new Error(`message: expected text, received ${message.length} bytes`)
    waiting.bytes.push(message)
    if (waiting.bytes.length < waiting.attachments) return undefined
    this.#waiting = undefined
    return { ...waiting.packet, data: putBack(waiting.packet.data, waiting.bytes) }
    // #endregion
  }
}

function isObject(data: unknown): boolean {
  return typeof data === 'object' && data !== null && !Array.isArray(data)
}

function hasBytes(data: unknown): boolean {
  if (isBinary(data)) return true
  if (typeof data !== 'object' || data === null || 'toJSON' in data) return false
  return Object.values(data).some(hasBytes)
}
