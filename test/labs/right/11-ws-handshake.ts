import type { Right } from '../../../workbook/grade/labs/edited-programs.ts'

export default [
  {
    name: 'header lines are read character by character',
    edits: [
      {
        file: 'handshake.ts',
        find: "const colon = line.indexOf(':')\n",
        replace: "let colon = 0\n    while (colon < line.length && line[colon] !== ':') colon++\n",
      },
      {
        file: 'handshake.ts',
        find: 'if (colon < 1 || /\\s/.test(name) || /[\\r\\n\\0]/.test(line))',
        replace:
          "if (colon === 0 || colon === line.length || /[^!-~]/.test(name) || [...line].some((c) => '\\r\\n\\0'.includes(c)))",
      },
      {
        file: 'handshake.ts',
        find: 'const value = withoutBlanks(line.slice(colon + 1))',
        replace:
          "let from = colon + 1\n    while (' \\t'.includes(line[from] ?? 'x')) from++\n    let to = line.length\n    while (to > from && ' \\t'.includes(line[to - 1]!)) to--\n    const value = line.slice(from, to)",
      },
    ],
  },
  {
    name: 'the end of a head is looked for where the last chunk ended',
    file: 'handshake.ts',
    find: "this.#bytes.indexOf('\\r\\n\\r\\n')",
    replace: "this.#bytes.indexOf('\\r\\n\\r\\n', Math.max(0, this.#bytes.length - chunk.length - 3))",
  },
  {
    name: 'the limit of a head without its empty line',
    file: 'handshake.ts',
    find: '(end < 0 ? this.#bytes.length : end + 4) > this.#maxLength',
    replace: 'end > this.#maxLength || (end < 0 && this.#bytes.length > this.#maxLength + 3)',
  },
  {
    name: 'names of headers in lower case, SHA-1 in two steps',
    edits: [
      { file: 'handshake.ts', find: "{ Allow: 'GET' }", replace: "{ allow: 'GET' }" },
      { file: 'handshake.ts', find: "{ Upgrade: 'websocket' })", replace: "{ upgrade: 'websocket' })" },
      {
        file: 'handshake.ts',
        find: "      'Sec-WebSocket-Version': '13',\n",
        replace: "      'sec-websocket-version': '13',\n",
      },
      { file: 'handshake.ts', find: '    .update(key + GUID)\n', replace: '    .update(key)\n    .update(GUID)\n' },
    ],
  },
  {
    name: 'the 426 for a version leaves Upgrade to the given refusal',
    file: 'handshake.ts',
    find: "      Upgrade: 'websocket',\n      'Sec-WebSocket-Version'",
    replace: "      'Sec-WebSocket-Version'",
  },
  {
    name: 'sets for lists',
    edits: [
      {
        file: 'server.ts',
        find: 'ours.find((protocol) => protocols.includes(protocol))',
        replace: '[...new Set(ours)].filter((own) => new Set(protocols).has(own)).at(0)',
      },
      {
        file: 'server.ts',
        find: 'origins.includes(origin)',
        replace: 'new Set(origins).has(origin)',
      },
    ],
  },
  {
    name: 'values lose what trim takes off',
    file: 'handshake.ts',
    find: 'withoutBlanks(line.slice(colon + 1))',
    replace: 'line.slice(colon + 1).trim()',
  },
] satisfies Right[]
