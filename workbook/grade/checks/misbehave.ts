import { tcp } from './peers/tcp.ts'
import type { TcpPeer } from './peers/tcp-peer.ts'

/** Peers that every server meets. They are gone at the end of the check. */
export const misbehave = {
  /** Connects, sends `data` if there is any, and resets. */
  async reset(port: number, data?: Uint8Array | string): Promise<void> {
    const peer = await tcp(port, { name: 'the peer that resets' })
    if (data !== undefined) await peer.send(data)
    await peer.reset()
  },

  /** Connects and says nothing. */
  silent(port: number): Promise<TcpPeer> {
    return tcp(port, { name: 'the silent peer' })
  },

  /** Connects, sends `data` if there is any, and never reads. */
  async neverReads(port: number, data?: Uint8Array | string): Promise<TcpPeer> {
    const peer = await tcp(port, { name: 'the peer that never reads' })
    peer.pause()
    if (data !== undefined) await peer.send(data)
    return peer
  },
}
