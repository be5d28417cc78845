import type { Right } from '../../../workbook/grade/labs/edited-programs.ts'

export default [
  {
    name: 'tcp as async iterator',
    edits: [
      {
        file: 'tcp-echo.ts',
        find: '    socket.pipe(socket)\n',
        replace:
          "    void (async () => {\n      try {\n        for await (const chunk of socket) {\n          if (!socket.write(chunk)) await once(socket, 'drain')\n        }\n        socket.end()\n      } catch {\n        socket.destroy()\n      }\n    })()\n",
      },
      {
        file: 'tcp-echo.ts',
        find: 'import { createServer',
        replace: "import { once } from 'node:events'\nimport { createServer",
      },
    ],
  },
  {
    name: 'tcp with readable and read()',
    file: 'tcp-echo.ts',
    find: '    socket.pipe(socket)\n',
    replace:
      "    const pump = (): void => {\n      while (!socket.writableNeedDrain) {\n        const chunk = socket.read()\n        if (chunk === null) return\n        socket.write(chunk)\n      }\n    }\n    socket.on('readable', pump).on('drain', pump).on('end', () => socket.end())\n",
  },
  {
    name: 'tcp as pipeline with an async generator',
    edits: [
      {
        file: 'tcp-echo.ts',
        find: '    socket.pipe(socket)\n    // Nothing to do',
        replace:
          '    void pipeline(\n      socket,\n      async function* (chunks: AsyncIterable<Buffer>) {\n        for await (const chunk of chunks) yield chunk\n      },\n      socket,\n    ).catch(() => {})\n    // Nothing to do',
      },
      {
        file: 'tcp-echo.ts',
        find: 'import { createServer',
        replace: "import { pipeline } from 'node:stream/promises'\nimport { createServer",
      },
    ],
  },
  {
    name: 'tcp pause and drain by hand',
    file: 'tcp-echo.ts',
    find: '    socket.pipe(socket)\n',
    replace:
      "    socket.on('data', (chunk) => {\n      if (socket.write(chunk)) return\n      socket.pause()\n      socket.once('drain', () => socket.resume())\n    })\n",
  },
  {
    name: 'udp as async iterator',
    edits: [
      {
        file: 'udp-echo.ts',
        find: "  socket.on('message', (data, from) => {\n",
        replace:
          "  void (async () => {\n    for await (const [data, from] of on(socket, 'message')) answer(data, from)\n  })().catch(() => {})\n  function answer(data: Buffer, from: { port: number; address: string }): void {\n",
      },
      {
        file: 'udp-echo.ts',
        find: '    socket.send(data, from.port, from.address)\n  })',
        replace: '    socket.send(data, from.port, from.address)\n  }',
      },
      {
        file: 'udp-echo.ts',
        find: 'import { createSocket',
        replace: "import { on } from 'node:events'\nimport { createSocket",
      },
    ],
  },
  {
    name: 'udp tries, and drops what throws',
    edits: [
      {
        file: 'udp-echo.ts',
        find: '    if (from.port === 0) return\n',
        replace: '',
      },
      {
        file: 'udp-echo.ts',
        find: '    socket.send(data, from.port, from.address)\n',
        replace:
          '    try {\n      socket.send(data, 0, data.length, from.port, from.address, () => {})\n    } catch {\n      return\n    }\n',
      },
    ],
  },
  {
    name: 'lines byte by byte',
    file: 'framing.ts',
    find: 'for (let at = chunk.indexOf(0x0a); at >= 0; at = chunk.indexOf(0x0a, start)) {\n      this.#keep(chunk.subarray(start, at))\n      lines.push(this.#finish())\n      start = at + 1\n    }',
    replace:
      'for (const [at, byte] of chunk.entries()) {\n      if (byte !== 10) continue\n      if (at > start) this.#keep(chunk.subarray(start, at))\n      lines.push(this.#finish())\n      start = at + 1\n    }',
  },
  {
    name: 'line by loop, encode by DataView and concat',
    edits: [
      {
        file: 'framing.ts',
        find: '  const framed = Buffer.allocUnsafe(4 + message.length)\n  framed.writeUInt32BE(message.length, 0)\n  framed.set(message, 4)\n  return framed',
        replace:
          '  const header = new DataView(new ArrayBuffer(4))\n  header.setUint32(0, message.byteLength)\n  return Buffer.concat([new Uint8Array(header.buffer), message])',
      },
    ],
  },
  {
    name: 'decoder keeps pieces and joins them once',
    edits: [
      {
        file: 'framing.ts',
        find: '    const messages: Buffer[] = []\n    let at = 0\n    while (at < chunk.length) {\n      const part = this.#body ?? this.#header\n      const taken = chunk.subarray(at, at + part.length - this.#filled)\n      part.set(taken, this.#filled)\n      this.#filled += taken.length\n      at += taken.length\n      if (this.#filled < part.length) break\n\n      this.#filled = 0\n      if (this.#body) {\n        messages.push(this.#body)\n        this.#body = undefined\n      } else {\n        const length = this.#announced()\n        // No byte will come that could complete an empty body.\n        if (length === 0) messages.push(Buffer.alloc(0))\n        else this.#body = Buffer.allocUnsafe(length)\n      }\n    }\n    return messages\n',
        replace:
          '    const messages: Buffer[] = []\n    const pending = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength)\n    let at = 0\n    for (;;) {\n      if (!this.#body) {\n        while (this.#filled < 4 && at < chunk.length) this.#header[this.#filled++] = pending.getUint8(at++)\n        if (this.#filled < 4) return messages\n        this.#body = Buffer.alloc(this.#announced())\n        this.#filled = 0\n      }\n      const count = Math.min(this.#body.length - this.#filled, chunk.length - at)\n      for (let i = 0; i < count; i++) this.#body[this.#filled + i] = chunk[at + i]!\n      this.#filled += count\n      at += count\n      if (this.#filled < this.#body.length) return messages\n      messages.push(this.#body)\n      this.#body = undefined\n      this.#filled = 0\n    }\n',
      },
    ],
  },
] satisfies Right[]
