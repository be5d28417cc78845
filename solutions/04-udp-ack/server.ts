import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { isMain, serveDatagrams } from '../run.ts'
import { replyTo } from './wire.ts'

/** What a server does with the data, and how much it remembers. */
export interface AckServerOptions {
  /** called once for each request, however often it arrives */
  onData?: (data: Buffer, from: RemoteInfo) => void
  /** how many requests are remembered, to know a repeated one; the oldest is forgotten first. Default 10,000 */
  remember?: number
}

/**
 * Acknowledges every request, and hands its data on once.
 *
 * @returns a socket for IPv4 that is not yet bound
 */
export function createAckServer({ onData = () => {}, remember = 10_000 }: AckServerOptions = {}): Socket {
  const socket = createSocket('udp4')
  /** requests that were handed on, oldest first */
  const seen = new Set<string>()

  socket.on('message', (request, from) => {
    const reply = replyTo(request)
    // Nobody can answer to port 0, what is too short has no id to acknowledge, and a reply is never answered.
    if (reply === undefined || from.port === 0) return
    // #region once
    // TODO 2: Call onData only when this request is new. It is the same one when the same address and port sends the same
    // id and digest. Keep at most `remember` requests in `seen`.
    // starter: onData(request.subarray(4), from)

    const key = `${from.address}:${from.port}/${reply.toString('hex')}`
    if (!seen.has(key)) {
      seen.add(key)
      // A Set keeps the order of insertion, so its first value is the oldest.
      if (seen.size > remember) seen.delete(seen.values().next().value!)
      onData(request.subarray(4), from)
    }
    // #endregion
    // #region reply
    // TODO 1: Send the reply to whoever sent the request, a repeated one too: its first acknowledgement may be lost.
    // starter: socket.send('The data has been received successfully.', from.port, from.address)

    socket.send(reply, from.port, from.address)
    // #endregion
  })
  return socket
}

if (isMain(import.meta.url)) {
  const onData = (data: Buffer, from: RemoteInfo): void =>
    console.log(`${data.length} bytes from ${from.address}:${from.port}`)
  serveDatagrams(createAckServer({ onData }), 7004)
}
