import { once } from 'node:events'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { createChatServer } from '../../solutions/07-tcp-chat/server.ts'
import type { Bench, Contender } from '../bench.ts'
import { Consumers } from '../consumers.ts'
import { inChild } from '../contender.ts'

// One member of the chat of lab 07 never reads. What waits for him in the server's memory, with the limit and without?

interface Load {
  members: number
  /** `undefined`: no limit */
  maxQueue?: number
}

const lines = 2500
const text = 'x'.repeat(4000)

export const contenders = {
  async slowConsumer({ members, maxQueue }: Load): Promise<Contender> {
    const server = createChatServer({ maxQueue: maxQueue ?? Number.POSITIVE_INFINITY })
    const open = new Set<Socket>()
    server.on('connection', (socket) => {
      open.add(socket)
      socket.once('close', () => open.delete(socket))
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    const sink = new Consumers(port, members, 'chat')
    await sink.connected()
    // Each hears of those who come later: `* m0001 joined`.
    await sink.received((15 * members * (members - 1)) / 2)
    const heard = (text: string) => sink.received(members * text.length)
    const speaker = await enter(port, 'speaker')
    await heard('* speaker joined\n')

    return {
      name: maxQueue === undefined ? 'no limit' : 'solutions/07',
      async round() {
        const slowConsumer = await enter(port, 'slowConsumer')
        slowConsumer.pause()
        await heard('* slowConsumer joined\n')
        let most = 0
        for (let said = 0; said < lines; said += 10) {
          const all = heard(`speaker: ${text}\n`.repeat(10))
          speaker.write(`${text}\n`.repeat(10))
          await all
          for (const { writableLength } of open) most = Math.max(most, writableLength)
        }
        slowConsumer.destroy()
        await heard('* slowConsumer left\n')
        return { cost: most }
      },
      close: () => sink.close(),
    }
  },
}

async function enter(port: number, name: string): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  socket.on('error', () => {}).resume() // 'close' follows
  socket.write(`${name}\n`)
  return socket
}

const start = (load: Load) => inChild(import.meta.url, 'slowConsumer', load)

export default {
  title: '10 MB of chat for a hundred members and one who never reads',
  unit: 'bytes that wait in the server',
  comparisons: [
    {
      name: 'the longest queue',
      own: start({ members: 100, maxQueue: 1024 * 1024 }),
      peer: start({ members: 100 }),
      gate: { cheaper: 2 },
      rounds: 3,
    },
  ],
} satisfies Bench
