import type { Socket as Datagram } from 'node:dgram'
import type { AddressInfo, Server, Socket } from 'node:net'
import { fail } from './failure.ts'
import { cleanup, deadline } from './lifetime.ts'

/**
 * Listens on a free port; at the end of the check the server is closed, with its connections.
 *
 * @returns the port
 * @throws {CheckFailure} when the server listens already, or does not come to listen
 */
export async function listen(server: Server, host = '127.0.0.1'): Promise<number> {
  if (server.listening) {
    const { port } = server.address() as AddressInfo
    fail.state(
      'took your server, to let it listen on a free port',
      `it listens on ${port}`,
      `your server listens already, on ${port}`,
    )
  }
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  cleanup(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  const listening = new Promise<void>((resolve, reject) => {
    server.once('listening', resolve)
    server.once('error', reject)
  })
  server.listen(0, host)
  await deadline(listening, 2000, 'your server to listen')
  const address = server.address() as AddressInfo | null
  return (
    address?.port ??
    fail.state('let your server listen on a free port', 'it listened, then closed', 'your server has closed')
  )
}

/**
 * Binds a datagram socket to a free port, and closes it at the end of the check.
 *
 * @returns the port
 * @throws {CheckFailure} when it is not bound in time
 */
export async function bindUdp(socket: Datagram, host = '127.0.0.1'): Promise<number> {
  cleanup(() => socket.close())
  const bound = new Promise<void>((resolve, reject) => {
    socket.once('listening', resolve)
    socket.once('error', reject)
  })
  socket.bind(0, host)
  await deadline(bound, 2000, 'your socket to be bound')
  return socket.address().port
}
