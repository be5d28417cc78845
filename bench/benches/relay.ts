import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { createRelay } from '../../solutions/06-relay/relay.ts'
import type { Bench, Contender } from '../bench.ts'
import { inChild } from '../contender.ts'
import { timed } from '../measure.ts'

// The relay of lab 06 against a bare pipe from one socket into the other: what frames cost, and that memory stays where it is.

const servers = {
  relay: () => createRelay(),
  pipe() {
    // The first to connect is bob, the second ann.
    const waiting: Socket[] = []
    return createServer({ noDelay: true }, (socket) => {
      const bob = waiting.pop()
      if (bob) socket.pipe(bob)
      else waiting.push(socket)
    })
  },
} satisfies Record<string, () => Server>

type Kind = keyof typeof servers

async function start(kind: Kind): Promise<ChildProcess> {
  const server = servers[kind]()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const file = fileURLToPath(new URL('../processes/ends.ts', import.meta.url))
  const ends = fork(file, [String(port), kind], { execArgv: ['--import', 'tsx'] })
  await once(ends, 'message')
  return ends
}

async function pass(ends: ChildProcess, mebibytes: number): Promise<void> {
  const arrived = once(ends, 'message')
  ends.send(mebibytes)
  await arrived
}

export const contenders = {
  async cpu({ kind }: { kind: Kind }): Promise<Contender> {
    const ends = await start(kind)
    return {
      name: kind === 'relay' ? 'solutions/06' : 'pipe',
      round: () => timed(256 * 1024, () => pass(ends, 256)),
      close: () => ends.kill(),
    }
  },

  /** The most memory that the process has while a gibibyte passes. */
  async memory({ kind }: { kind: Kind }): Promise<Contender> {
    const ends = await start(kind)
    return {
      name: kind === 'relay' ? 'solutions/06' : 'pipe',
      async round() {
        let most = 0
        const look = setInterval(() => {
          most = Math.max(most, process.memoryUsage.rss())
        }, 10)
        await pass(ends, 1024)
        clearInterval(look)
        return { cost: most / 1024 / 1024 }
      },
      close: () => ends.kill(),
    }
  },
}

const cpu = (kind: Kind) => inChild(import.meta.url, 'cpu', { kind })
const memory = (kind: Kind) => inChild(import.meta.url, 'memory', { kind })

export default {
  title: 'bulk from one client to another, in frames of 1 MiB',
  unit: 'ns of CPU per KiB, or MiB of memory',
  comparisons: [
    { name: '256 MiB', own: cpu('relay'), peer: cpu('pipe'), gate: { dearer: 3 } },
    {
      name: 'peak memory while 1 GiB passes',
      own: memory('relay'),
      peer: memory('pipe'),
      gate: { dearer: 1.5 },
      rounds: 3,
    },
  ],
} satisfies Bench
