import { once } from 'node:events'
import type { Socket } from 'node:net'
import { type ClientOptions, WebSocket } from 'ws'
import { encode } from '../../workbook/view/encoder.ts'
import { concat } from '../../workbook/wire/bytes/bytes.ts'
import { acceptSteps } from '../../workbook/wire/websocket/handshake.ts'
import { Opcode } from '../../workbook/wire/websocket/opcode.ts'
import { maskingKey, RawClient, tapPort } from './raw-client.ts'
import { acceptingServer, echo } from './servers.ts'
import type { Session } from './session.ts'
import type { Tap } from './tap.ts'

const text = (value: string) => new TextEncoder().encode(value)
const said = (opcode: number, value: string, fin = true) => encode({ opcode, fin, payload: text(value), maskingKey })

export const websocketSessions: Session[] = [
  {
    id: 'rfc6455-examples',
    client: 'bytes of RFC 6455',
    server: 'bytes of RFC 6455',
    protocol: 'websocket',
    note: 'The examples of RFC 6455 §5.7: “Hello” unmasked and masked, in two fragments, as a ping and its pong, and 256 bytes of binary. The last example, 64 KiB, is left out.',
    listen: listenWithExamples,
    talk: talkInExamples,
  },
  {
    id: 'hello-echo-close',
    client: 'ws 8',
    server: 'ws 8',
    protocol: 'websocket',
    note: 'The shortest conversation: handshake, “hello”, its echo, close 1000 from both, FIN from both.',
    listen: () => echo(false),
    async talk(tap) {
      const client = await openWs(tap, { perMessageDeflate: false })
      client.send('hello')
      await once(client, 'message')
      await closeWs(client)
      return undefined
    },
  },
  {
    id: 'three-frames-one-chunk',
    client: 'raw bytes',
    server: 'ws 8',
    protocol: 'websocket',
    note: 'Text “hello”, text “two” and ping “p” in one write: one chunk, three frames. Where TCP cuts says nothing.',
    listen: () => echo(false),
    async talk(tap) {
      const client = await RawClient.open(tap)
      await client.write(concat([said(Opcode.text, 'hello'), said(Opcode.text, 'two'), said(Opcode.ping, 'p')]))
      await client.until('two echoes and a pong', ({ length }) => length === 3)
      await client.close()
      return undefined
    },
  },
  {
    id: 'frame-cut-after-9-bytes',
    client: 'raw bytes',
    server: 'ws 8',
    protocol: 'websocket',
    note: 'A text of 300 bytes: the first chunk ends one byte into the payload, after a header of 8 bytes. The server waits for the rest.',
    listen: () => echo(false),
    async talk(tap) {
      const client = await RawClient.open(tap)
      await client.write(said(Opcode.text, 'abcdefghij'.repeat(30)), [9])
      await client.until('the echo', ({ length }) => length === 1)
      await client.close()
      return undefined
    },
  },
  {
    id: 'fragments-and-ping',
    client: 'raw bytes',
    server: 'ws 8',
    protocol: 'websocket',
    note: 'A text in three fragments with a ping between: the pong comes before the message is complete, the echo is one frame.',
    listen: () => echo(false),
    async talk(tap) {
      const client = await RawClient.open(tap)
      await client.write(said(Opcode.text, 'one ', false))
      await client.write(said(Opcode.ping, 'still there?'))
      await client.until('the pong', ({ length }) => length === 1)
      await client.write(said(Opcode.continuation, 'two ', false))
      await client.write(said(Opcode.continuation, 'three'))
      await client.until('the echo', ({ length }) => length === 2)
      await client.close()
      return undefined
    },
  },
  {
    id: 'deflate-twice',
    client: 'ws 8',
    server: 'ws 8 with permessage-deflate',
    protocol: 'websocket',
    note: 'The same JSON twice, compressed. First connection: the second message needs a few bytes, because the window still holds the first. Second connection: no context takeover, so both cost the same.',
    listen: () => echo(true),
    async talk(tap) {
      await sayTwice(tap, {})
      await sayTwice(tap, { clientNoContextTakeover: true, serverNoContextTakeover: true })
      return undefined
    },
  },
]

/** Sends the same message twice, each once the one before was echoed. */
async function sayTwice(tap: Tap, takeover: object): Promise<void> {
  const client = await openWs(tap, { perMessageDeflate: { threshold: 0, ...takeover } })
  for (let i = 0; i < 2; i++) {
    client.send('{"type":"say","room":"tea","text":"hello, hello"}')
    await once(client, 'message')
  }
  await closeWs(client)
}

async function openWs(tap: Tap, options: ClientOptions): Promise<WebSocket> {
  const headers = { Host: `127.0.0.1:${tapPort}` }
  const client = new WebSocket(`ws://127.0.0.1:${tap.port}`, { headers, ...options })
  await once(client, 'open')
  return client
}

async function closeWs(client: WebSocket): Promise<void> {
  client.close(1000)
  await once(client, 'close')
}

/** The server's examples, each in a write of its own, and the answers to what the client says. */
function listenWithExamples() {
  const bytes256 = Uint8Array.from({ length: 256 }, (_, i) => i)
  const examples = [
    encode({ opcode: Opcode.text, payload: text('Hello') }),
    encode({ opcode: Opcode.text, fin: false, payload: text('Hel') }),
    encode({ opcode: Opcode.continuation, payload: text('lo') }),
    encode({ opcode: Opcode.binary, payload: bytes256 }),
    encode({ opcode: Opcode.ping, payload: text('Hello') }),
  ]
  return acceptingServer(switching, (socket) => {
    socket.write(concat(examples))
    closeBack(socket)
  })
}

async function talkInExamples(tap: Tap): Promise<undefined> {
  const client = await RawClient.open(tap)
  await client.until('the examples', ({ length }) => length === 5)
  await client.write(said(Opcode.text, 'Hello'))
  await client.write(said(Opcode.pong, 'Hello'))
  await client.close()
}

/** The answer that opens a WebSocket. */
export function switching(secWebSocketKey: string): string {
  const accept = acceptSteps(secWebSocketKey).secWebSocketAccept
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`
}

/** Answers a masked close frame, which comes in one piece here, with 1000 and FIN. */
function closeBack(socket: Socket): void {
  socket.on('data', (bytes: Buffer) => {
    if (bytes[0] === 0x88) socket.end(encode({ opcode: Opcode.close, payload: Uint8Array.of(0x03, 0xe8) }))
  })
}
