// What runs in the process that bench/consumers.ts starts.
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Greeting } from '../consumers.ts'

const [, , port, connections, greeting] = process.argv
const upgrade = (target: string) =>
  `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`
/** `40`, Socket.IO's CONNECT, as a text frame with the masking key 0 */
const connectPacket = Buffer.from('8182000000003430', 'hex')

let arrived = 0
let wanted = Number.POSITIVE_INFINITY
for (let i = 0; i < Number(connections); i++) {
  const socket = connect(Number(port), '127.0.0.1')
  await once(socket, 'connect')
  await greet(greeting as Greeting, i)
  socket.on('data', ({ length }) => {
    arrived += length
    if (arrived >= wanted) report()
  })

  async function greet(how: Greeting, number: number): Promise<void> {
    if (how === 'tcp') return
    if (how === 'chat') return void socket.write(`m${String(number).padStart(4, '0')}\n`)
    socket.write(upgrade(how === 'websocket' ? '/' : '/socket.io/?EIO=4&transport=websocket'))
    let answer = ''
    socket.setEncoding('latin1')
    const answered = (text: string) => answer.includes(text)
    while (!answered(how === 'websocket' ? '\r\n\r\n' : '40{')) {
      const opened = answered('0{')
      answer += (await once(socket, 'data'))[0]
      if (how === 'socketio' && !opened && answered('0{')) socket.write(connectPacket)
    }
  }
}
process.on('message', (bytes: number) => {
  wanted = bytes
  if (arrived >= wanted) report()
})
process.on('disconnect', () => process.exit())
process.send!('connected')

function report(): void {
  arrived -= wanted
  wanted = Number.POSITIVE_INFINITY
  process.send!('received')
}
