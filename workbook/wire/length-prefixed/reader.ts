import type { Unit } from '../model/unit.ts'
import type { ByteStream } from '../stream/byte-stream.ts'
import type { Reader, Step } from '../stream/reader.ts'
import { prefixBytes } from './unit.ts'

/** Reads messages that each stand behind their length, as labs 02 and 09 frame them. */
export class PrefixedReader implements Reader {
  readonly cutShort = { field: 'message', rfc: 'chapter 02' }

  read(stream: ByteStream): Step {
    if (!stream.takeTo(prefixBytes) || !stream.takeTo(lengthOf(stream))) return 'more'
    return { unit: { kind: 'prefixed', ...stream.finish() } }
  }

  incomplete(stream: ByteStream): Unit {
    return { kind: 'prefixed', ...stream.describe(), missing: lengthOf(stream) - stream.arriving.length }
  }
}

/** How many bytes the message has with its prefix, or the prefix while that is arriving. */
function lengthOf({ arriving }: ByteStream): number {
  if (arriving.length < prefixBytes) return prefixBytes
  let length = 0
  for (let i = 0; i < prefixBytes; i++) length = length * 256 + arriving.byte(i)
  return prefixBytes + length
}
