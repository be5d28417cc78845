import { createServer, type Server, type Socket } from 'node:net'
import { encodeLengthPrefixed, LengthPrefixedDecoder } from '../02-tcp-vs-udp/framing.ts'
import { isMain, serve } from '../run.ts'

export interface RelayOptions {
  /** longest frame in bytes; a peer that announces more is dropped. Default 4 MiB */
  maxFrame?: number
  /** bytes that may wait for a peer that does not read; one that needs more is dropped. Default 16 MiB */
  maxQueue?: number
  /** function that gets what a person should know, a sentence each. Default: standard error */
  tell?: (sentence: string) => void
}

/**
 * A bus: what one peer sends, all others receive. Both directions carry frames, a length in 4 bytes and so many bytes
 * (lab 02), and the relay does not look into them. It keeps nothing for who is not there.
 *
 * @returns a server that is not yet listening
 */
export function createRelay(options: RelayOptions = {}): Server {
  const { maxFrame = 4 * 1024 * 1024, maxQueue = 16 * 1024 * 1024, tell = console.error } = options
  const peers = new Set<Socket>()

  // Keep-alive: a peer whose machine has lost its power sends no FIN.
  return createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 }, (socket) => {
    const decoder = new LengthPrefixedDecoder({ maxLength: maxFrame })
    peers.add(socket)
    socket.on('error', () => {}) // a peer that resets; 'close' follows, and the others are not concerned
    socket.on('close', () => peers.delete(socket))
    socket.on('data', (chunk) => {
      // TODO 3: Send each frame that is whole to all peers but the one it came from (`pass`). A chunk is not a frame: the
      // decoder finds them. Drop the peer (`drop`) when the decoder throws.
      for (const peer of peers) peer.write(chunk)
    })
  })

  function pass(from: Socket, frame: Buffer): void {
    const bytes = encodeLengthPrefixed(frame)
    for (const peer of peers) {
      if (peer === from) continue
      // TODO 3: Drop a peer for which more than `maxQueue` bytes would wait. To slow the sender down, as lab 06 does,
      // would let the slowest node set the pace of all.
      peer.write(bytes)
    }
  }

  /** A node that was dropped connects again, and has then missed what all who were away have missed. */
  function drop(peer: Socket, reason: string): void {
    tell(`${peer.remoteAddress}:${peer.remotePort} is dropped: ${reason}`)
    peers.delete(peer)
    peer.destroy()
  }
}

if (isMain(import.meta.url)) serve(createRelay(), 7119)
