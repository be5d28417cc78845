import { mirrorProtocol, tokenProtocol } from '../wire/formats/mirror-messages.ts'
import type { LabAddress } from './lab-address.ts'
import type { LabState, Obstacle } from './notice.ts'

/** Waits before the next tries, in milliseconds; after the last of them the next try is the reader's. */
const retryDelaysMs = [1000, 2000, 4000, 8000]

/** What a page knows of its lab server, and how it reaches it. */
export interface LabDoor {
  find(): Promise<LabAddress | undefined>
  /** The page came from this machine; any other asks its reader first. */
  isLocal(): boolean
  /** Why a page that came from elsewhere could not connect, as far as that can be known. */
  obstacle(): Promise<Obstacle | undefined>
  /** @param protocols the WebSocket subprotocols to offer */
  open(url: string, protocols: string[]): WebSocket
}

interface ChannelListener {
  message(data: unknown): void
  /** The state, the next try or the obstacle is another one. */
  changed(): void
}

/**
 * A WebSocket to the lab server that is opened again when it is lost. The address is asked for each time, since a restart
 * changes port and token. It begins with `connect()`.
 */
export class LabChannel {
  state: LabState = 'looking'
  /** milliseconds until the next try, when `lost`; none when the next one is the reader's */
  retryIn: number | undefined
  obstacle: Obstacle | undefined
  readonly #path: string
  readonly #door: LabDoor
  readonly #listener: ChannelListener
  #socket: WebSocket | undefined
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
    if (!this.#socket || this.#socket.readyState !== this.#socket.OPEN) return false
    this.#socket.send(data)
    return true
  }

  close(): void {
    clearTimeout(this.#timer)
    if (this.#socket) this.#socket.onclose = null
    this.#socket?.close()
    this.#socket = undefined
  }

  async #attempt(): Promise<void> {
    this.close()
    this.#set({ retryIn: undefined })
    const address = await this.#door.find()
    if (!address) {
      if (this.state === 'looking') this.#set({ state: 'absent' })
      return this.#retry()
    }
    if (!this.#asked && !this.#door.isLocal()) return this.#set({ state: 'held' })
    this.#open(address)
  }

  #open({ port, token }: LabAddress): void {
    const opening = this.#door.open(`ws://127.0.0.1:${port}${this.#path}`, [mirrorProtocol, tokenProtocol(token)])
    this.#socket = opening
    opening.binaryType = 'arraybuffer'
    opening.onmessage = (event) => this.#listener.message(event.data)
    opening.onopen = () => {
      this.#failures = 0
      this.#set({ state: 'live', obstacle: undefined })
    }
    opening.onclose = async () => {
      this.#set({ state: 'lost' })
      this.#set({ obstacle: await this.#door.obstacle() })
      if (this.#socket === opening && !this.obstacle) this.#retry()
    }
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
