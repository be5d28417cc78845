import { decodeText } from '../bytes/text.ts'
import { takeLine } from '../lines/reader.ts'
import { lineOf } from '../lines/unit.ts'
import type { Unit } from '../model/unit.ts'
import type { ByteStream } from '../stream/byte-stream.ts'
import type { Reader, Step } from '../stream/reader.ts'
import { headerBytes } from './frame.ts'

/** Reads the line and the frames of one side. */
export class RelayReader implements Reader {
  #joined = false

  get cutShort() {
    return { field: this.#joined ? 'data' : 'lineEnd', rfc: 'chapter 06' }
  }

  read(stream: ByteStream): Step {
    return this.#joined ? readFrame(stream) : this.#readLine(stream)
  }

  incomplete(stream: ByteStream): Unit {
    if (!this.#joined) return { kind: 'line', ...stream.describe(), missing: 1 }
    return { kind: 'relayFrame', ...stream.describe(), missing: lengthOf(stream) - stream.arriving.length }
  }

  #readLine(stream: ByteStream): Step {
    if (!takeLine(stream)) return 'more'
    const parts = stream.finish()
    this.#joined = /^(OK$|JOIN )/.test(decodeText(lineOf(parts.bytes)))
    return { unit: { kind: 'line', ...parts } }
  }
}

function readFrame(stream: ByteStream): Step {
  while (stream.arriving.length < lengthOf(stream)) if (!stream.takeTo(lengthOf(stream))) return 'more'
  return { unit: { kind: 'relayFrame', ...stream.finish() } }
}

/** How long the frame is, as far as its first bytes tell. */
function lengthOf({ arriving }: ByteStream): number {
  if (arriving.length === 0) return 1
  const header = headerBytes(arriving.byte(0))
  if (arriving.length < header) return header
  let length = 0
  for (let i = header - 4; i < header; i++) length = length * 256 + arriving.byte(i)
  return header + length
}
