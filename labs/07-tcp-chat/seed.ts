import { createServer, type Server, type Socket } from 'node:net'
import { isMain, serve } from '../run.ts'

// Given: what the chat of document ⑧ does, in TypeScript, with its faults. Run it, and talk to it with nc.

/** A server that is not yet listening. @param log takes the lines that the seed would print on its terminal */
export function createSeedChat(log: (line: string) => void = console.log): Server {
  const clients = new Map<string, Socket>()
  const utf8 = new TextDecoder('utf-8', { fatal: true }) // Python's decode is strict

  return createServer((socket) => {
    const address = `${socket.remoteAddress}:${socket.remotePort}`
    clients.set(address, socket)
    // Not in the seed: without it, the first reset would end this program. See main.ts.
    socket.on('error', ({ message }) => log(`${message}, and ${clients.size} clients are listed`))
    socket.on('end', () => log(`${address} has ended, and ${clients.size} clients are listed`))
    socket.on('data', hear)

    function hear(chunk: Buffer): void {
      const text = read(chunk)
      if (text === undefined) return
      for (const client of clients.values()) {
        client.write(`${address}: ${text}`)
        client.write(`sendall:${address}: ${text}`)
      }
      if (text.toUpperCase() === 'QUIT') {
        clients.delete(address)
        socket.destroy()
      }
    }

    /** Where decoding fails, the reading thread of the seed dies. */
    function read(chunk: Buffer): string | undefined {
      try {
        return utf8.decode(chunk)
      } catch {
        log(`${address} cannot be decoded: nobody reads it any more, and ${clients.size} clients are listed`)
        socket.off('data', hear)
        return undefined
      }
    }
  })
}

if (isMain(import.meta.url)) serve(createSeedChat(), 7007)
