import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { isMain, serveDatagrams } from '../run.ts'
import { type Answer, decodeRequest, encode, maxText, type Notice, type Request, textLength } from './datagram.ts'
import { beat, evict, isNew, join, leave, type Member, type Members } from './members.ts'
import { createResend, type Resend } from './resend.ts'

export interface UdpChatOptions {
  /** milliseconds; the clock that decides who is silent. Default `Date.now` */
  now?: () => number
  /** milliseconds between two looks for silent members; each datagram is a look, too. Default 1000 */
  checkEvery?: number
  /** milliseconds before a notice that was not acknowledged is sent again. Default 200, doubled each time */
  firstDelay?: number
  /** members that fit in; the next JOIN is refused. Default 1000 */
  maxMembers?: number
  /** notices that a member may leave unanswered; over that it is removed. Default 64 */
  maxUnanswered?: number
}

/** A member as the server sees it: where to send, and what it has not yet acknowledged. */
interface Peer {
  address: string
  port: number
  nextSeq: number
  resend: Resend
}

/**
 * A chat room over UDP: JOIN, MSG, BEAT and LEAVE as in datagram.ts. Each is answered; notices to members are repeated
 * until they are acknowledged. Who is silent for 15 s is gone.
 *
 * @returns a socket that is not yet bound; `close()` also stops its timers
 */
export function createUdpChat(options: UdpChatOptions = {}): Socket {
  const { now = Date.now, checkEvery = 1000, firstDelay = 200, maxMembers = 1000, maxUnanswered = 64 } = options
  const socket = createSocket('udp4')
  const members: Members = new Map()
  const peers = new Map<string, Peer>()

  socket.on('message', (bytes, from) => {
    removeSilent()
    const request = decodeRequest(bytes)
    if (request !== undefined) serve(request, from, bytes.length)
  })

  function serve(request: Request | Answer, from: RemoteInfo, size: number): void {
    const key = `${from.address}:${from.port}`
    const answer = (reply: Answer) => {
      const datagram = encode(reply)
      // To a stranger never more than was received, or a forged sender's address would make us an amplifier.
      const fits = members.has(key) || datagram.length <= size
      transmit(fits ? datagram : encode({ type: 'ERR', seq: reply.seq }), from)
    }
    if (request.type === 'ACK' || request.type === 'ERR') {
      peers.get(key)?.resend.answered(request.seq)
      return
    }
    if (request.type === 'JOIN') {
      const known = members.get(key)
      if (known?.name === request.name && !isNew(known, request.seq)) return answer({ type: 'ACK', seq: request.seq })
      const full = known === undefined && members.size >= maxMembers
      const reason = full ? 'the room is full' : join(members, key, request.name, request.seq, now())
      if (reason === undefined && known !== undefined && known.name !== request.name) goodbye(known)
      if (reason !== undefined) return answer({ type: 'ERR', seq: request.seq, reason })
      peers.get(key)?.resend.close()
      peers.set(key, { ...from, nextSeq: 1, resend: createResend({ firstDelay }) })
      answer({ type: 'ACK', seq: request.seq })
      tellOthers(key, { type: 'JOINED', name: request.name })
      return
    }

    const member = beat(members, key, now())
    // TODO 4: Only members may speak: answer others with an ERR without a reason, and do nothing more.
    if (member === undefined) return tellOthers(key, { type: 'MSG', name: key, text: JSON.stringify(request) })
    // An ACK would promise that the others hear it.
    if (request.type === 'MSG' && textLength(request.text) > maxText)
      return answer({ type: 'ERR', seq: request.seq, reason: `a message has at most ${maxText} bytes` })
    // The answer may have been lost: a repeated datagram is answered again, and has no other effect.
    answer({ type: 'ACK', seq: request.seq })
    if (!isNew(member, request.seq)) return
    if (request.type === 'MSG') tellOthers(key, { type: 'MSG', name: member.name, text: request.text })
    if (request.type === 'LEAVE') remove(leave(members, key))
  }

  function removeSilent(): void {
    for (const member of evict(members, now())) remove(member)
  }

  function remove(member: Member | undefined): void {
    if (member === undefined) return
    peers.get(member.key)?.resend.close()
    peers.delete(member.key)
    goodbye(member)
  }

  function goodbye(member: Member): void {
    tellOthers(member.key, { type: 'LEFT', name: member.name })
  }

  function tellOthers(sender: string, notice: WithoutSeq<Notice>): void {
    for (const [key, peer] of peers) {
      if (key === sender) continue
      const seq = peer.nextSeq++
      const datagram = encode({ ...notice, seq })
      // TODO 5: Repeat the datagram until the member acknowledges its `seq`: `peer.resend` does that.
      transmit(datagram, peer)
    }
    // What waits for somebody who never answers must not fill our memory; and the address may not even be the sender's own.
    const deaf = [...peers].filter(([, { resend }]) => resend.waiting > maxUnanswered)
    for (const [key] of deaf) remove(leave(members, key))
  }

  function transmit(datagram: Buffer, to: { address: string; port: number }): void {
    // A datagram that could not be sent is a lost datagram; the next try, or the silence, shows it.
    socket.send(datagram, to.port, to.address, () => {})
  }

  const check = setInterval(removeSilent, checkEvery)
  // On Windows the news that a peer's port is closed comes as an error of our socket; it must not stop the others.
  socket.on('error', (error: NodeJS.ErrnoException) => {
    const lostPeer = error.code === 'ECONNRESET' || error.code === 'ECONNREFUSED'
    if (!lostPeer && socket.listenerCount('error') === 1) throw error
  })
  socket.on('close', () => {
    clearInterval(check)
    for (const { resend } of peers.values()) resend.close()
  })
  return socket
}

type WithoutSeq<T> = T extends unknown ? Omit<T, 'seq'> : never

if (isMain(import.meta.url)) serveDatagrams(createUdpChat(), 7008)
