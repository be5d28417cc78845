import dns from 'node:dns'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
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
import { check, cleanup, deadline, expect, fail, note } from '../../workbook/grade/checks/check.ts'

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

/** Lets these names be looked up without a network. @returns whether any of them has been */
function names(known: Record<string, string>): () => boolean {
  let asked = false
  const { lookup, promises } = dns
  const ofPromises = promises.lookup
  const answer = (name: string, options: unknown) => {
    asked = true
    const address = known[name]
    if (address === undefined) {
      const error = new Error(`getaddrinfo ENOTFOUND ${name}`)
      throw Object.assign(error, { errno: -3008, code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname: name })
    }
    const entry = { address, family: isIPv6(address) ? 6 : 4 }
    return (options as { all?: boolean } | undefined)?.all ? [entry] : entry
  }
  const isOurs = (name: unknown): name is string => typeof name === 'string' && name.endsWith('.test')
  Object.assign(promises, {
    lookup: async (name: string, options: object) => (isOurs(name) ? answer(name, options) : ofPromises(name, options)),
  })
  const callingBack = (name: string, ...rest: unknown[]) => {
    if (!isOurs(name)) return (lookup as (...all: unknown[]) => void)(name, ...rest)
    const done = rest.at(-1) as (error: Error | null, ...found: unknown[]) => void
    process.nextTick(() => {
      try {
        const found = answer(name, rest[0])
        if (Array.isArray(found)) done(null, found)
        else done(null, found.address, found.family)
      } catch (error) {
        done(error as Error)
      }
    })
  }
  dns.lookup = Object.assign(callingBack, lookup) as typeof lookup
  syncBuiltinESMExports()
  cleanup(() => {
    dns.lookup = lookup
    promises.lookup = ofPromises
    syncBuiltinESMExports()
  })
  return () => asked
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
    const asked = (await listening({ public: false })).server.address() as { address: string }
    expect(asked.address, 'the address listened on with { public: false }').toBe('127.0.0.1')
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
    const wide = ['0.0.0.0', ...(hasIPv6 ? ['::'] : []), ...(lan ? [lan] : [])]
    if (hasIPv6) wide.push('::ffff:0.0.0.0', ...(lan ? [`::ffff:${lan}`] : []))
    names({ 'everywhere.test': '0.0.0.0', 'near.test': lan ?? '0.0.0.0' })
    for (const host of [...wide, 'everywhere.test', 'near.test', 'nobody.test']) {
      const refused = [await refusal({ host }), await refusal({ host, public: false })]
      // Whoever listens all the same does so within the time that another server needs.
      await listening({ host: '0.0.0.0', public: true })
      for (const { error, server } of refused) {
        if (server.listening || server.address()) {
          fail.state(
            `listenOn({ host: '${host}' })`,
            'an error, and a server',
            `${host} was refused, and the server listens on it`,
          )
        }
        if (!error.message.includes(host)) {
          expect.fail(`the error says which host: want ${host} in ${JSON.stringify(error.message)}`)
        }
      }
    }
    if (!lan) note('this machine has no address but loopback: a LAN address was not tried')
  },
)

check(
  'loopback-names',
  'every loopback address, and the name localhost, needs no public',
  { anchor: 'who-is-localhost', rule: 'RFC 6761 §6.3' },
  async () => {
    const hosts = ['127.0.0.1', 'localhost', ...(hasIPv6 ? ['::1'] : [])]
    // Elsewhere 127.0.0.1 is the only one of its 16 million that a program may listen on.
    if (process.platform === 'linux') hosts.push('127.0.0.2', '127.255.255.254')
    for (const host of hosts) {
      const { port } = await listening({ host })
      expect(await knock(port, host), `a client through ${host}`).toBe('yes')
    }
    const wereAsked = names({ 'home.test': '127.0.0.1' })
    for (const options of [{ host: 'nobody.test' }, { host: 'nobody.test', public: true }]) {
      const { error } = await refusal(options)
      if (!wereAsked() && error.code === 'EAI_AGAIN')
        return note('names are looked up in a way that cannot be answered here: only localhost was tried')
      expect(error.code, `the error's code of ${JSON.stringify(options)}, a name that nobody has`).toBe('ENOTFOUND')
    }
    const { server } = await listening({ host: 'home.test' })
    const { address } = server.address() as { address: string }
    expect(address, 'the address listened on for a name of 127.0.0.1').toBe('127.0.0.1')
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
    for (const [address, shown] of [
      ['::ffff:127.0.0.1', '127.0.0.1'],
      ['::FFFF:192.0.2.2', '192.0.2.2'],
      ['::ffff:192.168.100.254', '192.168.100.254'],
      ['::ffff:0.0.0.0', '0.0.0.0'],
      ...['127.0.0.1', '::1', '::', 'fd00::ffff:1', '::ffff:7f00:1%1', '::ffff:7f00:1', '2001:DB8::A'].map((same) => [
        same,
        same,
      ]),
      // IPv4 addresses in other clothes: of a translator (RFC 6052 §2.1), and of nobody any more.
      ...['64:ff9b::192.0.2.2', '::192.0.2.2', '2001:db8::ffff:192.0.2.2'].map((same) => [same, same]),
    ] as const) {
      expect(unmapped(address!), `unmapped("${address}")`).toBe(shown)
    }
    const dressed = await reporting('::ffff:192.0.2.2')
    expect(`${dressed.family}, ${dressed.url}`, 'a server that the system reports on ::ffff:192.0.2.2').toBe(
      'IPv4, tcp://192.0.2.2:PORT',
    )
    if (!hasIPv6) return note('this machine has no IPv6: listening on ::ffff:127.0.0.1 was not tried')
    expect((await listening({ host: '::ffff:127.0.0.1' })).address, 'listening on ::ffff:127.0.0.1').toBe('127.0.0.1')
  },
)

/** What listenOn says of a server that the system reports on this address: this machine need not have it. */
async function reporting(address: string): Promise<{ address: string; family: string; url: string }> {
  const server = fresh()
  const bound = server.address.bind(server)
  server.address = () => {
    const real = bound()
    return real && typeof real === 'object' ? { ...real, address, family: isIPv6(address) ? 'IPv6' : 'IPv4' } : real
  }
  const got = await deadline(listenOn(server, { host: '127.0.0.1' }), 2000, 'listenOn to settle')
  // The port differs from run to run, and must not make the message do so.
  return { address: got.address, family: got.family, url: got.url.replace(new RegExp(`:${got.port}(?!\\d)`), ':PORT') }
}

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
    for (const address of ['192.0.2.2', '127.0.0.2', 'fd00::2', '2001:db8::1', '::2']) {
      const isSix = address.includes(':')
      const got = await reporting(address)
      expect([got.address, got.family], `address and family of a server on ${address}`).toEqual([
        address,
        isSix ? 'IPv6' : 'IPv4',
      ])
      expect(got.url, `url of a server on ${address}`).toBe(`tcp://${isSix ? `[${address}]` : address}:PORT`)
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
    expectNoListeners(server, 'after the failure')
    expectNoListeners((await listening()).server, 'once it listens')
  },
)

function expectNoListeners(server: Server, when: string): void {
  for (const event of ['error', 'listening']) {
    const count = server.listenerCount(event)
    if (count > 0) expect.fail(`listeners for '${event}' left on the server ${when}: want none, got ${count}`)
  }
}

/** An error as the system gives it. */
function madeUp(code: string, fields: object): Error {
  return Object.assign(new Error(`${code}: as the system says it`), { code, ...fields })
}

/** Whether a sentence has this word or number: 80 is not in 8080, nor ::1 in fd00::1. */
function has(sentence: string, part: string): boolean {
  return new RegExp(`(?<![\\w])${part.replaceAll(/[.[\]]/g, '\\$&')}(?!\\w)`).test(sentence)
}

/** A sentence for a person: it holds what matters, and no code of the system. */
function expectWords(error: unknown, what: string, ...parts: string[]): void {
  const sentence = explainListenError(error)
  expect(sentence, `${what}, explained`).toBeTypeOf('string')
  for (const part of parts) {
    if (!has(sentence, part)) expect.fail(`${what}, explained: want ${part} in the sentence`)
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
    expectWords(madeUp('EADDRINUSE', { address: '::', port: 65_535 }), 'EADDRINUSE', '65535')
  },
)

check(
  'explain-foreign',
  'an address of another machine is explained with the address',
  { todo: 4, anchor: 'the-address-of-your-router', rule: 'Node errors, EADDRNOTAVAIL' },
  async () => {
    for (const host of ['203.0.113.7', '198.51.100.23']) {
      const { error } = await refusal({ host, public: true })
      expect(error.code, `listening on ${host}`).toBe('EADDRNOTAVAIL')
      expectWords(error, 'EADDRNOTAVAIL', host)
    }
    expectWords(madeUp('EADDRNOTAVAIL', { address: '2001:db8::7', port: 80 }), 'EADDRNOTAVAIL', '2001:db8::7')
  },
)

check(
  'explain-privileged',
  'a port that needs privilege is explained with its number',
  { todo: 4, anchor: 'ports', rule: 'Node errors, EACCES' },
  async () => {
    const port = 7
    for (const made of [port, 443])
      expectWords(madeUp('EACCES', { port: made, address: '127.0.0.1' }), 'EACCES', `${made}`)
    if (mayListenBelow1024()) return note('this user may listen on every port: EACCES was shown by a made-up error')
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
    for (const hostname of ['nobody.invalid', 'printer.test']) {
      expectWords(madeUp('ENOTFOUND', { syscall: 'getaddrinfo', hostname }), 'ENOTFOUND', hostname)
    }
  },
)

check(
  'explain-several',
  'of several errors in one, each is explained on a line of its own',
  { todo: 4, anchor: 'errors-in-words', rule: 'Node net, autoSelectFamily' },
  async () => {
    const { server, port } = await listening({ host: '127.0.0.1' })
    await new Promise((resolve) => server.close(resolve))
    const socket = connect({
      port,
      host: 'two.test',
      autoSelectFamily: true,
      // A busy machine takes longer than the 250 ms that Node gives an address.
      autoSelectFamilyAttemptTimeout: 5000,
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

    const refused = (address: string, port: number) => madeUp('ECONNREFUSED', { address, port })
    const inside = [
      refused('192.0.2.9', 81),
      refused('192.0.2.9', 82),
      madeUp('EADDRINUSE', { port: 7001 }),
      new Error('a cat'),
    ]
    const lines = explainListenError(new AggregateError(inside)).trim().split(/\r?\n/)
    expect(lines.length, 'lines for an AggregateError with four errors').toBe(4)
    for (const [i, parts] of [['192.0.2.9', '81'], ['192.0.2.9', '82'], ['7001'], ['a cat']].entries()) {
      for (const part of parts) {
        if (!has(lines[i]!, part))
          expect.fail(`line ${i + 1} of an AggregateError, explained: want ${part}, got ${JSON.stringify(lines[i])}`)
      }
    }
    expectWords(refused('fd00::9', 8080), 'ECONNREFUSED', 'fd00::9', '8080')
  },
)

check(
  'explain-other',
  'any other error keeps its own message, and no value makes it throw',
  { todo: 4, anchor: 'errors-in-words', rule: 'Node errors, error.code' },
  () => {
    const cat = 'the cat sat on the cable'
    for (const [error, what] of [
      [new Error(cat), 'an Error without a code'],
      [Object.assign(new Error(cat), { code: 'ERR_CAT' }), 'an Error with the code ERR_CAT'],
    ] as const) {
      const sentence = explainListenError(error)
      if (!String(sentence).includes(cat))
        expect.fail(`${what}, explained: want ${cat}, got ${JSON.stringify(sentence)}`)
    }
    expect(explainListenError(new AggregateError([])), 'an AggregateError without errors').toBeTypeOf('string')
    for (const value of ['a text', 42, null, undefined]) {
      expect(explainListenError(value), `explainListenError(${String(value)})`).toBe(String(value))
    }
  },
)

/** `::1: ECONNREFUSED`, as our own knock would put it. */
function shown(reach: Reach | undefined): string {
  return reach ? `${reach.address}: ${reach.reachable ? (reach.error ?? 'yes') : reach.error}` : 'nothing'
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
    names({})
    addresses.splice(1, 0, 'nobody.test')
    // A copy, since a list that the lab has changed would be compared with itself.
    const got = await deadline(reachableFrom(port, [...addresses], 30_000), 3000, 'reachableFrom to answer')
    expect(got.length, `answers for ${addresses.length} addresses`).toBe(addresses.length)
    for (const [i, address] of addresses.entries()) {
      expect(shown(got[i]), `answer ${i + 1}, of a server on 127.0.0.1`).toBe(
        `${address}: ${await knock(port, address)}`,
      )
    }
    server.close()
    await deadline(once(server, 'close'), 1000, 'every connection to be gone')
    const [after, ...more] = await reachableFrom(port, ['127.0.0.1'])
    expect(shown(after), 'after the server has closed').toBe('127.0.0.1: ECONNREFUSED')
    expect(more.length, 'answers for one address besides the first').toBe(0)
    expect((await reachableFrom(port, [])).length, 'answers for no address').toBe(0)
  },
)

/** So many that a few timers of others do not matter. */
const many = Array.from({ length: 20 }, () => '127.0.0.1')

/** Connections and timers that hold this program open. */
function heldOpen(): number {
  return process.getActiveResourcesInfo().filter((kind) => /^(TCP|Timeout)/.test(kind)).length
}

/** Whatever `many` has left behind would stay for a minute. */
async function expectReleased(before: number, when: string): Promise<void> {
  const isReleased = async () => {
    while (heldOpen() > before + many.length / 2) await new Promise((done) => setTimeout(done, 5))
  }
  await deadline(isReleased(), 1000, `connections and timers to be gone ${when}`)
}

check(
  'reach-hangs-up',
  'reachableFrom says nothing, and leaves no connection and no timer behind',
  { todo: 5, anchor: 'knock-from-outside', rule: 'Node net, socket.destroy' },
  async () => {
    let said = 0
    const server = createServer((socket) => {
      socket
        .on('error', () => {})
        .on('data', ({ length }) => {
          said += length
        })
    })
    cleanup(() => server.close())
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const arrived = once(server, 'connection') as Promise<[Socket]>
    const { port } = server.address() as { port: number }
    await reachableFrom(port, ['127.0.0.1'])
    const [socket] = await deadline(arrived, 1000, 'reachableFrom to connect')
    cleanup(() => socket.destroy())
    // It may hang up with a reset, too.
    if (!socket.closed)
      await deadline(new Promise((done) => socket.once('close', done)), 1000, 'reachableFrom to hang up')
    if (said > 0) expect.fail(`reachableFrom sent ${said} bytes: want it to hang up and say nothing`)

    const before = heldOpen()
    await deadline(reachableFrom(port, many, 60_000), 2000, 'reachableFrom to answer')
    await expectReleased(before, 'after 20 connections')
    await new Promise((done) => server.close(done))
    await deadline(reachableFrom(port, many, 60_000), 2000, 'reachableFrom to answer')
    await expectReleased(before, 'after 20 refusals')
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
    const before = heldOpen()
    // Behind the silent ones stands an address that refuses at once; still the order is the caller's.
    names({})
    const start = performance.now()
    const patient = reachableFrom(port, ['127.0.0.1'], 250).then(([last]) => ({ last, ms: performance.now() - start }))
    const got = await deadline(
      reachableFrom(port, [...many, 'nobody.test'], 100),
      800,
      'reachableFrom to give up after 100 ms',
    )
    if (got[0]?.error === 'ECONNREFUSED' && process.platform !== 'linux')
      return note('this system refuses when the queue is full: silence was not shown')
    const ms = performance.now() - start
    for (const [i, address] of [...many, 'nobody.test'].entries()) {
      const want = address === 'nobody.test' ? 'ENOTFOUND' : 'ETIMEDOUT'
      expect(shown(got[i]), `answer ${i + 1} of 21`).toBe(`${address}: ${want}`)
    }
    const later = await deadline(patient, 800, 'reachableFrom to give up after 250 ms')
    expect(shown(later.last), 'the answer after 250 ms').toBe('127.0.0.1: ETIMEDOUT')
    for (const [timeout, took] of [
      [100, ms],
      [250, later.ms],
    ] as const) {
      // Node's timers count whole milliseconds.
      if (took < timeout - 2) expect.fail(`with a timeout of ${timeout} ms it gave up too early`)
    }
    await expectReleased(before, 'after 20 timeouts')
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
