import { createHash } from 'node:crypto'
import { guid } from '../../workbook/wire/websocket/handshake.ts'
import { head, RawClient, requestLines } from './raw-client.ts'
import { rawServer } from './servers.ts'
import type { Session } from './session.ts'
import type { Tap } from './tap.ts'

/** The handshake of seed document ⑩, and three requests that ask the same. */
export const seedSession: Session = {
  id: 'seed-handshake',
  client: 'raw bytes',
  server: 'the handshake of document ⑩, in TypeScript',
  protocol: 'websocket',
  note: 'A server that calls recv once and splits at “: ”. First the request as one chunk: accepted. Then cut inside the key: the answer is made from half of it, and wrong. Then without the blank after the colon, which is allowed: it hangs up.',
  listen: () =>
    rawServer((socket) => {
      socket.once('data', (data: Buffer) => {
        const key = keyOf(data.toString('latin1'))
        if (key === undefined) return socket.destroy()
        socket.write(
          `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept:${accept(key)}\r\n\r\n`,
        )
      })
    }),
  async talk(tap) {
    const request = head(requestLines)
    await ask(tap, request)
    await ask(tap, request, request.indexOf('ZSBub25jZQ'))
    await ask(tap, Buffer.from(request.toString().replace('Key: ', 'Key:')))
    return undefined
  },
}

/** One request, in one piece or two, to the end of the connection. */
async function ask(tap: Tap, request: Buffer, cut?: number): Promise<void> {
  const client = await RawClient.connect(tap)
  await client.write(request.subarray(0, cut))
  await tap.until('an answer or FIN', () => client.tapped.chunks.some(({ direction }) => direction === 's2c'))
  if (cut !== undefined) await client.write(request.subarray(cut))
  client.end()
  await tap.ended()
}

/** What the seed finds in the chunk that it takes for the head. */
function keyOf(data: string): string | undefined {
  for (const line of data.split('\r\n\r\n')[0]!.split('\r\n').slice(1)) {
    const [name, value] = line.split(': ')
    if (name === 'Sec-WebSocket-Key') return value
  }
  return undefined
}

function accept(key: string): string {
  return createHash('sha1')
    .update(key + guid)
    .digest('base64')
}
