// The clients of the bench of HTTPS, in processes of their own. They do as little as they can, so that the server has work.
import { once } from 'node:events'
import { connect, type SecureVersion, type TLSSocket } from 'node:tls'
import type { Contender } from './bench.ts'

interface Server {
  port: number
  /** certificate to trust, in PEM */
  authority: string
}

/** What one round asks for: a file of `size` bytes, called `1024.bin`. */
export interface Load {
  size: number
  requests: number
}

export interface Visits {
  version: SecureVersion
  /** come back with the session of an earlier visit */
  resumed: boolean
  visits: number
}

export const contenders = { getter, visitor }

/** Gets the file so often, on eight connections that stay open. */
async function getter({ size, requests, ...server }: Load & Server): Promise<Contender> {
  const connections = await Promise.all(Array.from({ length: 8 }, () => connection(server, size)))
  return {
    name: 'getter',
    async round() {
      let left = requests
      const share = async (get: () => Promise<void>) => {
        while (left-- > 0) await get()
      }
      await Promise.all(connections.map(share))
      return { cost: 0 }
    },
  }
}

/** @returns a function that gets the file once: all answers are as long as the first, whose head is looked at */
async function connection({ port, authority }: Server, size: number): Promise<() => Promise<void>> {
  const socket = connect({ port, host: '127.0.0.1', ca: authority })
  await once(socket, 'secureConnect')
  let answer = 0
  let missing = 0
  let arrived = () => {}
  socket.on('data', (chunk: Buffer) => {
    if (answer === 0) answer = missing = headOf(chunk, size) + size
    missing -= chunk.length
    if (missing === 0) arrived()
  })
  return () => {
    missing = answer
    const all = new Promise<void>((resolve) => {
      arrived = resolve
    })
    socket.write(`GET /${size}.bin HTTP/1.1\r\nHost: localhost\r\n\r\n`)
    return all
  }
}

/** The length of the head of an answer, in bytes. @throws when it does not announce the file */
function headOf(chunk: Buffer, size: number): number {
  const head = chunk.subarray(0, chunk.indexOf('\r\n\r\n') + 4).toString('latin1')
  if (!head.startsWith('HTTP/1.1 200') || !new RegExp(`^content-length: ${size}\r$`, 'im').test(head)) {
    throw new Error(`expected 200 and Content-Length: ${size}, received ${head || chunk.length}`)
  }
  return head.length
}

/** Connects so often, four at a time, and leaves when the handshake is done. */
function visitor({ port, authority, version, resumed, visits }: Visits & Server): Contender {
  let session: Buffer | undefined
  const visit = async () => {
    const socket: TLSSocket = connect({ port, host: '127.0.0.1', ca: authority, session, maxVersion: version })
    socket.on('session', (ticket) => {
      if (resumed) session = ticket
    })
    const asked = session !== undefined
    await once(socket, 'secureConnect')
    if (asked && !socket.isSessionReused()) throw new Error('the session was not resumed')
    socket.resume().end()
    await once(socket, 'close')
  }
  return {
    name: 'visitor',
    async round() {
      let left = visits
      const share = async () => {
        while (left-- > 0) await visit()
      }
      await Promise.all(Array.from({ length: 4 }, share))
      return { cost: 0 }
    },
  }
}
