import { deadline } from '../lifetime.ts'
import { wsPeer } from './ws.ts'

/**
 * What a client gets to see that asks to be let in and, whatever the answer is, sends an event. Its packets are written by
 * hand: the client of `socket.io-client` is deaf once it was refused.
 *
 * @param connect CONNECT as it is on the wire: `40{"token":"bad"}`
 * @param event that asks for an answer: `420["whoami"]`
 * @returns the packets, until the server has closed the connection or answered the event
 * @throws {CheckFailure} when it does neither in time
 */
export async function intrude(port: number, connect: string, event: string): Promise<string[]> {
  const peer = await wsPeer(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`)
  await peer.receive() // Engine.IO's open packet
  const packets: string[] = []
  const over = new Promise<void>((resolve) => {
    peer.socket.on('message', (data) => {
      const packet = String(data)
      if (!packet.startsWith('4')) return // Engine.IO's own
      packets.push(packet)
      if (packet.startsWith('43')) resolve()
    })
    peer.socket.on('close', () => resolve())
  })
  await peer.send(connect)
  await peer.receive()
  await peer.send(event)
  await deadline(over, 2000, `the answer to ${event}, or the end of the connection`)
  return packets
}
