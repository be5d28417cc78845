import { createServer, type Server } from 'node:net'
import { isMain, serve } from '../run.ts'

/**
 * Sends every byte back to whoever sent it (RFC 862), until the client ends its side; then it ends its own.
 *
 * @returns a server that is not yet listening
 */
export function createTcpEcho(): Server {
  // Without allowHalfOpen, Node would end our side on the client's FIN, with the last bytes still unsent.
  return createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    // TODO 6: Write back what comes, no faster than the client reads it, and end when the client has ended.
    // One client that resets its connection must not end the program.
    socket.on('data', (chunk) => socket.write(chunk))
  })
}

if (isMain(import.meta.url)) serve(createTcpEcho(), 7002)
