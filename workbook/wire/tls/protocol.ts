import { untilTruncated } from '../bytes/bits.ts'
import type { Direction } from '../model/chunk.ts'
import { withProblem } from '../model/problem.ts'
import type { Protocol, Recognition } from '../model/protocol.ts'
import { recordBrief } from './brief.ts'
import { openRecords } from './reader.ts'
import { isRecord, recordFields } from './record.ts'
import type { RecordUnit } from './unit.ts'

/** TLS (RFC 8446, RFC 5246) from outside: its records. */
export const tls: Protocol<RecordUnit> = {
  name: 'tls',
  kinds: ['record'],
  recognise: recogniseTls,
  open: openRecords,
  title: () => 'TLS record',
  fields: ({ bytes, record, problems }) =>
    untilTruncated(recordFields(bytes, record)).map((field) => withProblem(field, problems)),
  brief: recordBrief,
}

/** A client begins with a handshake record; a server may also answer with an alert at once. */
function recogniseTls(bytes: Uint8Array, direction: Direction): Recognition {
  const isHello = bytes[0] === 0x16 || (direction === 's2c' && bytes[0] === 0x15)
  if (!isHello || !isRecord(bytes) || (bytes[2] ?? 0) > 4) return 'no'
  return bytes.length < 3 ? 'more' : 'yes'
}
