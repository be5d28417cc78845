import type { Direction } from '../model/chunk.ts'
import type { Dialogue, Opening, Protocol } from '../model/protocol.ts'
import { sentence } from '../model/sentence.ts'
import type { Unit } from '../model/unit.ts'
import { BytesReader } from '../plain/reader.ts'
import type { ByteStream } from './byte-stream.ts'
import type { Reader, Step } from './reader.ts'

/** No protocol looks further to be recognised, in bytes: a request line of a browser is not longer. */
const maxLookBytes = 16 * 1024

/** Finds out what the two directions of one connection speak. */
export class Detection implements Opening {
  readonly #candidates: readonly Protocol[]
  readonly #dialogues = new Map<Protocol, Dialogue>()
  readonly #spoken: Partial<Record<Direction, string>> = {}
  readonly #ended = new Set<Direction>()

  /** @param candidates the protocols that may be meant, the likeliest first */
  constructor(candidates: readonly Protocol[]) {
    this.#candidates = candidates
  }

  detect(direction: Direction): Reader {
    return new DetectReader(this, direction)
  }

  /** The reader of a direction, when it is known what is spoken. */
  open(protocol: Protocol, direction: Direction): Reader {
    const dialogue = this.#dialogues.get(protocol) ?? protocol.open(this)
    this.#dialogues.set(protocol, dialogue)
    this.#spoken[direction] = protocol.name
    return dialogue[direction]
  }

  /** @returns the reader to go on with; `more` while the bytes may still be one of several */
  recognise(bytes: Uint8Array, direction: Direction): Reader | 'more' {
    let isOpen = false
    for (const protocol of this.#candidates) {
      const found = protocol.recognise?.(bytes, direction) ?? 'no'
      if (found === 'yes' && !isOpen) return this.open(protocol, direction)
      if (found !== 'no') isOpen = true
    }
    if (isOpen && bytes.length < maxLookBytes) return 'more'
    this.#spoken[direction] = 'bytes'
    return new BytesReader(sentence('bytes.unknown'))
  }

  /** The reader that a direction gets by what the other side has said. */
  follow(direction: Direction): Reader | undefined {
    for (const [protocol, dialogue] of this.#dialogues) {
      const reader = dialogue.follow?.(direction)
      if (!reader) continue
      this.#spoken[direction] = protocol.name
      return reader
    }
    return undefined
  }

  spoken(direction: Direction): string | undefined {
    return this.#spoken[direction]
  }

  hasEnded(direction: Direction): boolean {
    return this.#ended.has(direction)
  }

  end(direction: Direction): void {
    this.#ended.add(direction)
  }
}

/** Waits until it is clear what a direction speaks, and takes nothing before. */
class DetectReader implements Reader {
  readonly #detection: Detection
  readonly #direction: Direction
  #begun = false

  constructor(detection: Detection, direction: Direction) {
    this.#detection = detection
    this.#direction = direction
  }

  read(stream: ByteStream): Step {
    const followed = this.#begun ? undefined : this.#detection.follow(this.#direction)
    if (followed) return { next: followed }
    this.#begun = true
    const next = this.#detection.recognise(stream.peek(maxLookBytes), this.#direction)
    return next === 'more' ? 'more' : { next }
  }

  incomplete(stream: ByteStream): Unit {
    return { kind: 'bytes', ...stream.describe(), why: sentence('bytes.open-line'), missing: 1 }
  }
}
