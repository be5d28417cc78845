import type { Dialogue } from '../model/protocol.ts'
import { sentence } from '../model/sentence.ts'
import type { Unit } from '../model/unit.ts'
import { BytesReader } from '../plain/reader.ts'
import type { ByteStream } from '../stream/byte-stream.ts'
import type { Reader, Step } from '../stream/reader.ts'
import { checkRecord, HandshakeJoiner, isRecord, recordHeaderBytes } from './record.ts'

/** What the hellos agreed on, for both directions. */
interface Agreement {
  isTls13: boolean
}

/** The readers of both directions of a TLS connection. */
export function openRecords(): Dialogue {
  const agreement: Agreement = { isTls13: false }
  return { c2s: new RecordReader(agreement), s2c: new RecordReader(agreement) }
}

/** Reads records (RFC 8446 §5.1), and what can be told of them from outside. */
class RecordReader implements Reader {
  readonly cutShort = { field: 'data', rfc: 'RFC 8446 §6.1' }
  readonly #agreement: Agreement
  readonly #joiner = new HandshakeJoiner()

  constructor(agreement: Agreement) {
    this.#agreement = agreement
  }

  read(stream: ByteStream): Step {
    if (stream.arriving.length === 0) {
      const start = stream.peek(2)
      if (start.length < 2) return 'more'
      if (!isRecord(start)) return { next: new BytesReader(sentence('tls.no-record')) }
    }
    if (!stream.takeTo(recordHeaderBytes) || !stream.takeTo(lengthOf(stream))) return 'more'
    const parts = stream.finish()
    const record = this.#joiner.read(parts.bytes, this.#agreement.isTls13)
    const hello = record.messages.find((message) => message.hello?.type === 'server_hello')?.hello
    if (hello) this.#agreement.isTls13 = hello.versions.includes('TLS 1.3')
    return { unit: { kind: 'record', ...parts, record, problems: checkRecord(record) } }
  }

  incomplete(stream: ByteStream): Unit {
    const missing = lengthOf(stream) - stream.arriving.length
    return { kind: 'bytes', ...stream.describe(), why: sentence('tls.open-record'), missing }
  }
}

/** How many bytes the record has, or its header while that is arriving. */
function lengthOf({ arriving }: ByteStream): number {
  if (arriving.length < recordHeaderBytes) return recordHeaderBytes
  return recordHeaderBytes + arriving.byte(3) * 256 + arriving.byte(4)
}
