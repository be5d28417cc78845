/** What a client says to a server of one kind. */
export interface Script {
  transport: 'tcp' | 'tls' | 'udp'
  /** what a client says until it is served; each is answered before the next one goes. @param client its number, for a name */
  hello: (client: number) => Buffer[]
  /** the smallest thing that may be said then, whether it is answered or not */
  small: Buffer
  /** the beginning of something very long */
  promise: Buffer
  /** first words that the server cannot but refuse, where there are some */
  refused?: Buffer
}

/** A masked text frame (RFC 6455 §5.2) with a key of zeros, which leaves the text as it is. */
function textFrame(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x81, 0x80 | Buffer.byteLength(text), 0, 0, 0, 0]), Buffer.from(text)])
}

function upgrade(target: string): Buffer {
  return Buffer.from(
    `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
  )
}

const none = Buffer.alloc(0)
const post = Buffer.from('POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 999999999\r\n\r\n')
const get = Buffer.from('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
/** First words that are neither HTTP nor TLS. */
const nonsense = Buffer.from('nonsense\r\n\r\n')
/** A length of 2 GiB in four bytes. */
const twoGiB = Buffer.from('7fffffff', 'hex')
/** A masked binary frame of 1 MiB whose payload does not come. */
const oneMiBFrame = Buffer.from('82ff000000000010000000000000', 'hex')

/** Scripts by the `target` of a chapter's front matter, or by the first protocol that it names. */
export const scripts: Record<string, Script> = {
  tcp: {
    transport: 'tcp',
    hello: () => [Buffer.from('hello\n')],
    small: Buffer.from('x'),
    promise: Buffer.alloc(70_000, 'x'),
  },
  udp: {
    transport: 'udp',
    // A number for each, as lab 04 asks for; and an echo does not answer the same thing for ever.
    hello: (client) => [Buffer.from(client.toString(16).padStart(8, '0'), 'hex')],
    small: Buffer.from('7fffffff', 'hex'),
    promise: none,
  },
  lines: {
    transport: 'tcp',
    hello: (client) => [Buffer.from(`ann${client}\n`)],
    small: Buffer.from('x\n'),
    promise: Buffer.alloc(70_000, 'x'),
    refused: Buffer.alloc(70_000, 'x'),
  },
  'length-prefixed': {
    transport: 'tcp',
    hello: () => [Buffer.from('\0\0\0\x01a')],
    small: Buffer.alloc(4),
    promise: twoGiB,
  },
  relay: {
    transport: 'tcp',
    hello: (client) => [Buffer.from(`JOIN ann${client}\n`)],
    small: Buffer.concat([Buffer.from('\x04ann1'), Buffer.alloc(4)]),
    promise: Buffer.concat([Buffer.from('\x04ann1'), twoGiB]),
    refused: Buffer.from('HELLO\n'),
  },
  http: { transport: 'tcp', hello: () => [get], small: get, promise: post, refused: nonsense },
  tls: { transport: 'tls', hello: () => [get], small: get, promise: post, refused: nonsense },
  websocket: {
    transport: 'tcp',
    hello: () => [upgrade('/'), textFrame('hello')],
    small: textFrame(''),
    promise: oneMiBFrame,
    refused: get,
  },
  'socket.io': {
    transport: 'tcp',
    hello: () => [upgrade('/socket.io/?EIO=4&transport=websocket'), textFrame('40')],
    small: textFrame('42["x"]'),
    promise: oneMiBFrame,
    refused: upgrade('/socket.io/?EIO=3&transport=websocket'),
  },
}

/** What is known better of a server than its chapter's front matter says, by its file. */
export const ownScripts: Record<string, Partial<Script>> = {
  // Whoever is alone in the room hears nothing, but why a name is none.
  '07-tcp-chat/server.ts': { hello: (client) => [Buffer.from(`?\nann${client}\n`)] },
  '03-recv/server.ts': {
    hello: () => [Buffer.from('recv 4\nabcd')],
    small: Buffer.from('x'),
    promise: Buffer.alloc(1000, 'x'), // each four of them are answered by a line
  },
  '08-udp-chat/server.ts': {
    // A name that is none: nobody stays in the room, and the answer is an ERR.
    hello: (client) => [Buffer.from(`{"type":"JOIN","name":"no name","seq":${client}}`)],
    small: Buffer.from('{"type":"BEAT","seq":2}'),
  },
  '09-tls-echo/server.ts': { hello: scripts['length-prefixed']!.hello, small: Buffer.alloc(4), promise: twoGiB },
  '11-ws-handshake/server.ts': { hello: () => [upgrade('/')] },
  '19-sio-machines/relay.ts': { ...scripts['length-prefixed'], hello: () => [] },
}
