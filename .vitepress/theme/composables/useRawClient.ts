import { shallowRef } from 'vue'
import { toBase64 } from '../../../workbook/wire/bytes/base64.ts'
import { webSocketTarget } from '../../../workbook/wire/engineio/engine-packet.ts'
import type { Target } from '../../../workbook/wire/formats/mirror-messages.ts'
import type { Chunk } from '../../../workbook/wire/model/chunk.ts'
import type { Mirror } from './useMirror.ts'

/** How long to wait for the answer to a handshake before bytes are sent anyway, in milliseconds. */
const maxHandshakeMs = 2000

/** A client that is nothing but bytes: the lab server opens a TCP connection through the tap, and this page writes. */
export function useRawClient(mirror: Mirror) {
  /** the open connection, as the tap counts */
  const connection = shallowRef<number>()
  const answered = new Map<number, () => void>()

  /** @returns the connection; for a WebSocket target, with the handshake done */
  async function open(target: Target, isWebSocket: boolean): Promise<number> {
    hangUp()
    const opened = (await mirror.command({ type: 'open', target: target.id }))!
    connection.value = opened
    if (!isWebSocket) return opened
    const answer = new Promise<void>((seen) => answered.set(opened, seen))
    await mirror.command({ type: 'send', connection: opened, data: toBase64(handshake(target)) })
    await Promise.race([answer, new Promise((waited) => setTimeout(waited, maxHandshakeMs))])
    answered.delete(opened)
    return opened
  }

  function hangUp(): void {
    const open = connection.value
    connection.value = undefined
    if (open !== undefined) mirror.command({ type: 'cut', connection: open, direction: 'c2s' }).catch(() => undefined)
  }

  return {
    connection,
    open,
    hangUp,
    /** Tells about a chunk that was seen. */
    saw: (chunk: Chunk) => chunk.direction === 's2c' && answered.get(chunk.connection)?.(),
    /** Tells that a connection is over. */
    closed: (closed: number) => {
      if (connection.value === closed) connection.value = undefined
    },
  }
}

/** The handshake of RFC 6455 §4.1. */
function handshake({ tapPort, kind }: Target): Uint8Array {
  const key = toBase64(crypto.getRandomValues(new Uint8Array(16)))
  const lines = [
    `GET ${kind === 'socket.io' ? webSocketTarget : '/'} HTTP/1.1`,
    `Host: 127.0.0.1:${tapPort}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Key: ${key}`,
    'Sec-WebSocket-Version: 13',
  ]
  return new TextEncoder().encode(`${lines.join('\r\n')}\r\n\r\n`)
}
