import { once } from 'node:events'
import { closeSync, createReadStream, mkdirSync, openSync, truncateSync } from 'node:fs'
import { Agent, createServer, get, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { connect, createServer as createTlsServer, type SecureVersion, type TLSSocket } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { type Certificates, makeCertificates } from '../solutions/09-tls-echo/certificates.ts'
import { createFileServer } from '../solutions/10-https-files/server.ts'
import type { Bench, Comparison, Contender, Gate, Start } from './bench.ts'
import { inChild } from './child.ts'
import { timed } from './measure.ts'

// What a file, or a handshake, costs the server. The clients are a process of their own.

const KiB = 1024
const folder = fileURLToPath(new URL('../.wirebook/bench/', import.meta.url))

/** What one round asks for. */
interface Load {
  /** length of the file, in bytes */
  size: number
  requests: number
}

interface Visits {
  version: SecureVersion
  resumed: boolean
}

const visits = 200

export const contenders = {
  ours: (load: Load) => serving('solutions/10', load, ({ localhost }) => createFileServer(folder, localhost)),
  pipe: (load: Load) => serving('createReadStream().pipe', load, ({ localhost }) => createServer(localhost, pipe)),
  async sirv(load: Load) {
    const files = (await importSirv())!(folder)
    return serving('sirv 3', load, ({ localhost }) => createServer(localhost, files))
  },
  handshakes,
  getter,
  visitor,
}

/** Node's streams as most examples use them: pieces of 64 KiB, no look at the path, no ETag, no ranges. */
const pipe: Parameters<typeof createServer>[1] = (request, response) => {
  createReadStream(join(folder, request.url!)).pipe(response)
}

type Handler = NonNullable<Parameters<typeof createServer>[1]>

/** It is no dependency of the workbook. */
async function importSirv(): Promise<((folder: string) => Handler) | undefined> {
  try {
    const name = 'sirv'
    return ((await import(name)) as { default: (folder: string) => Handler }).default
  } catch {
    return undefined
  }
}

const withoutSirv = async () => ((await importSirv()) ? undefined : 'npm install --no-save sirv@3 brings the peer')

const run = (name: keyof typeof contenders, argument: Load | Visits): Start => inChild(import.meta.url, name, argument)

const loads: { name: string; load: Load; sirv: Gate; pipe?: Gate; rounds?: number }[] = [
  { name: '1 KiB', load: { size: KiB, requests: 400 }, sirv: { dearer: 1.35 } },
  { name: '1 MiB', load: { size: KiB * KiB, requests: 30 }, sirv: { cheaper: 1.15 } },
  {
    name: '100 MiB',
    load: { size: 100 * KiB * KiB, requests: 1 },
    sirv: { cheaper: 1.15 },
    pipe: { cheaper: 1.15 },
    rounds: 7,
  },
]

export default {
  title: 'what files and handshakes cost an HTTPS server',
  unit: 'us of CPU per request',
  comparisons: [
    ...loads.flatMap(({ name, load, sirv, pipe, rounds }): Comparison[] => [
      { name, own: run('ours', load), peer: run('sirv', load), gate: sirv, rounds, skip: withoutSirv },
      { name, own: run('ours', load), peer: run('pipe', load), gate: pipe, rounds },
    ]),
    ...(['TLSv1.3', 'TLSv1.2'] as const).map(
      (version): Comparison => ({
        name: `${version} handshake, resumed`,
        own: run('handshakes', { version, resumed: true }),
        peer: run('handshakes', { version, resumed: false }),
        gate: { cheaper: version === 'TLSv1.3' ? 1.05 : 1.7 },
      }),
    ),
  ],
} satisfies Bench

async function serving(name: string, load: Load, create: (made: Certificates) => Server): Promise<Contender> {
  makeFile(load.size)
  const made = await makeCertificates()
  const server = create(made)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const argument = { ...load, port: (server.address() as AddressInfo).port, authority: made.authority }
  const client = await inChild(import.meta.url, 'getter', argument)()
  return { name, round: () => inMicroseconds(load.requests, () => client.round()) }
}

/** A file of zeros, which takes no room on most disks. */
function makeFile(size: number): void {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${size}.bin`)
  closeSync(openSync(file, 'a'))
  truncateSync(file, size)
}

/** Gets the file so often, on four connections that stay open. */
function getter({ port, authority, size, requests }: Load & { port: number; authority: string }): Contender {
  const agent = new Agent({ keepAlive: true, maxSockets: 4, ca: authority })
  const one = async () => {
    const [response] = await once(get({ port, host: '127.0.0.1', path: `/${size}.bin`, agent }), 'response')
    let length = 0
    for await (const chunk of response) length += chunk.length
    if (length !== size) throw new Error(`expected ${size} bytes, received ${length}`)
  }
  return {
    name: 'getter',
    async round() {
      await Promise.all(Array.from({ length: requests }, one))
      return { cost: 0 }
    },
  }
}

/** A server that says one byte to each visitor, as far as its handshakes go. */
async function handshakes({ version, resumed }: Visits): Promise<Contender> {
  const { authority, localhost } = await makeCertificates()
  const options = { ...localhost, minVersion: version, maxVersion: version, noDelay: true }
  const server = createTlsServer(options, (socket) => socket.on('error', () => {}).end('!'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const argument = { port: (server.address() as AddressInfo).port, authority, resumed }
  const client = await inChild(import.meta.url, 'visitor', argument)()
  return { name: resumed ? 'resumed' : 'full', round: () => inMicroseconds(visits, () => client.round()) }
}

function visitor({ port, authority, resumed }: { port: number; authority: string; resumed: boolean }): Contender {
  let session: Buffer | undefined
  const visit = async () => {
    const socket: TLSSocket = connect({ port, host: '127.0.0.1', ca: authority, session })
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
      for (let i = 0; i < visits; i++) await visit()
      return { cost: 0 }
    },
  }
}

async function inMicroseconds(units: number, work: () => unknown) {
  const { cost, wall = 0 } = await timed(units, work)
  return { cost: cost / 1000, wall: wall / 1000 }
}
