import { once } from 'node:events'
import type { AddressInfo, Server } from 'node:net'

const host = '127.0.0.1'

/**
 * Listens on 127.0.0.1, on `port` or the next free one.
 *
 * @param attempts how many ports are tried before any free one is taken
 * @returns the port
 * @throws {Error} one sentence, when there is no free port; the system's own error, when it may not listen at all
 */
export async function listenNear(server: Server, port: number, attempts: number): Promise<number> {
  for (let i = 0; i < attempts && port + i <= 65535; i++) {
    if (await listenOn(server, port + i)) return portOf(server)
  }
  if (!(await listenOn(server, 0))) throw new Error(`${host}: expected a free port, but there is none.`)
  return portOf(server)
}

/** Tries one port. @returns whether it could be had */
async function listenOn(server: Server, port: number): Promise<boolean> {
  try {
    server.listen(port, host)
    await once(server, 'listening')
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE' || code === 'EACCES') return false
    throw error
  }
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}
