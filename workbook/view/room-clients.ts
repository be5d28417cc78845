import type { Socket } from 'socket.io-client'
import { showControls } from '../wire/bytes/text.ts'
import { type MirrorEvent, type Target, tapQuery } from '../wire/formats/mirror-messages.ts'
import type { LabDoor } from './lab-channel.ts'
import { MirrorClient } from './mirror-client.ts'
import { type Heard, memberName, ownSockets, type RoomState, readState } from './rooms.ts'

/** How long the reader's server may take to answer, in milliseconds. */
const maxAnswerMs = 2000
/** What is kept of the conversation. */
const maxLinesKept = 40
const maxCharactersShown = 200
/** Waits before a server that comes and goes is looked for again, in milliseconds; after the last it is the reader's turn. */
const retryDelaysMs = [500, 2000, 4000, 8000]

const [sender] = ownSockets as [(typeof ownSockets)[number]]

/** What is used of a Socket.IO client. */
type RoomSocket = Pick<Socket, 'id' | 'on' | 'once' | 'disconnect' | 'timeout'>

/** Opens a Socket.IO client. @param base of the workbook, `http://localhost:5173` @param query names the target there */
export type OpenRoomSocket = (base: string, query: string, auth: Record<string, unknown>) => RoomSocket

/** Real Socket.IO clients, connected to the reader's lab 16 through its tap as soon as it runs. */
export class RoomClients {
  readonly mirror: MirrorClient
  /** everybody is connected and seated */
  live = false
  rooms: RoomState = {}
  /** names of the own sockets, by id */
  names: Record<string, string> = {}
  /** lines about what was said and heard, newest last */
  lines: { key: number; text: string }[] = []
  /** one sentence about what the server refused or did not do */
  trouble = ''
  readonly #targetId: string
  readonly #load: () => Promise<OpenRoomSocket>
  readonly #changed: () => void
  #sockets = new Map<string, RoomSocket>()
  #calling: { call: string; heard: Heard } | undefined
  #keys = 0
  #attempts = 0
  #failures = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  /**
   * @param targetId id of the target in the mirror
   * @param load brings the package of the clients, when the first are needed
   * @param changed called when what the clients say of themselves is not what it was
   */
  constructor(door: LabDoor, targetId: string, load: () => Promise<OpenRoomSocket>, changed: () => void) {
    this.#targetId = targetId
    this.#load = load
    this.#changed = changed
    this.mirror = new MirrorClient(door, {
      chunk() {},
      event: (event) => this.#hear(event),
      changed: () => this.#mirrorChanged(),
    })
  }

  get target(): Target | undefined {
    return this.mirror.target(this.#targetId)
  }

  /** Connects everybody and seats them; what goes wrong is told in `trouble`. */
  async connect(): Promise<void> {
    await this.#attempt(async () => {
      try {
        await this.#connect()
      } catch (error) {
        this.#hangUp()
        throw error
      }
    })
  }

  /** Has the first socket's call made on the server. @returns who of the own sockets heard it; nothing when there was trouble */
  run(call: string): Promise<Heard | undefined> {
    return this.#attempt(async () => {
      const heard: Heard = {}
      this.#calling = { call, heard }
      await this.#ask(sender.name, 'try', call)
      // What was sent to a socket before the answer to a later request has arrived when that has.
      await Promise.all([...this.#sockets.keys()].map((name) => this.#request(name, 'leave', '')))
      return heard
    })
  }

  /** Has the first socket say something in a room. */
  tell(room: string, text: string): Promise<void> {
    this.#note(`${sender.name} says in ${room}: ${text}`)
    return this.#attempt(() => this.#ask(sender.name, 'say', room, text))
  }

  /** Has a socket join a room or leave it. */
  move(name: string, room: string, into: boolean): Promise<void> {
    return this.#attempt(() => this.#ask(name, into ? 'join' : 'leave', room))
  }

  close(): void {
    this.#attempts++
    this.#hangUp()
    this.mirror.channel.close()
  }

  /** @throws {Error} one sentence */
  async #connect(): Promise<void> {
    const mine = ++this.#attempts
    const open = await this.#load()
    const base = this.mirror.channel.address?.base
    if (mine !== this.#attempts || !base) return // the page was left, or the lab was restarted, meanwhile
    this.#hangUp()
    const query = tapQuery(this.#targetId, 'rooms')
    const these = new Map(
      ownSockets.map(({ name }) => [name, open(base, query, name === sender.name ? { watch: true } : {})]),
    )
    this.#sockets = these
    for (const [name, socket] of these) this.#listen(name, socket, () => this.#sockets === these && this.#lost())
    await Promise.all([...these.values()].map(connected))
    this.#set({ names: Object.fromEntries([...these].map(([name, { id }]) => [id!, name])) })
    for (const { name, rooms } of ownSockets) for (const room of rooms) await this.#ask(name, 'join', room)
    this.#failures = 0
    this.#set({ lines: [], trouble: '', live: this.#sockets === these })
  }

  #listen(name: string, socket: RoomSocket, gone: () => void): void {
    const who = (id: unknown) => memberName(String(id), this.names)
    socket.on('disconnect', gone)
    socket.on('state', (rooms: unknown) => this.#set({ rooms: readState(rooms) }))
    socket.on('tried', (from: unknown, call: unknown) => {
      if (this.#calling?.call !== call || from !== this.#sockets.get(sender.name)?.id) return
      this.#calling!.heard[name] = (this.#calling!.heard[name] ?? 0) + 1
    })
    socket.on('said', (from, room, text) =>
      this.#note(`${name} hears ${who(from)}${room ? ` in ${room}` : ''}: ${text}`),
    )
    socket.on('whispered', (from, text) => this.#note(`${name} hears ${who(from)} whisper: ${text}`))
    socket.on('joined', (id, room) => this.#note(`${name} hears that ${who(id)} has joined ${room}`))
    socket.on('left', (id, room) => this.#note(`${name} hears that ${who(id)} has left ${room}`))
  }

  #note(text: string): void {
    const line = { key: this.#keys++, text: showControls(text).slice(0, maxCharactersShown) }
    this.#set({ lines: [...this.lines, line].slice(-maxLinesKept) })
  }

  #lost(): void {
    this.#hangUp()
    const delay = retryDelaysMs[this.#failures++]
    if (delay !== undefined) this.#timer = setTimeout(() => this.#look(), delay)
  }

  /** Has the lab server look whether lab 16 runs; when it does, `#hear` below connects. */
  #look(): void {
    // The mirror's state tells when the lab server itself is gone.
    this.mirror.command({ type: 'targets', target: this.#targetId }).catch(() => undefined)
  }

  #hangUp(): void {
    clearTimeout(this.#timer)
    this.#set({ live: false })
    const open = this.#sockets
    this.#sockets = new Map()
    for (const socket of open.values()) socket.disconnect()
  }

  /** @returns the server's answer. @throws {Error} when none comes in time */
  async #request(name: string, event: string, ...args: unknown[]): Promise<unknown> {
    const socket = this.#sockets.get(name)
    if (!socket) throw new Error('Lab 16 has stopped.')
    const answer: Promise<unknown> = socket.timeout(maxAnswerMs).emitWithAck(event, ...args)
    return answer.catch(() => {
      throw new Error(`Lab 16 did not answer “${event}” within ${maxAnswerMs / 1000} seconds.`)
    })
  }

  /** @throws {Error} when the server refuses, too */
  async #ask(name: string, event: string, ...args: unknown[]): Promise<void> {
    const answer = (await this.#request(name, event, ...args)) as { ok?: unknown; reason?: unknown } | null | undefined
    if (answer?.ok === false) throw new Error(`The server refused “${event}”: ${String(answer.reason)}.`)
  }

  /** Does what a person asked for; what goes wrong is told in `trouble`. */
  async #attempt<Done>(act: () => Promise<Done>): Promise<Done | undefined> {
    this.#set({ trouble: '' })
    try {
      return await act()
    } catch (error) {
      this.#set({ trouble: (error as Error).message })
      return undefined
    }
  }

  #hear(event: MirrorEvent): void {
    const isNews = event.type === 'hello' || event.type === 'targets'
    if (isNews && this.target?.listening && this.#sockets.size === 0) void this.connect()
  }

  #mirrorChanged(): void {
    if (this.mirror.channel.state !== 'live') this.#hangUp()
    this.#changed()
  }

  #set(now: Partial<Pick<RoomClients, 'live' | 'rooms' | 'names' | 'lines' | 'trouble'>>): void {
    Object.assign(this, now)
    this.#changed()
  }
}

/** Waits until a client is connected. @throws {Error} when it is refused */
function connected(socket: RoomSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('connect_error', ({ message }) => reject(new Error(`Lab 16 lets nobody in: ${message}.`)))
  })
}
