import type { Right } from '../../../workbook/grade/labs/edited-programs.ts'

export default [
  {
    name: 'the pieces of a message stand in a list',
    edits: [
      {
        file: 'message.ts',
        find: '    if (this.#length > 0 || !frame.fin) this.#append(frame.payload)\n    if (!frame.fin) return undefined\n    const payload = this.#length > 0 ? this.#joined.subarray(0, this.#length) : frame.payload\n    this.#joined = nothing\n    this.#length = 0\n',
        replace:
          '    this.#pieces.push(frame.payload)\n    this.#length += frame.payload.length\n    if (!frame.fin) return undefined\n    const payload = Buffer.concat(this.#pieces)\n    this.#pieces = []\n    this.#length = 0\n    void this.#append\n',
      },
      {
        file: 'message.ts',
        find: '  #joined = nothing\n',
        replace: '  #joined = nothing\n  #pieces: Buffer[] = []\n',
      },
    ],
  },
  {
    name: 'UTF-8 is checked when the message is whole',
    edits: [
      {
        file: 'message.ts',
        find: '    if (this.#opcode !== opcodes.text) return\n    this.#utf8 ??= new Utf8Checker()\n    if (!this.#utf8.push(fresh)) throw invalidUtf8()\n',
        replace: '    void fresh\n',
      },
      {
        file: 'message.ts',
        find: 'if (this.#utf8?.complete === false) throw invalidUtf8()',
        replace: 'void this.#utf8\n    void Utf8Checker\n    if (!isUtf8(payload)) throw invalidUtf8()',
      },
      {
        file: 'message.ts',
        find: 'import { type Frame,',
        replace: "import { isUtf8 } from 'node:buffer'\nimport { type Frame,",
      },
    ],
  },
  {
    name: 'UTF-8 is checked when a frame is whole',
    edits: [
      {
        file: 'message.ts',
        find: '    this.look(frame)\n    this.#seen = undefined',
        replace: '    this.look(frame, true)\n    this.#seen = undefined',
      },
      {
        file: 'message.ts',
        find: 'look(frame: Frame): void {',
        replace: 'look(frame: Frame, whole = false): void {',
      },
      {
        file: 'message.ts',
        find: '    if (this.#opcode !== opcodes.text) return\n    this.#utf8 ??= new Utf8Checker()\n    if (!this.#utf8.push(fresh))',
        replace:
          '    void fresh\n    if (this.#opcode !== opcodes.text || !whole) return\n    this.#utf8 ??= new Utf8Checker()\n    if (!this.#utf8.push(frame.payload))',
      },
    ],
  },
  {
    name: 'UTF-8 is checked by TextDecoder, and the reply repeats the reason',
    edits: [
      {
        file: 'utf8.ts',
        text: "/** Checks UTF-8 that arrives in pieces. */\nexport class Utf8Checker {\n  #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })\n  #bad = false\n\n  get complete(): boolean {\n    if (this.#bad) return false\n    try {\n      this.#decoder.decode()\n      return true\n    } catch {\n      return false\n    }\n  }\n\n  push(bytes: Uint8Array): boolean {\n    try {\n      this.#decoder.decode(bytes, { stream: true })\n      return true\n    } catch {\n      this.#bad = true\n      return false\n    }\n  }\n}\n",
      },
      {
        file: 'connection.ts',
        find: "bytes: this.#encode(opcodes.close, closePayload(code, '')) })",
        replace: 'bytes: this.#encode(opcodes.close, closePayload(code, reason)) })',
      },
      {
        file: 'connection.ts',
        find: 'bytes: this.#encode(opcodes.close, closePayload(closeCode, message)) })',
        replace: "bytes: this.#encode(opcodes.close, closePayload(closeCode, '')) })",
      },
    ],
  },
  {
    name: 'a drain listener for each pause',
    file: 'endpoint.ts',
    find: 'if (this.#socket.writableNeedDrain && !this.#socket.writableEnded) this.#socket.pause()',
    replace:
      "const socket = this.#socket\n    if (!socket.writableNeedDrain || socket.writableEnded || socket.isPaused()) return\n    socket.pause()\n    socket.once('drain', () => this.#held || socket.resume())",
  },
] satisfies Right[]
