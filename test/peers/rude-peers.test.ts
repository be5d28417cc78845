import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { served } from './clients.ts'
import type { State } from './probe.ts'
import { leave, type RudePeer, rudePeers } from './rude-peers.ts'
import { scripts } from './scripts.ts'
import { ServerProcess } from './server-process.ts'
import type { ServerFile } from './servers.ts'
import { solutionServers, workbookServers } from './servers.ts'

// Every server of the workbook meets every rude peer. Afterwards it serves, and holds on to no more than before.

/** How much more may be there afterwards: what Node keeps for the next time, and what the last peer has not let go of yet. */
const slack = { descriptors: 0, resources: 0, emitters: 3, bytes: 300_000 }

/** After so many milliseconds nothing more is let go of. */
const maxSettleMs = 3_000

const servers = [...solutionServers(), ...workbookServers]

test('there are servers of all kinds', () => {
  expect([...new Set(servers.map(({ script }) => script.transport))].sort()).toEqual(['tcp', 'tls', 'udp'])
})

describe.each(servers)('$name', { timeout: 120_000 }, (file) => {
  let server: ServerProcess
  beforeAll(async () => {
    server = await ServerProcess.start(file)
  }, 60_000)
  afterAll(() => server.stop())

  test.each(rudePeers(file.script))('a peer that $name', async (peer) => {
    expect(await leftBy(peer, server, file)).toEqual({})
  })
})

describe.each([
  { fault: 'keeps what it reads', peer: 'promises much, and sends nothing', finds: /bytes/ },
  { fault: 'keeps its sockets', peer: 'comes a thousand times, and says nothing', finds: /emitters/ },
  {
    fault: 'listens to something else for each connection',
    peer: 'comes a thousand times, and says nothing',
    finds: /emitters/,
  },
  { fault: 'has a timer for each connection', peer: 'resets after each byte of its first words', finds: /resources/ },
  {
    fault: 'never ends its side',
    peer: 'ends its side, and waits',
    finds: /waited 20 s for the server to end its side/,
  },
  { fault: 'makes room for what is promised', peer: 'promises much, and sends nothing', finds: /bytes/ },
])('a server that $fault', { timeout: 120_000 }, ({ fault, peer: name, finds }) => {
  test(`is found out by a peer that ${name}`, async () => {
    const file = { name: fault, file: 'test/peers/leaky-server.ts', args: [fault], script: scripts.tcp! }
    const server = await ServerProcess.start(file)
    try {
      const peer = rudePeers(file.script).find((peer) => peer.name === name)!
      const found = await leftBy(peer, server, file).then(JSON.stringify, String)
      expect(found).toMatch(finds)
    } finally {
      await server.stop()
    }
  })
})

describe.each(servers.filter(({ script }) => script.transport === 'udp'))('$name', { timeout: 120_000 }, (file) => {
  test('two of them that a forged datagram has introduced fall silent', async () => {
    const [one, other] = await Promise.all([ServerProcess.start(file), ServerProcess.start(file)])
    try {
      await one.sendDatagram(file.script.hello(0)[0]!, other.port)
      expect(await datagramsUntilSilence(one, other)).toBeLessThan(maxTalk)
    } finally {
      await Promise.all([one.stop(), other.stop()])
    }
  })
})

/** So many datagrams two servers may send each other; without end there are tens of thousands in a second. */
const maxTalk = 1_000

/** How often the count has to stay the same; in the time of one question and answer a datagram comes and goes many times. */
const silentRounds = 100

/** How many datagrams two servers have sent when they are silent again, or have sent too many. */
async function datagramsUntilSilence(one: ServerProcess, other: ServerProcess): Promise<number> {
  let count = 0
  for (let rounds = 0; rounds < silentRounds && count < maxTalk; rounds++) {
    const now = (await one.datagramsSent()) + (await other.datagramsSent())
    if (now > count) rounds = 0
    count = now
  }
  return count
}

/** What a server holds on to more and more, each time a peer comes and goes. @throws {Error} when it does not serve others */
async function leftBy(peer: RudePeer, server: ServerProcess, file: ServerFile): Promise<object> {
  // The first visits load and compile what later ones need: only what is left each time is a leak.
  let left: object = {}
  await leave(await peer.visit(server.port, file))
  for (let visits = 0; visits < 3; visits++) {
    left = await leftByOne(peer, server, file)
    if (Object.keys(left).length === 0) break
  }
  return left
}

async function leftByOne({ visit, isDoneWith }: RudePeer, server: ServerProcess, file: ServerFile): Promise<object> {
  await served(server.port, file.script)
  const before = await steady(server)
  const clients = await visit(server.port, file)
  const left = isDoneWith ? await leftOver(server, before) : {}
  await leave(clients)
  await served(server.port, file.script)
  return { ...left, ...(await leftOver(server, before)) }
}

/** What is there in excess of `before`, when there is no hope any more that it goes away. */
async function leftOver(server: ServerProcess, before: State): Promise<Record<string, unknown>> {
  const giveUpAt = performance.now() + maxSettleMs
  for (;;) {
    const now = await steady(server)
    const left = Object.entries(slack).flatMap(([name, more]) => {
      const key = name as keyof typeof slack
      return now[key] > before[key] + more ? [[name, `${before[key]} before, ${now[key]} after`]] : []
    })
    const warnings = now.warnings.slice(before.warnings.length)
    if (warnings.length > 0) return { ...Object.fromEntries(left), warnings }
    // Memory is steady already: only what is open may still go.
    const mayGo = left.some(([name]) => name !== 'bytes')
    if (!mayGo || performance.now() > giveUpAt) return Object.fromEntries(left)
  }
}

/** What a server holds on to when garbage has been collected until there is no more: V8 lets go of idle code in steps. */
async function steady(server: ServerProcess): Promise<State> {
  let last = await server.state()
  for (;;) {
    const now = await server.state()
    if (now.bytes > last.bytes - 4_000) return now
    last = now
  }
}
