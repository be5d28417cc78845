import { io } from 'socket.io-client'
import { openBus } from '../../solutions/19-sio-machines/open-bus.ts'
import { createRoomServer } from '../../solutions/19-sio-machines/server.ts'
import type { Session } from './session.ts'
import { listening, settled, socketOptions } from './sio-labs.ts'
import type { Tap } from './tap.ts'

/** What two servers of lab 19 say to Redis. @param address where a Redis listens that nobody else uses */
export function redisSession(address: string): Session {
  return {
    id: 'redis-rooms',
    client: 'two servers of solutions/19-sio-machines',
    server: 'Redis',
    protocol: 'resp',
    note: 'Two servers, each with one connection to publish and one to subscribe. Ann, on the first, says hello to the lobby: its PUBLISH goes to Redis, which passes it on to both as a pmessage, and the second has Bob hear it.',
    listen: async () => ({ port: Number(new URL(address).port || 6379), close: () => {} }), // whoever started it ends it
    async talk(tap) {
      const [a, b] = [await startNode(tap), await startNode(tap)]
      const [ann, bob] = [await join(a.port), await join(b.port)]
      const heard = new Promise((resolve) => bob.once('said', resolve))
      await ann.emitWithAck('say', 'lobby', 'hello')
      await heard
      // The server that has published is told as well.
      await tap.until('the message at both', () => subscribers(tap).every(({ text }) => text.includes('hello')))
      for (const one of [ann, bob]) one.disconnect()
      for (const node of [a, b]) await node.close()
      return undefined
    },
  }
}

/** A server that is subscribed to all that its adapter wants to hear. */
async function startNode(tap: Tap): Promise<{ port: number; close(): Promise<void> }> {
  const before = tap.connections.length
  const bus = await openBus(`redis://127.0.0.1:${tap.port}`)
  const server = await listening(createRoomServer(bus))
  // One pattern, and channels for requests and responses.
  const isSubscribed = ({ text }: { text: string }) =>
    /psubscribe\r\n/.test(text) && (text.match(/\r\nsubscribe\r\n/g) ?? []).length >= 3
  await tap.until('the subscriptions', () => subscribers(tap, before).some(isSubscribed))
  return {
    port: server.port,
    async close() {
      await server.close()
      await bus.close()
    },
  }
}

/** What Redis has told the connections that subscribe. @param first the number of the first connection to look at */
function subscribers(tap: Tap, first = 0): { text: string }[] {
  const all = tap.connections.slice(first).map(({ chunks }) => {
    const told = chunks.filter(({ direction }) => direction === 's2c').map(({ bytes }) => bytes)
    return { text: Buffer.concat(told).toString('latin1') }
  })
  return all.filter(({ text }) => text.includes('psubscribe'))
}

async function join(port: number) {
  const client = io(`http://127.0.0.1:${port}`, socketOptions)
  await settled(client)
  await client.emitWithAck('join', 'lobby')
  return client
}
