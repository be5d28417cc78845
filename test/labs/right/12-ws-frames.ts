import type { Right } from '../../../workbook/grade/labs/edited-programs.ts'

export default [
  {
    name: 'forEach and modulo',
    file: 'mask.ts',
    find: 'for (let i = xorWords(bytes, key, offset); i < bytes.length; i++) {\n    bytes[i] = bytes[i]! ^ key[(offset + i) & 3]!\n  }',
    replace: 'bytes.forEach((byte, i) => {\n    bytes[i] = byte ^ key[(offset + i) % 4]!\n  })',
  },
  {
    name: 'a frame is made in one Buffer',
    file: 'frame.ts',
    find: 'if (!maskingKey) return Buffer.concat([header, payload])\n  header[1]! |= 0x80\n  return Buffer.concat([header, maskingKey, applyMask(Buffer.from(payload), maskingKey)])',
    replace:
      'const keyLength = maskingKey ? 4 : 0\n  const out = Buffer.alloc(header.length + keyLength + payload.length)\n  out.set(header)\n  out.set(payload, header.length + keyLength)\n  if (maskingKey) {\n    out[1] = out[1]! | 0x80\n    out.set(maskingKey, header.length)\n    applyMask(out.subarray(header.length + 4), maskingKey)\n  }\n  return out',
  },
  {
    name: 'lengths by DataView, rules in another order',
    edits: [
      {
        file: 'header.ts',
        find: '  let value = 0\n  // Not `value << 8`: JavaScript shifts 32 bits, and a length has up to 63.\n  for (let i = from; i < to; i++) value = value * 0x100 + bytes[i]!\n  return value',
        replace:
          '  const view = new DataView(bytes.buffer, bytes.byteOffset + from, to - from)\n  return to - from === 2 ? view.getUint16(0) : Number(view.getBigUint64(0))',
      },
      {
        file: 'rules.ts',
        find: "  if (rsv !== 0) return broken('rsv', '0 without an extension', rsv, '§5.2')\n  if ((opcode > 0x2 && opcode < 0x8) || opcode > 0xa) return broken('opcode', '0, 1, 2, 8, 9 or 10', opcode, '§5.2')\n",
        replace:
          "  if (mask !== (role === 'server')) return broken('mask', String(role === 'server'), Number(mask), '§5.1')\n  if (![0, 1, 2, 8, 9, 10].includes(opcode)) return broken('opcode', 'known', opcode, '§5.2')\n  if (rsv) return broken('rsv', '0', rsv, '§5.2')\n",
      },
    ],
  },
  {
    name: 'bytes of a cut header are taken one at a time',
    file: 'decoder.ts',
    find: '    this.#carried ??= new Uint8Array(maxHeaderBytes)\n    const end = Math.min(chunk.length, at + maxHeaderBytes - carriedLength)\n    for (let i = at; i < end; i++) this.#carried[this.#carriedLength++] = chunk[i]!\n    const header = readHeader(this.#carried, 0, this.#carriedLength)\n    if (!header) return end\n    this.#carriedLength = 0\n    return at + this.#begin(header, this.#carried, 0) - carriedLength',
    replace:
      '    const carried = (this.#carried ??= new Uint8Array(maxHeaderBytes))\n    let next = at\n    while (next < chunk.length) {\n      carried[this.#carriedLength] = chunk[next]!\n      this.#carriedLength += 1\n      next += 1\n      const header = readHeader(carried, 0, this.#carriedLength)\n      if (header !== undefined) {\n        this.#begin(header, carried, 0)\n        this.#carriedLength = 0\n        return next\n      }\n    }\n    return next',
  },
  {
    name: 'each piece is copied, unmasked and set',
    file: 'decoder.ts',
    find: '    const length = Math.min(chunk.length - at, payload.length - filled)\n    if (length < 64) {\n      // A few bytes are done in one loop before views on them would be made.\n      for (let i = 0; i < length; i++) payload[filled + i] = chunk[at + i]! ^ key[(filled + i) & 3]!\n    } else {\n      payload.set(chunk.subarray(at, at + length), filled)\n      applyMask(length === payload.length ? payload : payload.subarray(filled, filled + length), key, filled)\n    }\n    this.#filled = filled + length\n    return at + length',
    replace:
      '    const piece = Uint8Array.prototype.slice.call(chunk, at, at + payload.length - filled)\n    applyMask(piece, key, filled)\n    payload.set(piece, filled)\n    this.#filled += piece.length\n    return at + piece.length',
  },
  {
    name: 'a decoder that keeps pieces in a list',
    file: 'decoder.ts',
    text: "import { type Frame, type Header, readHeader } from './header.ts'\nimport { applyMask } from './mask.ts'\nimport { brokenRule, type FrameError, type Role } from './rules.ts'\n\nexport class FrameDecoder {\n  #options: { role: Role; maxPayload?: number }\n  #failure: FrameError | undefined\n  #head: number[] = []\n  #header: Header | undefined\n  #key: Uint8Array | undefined\n  #pieces: Buffer[] = []\n  #length = 0\n\n  constructor(options: { role: Role; maxPayload?: number }) {\n    this.#options = options\n  }\n\n  push(chunk: Uint8Array): Frame[] {\n    if (this.#failure) throw this.#failure\n    const frames: Frame[] = []\n    let at = 0\n    for (;;) {\n      while (!this.#header && at < chunk.length) this.#headerByte(chunk[at++]!, frames)\n      const header = this.#header\n      if (!header) return frames\n      const piece = Buffer.from(chunk.subarray(at, at + header.payloadLength - this.#length))\n      if (this.#key) applyMask(piece, this.#key, this.#length)\n      if (piece.length > 0) this.#pieces.push(piece)\n      this.#length += piece.length\n      at += piece.length\n      if (this.#length < header.payloadLength) return frames\n      frames.push(this.arriving!)\n      this.#header = undefined\n      this.#pieces = []\n      this.#length = 0\n    }\n  }\n\n  get arriving(): Frame | undefined {\n    if (!this.#header) return undefined\n    return { fin: this.#header.fin, opcode: this.#header.opcode, payload: Buffer.concat(this.#pieces) }\n  }\n\n  #headerByte(byte: number, frames: Frame[]): void {\n    this.#head.push(byte)\n    const bytes = Uint8Array.from(this.#head)\n    const header = readHeader(bytes, 0, bytes.length)\n    if (!header) return\n    this.#head = []\n    this.#failure = brokenRule(header, this.#options.role, this.#options.maxPayload ?? 1 << 20)\n    if (this.#failure) throw Object.assign(this.#failure, { frames })\n    this.#header = header\n    this.#key = header.mask ? bytes.slice(header.length) : undefined\n  }\n}\n",
  },
] satisfies Right[]
