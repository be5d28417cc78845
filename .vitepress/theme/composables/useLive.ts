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

  const mirror = useMirror({ chunk: receive, event: hear })
  const target = computed<Target | undefined>(() => mirror.targets.value.find(({ id }) => id === targetId.value))
  const isRaw = computed(
    () => target.value?.kind === 'tcp' || target.value?.kind === 'tls' || target.value?.kind === 'http',
  )

  function receive(chunk: Chunk): void {
    if (!watching.value || targetOf.get(chunk.connection) !== watching.value || !belongs(chunk)) return
    if (!paused.value) return listener.chunk(chunk)
    waiting.push(chunk)
    held.value++
  }

  function belongs(chunk: Chunk): boolean {
    if (!ownOnly) return true
    if (!isOwn.has(chunk.connection)) isOwn.set(chunk.connection, new TextDecoder().decode(chunk.bytes).includes(mark))
    return isOwn.get(chunk.connection)!
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
    return new Promise((settled) => {
      opening.onopen = () => {
        if (socket === opening) speaking.value = true
        settled(true)
      }
      opening.onclose = () => {
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
    dial,
    stop,
    resume,
  }
}

export type Live = ReturnType<typeof useLive>
