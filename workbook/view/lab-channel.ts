import { mirrorProtocol, tokenProtocol } from '../wire/formats/mirror-messages.ts'
import { type LabAddress, webSocketUrl } from './lab-address.ts'
import type { LabState, Obstacle } from './notice.ts'
import type { ChannelSocket } from './stream-socket.ts'

/** Waits before the next tries, in milliseconds; after the last of them the next try is the reader's. */
const retryDelaysMs = [1000, 2000, 4000, 8000]
/**
 * The start that a WebSocket has before a stream is tried as well, in milliseconds. Firefox opens one WebSocket at a time
 * to an address (RFC 6455 §4.1): another one, to a server that does not answer, may hold ours for 20 s.
 */
const headStartMs = 250

/** What a page knows of its lab server, and how it reaches it. */
export interface LabDoor {
  find(): Promise<LabAddress | undefined>
  /** The page came from this machine, or from the lab server itself; any other asks its reader first. */
  isLocal(): boolean
  /** Why a page that came from elsewhere could not connect, as far as that can be known. */
  obstacle(): Promise<Obstacle | undefined>
  /** @param protocols the WebSocket subprotocols to offer */
  open(url: string, protocols: string[]): ChannelSocket
  /** The same without a WebSocket; a server of another origin is reached by none. */
  stream(url: string, token: string): ChannelSocket | undefined
}

interface ChannelListener {
  message(data: unknown): void
  /** The state, the next try or the obstacle is another one. */
  changed(): void
}

/**
 * A channel to the lab server that is opened again when it is lost: a WebSocket, or a stream when that is there first.
 * The address is asked for each time, since a restart changes port and token. It begins with `connect()`.
 */
export class LabChannel {
  state: LabState = 'looking'
  /** milliseconds until the next try, when `lost`; none when the next one is the reader's */
  retryIn: number | undefined
  obstacle: Obstacle | undefined
  /** where the lab server was found last */
  address: LabAddress | undefined
  readonly #path: string
  readonly #door: LabDoor
  readonly #listener: ChannelListener
  /** what is being opened, and in the end the one that is open */
  readonly #sockets = new Set<ChannelSocket>()
  #timer: ReturnType<typeof setTimeout> | undefined
  #failures = 0
  #asked = false

  /** @param path of the channel, `/grade` */
  constructor(path: string, door: LabDoor, listener: ChannelListener) {
    this.#path = path
    this.#door = door
    this.#listener = listener
  }

  /** Looks for the lab server now, whatever was tried before. */
  connect(): Promise<void> {
    this.#failures = 0
    return this.#attempt()
  }

  /** Looks for it because the reader says so. */
  ask(): Promise<void> {
    this.#asked = true
    return this.connect()
  }

  /** Sends if the channel is open, and says whether it was. */
  send(data: string | Uint8Array<ArrayBuffer>): boolean {
    const open = [...this.#sockets].find((socket) => socket.readyState === socket.OPEN)
    open?.send(data)
    return open !== undefined
  }

  close(): void {
    clearTimeout(this.#timer)
    for (const socket of this.#sockets) this.#drop(socket)
  }

  async #attempt(): Promise<void> {
    this.close()
    this.#set({ retryIn: undefined })
    const address = await this.#door.find()
    if (!address) {
      if (this.state === 'looking') this.#set({ state: 'absent' })
      return this.#retry()
    }
    this.address = address
    if (!this.#asked && !this.#door.isLocal()) return this.#set({ state: 'held' })
    this.#open(address)
  }

  #open(address: LabAddress): void {
    let isStreamTried = false
    const tryStream = () => {
      if (isStreamTried) return false
      isStreamTried = true
      const stream = this.#door.stream(address.base + this.#path, address.token)
      if (stream) this.#add(stream, () => false)
      return stream !== undefined
    }
    const protocols = [mirrorProtocol, tokenProtocol(address.token)]
    this.#add(this.#door.open(webSocketUrl(address, this.#path), protocols), tryStream)
    this.#timer = setTimeout(tryStream, headStartMs)
  }

  /** @param instead tries another way when this one is not to be had, and says whether there is one */
  #add(socket: ChannelSocket, instead: () => boolean): void {
    this.#sockets.add(socket)
    socket.binaryType = 'arraybuffer'
    socket.onmessage = (event) => this.#listener.message(event.data)
    socket.onopen = () => {
      clearTimeout(this.#timer)
      for (const other of this.#sockets) if (other !== socket) this.#drop(other)
      this.#failures = 0
      this.#set({ state: 'live', obstacle: undefined })
    }
    socket.onclose = () => {
      this.#sockets.delete(socket)
      const wasOpen = this.state === 'live'
      if (this.#sockets.size === 0 && (wasOpen || !instead())) void this.#lose()
    }
  }

  async #lose(): Promise<void> {
    clearTimeout(this.#timer)
    this.#set({ state: 'lost' })
    const obstacle = await this.#door.obstacle()
    if (this.#sockets.size > 0) return // opened anew meanwhile
    this.#set({ obstacle })
    if (!obstacle) this.#retry()
  }

  #drop(socket: ChannelSocket): void {
    this.#sockets.delete(socket)
    socket.onclose = null
    socket.onopen = null
    socket.onmessage = null
    socket.close()
  }

  #retry(): void {
    const delay = retryDelaysMs[this.#failures++]
    if (this.state !== 'lost' || delay === undefined) return
    this.#set({ retryIn: delay })
    this.#timer = setTimeout(() => this.#attempt(), delay)
  }

  #set(now: Partial<Pick<LabChannel, 'state' | 'retryIn' | 'obstacle'>>): void {
    Object.assign(this, now)
    this.#listener.changed()
  }
}
