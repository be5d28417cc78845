// What runs in the process that relay.ts starts: the two ends of the wire, so that only what lies between them is measured.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { encodeFrame } from '../../solutions/06-relay/frame.ts'

const [, , port, protocol] = process.argv
const isRelay = protocol === 'relay'
const data = Buffer.alloc(1024 * 1024, 'm')
const unit = isRelay ? encodeFrame('bob', data) : data

const bob = await dial('bob')
const ann = await dial('ann')
let arrived = 0
let wanted = Number.POSITIVE_INFINITY
bob.on('data', ({ length }) => {
  arrived += length
  if (arrived < wanted) return
  wanted = Number.POSITIVE_INFINITY
  process.send?.('arrived')
})

/** @param units how many mebibytes to send, each in a frame of its own where there are frames */
process.on('message', async (units: number) => {
  arrived = 0
  wanted = units * unit.length
  for (let i = 0; i < units; i++) if (!ann.write(unit)) await once(ann, 'drain')
})
process.on('disconnect', () => process.exit())
process.send?.('connected')

async function dial(name: string): Promise<Socket> {
  const socket = connect({ port: Number(port), host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  if (!isRelay) return socket
  socket.write(`JOIN ${name}\n`)
  await once(socket, 'data') // OK
  return socket
}
