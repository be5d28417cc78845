import { computed, onScopeDispose, shallowRef, watch } from 'vue'
import { toBase64 } from '../../../workbook/wire/base64.ts'
import type { Chunk } from '../../../workbook/wire/chunk.ts'
import type { ConversationOptions } from '../../../workbook/wire/conversation.ts'
import type { MirrorEvent, Target } from '../../../workbook/wire/mirror.ts'
import { useMirror } from './useMirror.ts'

export interface LiveListener {
  /** a new capture begins. @param start how its bytes begin */
  begin(start: ConversationOptions): void
  chunk(chunk: Chunk): void
}

export interface LiveOptions {
  /** watch only the connection that this page opens itself, not those of other programs */
  ownOnly?: boolean
}

/** What a raw sender writes. */
export interface RawWrite {
  bytes: Uint8Array
  /** offsets at which a new write begins */
  cuts?: number[]
  /** after the bytes */
  end?: 'fin' | 'rst'
  /** not over the connection that is open, but over a new one */
  fresh?: boolean
}

/** How long a raw client waits for the answer to its handshake before it sends anyway. */
const HANDSHAKE_MS = 2000

/** The handshake of a client that is nothing but bytes (RFC 6455 §4.1). */
function handshake(port: number): Uint8Array {
  const key = toBase64(crypto.getRandomValues(new Uint8Array(16)))
  const lines = [
    'GET / HTTP/1.1',
    `Host: 127.0.0.1:${port}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Key: ${key}`,
    'Sec-WebSocket-Version: 13',
  ]
  return new TextEncoder().encode(`${lines.join('\r\n')}\r\n\r\n`)
}

/** Watches one target through its tap, and speaks to it with the browser's own WebSocket (or as a raw TCP client). */
export function useLive(listener: LiveListener, { ownOnly = false }: LiveOptions = {}) {
  const targetId = shallowRef('echo')
  const watching = shallowRef<string>()
  /** one sentence about what the server refused or could not do */
  const trouble = shallowRef('')
  /** the browser's socket, or the raw connection, is open */
  const speaking = shallowRef(false)
  const paused = shallowRef(false)
  const held = shallowRef(0)
  const targetOf = new Map<number, string>()
  const isOwn = new Map<number, boolean>()
  // The tap does not know which page connected, but the request line that it records does.
  const mark = `page=${Math.random().toString(36).slice(2)}`
  let waiting: Chunk[] = []
  let socket: WebSocket | undefined
  let raw: number | undefined
  /** what the page’s own WebSocket told it, newest last */
  const events = shallowRef<string[]>([])
  /** the connection of the browser's socket, as the tap counts */
  let own = new Promise<number>(() => {})
  let foundOwn: (connection: number) => void = () => {}
  const heads = new Map<number, () => void>()

  const mirror = useMirror({ chunk: receive, event: hear })
  const target = computed<Target | undefined>(() => mirror.targets.value.find(({ id }) => id === targetId.value))
  const isRaw = computed(
    () => target.value?.kind === 'tcp' || target.value?.kind === 'tls' || target.value?.kind === 'http',
  )

  function receive(chunk: Chunk): void {
    if (!watching.value || targetOf.get(chunk.connection) !== watching.value) return
    if (chunk.direction === 's2c') heads.get(chunk.connection)?.()
    if (!belongs(chunk)) return
    if (!paused.value) return listener.chunk(chunk)
    waiting.push(chunk)
    held.value++
  }

  function belongs(chunk: Chunk): boolean {
    if (!isOwn.has(chunk.connection)) {
      isOwn.set(chunk.connection, new TextDecoder().decode(chunk.bytes).includes(mark))
      if (isOwn.get(chunk.connection)) foundOwn(chunk.connection)
    }
    return !ownOnly || isOwn.get(chunk.connection)!
  }

  function hear(event: MirrorEvent): void {
    if (event.type === 'opened') targetOf.set(event.connection, event.target)
    if (event.type === 'refused' && event.target === watching.value)
      trouble.value = `Refused with ${event.status}: ${event.why}`
    if (event.type === 'error') trouble.value = event.message
    if (event.type === 'closed' && event.connection === raw) {
      raw = undefined
      speaking.value = false
    }
  }

  /** Begins a new capture of the chosen target, and connects to it if something listens there. */
  async function start(): Promise<void> {
    hangUp()
    trouble.value = ''
    if (watching.value) await mirror.command({ type: 'unwatch', target: watching.value }).catch(() => undefined)
    resume()
    const raw = target.value?.kind === 'tcp' || target.value?.kind === 'tls'
    listener.begin(raw ? { start: 'bytes' } : {})
    watching.value = targetId.value
    await attempt(async () => {
      await mirror.command({ type: 'watch', target: targetId.value })
      if (target.value?.listening && !isRaw.value) await dial()
    })
  }

  /** Opens the browser's socket through the tap. @returns whether the handshake succeeded */
  function dial(): Promise<boolean> {
    hangUp()
    const opening = new WebSocket(`ws://127.0.0.1:${target.value!.tapPort}/?${mark}`)
    opening.binaryType = 'arraybuffer'
    socket = opening
    own = new Promise((found) => {
      foundOwn = found
    })
    events.value = []
    const note = (text: string) => {
      if (socket === opening) events.value = [...events.value.slice(-19), text]
    }
    opening.onmessage = ({ data }) =>
      note(typeof data === 'string' ? `message “${data.slice(0, 60)}”` : `message of ${data.byteLength} bytes`)
    opening.onerror = () => note('error, without a reason')
    return new Promise((settled) => {
      opening.onopen = () => {
        if (socket === opening) speaking.value = true
        note('open')
        settled(true)
      }
      opening.onclose = ({ code, reason, wasClean }) => {
        note(`close ${code}${reason ? ` “${reason}”` : ''}${wasClean ? '' : ', not clean'}`)
        if (socket === opening) speaking.value = false
        settled(false)
      }
    })
  }

  /** Sends text or bytes as one message; over TCP, text as a line. Connects first, when that is needed. */
  async function send(data: string | Uint8Array<ArrayBuffer>): Promise<void> {
    trouble.value = ''
    await attempt(async () => {
      if (watching.value !== targetId.value) await start()
      if (isRaw.value) return sendRaw(typeof data === 'string' ? new TextEncoder().encode(`${data}\n`) : data)
      if (socket?.readyState !== WebSocket.OPEN && !(await dial())) {
        trouble.value = `No WebSocket could be opened to ${target.value?.label}.`
        return
      }
      socket!.send(data)
    })
  }

  /**
   * Writes bytes as a client or as the server, each piece by a write of its own.
   *
   * @param by `client`: over a TCP connection of our own; `server`: to the browser's socket
   * @returns the connection
   */
  async function write(by: 'client' | 'server', { bytes, cuts, end, fresh }: RawWrite): Promise<number | undefined> {
    trouble.value = ''
    let connection: number | undefined
    await attempt(async () => {
      if (watching.value !== targetId.value) await start()
      connection = by === 'client' ? await rawClient(fresh) : await browserSide(fresh)
      const data = toBase64(bytes)
      if (bytes.length > 0)
        await mirror.command({ type: by === 'client' ? 'send' : 'serverSend', connection, data, cuts })
      if (end === 'fin') await mirror.command({ type: 'cut', connection, direction: by === 'client' ? 'c2s' : 's2c' })
      if (end === 'rst') await mirror.command({ type: 'reset', connection })
    })
    return connection
  }

  /** A TCP connection of our own through the tap; for a WebSocket target, with the handshake done. */
  async function rawClient(fresh = false): Promise<number> {
    if (raw !== undefined && !fresh) return raw
    if (raw !== undefined)
      await mirror.command({ type: 'cut', connection: raw, direction: 'c2s' }).catch(() => undefined)
    const connection = (await mirror.command({ type: 'open', target: targetId.value }))!
    raw = connection
    if (isRaw.value) return connection
    const answered = new Promise<void>((seen) => heads.set(connection, seen))
    await mirror.command({ type: 'send', connection, data: toBase64(handshake(target.value!.tapPort)) })
    await Promise.race([answered, new Promise((waited) => setTimeout(waited, HANDSHAKE_MS))])
    heads.delete(connection)
    return connection
  }

  async function browserSide(fresh = false): Promise<number> {
    if ((fresh || socket?.readyState !== WebSocket.OPEN) && !(await dial()))
      throw new Error(`The browser could not open a WebSocket to ${target.value?.label}.`)
    return own
  }

  /** Ends the browser's socket as a page does. @throws what the API throws for a code that a page may not send */
  function closeBrowser(code: number | undefined, reason: string): void {
    trouble.value = ''
    try {
      if (code === undefined) socket?.close()
      else socket?.close(code, reason)
    } catch (error) {
      trouble.value = (error as Error).message
    }
  }

  async function sendRaw(bytes: Uint8Array): Promise<void> {
    raw ??= await mirror.command({ type: 'open', target: targetId.value })
    speaking.value = true
    await mirror.command({ type: 'send', connection: raw!, data: toBase64(bytes) })
  }

  async function attempt(act: () => Promise<void>): Promise<void> {
    try {
      await act()
    } catch (error) {
      trouble.value = (error as Error).message
    }
  }

  /** Looks at the target no longer; what still comes from it is not for this capture. */
  function stop(): void {
    const target = watching.value
    watching.value = undefined
    hangUp()
    if (target) void mirror.command({ type: 'unwatch', target }).catch(() => undefined)
  }

  function hangUp(): void {
    socket?.close()
    socket = undefined
    if (raw !== undefined)
      void mirror.command({ type: 'cut', connection: raw, direction: 'c2s' }).catch(() => undefined)
    raw = undefined
    speaking.value = false
  }

  function resume(): void {
    paused.value = false
    for (const chunk of waiting) listener.chunk(chunk)
    waiting = []
    held.value = 0
  }

  watch(mirror.state, (now) => {
    if (now !== 'live') watching.value = undefined
  })
  // A lab that the reader has just started is connected to at once.
  watch(
    () => target.value?.listening,
    (now, before) => {
      if (now && before === false && watching.value === targetId.value && !speaking.value && !isRaw.value) void dial()
    },
  )
  onScopeDispose(hangUp)

  return {
    state: mirror.state,
    outdated: mirror.outdated,
    targets: mirror.targets,
    connect: mirror.connect,
    lookAgain: () => mirror.command({ type: 'targets' }).catch(() => undefined),
    target,
    targetId,
    isRaw,
    watching,
    speaking,
    trouble,
    paused,
    held,
    start,
    send,
    write,
    closeBrowser,
    events,
    stop,
    resume,
  }
}

export type Live = ReturnType<typeof useLive>
