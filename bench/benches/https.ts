import { once } from 'node:events'
import { closeSync, createReadStream, mkdirSync, openSync, truncateSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Certificates, makeCertificates } from '../../solutions/09-tls-echo/certificates.ts'
import { createTlsEcho } from '../../solutions/09-tls-echo/server.ts'
import { createFileServer } from '../../solutions/10-https-files/server.ts'
import type { Bench, Comparison, Contender, Gate, Start } from '../bench.ts'
import { inChild } from '../contender.ts'
import type { Load, Visits } from '../https-client.ts'
import { timed } from '../measure.ts'
import { noNginx, startNginx } from '../nginx.ts'

// What a file, or a handshake, costs the server. The clients are in https-client.ts.

const KiB = 1024
const MiB = KiB * KiB
const folder = fileURLToPath(new URL('../../.wirebook/bench/', import.meta.url))
const clients = new URL('../https-client.ts', import.meta.url).href

type Handler = NonNullable<Parameters<typeof createServer>[1]>
type Served = (made: Certificates) => Server

export const contenders = {
  ours: (load: Load) => serving('solutions/10', load, ({ localhost }) => createFileServer(folder, localhost)),
  pipe: (load: Load) =>
    serving('createReadStream().pipe', load, ({ localhost }) => createServer(localhost, pipe(load))),
  async sirv(load: Load) {
    // It reads the folder when it starts, and never again.
    makeFile(load.size)
    const files = (await importSirv())!(folder)
    return serving('sirv', load, ({ localhost }) => createServer(localhost, files))
  },
  echo: (visits: Visits) => visited(visits, ({ localhost }) => createTlsEcho(localhost)),
  nginx: (load: Load) => nginx(load.requests, 'getter', load),
  nginxVisited: (visits: Visits) => nginx(visits.visits, 'visitor', visits),
}

const run = (name: keyof typeof contenders, argument: Load | Visits): Start => inChild(import.meta.url, name, argument)

const small = { size: KiB, requests: 1500 }
const middle = { size: MiB, requests: 40 }
const large = { size: 100 * MiB, requests: 1 }

export default {
  title: 'what files and handshakes cost an HTTPS server',
  unit: 'us of CPU per request',
  comparisons: [
    files('1 KiB', small, 'sirv', { cheaper: 1.7 }),
    files('1 MiB', middle, 'sirv', { cheaper: 1.15 }),
    files('100 MiB', large, 'sirv', { cheaper: 1.15 }),
    files('100 MiB', large, 'pipe', { cheaper: 1.15 }),
    files('100 MiB', large, 'nginx', { dearer: 1.25 }),
    handshakes('TLSv1.3', 1.05),
    handshakes('TLSv1.2', 1.7),
    {
      name: 'TLSv1.3 handshake',
      own: run('echo', { version: 'TLSv1.3', resumed: false, visits: 100 }),
      peer: run('nginxVisited', { version: 'TLSv1.3', resumed: false, visits: 100 }),
      skip: noNginx,
    },
  ],
} satisfies Bench

function files(name: string, load: Load, peer: 'sirv' | 'pipe' | 'nginx', gate: Gate): Comparison {
  const skip = { sirv: noSirv, nginx: noNginx, pipe: undefined }[peer]
  return { name, own: run('ours', load), peer: run(peer, load), gate, rounds: load === large ? 5 : undefined, skip }
}

/** Whoever comes back with a session costs less than a stranger. @param cheaper so many times, at least */
function handshakes(version: Visits['version'], cheaper: number): Comparison {
  const visits = { version, visits: 100 }
  return {
    name: `${version} handshake, resumed`,
    own: run('echo', { ...visits, resumed: true }),
    peer: run('echo', { ...visits, resumed: false }),
    gate: { cheaper },
  }
}

/** Node's streams as most examples use them: pieces of 64 KiB, no look at the path, no ETag, no ranges. */
function pipe({ size }: Load): Handler {
  return (request, response) => {
    response.writeHead(200, { 'Content-Length': size })
    createReadStream(join(folder, request.url!)).pipe(response)
  }
}

async function importSirv(): Promise<((folder: string) => Handler) | undefined> {
  try {
    const name = 'sirv' // no dependency of the workbook
    return ((await import(name)) as { default: (folder: string) => Handler }).default
  } catch {
    return undefined
  }
}

async function noSirv(): Promise<string | undefined> {
  return (await importSirv()) ? undefined : 'npm install --no-save sirv@3 brings the peer'
}

/** A file of zeros, which takes no room on most disks. */
function makeFile(size: number): void {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${size}.bin`)
  closeSync(openSync(file, 'a'))
  truncateSync(file, size)
}

async function serving(name: string, load: Load, create: Served): Promise<Contender> {
  makeFile(load.size)
  const { client } = await open(create, 'getter', load)
  return { name, round: () => inMicroseconds(load.requests, () => client.round()) }
}

async function visited(visits: Visits, create: Served): Promise<Contender> {
  const { client } = await open(create, 'visitor', visits)
  const name = visits.resumed ? 'resumed' : 'full'
  return { name, round: () => inMicroseconds(visits.visits, () => client.round()) }
}

async function open(create: Served, clientName: string, argument: Load | Visits): Promise<{ client: Contender }> {
  const made = await makeCertificates()
  const server = create(made)
  // Between two rounds the others have their turn, and the connections stay.
  if ('keepAliveTimeout' in server) server.keepAliveTimeout = 0
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { client: await inChild(clients, clientName, { ...argument, port, authority: made.authority })() }
}

async function nginx(units: number, clientName: string, argument: Load | Visits): Promise<Contender> {
  if ('size' in argument) makeFile(argument.size)
  const { authority, localhost } = await makeCertificates()
  const { name, port, cpu } = await startNginx(folder, localhost)
  const client = await inChild(clients, clientName, { ...argument, port, authority })()
  return {
    name,
    async round() {
      const before = cpu()
      const { wall } = await inMicroseconds(units, () => client.round())
      return { cost: (cpu() - before) / units / 1000, wall }
    },
  }
}

async function inMicroseconds(units: number, work: () => unknown) {
  const { cost, wall = 0 } = await timed(units, work)
  return { cost: cost / 1000, wall: wall / 1000 }
}
