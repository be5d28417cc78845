import { createServer, type Server } from 'node:net'
import { isMain, serve } from '../run.ts'

/**
 * Sends every byte back to whoever sent it (RFC 862), until the client ends its side; then it ends its own.
 *
 * @returns a server that is not yet listening
 */
export function createTcpEcho(): Server {
  return createServer({ noDelay: true }, (socket) => {
    // #region echo
    // TODO 6: Write back what comes, no faster than the client reads it. One client that resets its connection must not
    // end the program.
    // starter: socket.on('data', (chunk) => socket.write(chunk))

    // pipe stops reading while the client does not take its echo, and ends our side after the last byte.
    socket.pipe(socket)
    // Nothing to do: a socket destroys itself on an error. Without a listener the error would end the program.
    socket.on('error', () => {})
    // #endregion
  })
}

if (isMain(import.meta.url)) serve(createTcpEcho(), 7002)
