import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { isMain } from '../run.ts'
import { createUdpEcho } from './udp-echo.ts'

/** The shortest echo: it answers whatever comes, from wherever it seems to come. */
function plainEcho(): Socket {
  const socket = createSocket('udp4')
  socket.on('message', (data, from) => socket.send(data, from.port, from.address))
  return socket
}

/**
 * Lets one datagram go from one echo server to the other. One that is forged, with the one server as its source, does the same.
 *
 * @returns the datagrams that had come to either of them, after one second and after two
 */
export async function loop(one: Socket, two: Socket): Promise<[number, number]> {
  let received = 0
  for (const socket of [one, two]) {
    socket.on('message', () => {
      received += 1
    })
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
  }
  two.send('round and round', one.address().port, '127.0.0.1')
  await sleep(1000)
  const afterOne = received
  await sleep(1000)
  one.close()
  two.close()
  return [afterOne, received]
}

if (isMain(import.meta.url)) {
  for (const [name, one, two] of [
    ['two plain echoes', plainEcho(), plainEcho()],
    ['a plain one and ours', plainEcho(), createUdpEcho()],
    ['two of ours', createUdpEcho(), createUdpEcho()],
  ] satisfies [string, Socket, Socket][]) {
    const [first, second] = await loop(one, two)
    console.log(`${name}: ${first} datagrams after a second, ${second} after two`)
  }
}
