import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, createServer, isIPv6, type Server, type Socket } from 'node:net'
import { Worker } from 'node:worker_threads'
import {
  explainListenError,
  type ListenOptions,
  listenOn,
  ownAddresses,
  type Reach,
  reachableFrom,
  unmapped,
} from '#lab/01-where-to-listen/listen.ts'
import { check, cleanup, deadline, expect, note } from '../../workbook/grade/checks/check.ts'

const own = ownAddresses()
const lan = own.find((address) => !isIPv6(address) && !address.startsWith('127.'))
const hasIPv6 = own.includes('::1')

/** Runs the lab's listenOn on a fresh server, which is closed with the check. */
async function listening(options?: ListenOptions) {
  const server = fresh()
  return { server, ...(await deadline(listenOn(server, options), 2000, 'listenOn to settle')) }
}

function fresh(): Server {
  const server = createServer((socket) => socket.on('error', () => {}).resume())
  cleanup(() => server.close())
  return server
}

/** What listenOn rejects with, and the server it left behind. */
async function refusal(options: ListenOptions): Promise<{ error: NodeJS.ErrnoException; server: Server }> {
  const server = fresh()
  const outcome = await deadline(
    listenOn(server, options).catch((error: NodeJS.ErrnoException) => error),
    2000,
    'listenOn to settle',
  )
  if (!(outcome instanceof Error)) expect.fail(`want listenOn(${JSON.stringify(options)}) to reject, got a server`)
  return { error: outcome, server }
}

/** Our own knock on a door, so that a lab's reachableFrom is not judged by itself: 'yes' or the error's code. */
async function knock(port: number, host: string): Promise<string> {
  const socket = connect({ port, host, timeout: 1000 })
  cleanup(() => socket.destroy())
  socket.once('timeout', () => socket.destroy(Object.assign(new Error('silence'), { code: 'ETIMEDOUT' })))
  try {
    await once(socket, 'connect')
    return 'yes'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'no'
  } finally {
    socket.destroy()
  }
}

check(
  'loopback-default',
  'without a host, only this machine can connect',
  { todo: 1, anchor: 'what-nothing-means', rule: 'RFC 1122 §3.2.1.3' },
  async () => {
    const { server, port } = await listening()
    const bound = server.address() as { address: string }
    expect(bound.address, 'the address listened on').toBe('127.0.0.1')
    expect(await knock(port, '127.0.0.1'), 'a client through 127.0.0.1').toBe('yes')
    if (!lan) return note('this machine has no address but loopback: that the LAN is shut out was not shown')
    expect(await knock(port, lan), `a client through ${lan}`).toBe('ECONNREFUSED')
  },
)

check(
  'public-asked',
  'an address that others can reach is refused unless public is set',
  { todo: 1, anchor: 'what-nothing-means', rule: 'Node net, server.listen' },
  async () => {
    for (const host of ['0.0.0.0', ...(hasIPv6 ? ['::'] : []), ...(lan ? [lan] : [])]) {
      const { error, server } = await refusal({ host })
      expect(server.listening, `after listenOn({ host: '${host}' }) the server listens`).toBe(false)
      expect(error.message, 'the error says which host').toContain(host)
    }
    if (!lan) note('this machine has no address but loopback: a LAN address was not tried')
  },
)

check(
  'loopback-names',
  'every loopback address, and the name localhost, needs no public',
  { anchor: 'who-is-localhost', rule: 'RFC 6761 §6.3' },
  async () => {
    for (const host of ['127.0.0.1', 'localhost', ...(hasIPv6 ? ['::1'] : [])]) {
      const { port } = await listening({ host })
      expect(await knock(port, host), `a client through ${host}`).toBe('yes')
    }
    if (!hasIPv6) note('this machine has no IPv6: ::1 was not tried')
  },
)

check(
  'public-everywhere',
  'public without a host listens on every address',
  { anchor: 'the-matrix-of-this-machine', rule: 'Node net, server.listen' },
  async () => {
    const { port } = await listening({ public: true })
    for (const address of own) expect(await knock(port, address), `a client through ${address}`).toBe('yes')
  },
)

check('free-port', 'port 0 lets the system choose a free port', { anchor: 'ports', rule: 'RFC 6335 §6' }, async () => {
  const [one, two] = [await listening({ host: '127.0.0.1' }), await listening({ host: '127.0.0.1' })]
  expect(one.port, 'the first port').toBeGreaterThan(0)
  expect(two.port, 'the second port').not.toBe(one.port)
  expect(one.port, 'the port in the answer').toBe((one.server.address() as { port: number }).port)
})

check(
  'unmapped',
  'an IPv4 address in IPv6 clothes is shown as the IPv4 address',
  { todo: 2, anchor: 'the-matrix-of-this-machine', rule: 'RFC 4291 §2.5.5.2' },
  async () => {
    expect(unmapped('::ffff:127.0.0.1'), 'unmapped("::ffff:127.0.0.1")').toBe('127.0.0.1')
    expect(unmapped('::FFFF:192.0.2.2'), 'unmapped("::FFFF:192.0.2.2")').toBe('192.0.2.2')
    for (const address of ['127.0.0.1', '::1', '::', 'fd00::ffff:1', '::ffff:7f00:1%1']) {
      expect(unmapped(address), `unmapped("${address}")`).toBe(address)
    }
    if (!hasIPv6) return note('this machine has no IPv6: listening on ::ffff:127.0.0.1 was not tried')
    expect((await listening({ host: '::ffff:127.0.0.1' })).address, 'listening on ::ffff:127.0.0.1').toBe('127.0.0.1')
  },
)

check(
  'family-and-url',
  'the family is told, and IPv6 stands in brackets in the url',
  { todo: 3, anchor: 'an-address-to-hand-out', rule: 'RFC 3986 §3.2.2' },
  async () => {
    for (const [host, family, dial] of [
      ['127.0.0.1', 'IPv4', '127.0.0.1'],
      ['0.0.0.0', 'IPv4', '127.0.0.1'],
      ...(hasIPv6 ? [['::1', 'IPv6', '[::1]'] as const, ['::', 'IPv6', '[::1]'] as const] : []),
    ] as const) {
      const got = await listening({ host, public: true })
      expect([got.address, got.family], `address and family of a server on ${host}`).toEqual([host, family])
      // The port differs from run to run, and must not make the message do so.
      const url = got.url.replace(new RegExp(`:${got.port}$`), ':PORT')
      expect(url, `url of a server on ${host}`).toBe(`tcp://${dial}:PORT`)
    }
    if (!hasIPv6) note('this machine has no IPv6: ::1 and :: were not tried')
  },
)

check(
  'failed-clean',
  'a taken port rejects, and leaves no listener behind',
  { anchor: 'errors-in-words', rule: 'Node net, server.listen' },
  async () => {
    const { port } = await listening({ host: '127.0.0.1' })
    const { error, server } = await refusal({ host: '127.0.0.1', port })
    expect(error.code, 'the code of the error').toBe('EADDRINUSE')
    expect(server.listening, 'the second server listens').toBe(false)
    const left = [server.listenerCount('error'), server.listenerCount('listening')]
    expect(left, "listeners for 'error' and 'listening' left on the server").toEqual([0, 0])
  },
)

/** A sentence for a person: it holds what matters, and no code of the system. */
function expectWords(error: unknown, what: string, ...parts: string[]): void {
  const sentence = explainListenError(error)
  expect(sentence, `${what}, explained`).toBeTypeOf('string')
  for (const part of parts) {
    if (!sentence.includes(part)) expect.fail(`${what}, explained: want ${part} in the sentence`)
  }
  expect(sentence, `${what}, explained in words instead of a code`).not.toMatch(/\bE[A-Z]{4,}|ERR_/)
}

check(
  'explain-taken',
  'a taken port is explained with its number',
  { todo: 4, anchor: 'errors-in-words', rule: 'Node errors, EADDRINUSE' },
  async () => {
    const { port } = await listening({ host: '127.0.0.1' })
    const { error } = await refusal({ host: '127.0.0.1', port })
    expectWords(error, 'EADDRINUSE', String(port))
  },
)

check(
  'explain-foreign',
  'an address of another machine is explained with the address',
  { todo: 4, anchor: 'the-address-of-your-router', rule: 'Node errors, EADDRNOTAVAIL' },
  async () => {
    const { error } = await refusal({ host: '203.0.113.7', public: true })
    expect(error.code, 'listening on 203.0.113.7').toBe('EADDRNOTAVAIL')
    expectWords(error, 'EADDRNOTAVAIL', '203.0.113.7')
  },
)

check(
  'explain-privileged',
  'a port that needs privilege is explained with its number',
  { todo: 4, anchor: 'ports', rule: 'Node errors, EACCES' },
  async () => {
    const port = 7
    if (mayListenBelow1024()) {
      note('this user may listen on every port: EACCES was shown by a made-up error')
      const made = new Error(`listen EACCES: permission denied 127.0.0.1:${port}`)
      return expectWords(Object.assign(made, { code: 'EACCES', port, address: '127.0.0.1' }), 'EACCES', `${port}`)
    }
    const { error } = await refusal({ host: '127.0.0.1', port })
    expectWords(error, 'EACCES', String(port))
  },
)

function mayListenBelow1024(): boolean {
  if (process.platform !== 'linux') return true
  return process.getuid?.() === 0 || Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8')) <= 7
}

check(
  'explain-bad-port',
  'a number that is no port is explained with the range of ports',
  { todo: 4, anchor: 'ports', rule: 'RFC 9293 §3.1' },
  async () => {
    for (const port of [70_000, -1, 1.5]) {
      const { error, server } = await refusal({ host: '127.0.0.1', port })
      expect(error.code, `listening on port ${port}`).toBe('ERR_SOCKET_BAD_PORT')
      expect(server.listening, 'the server listens').toBe(false)
      expectWords(error, 'ERR_SOCKET_BAD_PORT', '0', '65535')
    }
  },
)

check(
  'explain-name',
  'a name without an address is explained with the name',
  { todo: 4, anchor: 'who-is-localhost', rule: 'Node dns, error codes' },
  () => {
    // As dns.lookup gives it; asking for a real name would ask a network for it.
    const error = new Error('getaddrinfo ENOTFOUND nobody.invalid')
    const details = { code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname: 'nobody.invalid' }
    expectWords(Object.assign(error, details), 'ENOTFOUND', 'nobody.invalid')
  },
)

check(
  'explain-several',
  'of two refusals in one error, both are explained',
  { todo: 4, anchor: 'errors-in-words', rule: 'Node net, autoSelectFamily' },
  async () => {
    const { server, port } = await listening({ host: '127.0.0.1' })
    await new Promise((resolve) => server.close(resolve))
    const socket = connect({
      port,
      host: 'two.test',
      autoSelectFamily: true,
      lookup: (_name, _options, done) =>
        done(null, [
          { address: '127.0.0.1', family: 4 },
          // Another address of this machine: Node tries one that is given twice only once.
          { address: hasIPv6 ? '::1' : '0.0.0.0', family: hasIPv6 ? 6 : 4 },
        ]),
    })
    cleanup(() => socket.destroy())
    const [error] = (await deadline(
      new Promise((resolve) => socket.once('error', (...args) => resolve(args))),
      2000,
      'both addresses to refuse',
    )) as [Error]
    expect(error, 'what Node reports').toBeInstanceOf(AggregateError)
    expectWords(error, 'AggregateError', '127.0.0.1', hasIPv6 ? '::1' : '0.0.0.0', String(port))
    expectWords(new AggregateError([error]), 'an AggregateError in an AggregateError', '127.0.0.1')
  },
)

check(
  'explain-other',
  'any other error keeps its own message, and no value makes it throw',
  { todo: 4, anchor: 'errors-in-words', rule: 'Node errors, error.code' },
  () => {
    expect(explainListenError(new Error('the cat sat on the cable'))).toContain('the cat sat on the cable')
    expect(explainListenError(new AggregateError([])), 'an AggregateError without errors').toBeTypeOf('string')
    for (const value of ['a text', 42, null, undefined]) {
      expect(explainListenError(value), `explainListenError(${String(value)})`).toBe(String(value))
    }
  },
)

/** `::1: ECONNREFUSED`, as our own knock would put it. */
function shown(reach: Reach | undefined): string {
  return reach ? `${reach.address}: ${reach.reachable ? 'yes' : reach.error}` : 'nothing'
}

check(
  'reach-truth',
  'reachableFrom tells for each address, in order, whether a client gets in',
  { todo: 5, anchor: 'knock-from-outside', rule: 'Node net, net.connect' },
  async () => {
    const server = fresh()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const addresses = [...own, '127.0.0.1']
    const got = await deadline(reachableFrom(port, addresses), 3000, 'reachableFrom to answer')
    for (const [i, address] of addresses.entries()) {
      expect(shown(got[i]), `answer ${i + 1}, of a server on 127.0.0.1`).toBe(
        `${address}: ${await knock(port, address)}`,
      )
    }
    server.close()
    await deadline(once(server, 'close'), 1000, 'every connection to be gone')
    expect(await reachableFrom(port, ['127.0.0.1']), 'after the server has closed').toEqual([
      { address: '127.0.0.1', reachable: false, error: 'ECONNREFUSED' },
    ])
  },
)

check(
  'reach-hangs-up',
  'reachableFrom closes each connection it made',
  { todo: 5, anchor: 'knock-from-outside', rule: 'Node net, socket.destroy' },
  async () => {
    const server = createServer((socket) => socket.on('error', () => {}).resume())
    cleanup(() => server.close())
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const arrived = once(server, 'connection') as Promise<[Socket]>
    const { port } = server.address() as { port: number }
    await reachableFrom(port, ['127.0.0.1'])
    const [socket] = await deadline(arrived, 1000, 'reachableFrom to connect')
    cleanup(() => socket.destroy())
    if (!socket.closed) await deadline(once(socket, 'close'), 1000, 'reachableFrom to hang up')
  },
)

check(
  'reach-reset',
  'a server that resets every client is reachable, and harmless',
  { anchor: 'knock-from-outside', rule: 'RFC 9293 §3.5.3' },
  async () => {
    const server = createServer((socket) => socket.on('error', () => {}).resetAndDestroy())
    cleanup(() => server.close())
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const got = await deadline(reachableFrom(port, ['127.0.0.1', '127.0.0.1']), 2000, 'reachableFrom to answer')
    expect(got.map(({ address }) => address)).toEqual(['127.0.0.1', '127.0.0.1'])
  },
)

check(
  'reach-silence',
  'an address that never answers is given up after the timeout',
  { todo: 5, anchor: 'knock-from-outside', rule: 'Node net, socket.setTimeout' },
  async () => {
    const port = await neverAccepts()
    const [got] = await deadline(reachableFrom(port, ['127.0.0.1'], 100), 1500, 'reachableFrom to give up after 100 ms')
    if (got?.error === 'ECONNREFUSED') return note('this system refuses when the queue is full: silence was not shown')
    expect(got).toEqual({ address: '127.0.0.1', reachable: false, error: 'ETIMEDOUT' })
  },
)

/** A listening port whose program sleeps, and whose queue of connections is full. */
async function neverAccepts(): Promise<number> {
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads')
    const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      parentPort.postMessage(server.address().port)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
    })`,
    { eval: true },
  )
  cleanup(() => worker.terminate())
  const [port] = (await once(worker, 'message')) as [number]
  // Linux takes one more than the backlog; whatever comes after these two gets no answer.
  for (let i = 0; i < 4; i++) {
    const filler = connect(port, '127.0.0.1').on('error', () => {})
    cleanup(() => filler.destroy())
    if (i < 2) await once(filler, 'connect')
  }
  return port
}
