import type { Right } from '../../../workbook/grade/labs/edited-programs.ts'

export default [
  {
    name: 'every address behind a name must be loopback, and listens there',
    edits: [
      {
        file: 'listen.ts',
        find: "  const host = options.host ?? (options.public ? undefined : '127.0.0.1')\n",
        replace: "  let host = options.host\n  if (host === undefined && !options.public) host = '127.0.0.1'\n",
      },
      {
        file: 'listen.ts',
        find: '    const { address } = await lookup(host)\n    if (!isLoopback(address)) {',
        replace:
          '    const found = await lookup(host, { all: true })\n    if (!found.every(({ address }) => isLoopback(address))) {',
      },
      {
        file: 'listen.ts',
        find: 'Set public if that is what you want.`)\n    }',
        replace: 'Set public if that is what you want.`)\n    }\n    host = found[0]!.address',
      },
    ],
  },
  {
    name: 'unmapped by isIP, url by a table, explain by a table',
    edits: [
      {
        file: 'listen.ts',
        find: 'return /^::ffff:(\\d+\\.\\d+\\.\\d+\\.\\d+)$/i.exec(address)?.[1] ?? address',
        replace:
          "const rest = address.slice(7)\n  return address.slice(0, 7).toLowerCase() === '::ffff:' && isIPv4(rest) ? rest : address",
      },
      {
        file: 'listen.ts',
        find: "const dial = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address",
        replace: "const dial = new Map([['0.0.0.0', '127.0.0.1'], ['::', '::1']]).get(address) ?? address",
      },
      {
        file: 'listen.ts',
        find: "  if (error instanceof AggregateError) return error.errors.map(explainListenError).join('\\n')\n  if (!(error instanceof Error)) return String(error)\n",
        replace: `  const several = (error as AggregateError | undefined)?.errors\n  if (Array.isArray(several)) {\n    let text = ''\n    for (const one of several) text += \`\${explainListenError(one)}\\n\`\n    return text.trimEnd()\n  }\n  if (typeof error !== 'object' || error === null || !('message' in error)) return \`\${error}\`\n`,
      },
      {
        file: 'listen.ts',
        find: 'return error.message || String(code)',
        replace: `return \`\${(error as Error).message}\``,
      },
      {
        file: 'listen.ts',
        find: `received \${error.message.split('Received ')[1]}\``,
        replace: 'and it was another.`',
      },
      {
        file: 'listen.ts',
        find: 'connect, isIPv6, type Server }',
        replace: 'connect, isIPv4, isIPv6, type Server }',
      },
    ],
  },
  {
    name: 'reachable with timers of its own, allSettled, async',
    edits: [
      {
        file: 'listen.ts',
        find: '  return Promise.all(addresses.map((address) => reach(port, address, timeout)))',
        replace:
          "  void reach\n  const knock = async (address: string): Promise<Reach> => {\n    const socket = connect(port, address)\n    socket.on('error', () => {})\n    const stop = new AbortController()\n    const timer = setTimeout(() => stop.abort(), timeout)\n    try {\n      await once(socket, 'connect', { signal: stop.signal })\n      return { address, reachable: true }\n    } catch (error) {\n      if (stop.signal.aborted) return { address, reachable: false, error: 'ETIMEDOUT' }\n      return { address, reachable: false, error: codeOf(error as NodeJS.ErrnoException) }\n    } finally {\n      clearTimeout(timer)\n      socket.destroy()\n    }\n  }\n  return Promise.allSettled(addresses.map(knock)).then((all) => all.map((one) => (one as PromiseFulfilledResult<Reach>).value))",
      },
    ],
  },
  {
    name: 'reset instead of FIN',
    file: 'listen.ts',
    find: '      socket.destroy()\n      resolve(error',
    replace:
      '      if (error === undefined) socket.resetAndDestroy()\n      else socket.destroy()\n      resolve(error',
  },
  {
    name: 'reach with new Socket and Map of results',
    edits: [
      {
        file: 'listen.ts',
        find: '  return Promise.all(addresses.map((address) => reach(port, address, timeout)))',
        replace:
          "  void reach\n  return new Promise((resolve) => {\n    const found = new Map<number, Reach>()\n    const done = (i: number, one: Reach): void => {\n      if (!found.has(i)) found.set(i, one)\n      if (found.size === addresses.length) resolve(addresses.map((_, at) => found.get(at)!))\n    }\n    if (addresses.length === 0) resolve([])\n    for (const [i, address] of addresses.entries()) {\n      const socket = new Socket()\n      const timer = setTimeout(() => {\n        done(i, { address, reachable: false, error: 'ETIMEDOUT' })\n        socket.destroy()\n      }, timeout)\n      socket.on('close', () => clearTimeout(timer))\n      socket.on('error', (error) => done(i, { address, reachable: false, error: codeOf(error) }))\n      socket.connect(port, address, () => {\n        done(i, { address, reachable: true })\n        socket.end()\n        socket.resume()\n      })\n    }\n  })",
      },
      {
        file: 'listen.ts',
        find: 'isIPv6, type Server }',
        replace: 'isIPv6, type Server, Socket }',
      },
    ],
  },
] satisfies Right[]
