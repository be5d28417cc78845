import { tryOnScopeDispose } from '@vueuse/core'
import type { Socket } from 'socket.io-client'
import { computed, shallowRef, watch } from 'vue'
import { type Heard, memberName, ownSockets, type RoomState, readState } from '../../../workbook/view/rooms.ts'
import { showControls } from '../../../workbook/wire/bytes/text.ts'
import { useMirror } from './useMirror.ts'
import { useTargetLook } from './useTargetLook.ts'

const targetId = '16-sio-rooms'
/** How long the reader's server may take to answer, in milliseconds. */
const maxAnswerMs = 2000
/** What is kept of the conversation. */
const maxLinesKept = 40
const maxCharactersShown = 200
/** A server that comes and goes is tried again after so many milliseconds, and then when asked. */
const retryDelaysMs = [500, 2000, 4000, 8000]

const [sender] = ownSockets as [(typeof ownSockets)[number]]

/** Real Socket.IO clients of this page, connected to the reader's lab 16 through its tap as soon as it runs. */
export function useRooms() {
  const mirror = useMirror({ chunk() {}, event() {} })
  const target = computed(() => mirror.targets.value.find(({ id }) => id === targetId))
  useTargetLook(mirror, target)

  const live = shallowRef(false)
  const state = shallowRef<RoomState>({})
  /** of the own sockets, by id */
  const names = shallowRef<Record<string, string>>({})
  /** what was said and heard, newest last */
  const lines = shallowRef<{ key: number; text: string }[]>([])
  /** one sentence about what the server refused or did not do */
  const trouble = shallowRef('')

  let sockets = new Map<string, Socket>()
  let calling: { call: string; heard: Heard } | undefined
  let keys = 0
  let attempts = 0
  let failures = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  /** Connects everybody and seats them. @throws {Error} one sentence */
  async function connect(tapPort: number): Promise<void> {
    const mine = ++attempts
    // Only this page pays for the package, and only when a lab runs.
    const { io } = await import('socket.io-client')
    if (mine !== attempts) return // the page was left, or the lab was restarted, meanwhile
    hangUp()
    const options = { transports: ['websocket'], forceNew: true, reconnection: false }
    const opened = ownSockets.map(({ name }): [string, Socket] => [
      name,
      io(`http://127.0.0.1:${tapPort}`, { ...options, auth: name === sender.name ? { watch: true } : {} }),
    ])
    const these = new Map(opened)
    sockets = these
    for (const [name, socket] of these) listen(name, socket, () => sockets === these && lost())
    await Promise.all([...these.values()].map(opening))
    names.value = Object.fromEntries([...these].map(([name, { id }]) => [id!, name]))
    for (const { name, rooms } of ownSockets) for (const room of rooms) await ask(name, 'join', room)
    lines.value = []
    trouble.value = ''
    failures = 0
    live.value = sockets === these
  }

  function listen(name: string, socket: Socket, gone: () => void): void {
    const who = (id: unknown) => memberName(String(id), names.value)
    socket.on('disconnect', gone)
    socket.on('state', (now: unknown) => {
      state.value = readState(now)
    })
    socket.on('tried', (from: unknown, call: unknown) => {
      if (!calling || calling.call !== call || from !== sockets.get(sender.name)?.id) return
      calling.heard[name] = (calling.heard[name] ?? 0) + 1
    })
    socket.on('said', (from, room, text) => say(`${name} hears ${who(from)}${room ? ` in ${room}` : ''}: ${text}`))
    socket.on('whispered', (from, text) => say(`${name} hears ${who(from)} whisper: ${text}`))
    socket.on('joined', (id, room) => say(`${name} hears that ${who(id)} has joined ${room}`))
    socket.on('left', (id, room) => say(`${name} hears that ${who(id)} has left ${room}`))
  }

  function say(text: string): void {
    lines.value = [...lines.value, { key: keys++, text: showControls(text).slice(0, maxCharactersShown) }].slice(
      -maxLinesKept,
    )
  }

  function lost(): void {
    hangUp()
    const delay = retryDelaysMs[failures++]
    if (delay !== undefined) timer = setTimeout(look, delay)
  }

  /** Has the lab server look whether lab 16 runs; if it does, `watch` below connects. */
  function look(): void {
    // The mirror's state tells when the lab server itself is gone.
    mirror.command({ type: 'targets', target: targetId }).catch(() => undefined)
  }

  function hangUp(): void {
    clearTimeout(timer)
    live.value = false
    const open = sockets
    sockets = new Map()
    for (const socket of open.values()) socket.disconnect()
  }

  /** @returns the server's answer. @throws {Error} when none comes in time */
  async function request(name: string, event: string, ...args: unknown[]): Promise<unknown> {
    const socket = sockets.get(name)
    if (!socket) throw new Error('Lab 16 has stopped.')
    const answer: Promise<unknown> = socket.timeout(maxAnswerMs).emitWithAck(event, ...args)
    return answer.catch(() => {
      throw new Error(`Lab 16 did not answer “${event}” within ${maxAnswerMs / 1000} seconds.`)
    })
  }

  /** @throws {Error} when the server refuses, too */
  async function ask(name: string, event: string, ...args: unknown[]): Promise<void> {
    const answer = (await request(name, event, ...args)) as { ok?: unknown; reason?: unknown } | null | undefined
    if (answer?.ok === false) throw new Error(`The server refused “${event}”: ${String(answer.reason)}.`)
  }

  /** Does what a person asked for; what goes wrong is said in `trouble`. */
  async function attempt<Done>(act: () => Promise<Done>): Promise<Done | undefined> {
    trouble.value = ''
    try {
      return await act()
    } catch (error) {
      trouble.value = (error as Error).message
      return undefined
    }
  }

  /** Has the first socket's call made on the server. @returns who of the own sockets heard it */
  function run(call: string): Promise<Heard | undefined> {
    return attempt(async () => {
      const heard: Heard = {}
      calling = { call, heard }
      await ask(sender.name, 'try', call)
      // What was sent to a socket before the answer to a later request has arrived when that has.
      await Promise.all([...sockets.keys()].map((name) => request(name, 'leave', '')))
      return heard
    })
  }

  function tell(room: string, text: string): Promise<void> {
    say(`${sender.name} says in ${room}: ${text}`)
    return attempt(() => ask(sender.name, 'say', room, text))
  }

  const move = (name: string, room: string, into: boolean) => attempt(() => ask(name, into ? 'join' : 'leave', room))

  function tryToConnect(): void {
    const port = target.value!.tapPort
    void attempt(() =>
      connect(port).catch((error: Error) => {
        hangUp()
        throw error
      }),
    )
  }

  watch(target, (now) => {
    if (now?.listening && sockets.size === 0) tryToConnect()
  })
  watch(mirror.state, (now) => {
    if (now !== 'live') hangUp()
  })
  tryOnScopeDispose(() => {
    attempts++
    hangUp()
  })

  return {
    state: mirror.state,
    retryIn: mirror.retryIn,
    obstacle: mirror.obstacle,
    outdated: mirror.outdated,
    target,
    trouble,
    isRaw: computed(() => false),
    /** begins; in the browser */
    begin: mirror.connect,
    /** begins, because the reader says so */
    ask: mirror.ask,
    connect: tryToConnect,
    live,
    rooms: state,
    names,
    lines,
    run,
    tell,
    move,
  }
}

/** Until a client is connected. @throws {Error} when it is refused */
function opening(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('connect_error', ({ message }) => reject(new Error(`Lab 16 lets nobody in: ${message}.`)))
  })
}
