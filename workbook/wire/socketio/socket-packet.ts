import type { Direction } from '../model/chunk.ts'
import type { Field } from '../model/field.ts'
import type { Problem } from '../model/problem.ts'
import { type Sentence, sentence } from '../model/sentence.ts'

/** One Socket.IO packet: `type [count "-"] [namespace ","] [id] [JSON]`. */
export interface SocketPacket {
  /** 0 to 6; `undefined` when there is no such type */
  type?: number
  /** `CONNECT`, `EVENT`, … or `unknown` */
  name: string
  /** how many binary frames follow */
  attachments: number
  namespace: string
  /** asks for an acknowledgement, or gives it */
  id?: number
  /** the JSON; binary parts are placeholders in it, see `withAttachments` */
  data?: unknown
  problems: Problem[]
  /** the parts of the text; positions in bytes from the start of the Engine.IO packet, so the type is at byte 1 */
  fields: Field[]
}

const names = ['CONNECT', 'DISCONNECT', 'EVENT', 'ACK', 'CONNECT_ERROR', 'BINARY_EVENT', 'BINARY_ACK']
const source = 'Socket.IO protocol 5'
/** Names of events that the library keeps for itself. */
const kept = ['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener']
/** The parser of the reference server takes no more. */
export const maxAttachments = 10

const layout = /^(\d)(?:(\d+)-)?(\/[^,]*)?(,)?(\d+)?([\s\S]*)$/

/** Reads the data of an Engine.IO message. @param direction when it is known, who may send the type */
export function readSocketPacket(text: string, direction?: Direction): SocketPacket {
  const match = layout.exec(text)
  const type = match && Number(match[1]) < names.length ? Number(match[1]) : undefined
  const packet: SocketPacket = { type, name: 'unknown', attachments: 0, namespace: '/', problems: [], fields: [] }
  const broken: Broken = (field, text) => {
    packet.problems.push({ field, text, rfc: source, severity: 'broken' })
  }
  if (!match || type === undefined) {
    broken('type', sentence('socketio.no-packet-type', { type: JSON.stringify(text.slice(0, 1)) }))
    return packet
  }
  const [, digit = '', count, namespace, , id, json = ''] = match
  packet.name = names[type]!
  packet.attachments = Number(count ?? 0)
  packet.namespace = namespace ?? '/'
  if (id !== undefined) packet.id = Number(id)
  if (json !== '') packet.data = parse(json, broken)
  check(packet, count !== undefined, json !== '', direction, broken)
  const parts: Part[] = [
    ['type', digit, type, names[type]],
    ['attachments', count, packet.attachments],
    ['namespace', namespace, packet.namespace],
    ['id', id, packet.id],
    ['data', json, json],
  ]
  packet.fields = fieldsOf(text, parts, packet.problems)
  return packet
}

type Broken = (field: string, text: Sentence) => void
type Part = [name: string, text: string | undefined, value: number | string | undefined, note?: string]

function parse(json: string, broken: Broken): unknown {
  try {
    return JSON.parse(json)
  } catch {
    broken('data', sentence('socketio.not-json'))
    return undefined
  }
}

function check(
  packet: SocketPacket,
  counted: boolean,
  hasData: boolean,
  direction: Direction | undefined,
  broken: Broken,
): void {
  const { type, name, data, id, attachments } = packet
  const binary = type === 5 || type === 6
  if (binary && !counted) broken('attachments', sentence('socketio.count-missing', { name }))
  if (!binary && counted) broken('attachments', sentence('socketio.count-needless', { name }))
  if (attachments > maxAttachments)
    broken('attachments', sentence('socketio.too-many-attachments', { most: maxAttachments, count: attachments }))
  if (packet.problems.some(({ field }) => field === 'data')) return
  if ((type === 2 || type === 5) && !isEvent(data)) broken('data', sentence('socketio.event-without-name'))
  else if ((type === 2 || type === 5) && kept.includes(String((data as unknown[])[0])))
    broken('data', sentence('socketio.event-kept', { event: String((data as unknown[])[0]) }))
  if ((type === 3 || type === 6) && !Array.isArray(data)) broken('data', sentence('socketio.ack-without-list'))
  if ((type === 3 || type === 6) && id === undefined) broken('id', sentence('socketio.ack-without-id'))
  if (type === 0 && hasData && (typeof data !== 'object' || data === null || Array.isArray(data)))
    broken('data', sentence('socketio.connect-data'))
  if (type === 0 && direction === 's2c' && !hasData) broken('data', sentence('socketio.connect-answer'))
  if (type === 1 && hasData) broken('data', sentence('socketio.disconnect-data'))
  if (type === 4 && direction === 'c2s') broken('type', sentence('socketio.connect-error-sender'))
}

function isEvent(data: unknown): boolean {
  return Array.isArray(data) && (typeof data[0] === 'string' || typeof data[0] === 'number')
}

function fieldsOf(text: string, parts: Part[], problems: Problem[]): Field[] {
  const fields: Field[] = []
  const encoder = new TextEncoder()
  let at = 0
  for (const [name, part, value, note] of parts) {
    if (part === undefined || part === '') continue
    const found = text.indexOf(part, at)
    const start = (1 + encoder.encode(text.slice(0, found)).length) * 8
    at = found + part.length
    const problem = problems.find(({ field }) => field === name)?.text
    fields.push({
      name,
      start,
      length: encoder.encode(part).length * 8,
      value: value ?? part,
      note,
      rfc: source,
      problem,
    })
  }
  return fields
}

/** JSON from the wire may be nested deeper than a stack; nobody puts binary data so deep. */
const maxDepth = 100

/** The data with each placeholder replaced by its binary frame; a placeholder without one stays. */
export function withAttachments(data: unknown, attachments: Uint8Array[], depth = 0): unknown {
  if (typeof data !== 'object' || data === null || depth > maxDepth) return data
  if (Array.isArray(data)) return data.map((item) => withAttachments(item, attachments, depth + 1))
  const num = placeholder(data)
  if (num !== undefined) return attachments[num] ?? data
  const entries = Object.entries(data)
  return Object.fromEntries(entries.map(([key, value]) => [key, withAttachments(value, attachments, depth + 1)]))
}

/** The numbers of the placeholders in the data. */
export function placeholders(data: unknown, depth = 0): number[] {
  if (typeof data !== 'object' || data === null || depth > maxDepth) return []
  const num = placeholder(data)
  if (num !== undefined) return [num]
  return Object.values(data).flatMap((value) => placeholders(value, depth + 1))
}

function placeholder(data: object): number | undefined {
  const { _placeholder, num } = data as { _placeholder?: unknown; num?: unknown }
  if (_placeholder !== true) return undefined
  // A nested list would throw when it is made a number, and a text is none, whatever it says.
  return typeof num === 'number' ? num : Number.NaN
}
