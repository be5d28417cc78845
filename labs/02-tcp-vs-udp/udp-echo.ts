import { createSocket, type Socket } from 'node:dgram'
import { isMain, serveDatagrams } from '../run.ts'
import { withoutLoops } from './loop-guard.ts'

/**
 * Sends every datagram back to whoever sent it (RFC 862).
 *
 * @returns a socket for IPv4 that is not yet bound
 */
export function createUdpEcho(): Socket {
  const socket = createSocket('udp4')
  // TODO 7: Send each datagram back to the address and port it came from, the empty one too. One whose sender's port is 0
  // cannot be answered: drop it, and live on.
  socket.on('message', (_data, from) => console.log(`a datagram from port ${from.port}`))
  // Two echo servers would answer each other for ever, if somebody set them on each other.
  return withoutLoops(socket)
}

if (isMain(import.meta.url)) serveDatagrams(createUdpEcho(), 7002)
