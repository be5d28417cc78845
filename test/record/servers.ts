import { createServer, type Socket } from 'node:net'
import { startEcho } from '../../workbook/server/echo.ts'
import { limits } from '../../workbook/server/limits.ts'
import { listenNear } from '../../workbook/server/listen.ts'
import type { Listening } from './session.ts'

/** The built-in echo of the workbook, which is `ws`. */
export async function echo(deflate: boolean): Promise<Listening> {
  return startEcho({ deflate, rules: { hosts: new Set(), origins: new Set() }, limits })
}

/** A server that calls `serve` with each connection. */
export async function rawServer(serve: (socket: Socket) => void): Promise<Listening> {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => {}) // 'close' follows
    serve(socket)
  })
  return { port: await listenNear(server, 0, 0), close: () => server.close() }
}

/** A server that accepts the handshake, and then says what `serve` says. */
export function acceptingServer(
  answer: (secWebSocketKey: string) => string,
  serve: (socket: Socket) => void,
): Promise<Listening> {
  return rawServer((socket) => {
    let head = ''
    const read = (bytes: Buffer) => {
      head += bytes.toString('latin1')
      if (!head.includes('\r\n\r\n')) return
      socket.off('data', read)
      socket.resume()
      socket.write(answer(/^sec-websocket-key: *(\S+)/im.exec(head)?.[1] ?? ''))
      serve(socket)
    }
    socket.on('data', read)
  })
}
