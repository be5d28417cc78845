import { createServer, type Server, type Socket } from 'node:net'
import { isMain, serve } from '../run.ts'
import { SocketReader } from './reader.ts'

// Given: shows what your reads give. The client's first line says how to read, each read is answered by a line:
//
//   recv 4       at most four bytes          exactly 4    four bytes
//   until ;      up to a semicolon           line         up to a line feed

/** One read, as the first line asked for it. @returns null at the end of the stream */
type Read = (reader: SocketReader) => Promise<Buffer | string | null>

/** @returns a server that is not yet listening */
export function createReadServer(): Server {
  return createServer({ allowHalfOpen: true, noDelay: true }, (socket) => void answer(socket))
}

async function answer(socket: Socket): Promise<void> {
  const reader = new SocketReader(socket)
  try {
    const how = (await reader.readLine(100, { timeout: 60_000 })) ?? ''
    const read = parse(how)
    for (let got = await read(reader); got !== null; got = await read(reader)) {
      await say(socket, `${how}: ${got.length} ${JSON.stringify(String(got))}`)
      // With a TODO left, a read at the end may give nothing, again and again.
      if (got.length === 0 && socket.readableEnded) break
    }
    await say(socket, `${how}: the end`)
  } catch (error) {
    // Whoever has reset the connection hears nothing more, and there is nothing to be done about it.
    await say(socket, `! ${(error as Error).message}`).catch(() => {})
  }
  socket.end()
}

function parse(how: string): Read {
  const [, word, what = ''] = /^(\w+)(?: (.+))?$/.exec(how) ?? []
  // A client that may ask for any number could have all of our memory.
  const count = Number(what) <= 1_000_000 ? Number(what) : 0
  if (word === 'recv' && count >= 1) return (reader) => reader.recv(count)
  if (word === 'exactly' && count >= 1) return (reader) => reader.readExactly(count)
  if (word === 'until' && what !== '') return (reader) => reader.readUntil(what, 1024)
  if (word === 'line') return (reader) => reader.readLine(1024)
  throw new Error(
    `first line: expected recv N, exactly N (at most 1000000), until TEXT or line, received ${JSON.stringify(how)}`,
  )
}

/** Writes a line, and waits until it is on its way: a client that does not read is not read either. */
function say(socket: Socket, line: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.write(`${line}\n`, (error) => (error ? reject(error) : resolve()))
  })
}

if (isMain(import.meta.url)) serve(createReadServer(), 7003)
