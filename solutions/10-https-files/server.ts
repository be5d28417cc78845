import { closeSync, fstatSync, openSync, type Stats } from 'node:fs'
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import { createServer, type Server, type ServerOptions } from 'node:https'
import type { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { type Credentials, certificates } from '../09-tls-echo/certificates.ts'
import { isMain, serve } from '../run.ts'
import { isFresh, isSameVersion, validatorsOf } from './conditional.ts'
import { contentType, httpErrorOf, parseRange, type Resolved, resolvePath } from './files.ts'
import { HttpError, ifAbsent } from './http-error.ts'
import { entriesOf, listing } from './listing.ts'
import { sendRange } from './send.ts'

/** What a file server says besides the files. */
export interface FileServerOptions {
  /** seconds for which a browser is to come back by https alone. Default one year; 0 says nothing */
  strictTransport?: number
}

/**
 * Serves the files of a folder, and nothing else.
 *
 * @param root path of the folder
 * @returns a server that is not yet listening
 */
export function createFileServer(root: string, credentials: Credentials, options: FileServerOptions = {}): Server {
  return createServer({ ...credentials, ...settings() }, (request, response) => {
    protect(request, response, options)
    answer(root, request, response).catch((error) => refuse(response, httpErrorOf(error)))
  })
}

/** What a scanner finds nothing to complain about. */
function settings(): ServerOptions {
  // #region settings
  // TODO 9: Require TLS 1.2 at least, and of its cipher suites allow those with a fresh key exchange and authenticated
  // encryption: ECDHE+AESGCM and ECDHE+CHACHA20. The suites of TLS 1.3 are all like that.
  // starter: return {}

  return { minVersion: 'TLSv1.2', ciphers: 'ECDHE+AESGCM:ECDHE+CHACHA20' }
  // #endregion
}

/** Headers that every answer has. */
function protect(
  request: IncomingMessage,
  response: ServerResponse,
  { strictTransport = 31_536_000 }: FileServerOptions,
) {
  // Without this a browser guesses, and a text that looks like HTML becomes HTML.
  response.setHeader('X-Content-Type-Options', 'nosniff')
  // #region strict
  // TODO 9: Send Strict-Transport-Security with `max-age=` strictTransport, but not to localhost: it holds for all ports
  // of a name, so every other server of this machine would be out of reach by http.
  // starter:

  const name = (request.headers.host ?? '').replace(/:\d+$/, '')
  if (strictTransport > 0 && name !== 'localhost') {
    response.setHeader('Strict-Transport-Security', `max-age=${strictTransport}`)
  }
  // #endregion
}

/** The requests of one connection that have no answer yet, and the answer to the last of them, which settles when it is over. */
interface Queue {
  length: number
  last?: Promise<unknown>
}

const queues = new WeakMap<Socket, Queue>()

/**
 * Waits for the answers to earlier requests of this connection. A client may send any number of requests and read nothing:
 * each of them would have a file open, and of an answer that never got its turn Node tells no end.
 *
 * @throws {Error} when the client has gone, or has sent a hundred requests ahead, which nobody needs
 */
async function turnOf({ socket }: IncomingMessage, response: ServerResponse): Promise<void> {
  const queue = queues.get(socket) ?? { length: 0 }
  queues.set(socket, queue)
  queue.length += 1
  if (queue.length > 100) socket.destroy()
  const before = queue.last
  queue.last = new Promise((resolve) => response.once('close', resolve))
  await before
  if (socket.destroyed) throw new Error('the client went away')
  response.once('close', () => {
    queue.length -= 1
  })
}

async function answer(root: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  await turnOf(request, response)
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    throw new HttpError(405, 'This server only gives files away.', { Allow: 'GET, HEAD' })
  }
  const found = await resolvePath(root, request.url ?? '')
  if (found.stats.isDirectory()) await answerFolder(root, found, request, response)
  else await answerFile(found, request, response)
}

async function answerFolder(root: string, found: Resolved, request: IncomingMessage, response: ServerResponse) {
  // #region folder
  // TODO 5: Send a client that left the slash out to the path with a slash, by 301, and keep the query. Give index.html
  // when resolvePath finds one, and otherwise the listing of entriesOf the folder.
  // starter: throw new HttpError(404, 'That is a folder.')

  const path = found.names.map((name) => `${encodeURIComponent(name)}/`).join('')
  // Made of names that are not empty, so it cannot begin with `//`, which would be another host.
  if (!found.slash) throw new HttpError(301, 'It is a folder.', { Location: `/${path}${found.query}` })
  const index = await resolvePath(root, `/${path}index.html`).catch(ifAbsent)
  if (index?.stats.isFile()) return answerFile(index, request, response)

  response.setHeader('Content-Security-Policy', "default-src 'none'")
  answerText(response, 200, 'text/html; charset=utf-8', listing(await entriesOf(root, path, found.path)))
  // #endregion
}

async function answerFile({ path }: Resolved, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const file = openSync(path, 'r')
  try {
    // Of the open file, since another one may have its name by now.
    const stats = fstatSync(file)
    const range = prepare(path, stats, request, response)
    if (range === undefined || request.method === 'HEAD') response.end()
    else await sendRange(response, file, range)
  } finally {
    closeSync(file)
  }
}

/** Writes the head of the answer for a file. @returns the bytes that are to follow, or undefined for none */
function prepare(path: string, stats: Stats, { headers }: IncomingMessage, response: ServerResponse) {
  const validators = validatorsOf(stats)
  response.setHeader('ETag', validators.etag)
  response.setHeader('Last-Modified', validators.lastModified)
  response.setHeader('Cache-Control', 'no-cache')
  response.setHeader('Accept-Ranges', 'bytes')
  if (isFresh(headers, validators)) {
    response.writeHead(304)
    return undefined
  }
  const range = isSameVersion(headers, validators) ? parseRange(headers.range, stats.size) : undefined
  if (range === 'unsatisfiable') {
    throw new HttpError(416, 'No byte of that range is there.', { 'Content-Range': `bytes */${stats.size}` })
  }
  const { start, end } = range ?? { start: 0, end: stats.size - 1 }
  response.setHeader('Content-Type', contentType(path))
  response.setHeader('Content-Length', end - start + 1)
  if (range) response.setHeader('Content-Range', `bytes ${start}-${end}/${stats.size}`)
  response.writeHead(range ? 206 : 200)
  return { start, end }
}

/** The answer to a request that failed, without its cause; when the head is on its way, only the connection can tell. */
function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent) return void response.destroy()
  const known = error instanceof HttpError ? error : new HttpError(500, 'Something is wrong with this server.')
  for (const [name, value] of Object.entries(known.headers)) response.setHeader(name, value)
  const title = `${known.status} ${STATUS_CODES[known.status]}`
  answerText(response, known.status, 'text/plain; charset=utf-8', `${title}\n${known.message}\n`)
}

function answerText(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(text) })
  response.end(text)
}

if (isMain(import.meta.url)) {
  const folder = process.argv[4] ?? fileURLToPath(new URL('../../docs', import.meta.url))
  const { localhost } = await certificates()
  serve(createFileServer(folder, localhost), 7010)
}
