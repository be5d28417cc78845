import { createServer, type Server } from 'node:net'
import { isMain, serve } from '../run.ts'

/**
 * Sends every byte back to whoever sent it (RFC 862), until the client ends its side; then it ends its own.
 *
 * @returns a server that is not yet listening
 */
export function createTcpEcho(): Server {
  return createServer({ noDelay: true }, (socket) => {
    // TODO 6: Write back what comes, no faster than the client reads it. One client that resets its connection must not
    // end the program.
    socket.on('data', (chunk) => socket.write(chunk))
  })
}

if (isMain(import.meta.url)) serve(createTcpEcho(), 7002)
