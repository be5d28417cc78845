import type { Server } from 'node:net'
import { createTcpEcho } from '../../solutions/02-tcp-vs-udp/tcp-echo.ts'
import { createReadServer } from '../../solutions/03-recv/server.ts'
import { createPageServer } from '../../solutions/05-http-get/server.ts'
import { encodeFrame } from '../../solutions/06-relay/frame.ts'
import { createRelay } from '../../solutions/06-relay/relay.ts'
import { createChatServer } from '../../solutions/07-tcp-chat/server.ts'
import { listenNear } from '../../workbook/server/listen.ts'
import { RawClient } from './raw-client.ts'
import type { Listening, Session } from './session.ts'
import type { Tap } from './tap.ts'

/** What the chapters on TCP show when no lab runs: chunks, and nothing above them. */
export const labSessions: Session[] = [
  {
    id: 'tcp-echo',
    client: 'raw bytes',
    server: 'solutions/02-tcp-vs-udp',
    protocol: 'tcp',
    note: 'Ten writes in a row, m0 to m9, came as one chunk. Then 好, three bytes in two writes, came as two, and neither is a character.',
    listen: () => listening(createTcpEcho()),
    async talk(tap) {
      const client = await RawClient.connect(tap)
      client.writeAtOnce(Array.from({ length: 10 }, (_, i) => Buffer.from(`m${i}`)))
      await heard(tap, 'm9')
      const character = Buffer.from('好')
      await client.write(character.subarray(0, 1))
      await tap.until('a third of the echo', () => tap.first.length('s2c') === 21)
      await client.write(character.subarray(1))
      await tap.until('the rest of the echo', () => tap.first.length('s2c') === 23)
      client.end()
      return undefined
    },
  },
  {
    id: 'recv-exactly',
    client: 'raw bytes',
    server: 'solutions/03-recv',
    protocol: 'tcp',
    note: 'The client asks for reads of exactly four bytes, and writes abc, then defgh, then two more and FIN. Each answer is one read.',
    listen: () => listening(createReadServer()),
    async talk(tap) {
      const client = await RawClient.connect(tap)
      await client.write(Buffer.from('exactly 4\n'))
      await client.write(Buffer.from('abc'))
      await client.write(Buffer.from('defgh'))
      await heard(tap, 'efgh')
      await client.write(Buffer.from('ij'))
      client.end()
      return undefined
    },
  },
  {
    id: 'http-by-hand',
    client: 'raw bytes',
    server: 'solutions/05-http-get',
    protocol: 'http',
    note: 'A request in two chunks, cut inside its first line, and an answer whose body comes in chunks of its own: their sizes stand in the stream, in hex.',
    listen: () => listening(createPageServer()),
    async talk(tap) {
      const client = await RawClient.connect(tap)
      await client.write(Buffer.from('GET /chunked HTTP/1.1\r\nHost: 127.0.0.1:7005\r\nConnection: close\r\n\r\n'), [9])
      await heard(tap, '0\r\n\r\n')
      client.end()
      return undefined
    },
  },
  {
    id: 'relay',
    client: 'ann and bob, as raw bytes',
    server: 'solutions/06-relay',
    protocol: 'tcp',
    note: 'Ann’s frame for bob comes in three chunks and goes out in one. Bob answers with two frames in one chunk, the second one for zoe, who is not there.',
    listen: () => listening(createRelay()),
    async talk(tap) {
      const ann = await RawClient.connect(tap)
      await ann.write(Buffer.from('JOIN ann\n'))
      await heard(tap, 'OK\n')
      const bob = await RawClient.connect(tap)
      await bob.write(Buffer.from('JOIN bob\n'))
      await heard(tap, 'OK\n', bob)
      await ann.write(frame('bob', 'hello, 你好'), [4, 15])
      await heard(tap, '你好', bob)
      await bob.write(Buffer.concat([frame('ann', 'hi'), frame('zoe', 'and you?')]))
      await heard(tap, 'hi')
      await heard(tap, 'zoe', bob)
      bob.end()
      ann.end()
      return undefined
    },
  },
  {
    id: 'tcp-chat',
    client: 'ann and bob, as raw bytes',
    server: 'solutions/07-tcp-chat',
    protocol: 'tcp',
    note: 'Bob’s line comes in two chunks, cut inside 好, and is one line. Ann’s two lines come in one chunk. Then bob leaves.',
    listen: () => listening(createChatServer()),
    async talk(tap) {
      const ann = await RawClient.connect(tap)
      await ann.write(Buffer.from('ann\n'))
      const bob = await RawClient.connect(tap)
      await bob.write(Buffer.from('bob\n'))
      await heard(tap, 'bob joined')
      await bob.write(Buffer.from('你好, ann\n'), [4])
      await heard(tap, ', ann')
      await ann.write(Buffer.from('hi bob\nhow are you?\n'))
      await heard(tap, 'you?', bob)
      await bob.write(Buffer.from('/quit\n'))
      await heard(tap, 'bob left')
      ann.end()
      return undefined
    },
  },
]

async function listening(server: Server): Promise<Listening> {
  return { port: await listenNear(server, 0, 0), close: () => server.close() }
}

function frame(to: string, text: string): Buffer {
  return encodeFrame(to, Buffer.from(text))
}

/** Waits until a client has been told this. @param client the first one unless given */
function heard(tap: Tap, text: string, client?: RawClient): Promise<void> {
  const { chunks } = client?.tapped ?? tap.first
  const all = () => chunks.filter(({ direction }) => direction === 's2c').map(({ bytes }) => bytes)
  return tap.until(JSON.stringify(text), () => Buffer.concat(all()).includes(text))
}
