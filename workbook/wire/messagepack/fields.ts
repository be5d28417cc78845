import { BitReader } from '../bytes/bits.ts'
import { decodeText, showControls } from '../bytes/text.ts'
import type { Field } from '../model/field.ts'

/** What is not shown any more. Where it begins, the fields end. */
const maxDepth = 16
const maxValues = 500

const specification = 'MessagePack specification'

/** Takes one value of MessagePack apart, as far as it has arrived. @param start offset of its first byte in `bytes` */
export function messagePackField(bytes: Uint8Array, start: number): Field {
  return new MessagePackFields(bytes, start).value(0)
}

/** One value after another; a first byte says what each is, and often how long. */
class MessagePackFields {
  readonly #read: BitReader
  #values = 0

  constructor(bytes: Uint8Array, start: number) {
    this.#read = new BitReader(bytes, specification, start)
  }

  /** @throws {Truncated} when the bytes end inside the value */
  value(depth: number): Field {
    this.#values++
    const from = this.#read.at
    const format = this.#read.uint('format', 8)
    const { name, value, children } = this.#contents(format.value, depth)
    return {
      name,
      start: from,
      length: this.#read.at - from,
      value,
      rfc: specification,
      children: children && [{ ...format, note: formatName(format.value) }, ...children],
    }
  }

  #contents(format: number, depth: number): { name: string; value: Field['value']; children?: Field[] } {
    if (format < 0x80) return { name: 'integer', value: format }
    if (format < 0x90) return this.#list('map', 2 * (format & 0x0f), depth)
    if (format < 0xa0) return this.#list('array', format & 0x0f, depth)
    if (format < 0xc0) return this.#string(format & 0x1f)
    if (format >= 0xe0) return { name: 'integer', value: format - 256 }
    return this.#long(format, depth)
  }

  #long(format: number, depth: number): { name: string; value: Field['value']; children?: Field[] } {
    const wide = (first: number) => this.#read.uint('length', 8 << (format - first)).value
    if (format === 0xc0) return { name: 'nil', value: 'nil' }
    if (format === 0xc2 || format === 0xc3) return { name: 'boolean', value: String(format === 0xc3) }
    if (format >= 0xc4 && format <= 0xc6) return { name: 'binary', value: this.#read.raw('data', wide(0xc4)).value }
    if (format >= 0xc7 && format <= 0xc9) return this.#extension(wide(0xc7))
    if (format === 0xca || format === 0xcb) return this.#float(format === 0xca ? 4 : 8)
    if (format >= 0xcc && format <= 0xcf) return { name: 'integer', value: this.#integer(2 ** (format - 0xcc), false) }
    if (format >= 0xd0 && format <= 0xd3) return { name: 'integer', value: this.#integer(2 ** (format - 0xd0), true) }
    if (format >= 0xd4 && format <= 0xd8) return this.#extension(2 ** (format - 0xd4))
    if (format >= 0xd9 && format <= 0xdb) return this.#string(wide(0xd9))
    if (format === 0xdc || format === 0xdd) return this.#list('array', wide(0xdb), depth)
    if (format === 0xde || format === 0xdf) return this.#list('map', 2 * wide(0xdd), depth)
    return { name: 'unknown', value: format }
  }

  #list(name: string, count: number, depth: number): { name: string; value: number; children: Field[] } {
    const children: Field[] = []
    if (count > 0 && depth === maxDepth) this.#values = maxValues
    for (let i = 0; i < count && this.#values < maxValues; i++) children.push(this.value(depth + 1))
    return { name, value: name === 'map' ? count / 2 : count, children }
  }

  #string(length: number): { name: string; value: string } {
    return { name: 'string', value: showControls(decodeText(this.#read.raw('data', length).value)) }
  }

  #extension(length: number): { name: string; value: Uint8Array } {
    this.#read.uint('extensionType', 8)
    return { name: 'extension', value: this.#read.raw('data', length).value }
  }

  #float(length: 4 | 8): { name: string; value: number } {
    const { buffer, byteOffset } = this.#read.raw('data', length).value
    const view = new DataView(buffer, byteOffset, length)
    return { name: 'float', value: length === 4 ? view.getFloat32(0) : view.getFloat64(0) }
  }

  #integer(length: number, signed: boolean): number | bigint {
    if (length < 8) {
      const { value } = this.#read.uint('data', length * 8)
      return signed && value >= 2 ** (length * 8 - 1) ? value - 2 ** (length * 8) : value
    }
    const { value } = this.#read.uint64('data')
    return signed ? BigInt.asIntN(64, value) : value
  }
}

/** The formats of what holds other values, by their names in the specification. */
function formatName(format: number): string {
  if (format < 0x90) return 'fixmap'
  if (format < 0xa0) return 'fixarray'
  return { 220: 'array 16', 221: 'array 32', 222: 'map 16', 223: 'map 32' }[format] ?? ''
}
