import type { Right } from '../../../workbook/grade/labs/edited-programs.ts'

export default [
  {
    name: 'a name by its characters, and others by a filter',
    edits: [
      {
        file: 'server.ts',
        find: "if (!/^[\\p{L}\\p{N}_-]{1,32}$/u.test(name)) return 'a name has 1 to 32 letters, digits, - and _'",
        replace:
          "const letters = [...name]\n    if (letters.length < 1 || letters.length > 32 || !letters.every((letter) => /[-_\\p{L}\\p{Nd}]/u.test(letter))) return 'no'",
      },
      {
        file: 'server.ts',
        find: '    for (const member of this.#members.values()) {\n      if (member !== sender) member.send(bytes)\n    }',
        replace:
          '    const others = [...this.#members.values()].filter((member) => member !== sender)\n    others.forEach((other) => other.send(bytes))',
      },
    ],
  },
  {
    name: 'every end through one function, and a reset for who does not read',
    edits: [
      {
        file: 'server.ts',
        find: "    socket.on('end', () => this.#leave(member))\n    socket.on('close', () => {\n      this.#connected.delete(member)\n      this.#leave(member)\n    })",
        replace:
          "    const gone = () => {\n      if (socket.destroyed) this.#connected.delete(member)\n      this.#leave(member)\n    }\n    for (const event of ['end', 'close', 'error']) socket.on(event, gone)",
      },
      {
        file: 'server.ts',
        find: 'if (socket.writableLength > this.#options.maxQueue) socket.destroy()',
        replace: 'if (socket.writableLength >= this.#options.maxQueue) socket.resetAndDestroy()',
      },
    ],
  },
  {
    name: "the client reads with Node's readline",
    edits: [
      {
        file: 'client.ts',
        find: "  socket.on('data', (chunk) => {\n    for (const line of lines.push(chunk)) terminal.print(line)\n  })",
        replace: "  createInterface({ input: socket }).on('line', (line) => terminal.print(line))",
      },
      {
        file: 'client.ts',
        find: "import { connect } from 'node:net'\n",
        replace: "import { connect } from 'node:net'\nimport { createInterface } from 'node:readline'\n",
      },
      { file: 'client.ts', find: '  const lines = new LineDecoder({ maxLength: 64 * 1024 })\n', replace: '' },
      { file: 'client.ts', find: "import { LineDecoder } from '../02-tcp-vs-udp/framing.ts'\n", replace: '' },
    ],
  },
] satisfies Right[]
