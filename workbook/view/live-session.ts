import { toBase64 } from '../wire/bytes/base64.ts'
import { answerPing, webSocketTarget } from '../wire/engineio/engine-packet.ts'
import type { MirrorEvent, Target } from '../wire/formats/mirror-messages.ts'
import type { Chunk } from '../wire/model/chunk.ts'
import type { ConversationOptions } from '../wire/stream/conversation.ts'
import { acceptSteps } from '../wire/websocket/handshake.ts'
import { BrowserSocket } from './browser-socket.ts'
import { maxChunksKept } from './capture.ts'
import type { LabDoor } from './lab-channel.ts'
import { MirrorClient } from './mirror-client.ts'
import { RawClient } from './raw-client.ts'

export interface LiveListener {
  /** A new capture begins. @param start how its bytes begin */
  begin(start: ConversationOptions): void
  chunk(chunk: Chunk): void
  /** So many chunks were forgotten, or left out since this page was too slow. */
  missed?(chunks: number): void
  /** What the session says of itself is not what it was. */
  changed(): void
}

export interface LiveOptions {
  /** watch only the connection that this page opens itself, not those of other programs */
  ownOnly?: boolean
}

/** What a raw sender writes. */
export interface RawWrite {
  bytes: Uint8Array
  /** the answer to a handshake that asks for this Sec-WebSocket-Accept, instead of `bytes` */
  answer?: (secWebSocketAccept: string) => Uint8Array
  /** offsets at which a new write begins */
  cuts?: number[]
  /** the end of the direction or of the connection, after the bytes */
  end?: 'fin' | 'rst'
  /** not over the connection that is open, but over a new one */
  fresh?: boolean
}

/** How long a handshake may take before the page says what may hold it up, in milliseconds. */
const maxQuietMs = 2000
const heldUp =
  'This WebSocket has not opened yet. Its server does not answer; or another WebSocket of yours waits for a server that does not answer: Firefox opens one at a time to an address, and gives up after 20 s.'

/** Watches one target through its tap, and speaks to it: as a page, as a raw client, or in the server's place. */
export class LiveSession {
  readonly mirror: MirrorClient
  readonly browser: BrowserSocket
  readonly raw: RawClient
  /** the target whose chunks are shown, while they are */
  watching: string | undefined
  /** one sentence about what the server refused or could not do */
  trouble = ''
  paused = false
  readonly #listener: LiveListener
  readonly #ownOnly: boolean
  readonly #targetOf = new Map<number, string>()
  #targetId = 'echo'
  #held: Chunk[] = []
  #heldCount = 0
  /** the chosen target as it was told last */
  #known: Target | undefined

  constructor(door: LabDoor, listener: LiveListener, { ownOnly = false }: LiveOptions = {}) {
    this.#listener = listener
    this.#ownOnly = ownOnly
    const changed = () => listener.changed()
    this.mirror = new MirrorClient(door, {
      chunk: (chunk) => this.#receive(chunk),
      event: (event) => this.#hear(event),
      changed: () => this.#mirrorChanged(),
    })
    this.browser = new BrowserSocket(changed)
    this.raw = new RawClient(this.mirror, changed)
  }

  /** id of the chosen target, which may not be there yet */
  get targetId(): string {
    return this.#targetId
  }

  set targetId(id: string) {
    this.#targetId = id
    this.#known = this.target
    this.#listener.changed()
  }

  get target(): Target | undefined {
    return this.mirror.target(this.#targetId)
  }

  /** Nobody answers there: this page takes the server's place from the first byte on. */
  get isSilent(): boolean {
    return this.target?.id === 'silence'
  }

  /** What is said there are packets of Engine.IO, and pings among them are answered. */
  get isEngine(): boolean {
    return this.target?.kind === 'socket.io'
  }

  get isRaw(): boolean {
    return this.target !== undefined && this.target.kind !== 'websocket' && !this.isEngine
  }

  /** Something can be said right now, without connecting first. */
  get speaking(): boolean {
    return this.browser.open || this.raw.connection !== undefined
  }

  /** how many chunks came while paused */
  get held(): number {
    return this.#heldCount
  }

  /** Begins a new capture of the chosen target, and connects to it if something listens there. */
  async start(): Promise<void> {
    this.trouble = ''
    await this.stop()
    this.resume()
    this.#listener.begin(startOf(this.target))
    const chosen = this.#targetId
    this.#watch(chosen)
    await this.#attempt(async () => {
      await this.mirror.command({ type: 'watch', target: chosen })
      if (this.watching !== chosen) return // another one was chosen meanwhile
      if (this.target?.listening && !this.isRaw && !this.isSilent) await this.#dialOnce()
    })
  }

  /** Looks at the target no longer; what still comes from it is not for this capture. */
  async stop(): Promise<void> {
    const target = this.watching
    this.#watch(undefined)
    this.browser.hangUp()
    this.raw.hangUp()
    // A lab server that is gone watches nothing, either.
    if (target) await this.mirror.command({ type: 'unwatch', target }).catch(() => undefined)
  }

  pause(): void {
    this.paused = true
    this.#listener.changed()
  }

  /** Shows the chunks that came while paused. */
  resume(): void {
    this.paused = false
    for (const chunk of this.#held) this.#listener.chunk(chunk)
    this.#held = []
    this.#heldCount = 0
    this.#listener.changed()
  }

  /** Sends text or bytes as one message of the browser; over TCP, text as a line. Connects first, when that is needed. */
  async send(data: string | Uint8Array<ArrayBuffer>): Promise<void> {
    if (this.isRaw) {
      await this.write('client', { bytes: typeof data === 'string' ? new TextEncoder().encode(`${data}\n`) : data })
      return
    }
    await this.#attempt(async () => {
      if (this.watching !== this.#targetId) await this.start()
      if (!this.browser.isOpen()) await this.#dial()
      this.browser.send(data)
    })
  }

  /**
   * Writes bytes as a client or as the server, each piece by a write of its own.
   *
   * @param by `client`: over a TCP connection of our own; `server`: to the browser's socket
   * @returns the connection; none when there was trouble before it was open
   */
  async write(by: 'client' | 'server', written: RawWrite): Promise<number | undefined> {
    let connection: number | undefined
    await this.#attempt(async () => {
      if (this.watching !== this.#targetId) await this.start()
      connection = by === 'client' ? await this.#clientSide(written.fresh) : await this.#serverSide(written.fresh)
      await this.#writeTo(connection, by, written)
    })
    return connection
  }

  /** Closes the browser's socket. What the API does not allow is told in `trouble`. */
  closeBrowser(code: number | undefined, reason: string): Promise<void> {
    return this.#attempt(() => this.browser.close(code, reason))
  }

  /** Ends everything that is open. */
  close(): void {
    this.browser.hangUp()
    this.mirror.channel.close()
  }

  async #writeTo(connection: number, by: 'client' | 'server', { bytes, answer, cuts, end }: RawWrite): Promise<void> {
    const type = by === 'client' ? 'send' : 'serverSend'
    const out = answer ? answer(acceptSteps(this.browser.secWebSocketKey()).secWebSocketAccept) : bytes
    if (out.length > 0) await this.mirror.command({ type, connection, data: toBase64(out), cuts })
    const direction = by === 'client' ? 'c2s' : 's2c'
    if (end === 'fin') await this.mirror.command({ type: 'cut', connection, direction })
    if (end === 'rst') await this.mirror.command({ type: 'reset', connection })
  }

  async #clientSide(fresh = false): Promise<number> {
    const open = this.raw.connection
    return open !== undefined && !fresh ? open : this.raw.open(this.target!, !this.isRaw)
  }

  async #serverSide(fresh = false): Promise<number> {
    // Where nobody answers, the handshake cannot succeed before something is written.
    if (this.isSilent && (fresh || !this.browser.isOpen())) void this.#dialOnce()
    else if (fresh || !this.browser.isOpen()) await this.#dial()
    return this.browser.connection()
  }

  /** @throws {Error} one sentence */
  async #dial(): Promise<void> {
    if (!(await this.#dialOnce())) throw new Error(`The browser could not open a WebSocket to ${this.target!.label}.`)
  }

  #dialOnce(): Promise<boolean> {
    const dialing = this.isEngine ? { path: webSocketTarget, answer: answerPing } : {}
    const { address } = this.mirror.channel
    return address ? this.#told(this.browser.dial(address, this.targetId, dialing)) : Promise.resolve(false)
  }

  /** Tells what may hold up a WebSocket that does not open. */
  #told(dialled: Promise<boolean>): Promise<boolean> {
    const held = setTimeout(() => this.#tell(heldUp), maxQuietMs)
    void dialled.then(() => {
      clearTimeout(held)
      if (this.trouble === heldUp) this.#tell('')
    })
    return dialled
  }

  #receive(chunk: Chunk): void {
    if (!this.watching || this.#targetOf.get(chunk.connection) !== this.watching) return
    this.raw.saw(chunk)
    if (!this.browser.owns(chunk) && this.#ownOnly) return
    if (!this.paused) return this.#listener.chunk(chunk)
    this.#held.push(chunk)
    if (this.#held.length > maxChunksKept) this.#held.shift()
    this.#heldCount++
    this.#listener.changed()
  }

  #hear(event: MirrorEvent): void {
    const isWatched = 'target' in event && event.target === this.watching
    if (event.type === 'opened') this.#targetOf.set(event.connection, event.target)
    if (event.type === 'closed') this.raw.closed(event.connection)
    if (event.type === 'watching' && isWatched) this.#listener.missed?.(event.forgotten)
    if (event.type === 'dropped' && isWatched) this.#listener.missed?.(event.chunks)
    if (event.type === 'error') this.#tell(event.message)
    if (event.type === 'refused' && isWatched) this.#tell(`Refused with ${event.status}: ${event.why}`)
  }

  #mirrorChanged(): void {
    if (this.mirror.channel.state !== 'live') this.watching = undefined
    const { target } = this
    const isStarted = target?.listening && this.#known?.listening === false
    this.#known = target
    this.#listener.changed()
    // A lab that the reader has just started is connected to at once.
    if (isStarted && this.watching === this.#targetId && !this.isRaw) void this.#attempt(() => this.#dial())
  }

  #watch(target: string | undefined): void {
    this.watching = target
    this.#listener.changed()
  }

  #tell(trouble: string): void {
    this.trouble = trouble
    this.#listener.changed()
  }

  async #attempt(act: () => Promise<void> | void): Promise<void> {
    this.#tell('')
    try {
      await act()
    } catch (error) {
      this.#tell((error as Error).message)
    }
  }
}

/** How the bytes of a target begin. A lab whose chapter names no protocol shows what each read brought. */
function startOf(target: Target | undefined): ConversationOptions {
  if (target?.protocols) return { start: target.protocols }
  return target?.kind === 'tcp' && target.stem !== undefined ? { start: 'bytes' } : {}
}
