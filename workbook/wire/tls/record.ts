import { BitReader, Truncated } from '../bytes/bits.ts'
import type { Field } from '../model/field.ts'
import type { Problem } from '../model/problem.ts'
import { sentence, type Words } from '../model/sentence.ts'
import { type Hello, handshakeFields, readHello } from './hello.ts'
import { alerts, contentTypes, handshakeTypes, nameOf, versions } from './names.ts'

/** One TLS record (RFC 8446 §5.1): what can be read of it from outside. */
export interface TlsRecord {
  contentType: number
  /** `handshake`, `application_data`, … */
  name: string
  version: number
  /** length of the fragment, in bytes */
  fragmentLength: number
  /** nothing of the fragment can be read without the keys */
  encrypted: boolean
  /** how many of its first bytes belong to a handshake message that an earlier record began */
  continued: number
  /** the handshake messages that end in it */
  messages: HandshakeMessage[]
  /** what an alert says that is not encrypted */
  alert?: { level: 'warning' | 'fatal'; description: string }
}

interface HandshakeMessage {
  type: number
  /** `client_hello`, `certificate`, … */
  name: string
  /** the whole message, from its type on; `handshakeFields` reads it */
  bytes: Uint8Array
  hello?: Hello
}

/** The length of the header of a record, in bytes. */
export const recordHeaderBytes = 5
const changeCipherSpec = 20
const alert = 21
const handshake = 22
const applicationData = 23

/** Whether bytes begin a record: a known content type, and 3 as the first byte of the version. */
export function isRecord(bytes: Uint8Array): boolean {
  return bytes[0]! >= changeCipherSpec && bytes[0]! <= applicationData && (bytes[1] ?? 3) === 3
}

/** Handshake messages may span records, and a record may hold several (RFC 8446 §5.1). One joiner for each direction. */
export class HandshakeJoiner {
  /** holds the message that has begun; larger than what has arrived of it */
  #buffer = new Uint8Array(64)
  /** how much of that message has arrived, in bytes */
  #begun = 0
  /** bytes still to come of a message that is too long to be kept */
  #skipping = 0
  #changed = false

  /**
   * @param bytes one whole record
   * @param tls13 the hellos agreed on TLS 1.3, where change_cipher_spec changes nothing and what is encrypted looks like application data
   */
  read(bytes: Uint8Array, tls13: boolean): TlsRecord {
    const contentType = bytes[0]!
    const encrypted = contentType === applicationData || (this.#changed && !tls13 && contentType !== changeCipherSpec)
    const fragment = bytes.subarray(recordHeaderBytes)
    const record: TlsRecord = {
      contentType,
      name: nameOf(contentTypes, contentType),
      version: bytes[1]! * 256 + bytes[2]!,
      fragmentLength: bytes[3]! * 256 + bytes[4]!,
      encrypted,
      continued: 0,
      messages: [],
    }
    if (contentType === changeCipherSpec) this.#changed = true
    if (contentType === alert && !encrypted && fragment.length === 2) record.alert = readAlert(fragment)
    if (contentType !== handshake || encrypted) return record
    return { ...record, ...this.#join(fragment) }
  }

  #join(fragment: Uint8Array): Pick<TlsRecord, 'continued' | 'messages'> {
    const messages: HandshakeMessage[] = []
    const skipped = Math.min(this.#skipping, fragment.length)
    this.#skipping -= skipped
    const before = this.#begun
    this.#append(fragment.subarray(skipped))
    let bytes: Uint8Array = this.#buffer.subarray(0, this.#begun)
    const continued = before > 0 ? Math.min(fragment.length, messageLength(bytes) - before) : skipped
    while (bytes.length >= messageLength(bytes)) {
      const message = bytes.slice(0, messageLength(bytes))
      bytes = bytes.subarray(message.length)
      messages.push({
        type: message[0]!,
        name: nameOf(handshakeTypes, message[0]!),
        bytes: message,
        hello: readHello(message),
      })
    }
    // What is longer cannot be a hello.
    const isTooLong = messageLength(bytes) > maxMessage
    if (isTooLong) this.#skipping = messageLength(bytes) - bytes.length
    if (messages.length > 0) this.#buffer.set(bytes.slice())
    this.#begun = isTooLong ? 0 : bytes.length
    return { continued, messages }
  }

  #append(part: Uint8Array): void {
    const length = this.#begun + part.length
    if (length > this.#buffer.length) {
      // Doubling keeps records of one byte linear; a length that was only announced allocates nothing.
      const larger = new Uint8Array(Math.max(this.#buffer.length * 2, length))
      larger.set(this.#buffer.subarray(0, this.#begun))
      this.#buffer = larger
    }
    this.#buffer.set(part, this.#begun)
    this.#begun = length
  }
}

/** The most that is kept of a handshake message that has not ended, in bytes. */
const maxMessage = 64 * 1024

/** The length of the handshake message that begins here, with its header of 4 bytes; in bytes. */
function messageLength(bytes: Uint8Array): number {
  return bytes.length < 4 ? 4 : 4 + bytes[1]! * 0x10000 + bytes[2]! * 0x100 + bytes[3]!
}

function readAlert([level, description]: Uint8Array): TlsRecord['alert'] {
  return { level: level === 2 ? 'fatal' : 'warning', description: nameOf(alerts, description!) }
}

/** Yields the fields of one record in wire order. @throws {Truncated} when `bytes` ends inside it */
export function* recordFields(bytes: Uint8Array, { encrypted, continued }: TlsRecord): Generator<Field, void> {
  const read = new BitReader(bytes, 'RFC 8446 §5.1')
  const type = read.uint('contentType', 8)
  yield { ...type, note: nameOf(contentTypes, type.value) }
  const version = read.uint('legacyRecordVersion', 16)
  yield { ...version, note: nameOf(versions, version.value) }
  const length = read.uint('length', 16)
  yield { ...length, note: sentence('tls.length', { length: length.value }) }
  const fragment = read.some(encrypted ? 'encryptedRecord' : 'fragment', length.value)
  if (fragment.length > 0) yield { ...fragment, ...fragmentParts(bytes, type.value, encrypted, continued) }
  if (fragment.value.length < length.value) throw new Truncated('fragment', length.value - fragment.value.length)
}

function fragmentParts(bytes: Uint8Array, type: number, encrypted: boolean, continued: number): Partial<Field> {
  if (encrypted) return { note: sentence('tls.encrypted'), rfc: 'RFC 8446 §5.2' }
  if (type === alert && bytes.length === recordHeaderBytes + 2) {
    const { level, description } = readAlert(bytes.subarray(recordHeaderBytes))!
    return { note: `${level}: ${description}`, rfc: 'RFC 8446 §6' }
  }
  if (type !== handshake) return {}
  const children: Field[] = []
  if (continued > 0)
    children.push({
      name: 'handshakeContinued',
      start: recordHeaderBytes * 8,
      length: continued * 8,
      value: bytes.slice(recordHeaderBytes, recordHeaderBytes + continued),
      note: sentence('tls.continued'),
    })
  for (let from = recordHeaderBytes + continued; from < bytes.length; ) {
    const end = Math.min(bytes.length, from + messageLength(bytes.subarray(from)))
    children.push(messageField(bytes.subarray(0, end), from))
    from = end
  }
  return { children }
}

function messageField(bytes: Uint8Array, from: number): Field {
  const children: Field[] = []
  let note: Words | undefined
  try {
    for (const field of handshakeFields(bytes, from)) children.push(field)
  } catch (error) {
    if (!(error instanceof Truncated)) throw error
    note = sentence('tls.goes-on')
  }
  const name = nameOf(handshakeTypes, bytes[from]!)
  return {
    name: 'handshake',
    start: from * 8,
    length: (bytes.length - from) * 8,
    value: name,
    note,
    rfc: 'RFC 8446 §4',
    children,
  }
}

/** The rules that the header of a record breaks. */
export function checkRecord({ contentType, fragmentLength, encrypted }: TlsRecord): Problem[] {
  const problems: Problem[] = []
  // TLS 1.2 allows 2048 bytes for encryption, TLS 1.3 only 256 (RFC 5246 §6.2.3, RFC 8446 §5.2).
  const most = 2 ** 14 + (encrypted ? 2048 : 0)
  if (fragmentLength > most) {
    const text = sentence('tls.fragment-too-long', { most, length: fragmentLength })
    problems.push({ field: 'length', text, rfc: 'RFC 8446 §5.1', severity: 'broken' })
  }
  if (fragmentLength === 0 && contentType !== applicationData) {
    problems.push({ field: 'length', text: sentence('tls.empty-fragment'), rfc: 'RFC 8446 §5.1', severity: 'broken' })
  }
  return problems
}
