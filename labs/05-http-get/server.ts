// Given: a web server by hand that answers as real ones do, the awkward ones included. `GET /` lists what it has.
import { createServer, type Server, type Socket } from 'node:net'
import { isMain, serve } from '../run.ts'

const text = `This page came to you as a stream of bytes.

Nothing in the stream marks where the head ends or how long the body is: you worked that out.
`

/** How long anybody may take, in milliseconds: who sends a byte a second, never reads or asks for /silent is not kept for ever. */
const patience = 60_000

const pages: Record<string, { about: string; answer: (socket: Socket) => void }> = {
  '/code/intro-short.txt': {
    about: 'a body with Content-Length',
    answer: (socket) => socket.end(head('200 OK', `Content-Length: ${text.length}`, 'Content-Type: text/plain') + text),
  },
  '/chunked': {
    about: 'the same text in chunks of 16 bytes',
    answer: (socket) => {
      socket.write(head('200 OK', 'Transfer-Encoding: chunked', 'Content-Type: text/plain'))
      for (let at = 0; at < text.length; at += 16) {
        const chunk = text.slice(at, at + 16)
        socket.write(`${chunk.length.toString(16)}\r\n${chunk}\r\n`)
      }
      socket.end('0\r\n\r\n')
    },
  },
  '/until-close': {
    about: 'no length at all: the body ends with the connection',
    answer: (socket) => socket.end(head('200 OK', 'Content-Type: text/plain') + text),
  },
  '/keep-alive': {
    about: 'a length, and a connection that stays open: reading until the end hangs for six seconds',
    answer: (socket) => {
      socket.write(head('200 OK', `Content-Length: ${text.length}`, 'Connection: keep-alive') + text)
      const idle = setTimeout(() => socket.end(), 6000)
      socket.on('close', () => clearTimeout(idle))
    },
  },
  '/short': {
    about: 'promises 1000 bytes and sends fewer',
    answer: (socket) => socket.end(head('200 OK', 'Content-Length: 1000') + text),
  },
  '/moved': {
    about: 'a redirect to the text, with a relative Location',
    answer: (socket) =>
      socket.end(head('301 Moved Permanently', 'Location: code/intro-short.txt', 'Content-Length: 0')),
  },
  '/loop': {
    about: 'a redirect to itself',
    answer: (socket) => socket.end(head('302 Found', 'Location: /loop', 'Content-Length: 0')),
  },
  '/silent': { about: 'accepts, and never answers', answer: () => {} },
}

/** @returns a server that is not yet listening */
export function createPageServer(): Server {
  return createServer((socket) => {
    let request = ''
    let isAnswered = false
    const late = setTimeout(() => socket.destroy(), patience)
    socket.on('close', () => clearTimeout(late))
    socket.on('error', () => socket.destroy())
    // Who keeps the other side open after our FIN costs a descriptor: a second is enough to read what is left.
    socket.on('finish', () => setTimeout(() => socket.destroy(), 1000).unref())
    socket.on('data', (chunk) => {
      if (isAnswered) return
      request += chunk
      isAnswered = request.includes('\r\n\r\n')
      if (!isAnswered && request.length > 16 * 1024) socket.destroy()
      if (!isAnswered) return
      const [, path = '/'] = request.split(' ', 2)
      // `pages.constructor` is there, too: every object has it, and a client may ask for it.
      const page = Object.hasOwn(pages, path) ? pages[path] : undefined
      if (page) page.answer(socket)
      else if (path === '/') socket.end(index())
      else socket.end(`${head('404 Not Found', 'Content-Length: 10')}not here.\n`)
    })
  })
}

function head(status: string, ...headers: string[]): string {
  return `${[`HTTP/1.1 ${status}`, ...headers].join('\r\n')}\r\n\r\n`
}

function index(): string {
  const lines = Object.entries(pages).map(([path, { about }]) => `${path.padEnd(24)}${about}\n`)
  return head('200 OK', 'Content-Type: text/plain') + lines.join('')
}

if (isMain(import.meta.url)) serve(createPageServer(), 7005)
