import type { Right } from '../../../workbook/grade/labs/edited-programs.ts'

export default [
  {
    name: 'match by loop',
    file: 'client.ts',
    find: "if (reply.length < 4) return\n    const id = reply.readUInt32BE(0)\n    const waiting = pending.get(id)\n    if (waiting?.reply !== reply.toString('hex')) return",
    replace:
      "const hex = reply.toString('hex')\n    let id: number | undefined\n    let waiting: Pending | undefined\n    for (const [key, one] of pending) if (one.reply === hex) [id, waiting] = [key, one]\n    if (id === undefined || waiting === undefined) return",
  },
  {
    name: 'match by the own reply of each request',
    file: 'client.ts',
    find: "if (reply.length < 4) return\n    const id = reply.readUInt32BE(0)\n    const waiting = pending.get(id)\n    if (waiting?.reply !== reply.toString('hex')) return",
    replace:
      'const [id, waiting] = [...pending].find(([, one]) => replyTo(one.request)!.equals(reply)) ?? []\n    if (id === undefined || waiting === undefined) return',
  },
  {
    name: 'match by DataView',
    file: 'client.ts',
    find: "if (reply.length < 4) return\n    const id = reply.readUInt32BE(0)\n    const waiting = pending.get(id)\n    if (waiting?.reply !== reply.toString('hex')) return",
    replace:
      "if (reply.byteLength < 4) return\n    const id = new DataView(reply.buffer, reply.byteOffset, reply.byteLength).getUint32(0)\n    const waiting = pending.get(id)\n    if (!waiting || Buffer.compare(Buffer.from(waiting.reply, 'hex'), reply) !== 0) return",
  },
  {
    name: 'the key of a request is a text of JSON',
    file: 'server.ts',
    find: `const key = \`\${from.address}:\${from.port}/\${reply.toString('hex')}\``,
    replace: 'const key = JSON.stringify([from.port, from.address, [...reply]])',
  },
  {
    name: 'key of id and digest from the request',
    file: 'server.ts',
    find: `const key = \`\${from.address}:\${from.port}/\${reply.toString('hex')}\``,
    replace: `const key = \`\${request.readUInt32BE(0)} \${reply.subarray(4).toString('base64')} \${from.port} \${from.address}\``,
  },
  {
    name: 'deletes before it adds',
    file: 'server.ts',
    find: 'seen.add(key)\n      // A Set keeps the order of insertion, so its first value is the oldest.\n      if (seen.size > remember) seen.delete(seen.values().next().value!)\n      onData(request.subarray(4), from)',
    replace:
      'onData(Buffer.from(request.subarray(4)), from)\n      for (const oldest of seen) {\n        if (seen.size < remember) break\n        seen.delete(oldest)\n      }\n      if (remember > 0) seen.add(key)',
  },
  {
    name: 'retry with a recursive async timer',
    file: 'client.ts',
    find: 'const wait = timeout * 2 ** (waiting.attempts - 1)\n    waiting.timer = setTimeout(() => {\n      if (waiting.attempts <= retries) attempt(id, waiting)\n      else settle(id, unanswered(waiting.attempts))\n    }, wait)',
    replace:
      'const last = waiting.attempts > retries\n    const again = (): void => (last ? settle(id, unanswered(waiting.attempts)) : attempt(id, waiting))\n    let wait = timeout\n    for (let n = 1; n < waiting.attempts; n++) wait += wait\n    waiting.timer = setTimeout(again, wait)',
  },
  {
    name: 'portOf by a table of maps',
    file: 'services.ts',
    find: "for (const line of table.split('\\n')) {\n    const [name, place, ...aliases] = line.replace(/#.*/, '').trim().split(/\\s+/)\n    const [port, spoken] = place?.split('/') ?? []\n    if (spoken === protocol && (name === service || aliases.includes(service))) return Number(port)\n  }",
    replace:
      "const ports = new Map<string, number>()\n  for (const line of table.split(/\\r?\\n/)) {\n    const found = /^\\s*(\\S+)\\s+(\\d+)\\/(\\w+)(.*)$/.exec(line.split('#')[0]!)\n    if (found === null || found[3] !== protocol) continue\n    for (const name of [found[1]!, ...found[4]!.split(/\\s+/)]) if (name && !ports.has(name)) ports.set(name, Number(found[2]))\n  }\n  const port = ports.get(service)\n  if (port !== undefined) return port",
  },
] satisfies Right[]
