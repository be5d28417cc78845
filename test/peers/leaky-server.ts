// An echo with one fault, so that the test of the rude peers is seen to find it: tsx test/peers/leaky-server.ts [port] [host] FAULT
import { EventEmitter } from 'node:events'
import { createServer, type Socket } from 'node:net'

/** Everything that a server can forget to let go of, by name. */
const faults: Record<string, (socket: Socket) => void> = {
  'keeps what it reads': (socket) => socket.on('data', (chunk) => kept.push(chunk)),
  'keeps its sockets': (socket) => kept.push(socket),
  'listens to something else for each connection': (socket) => elsewhere.on('news', () => socket.write('news')),
  'has a timer for each connection': () => void setInterval(() => {}, 60_000),
  'never ends its side': () => {},
  'makes room for what is promised': (socket) => socket.once('data', () => kept.push(Buffer.alloc(100_000))),
}
const kept: unknown[] = []
const elsewhere = new EventEmitter().setMaxListeners(0)
const fault = process.argv[4] ?? ''

const server = createServer({ allowHalfOpen: fault === 'never ends its side' }, (socket) => {
  socket.on('error', () => {})
  socket.pipe(socket, { end: fault !== 'never ends its side' })
  faults[fault]?.(socket)
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (address && typeof address === 'object') console.log(`listening on 127.0.0.1:${address.port}`)
})
