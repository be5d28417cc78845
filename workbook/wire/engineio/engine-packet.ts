import { fromBase64 } from '../bytes/base64.ts'
import type { Direction } from '../model/chunk.ts'
import type { Field } from '../model/field.ts'
import type { Problem } from '../model/problem.ts'
import { type Sentence, sentence } from '../model/sentence.ts'

/** One Engine.IO packet: the layer that opens, pings and closes below Socket.IO. */
export interface EnginePacket {
  /** 0 to 6; `undefined` when there is no such type */
  type?: number
  /** `open`, `message`, … or `unknown` */
  name: string
  /** what follows the type; bytes when the packet is binary, which is always a message */
  data: string | Uint8Array
  problems: Problem[]
}

const names = ['open', 'close', 'ping', 'pong', 'message', 'upgrade', 'noop']
const source = 'Engine.IO protocol 4'

/** What a client asks for that wants Engine.IO 4 over a WebSocket from the first packet on. */
export const webSocketTarget = '/socket.io/?EIO=4&transport=websocket'

/** What keeps a connection alive: the pong, when the packet is a ping. */
export function answerPing(text: string): string | undefined {
  return text === '2' ? '3' : undefined
}

/** Between the packets of one HTTP body (U+001E, record separator). */
export const separator = '\u001e'

/** Reads a packet of a text frame: one digit, then its data. @param direction when it is known, who may send the type */
export function readEnginePacket(text: string, direction?: Direction): EnginePacket {
  const type = /^[0-6]/.test(text) ? Number(text[0]) : undefined
  if (type === undefined) {
    const said =
      text === ''
        ? sentence('engineio.empty-packet')
        : sentence('engineio.no-packet-type', { type: JSON.stringify(text.slice(0, 1)) })
    return { name: 'unknown', data: text, problems: [broken('packetType', said)] }
  }
  const packet: EnginePacket = { type, name: names[type]!, data: text.slice(1), problems: [] }
  if (type === 0 && !isJsonObject(text.slice(1)))
    packet.problems.push(broken('data', sentence('engineio.open-without-json')))
  const sender = senders[type]
  if (direction && sender && sender !== direction && !isProbe(packet))
    packet.problems.push(
      broken(
        'packetType',
        sender === 's2c'
          ? sentence('engineio.sent-by-server', { name: packet.name })
          : sentence('engineio.sent-by-client', { name: packet.name }),
      ),
    )
  return packet
}

/** Since version 4 the server pings. A client pings only to probe a new transport. */
const senders: Record<number, Direction> = { 0: 's2c', 2: 's2c', 3: 'c2s', 5: 'c2s' }

function isProbe({ type, data }: EnginePacket): boolean {
  return (type === 2 || type === 3) && data === 'probe'
}

/** A binary frame is a message without a type before it. */
export function binaryPacket(bytes: Uint8Array): EnginePacket {
  return { type: 4, name: names[4]!, data: bytes, problems: [] }
}

/** Reads the body of a polling request or response: packets with a separator between them, binary ones as `b` and Base64. */
export function readPayload(body: string, direction?: Direction): EnginePacket[] {
  return body.split(separator).map((text) => {
    if (!text.startsWith('b')) return readEnginePacket(text, direction)
    const bytes = fromBase64(text.slice(1))
    return bytes
      ? binaryPacket(bytes)
      : { type: 4, name: names[4]!, data: text.slice(1), problems: [broken('data', sentence('engineio.not-base64'))] }
  })
}

/** Yields the type and the data of a packet of a text frame, counted from its first byte. */
export function* engineFields(bytes: Uint8Array, { type, name, problems }: EnginePacket): Generator<Field, void> {
  if (bytes.length === 0) return
  const problem = (field: string) => problems.find((each) => each.field === field)?.text
  const value = type ?? String.fromCharCode(bytes[0]!)
  yield { name: 'packetType', start: 0, length: 8, value, note: name, rfc: source, problem: problem('packetType') }
  if (bytes.length === 1) return
  const data = bytes.slice(1)
  yield { name: 'data', start: 8, length: data.length * 8, value: data, rfc: source, problem: problem('data') }
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}

function broken(field: string, text: Sentence): Problem {
  return { field, text, rfc: source, severity: 'broken' }
}
