import type { Head, RequestHead, ResponseHead } from '../http/head.ts'
import { hasToken } from '../http/head.ts'
import { wantsWebSocket } from './handshake.ts'

/** The two heads of one connection that opened, or should have opened, a WebSocket. */
export class HandshakeLog {
  /** the client's part, when there was one */
  request: RequestHead | undefined
  /** the server's part, when it opened the WebSocket */
  response: ResponseHead | undefined

  note(head: Head): void {
    if (head.type === 'request') {
      if (wantsWebSocket(head)) this.request = head
    } else if (head.status === 101 && (this.request || hasToken(head, 'upgrade', 'websocket'))) this.response = head
  }
}
