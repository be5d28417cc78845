import type { Protocol } from '../model/protocol.ts'
import { sentence } from '../model/sentence.ts'
import type { BytesUnit, EndUnit } from '../model/unit.ts'
import { BytesReader } from './bytes-reader.ts'

/** No protocol: every connection has ends, and may have bytes that nobody here understands. */
export const plainBytes: Protocol<BytesUnit | EndUnit> = {
  name: 'bytes',
  kinds: ['bytes', 'end'],
  open: () => ({ c2s: new BytesReader(sentence('bytes.asked')), s2c: new BytesReader(sentence('bytes.asked')) }),
  fields: ({ bytes }) =>
    bytes.length === 0 ? [] : [{ name: 'data', start: 0, length: bytes.length * 8, value: bytes }],
}
