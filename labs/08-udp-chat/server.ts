import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { isMain, serveDatagrams } from '../run.ts'
import {
  type Answer,
  decodeRequest,
  encode,
  maxText,
  type Notice,
  type Request,
  textLength,
  type WithoutSeq,
} from './datagram.ts'
import { beat, evict, isNew, join, leave, type Member, type Members } from './members.ts'
import { createResend, type Resend } from './resend.ts'

/** The clock and the limits of a chat room. */
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
  const { checkEvery = 1000 } = options
  const socket = createSocket('udp4')
  const room = new ChatRoom(socket, options)
  const check = setInterval(() => room.removeSilent(), checkEvery)
  socket.on('message', (bytes, from) => room.receive(bytes, from))
  // On Windows the news that a peer's port is closed comes as an error of our socket; it must not stop the others.
  socket.on('error', (error: NodeJS.ErrnoException) => {
    const lostPeer = error.code === 'ECONNRESET' || error.code === 'ECONNREFUSED'
    if (!lostPeer && socket.listenerCount('error') === 1) throw error
  })
  socket.on('close', () => {
    clearInterval(check)
    room.close()
  })
  return socket
}

/** Who is in, what was sent to whom, and what is still to be acknowledged. */
class ChatRoom {
  readonly #socket: Socket
  readonly #options: Required<Omit<UdpChatOptions, 'checkEvery'>>
  readonly #members: Members = new Map()
  readonly #peers = new Map<string, Peer>()

  constructor(socket: Socket, options: UdpChatOptions) {
    const { now = Date.now, firstDelay = 200, maxMembers = 1000, maxUnanswered = 64 } = options
    this.#socket = socket
    this.#options = { now, firstDelay, maxMembers, maxUnanswered }
  }

  /** Takes a datagram, which may be anything, from anybody. */
  receive(bytes: Buffer, from: RemoteInfo): void {
    this.removeSilent()
    const request = decodeRequest(bytes)
    if (request === undefined) return
    if (request.type === 'ACK' || request.type === 'ERR') this.#peers.get(keyOf(from))?.resend.answered(request.seq)
    else if (request.type === 'JOIN') this.#join(request, from)
    else this.#hear(request, from)
  }

  /** Removes who has been silent for too long, and tells the others. */
  removeSilent(): void {
    for (const member of evict(this.#members, this.#options.now())) this.#remove(member)
  }

  /** Stops every repetition. */
  close(): void {
    for (const { resend } of this.#peers.values()) resend.close()
  }

  #join({ name, seq }: Extract<Request, { type: 'JOIN' }>, from: RemoteInfo): void {
    const { now, firstDelay, maxMembers } = this.#options
    const key = keyOf(from)
    const known = this.#members.get(key)
    if (known?.name === name && !isNew(known, seq)) return this.#answer(from, { type: 'ACK', seq })

    const full = known === undefined && this.#members.size >= maxMembers
    const reason = full ? 'the room is full' : join(this.#members, key, name, seq, now())
    if (reason !== undefined) return this.#answer(from, { type: 'ERR', seq, reason })

    if (known !== undefined && known.name !== name) this.#goodbye(known)
    this.#peers.get(key)?.resend.close()
    this.#peers.set(key, { ...from, nextSeq: 1, resend: createResend({ firstDelay }) })
    this.#answer(from, { type: 'ACK', seq })
    this.#tellOthers(key, { type: 'JOINED', name })
  }

  /** Does what a member asks for. */
  #hear(request: Exclude<Request, { type: 'JOIN' }>, from: RemoteInfo): void {
    const key = keyOf(from)
    const member = beat(this.#members, key, this.#options.now())
    // TODO 4: Only members may speak: answer others with an ERR without a reason, and do nothing more.
    if (member === undefined) return this.#tellOthers(key, { type: 'MSG', name: key, text: JSON.stringify(request) })
    // An ACK would promise that the others hear it.
    if (request.type === 'MSG' && textLength(request.text) > maxText) {
      const reason = `a message has at most ${maxText} bytes`
      return this.#answer(from, { type: 'ERR', seq: request.seq, reason })
    }
    // The answer may have been lost: a repeated datagram is answered again, and has no other effect.
    this.#answer(from, { type: 'ACK', seq: request.seq })
    if (!isNew(member, request.seq)) return
    if (request.type === 'MSG') this.#tellOthers(key, { type: 'MSG', name: member.name, text: request.text })
    if (request.type === 'LEAVE') this.#remove(leave(this.#members, key))
  }

  /** Answers a datagram, and a stranger with no more bytes than he sent: forged senders would make us an amplifier. */
  #answer(from: RemoteInfo, reply: Answer): void {
    const datagram = encode(reply)
    const fits = this.#members.has(keyOf(from)) || datagram.length <= from.size
    this.#transmit(fits ? datagram : encode({ type: 'ERR', seq: reply.seq }), from)
  }

  #remove(member: Member | undefined): void {
    if (member === undefined) return
    this.#peers.get(member.key)?.resend.close()
    this.#peers.delete(member.key)
    this.#goodbye(member)
  }

  #goodbye({ key, name }: Member): void {
    this.#tellOthers(key, { type: 'LEFT', name })
  }

  /** Tells everybody but the sender, which is given by its key. */
  #tellOthers(sender: string, notice: WithoutSeq<Notice>): void {
    for (const [key, peer] of this.#peers) {
      if (key === sender) continue
      const seq = peer.nextSeq++
      const datagram = encode({ ...notice, seq })
      // TODO 5: Repeat the datagram until the member acknowledges its `seq`: `peer.resend` does that.
      this.#transmit(datagram, peer)
    }
    this.#removeDeaf()
  }

  /** What waits for somebody who never answers must not fill our memory; and the address may be forged. */
  #removeDeaf(): void {
    const { maxUnanswered } = this.#options
    const deaf = [...this.#peers].filter(([, { resend }]) => resend.waiting > maxUnanswered)
    for (const [key] of deaf) this.#remove(leave(this.#members, key))
  }

  #transmit(datagram: Buffer, to: { address: string; port: number }): void {
    // A datagram that could not be sent is a lost datagram; the next try, or the silence, shows it.
    this.#socket.send(datagram, to.port, to.address, () => {})
  }
}

/** The only thing that a datagram tells about its sender. */
function keyOf({ address, port }: RemoteInfo): string {
  return `${address}:${port}`
}

if (isMain(import.meta.url)) serveDatagrams(createUdpChat(), 7008)
