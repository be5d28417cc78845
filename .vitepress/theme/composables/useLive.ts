import { computed, shallowRef, watch } from 'vue'
import { toBase64 } from '../../../workbook/wire/bytes/base64.ts'
import { answerPing, webSocketTarget } from '../../../workbook/wire/engineio/engine-packet.ts'
import type { MirrorEvent, Target } from '../../../workbook/wire/formats/mirror-messages.ts'
import type { Chunk } from '../../../workbook/wire/model/chunk.ts'
import type { ConversationOptions } from '../../../workbook/wire/stream/conversation.ts'
import { acceptSteps } from '../../../workbook/wire/websocket/handshake.ts'
import { type Dialing, useBrowserSocket } from './useBrowserSocket.ts'
import { maxChunksKept } from './useCapture.ts'
import { useMirror } from './useMirror.ts'
import { useRawClient } from './useRawClient.ts'
import { useTargetLook } from './useTargetLook.ts'

export interface LiveListener {
  /** a new capture begins. @param start how its bytes begin */
  begin(start: ConversationOptions): void
  chunk(chunk: Chunk): void
  /** so many chunks were forgotten, or left out since this page was too slow */
  missed?(chunks: number): void
}

export interface LiveOptions {
  /** watch only the connection that this page opens itself, not those of other programs */
  ownOnly?: boolean
}

/** What a raw sender writes. */
export interface RawWrite {
  bytes: Uint8Array
  /** instead of `bytes`: what to answer to a handshake that asks for this Sec-WebSocket-Accept */
  answer?: (secWebSocketAccept: string) => Uint8Array
  /** offsets at which a new write begins */
  cuts?: number[]
  /** after the bytes */
  end?: 'fin' | 'rst'
  /** not over the connection that is open, but over a new one */
  fresh?: boolean
}

/** Watches one target through its tap, and speaks to it: as a page, as a raw client, or in the server's place. */
export function useLive(listener: LiveListener, { ownOnly = false }: LiveOptions = {}) {
  const targetId = shallowRef('echo')
  const watching = shallowRef<string>()
  /** one sentence about what the server refused or could not do */
  const trouble = shallowRef('')
  const paused = shallowRef(false)
  /** chunks that came while paused */
  const held = shallowRef(0)
  const targetOf = new Map<number, string>()
  let waiting: Chunk[] = []

  const mirror = useMirror({ chunk: receive, event: hear })
  const browser = useBrowserSocket()
  const raw = useRawClient(mirror)
  const target = computed<Target | undefined>(() => mirror.targets.value.find(({ id }) => id === targetId.value))
  useTargetLook(mirror, target)
  /** nobody answers there: this page takes the server's place from the first byte on */
  const isSilent = computed(() => target.value?.id === 'silence')
  /** what is said there are packets of Engine.IO, and pings among them are answered */
  const isEngine = computed(() => target.value?.kind === 'socket.io')
  const isRaw = computed(() => target.value !== undefined && target.value.kind !== 'websocket' && !isEngine.value)

  function receive(chunk: Chunk): void {
    if (!watching.value || targetOf.get(chunk.connection) !== watching.value) return
    raw.saw(chunk)
    if (!browser.owns(chunk) && ownOnly) return
    if (!paused.value) return listener.chunk(chunk)
    waiting.push(chunk)
    if (waiting.length > maxChunksKept) waiting.shift()
    held.value++
  }

  function hear(event: MirrorEvent): void {
    if (event.type === 'opened') targetOf.set(event.connection, event.target)
    if (event.type === 'closed') raw.closed(event.connection)
    if (event.type === 'watching' && event.target === watching.value) listener.missed?.(event.forgotten)
    if (event.type === 'dropped' && event.target === watching.value) listener.missed?.(event.chunks)
    if (event.type === 'error') trouble.value = event.message
    if (event.type === 'refused' && event.target === watching.value)
      trouble.value = `Refused with ${event.status}: ${event.why}`
  }

  /** Begins a new capture of the chosen target, and connects to it if something listens there. */
  async function start(): Promise<void> {
    trouble.value = ''
    await stop()
    resume()
    listener.begin(target.value?.kind === 'tcp' ? { start: 'bytes' } : {})
    const chosen = targetId.value
    watching.value = chosen
    await attempt(async () => {
      await mirror.command({ type: 'watch', target: chosen })
      if (watching.value !== chosen) return // another one was chosen meanwhile
      if (target.value?.listening && !isRaw.value && !isSilent.value) await dialOnce()
    })
  }

  /** Looks at the target no longer; what still comes from it is not for this capture. */
  async function stop(): Promise<void> {
    const target = watching.value
    watching.value = undefined
    browser.hangUp()
    raw.hangUp()
    if (target) await mirror.command({ type: 'unwatch', target }).catch(() => undefined)
  }

  /** Sends text or bytes as one message of the browser; over TCP, text as a line. Connects first, when that is needed. */
  async function send(data: string | Uint8Array<ArrayBuffer>): Promise<void> {
    if (isRaw.value) {
      await write('client', { bytes: typeof data === 'string' ? new TextEncoder().encode(`${data}\n`) : data })
      return
    }
    await attempt(async () => {
      if (watching.value !== targetId.value) await start()
      if (!browser.isOpen()) await dial()
      browser.send(data)
    })
  }

  /**
   * Writes bytes as a client or as the server, each piece by a write of its own.
   *
   * @param by `client`: over a TCP connection of our own; `server`: to the browser's socket
   * @returns the connection
   */
  async function write(
    by: 'client' | 'server',
    { bytes, answer, cuts, end, fresh }: RawWrite,
  ): Promise<number | undefined> {
    let connection: number | undefined
    await attempt(async () => {
      if (watching.value !== targetId.value) await start()
      connection = by === 'client' ? await clientSide(fresh) : await serverSide(fresh)
      const type = by === 'client' ? 'send' : 'serverSend'
      const out = answer ? answer(acceptSteps(browser.secWebSocketKey()).secWebSocketAccept) : bytes
      if (out.length > 0) await mirror.command({ type, connection, data: toBase64(out), cuts })
      if (end === 'fin') await mirror.command({ type: 'cut', connection, direction: by === 'client' ? 'c2s' : 's2c' })
      if (end === 'rst') await mirror.command({ type: 'reset', connection })
    })
    return connection
  }

  async function clientSide(fresh = false): Promise<number> {
    const open = raw.connection.value
    return open !== undefined && !fresh ? open : raw.open(target.value!, !isRaw.value)
  }

  async function serverSide(fresh = false): Promise<number> {
    // Where nobody answers, the handshake cannot succeed before something is written.
    if (isSilent.value && (fresh || !browser.isOpen())) void dialOnce()
    else if (fresh || !browser.isOpen()) await dial()
    return browser.connection()
  }

  /** @throws {Error} one sentence */
  async function dial(): Promise<void> {
    if (!(await dialOnce())) throw new Error(`The browser could not open a WebSocket to ${target.value!.label}.`)
  }

  function dialOnce(): Promise<boolean> {
    const dialing: Dialing = isEngine.value ? { path: webSocketTarget, answer: answerPing } : {}
    return browser.dial(target.value!.tapPort, dialing)
  }

  async function attempt(act: () => Promise<void> | void): Promise<void> {
    trouble.value = ''
    try {
      await act()
    } catch (error) {
      trouble.value = (error as Error).message
    }
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
      if (now && before === false && watching.value === targetId.value && !isRaw.value) void attempt(dial)
    },
  )

  return {
    state: mirror.state,
    outdated: mirror.outdated,
    targets: mirror.targets,
    retryIn: mirror.retryIn,
    obstacle: mirror.obstacle,
    connect: mirror.connect,
    ask: mirror.ask,
    target,
    targetId,
    isRaw,
    isEngine,
    isSilent,
    watching,
    /** something can be said right now, without connecting first */
    speaking: computed(() => browser.open.value || raw.connection.value !== undefined),
    events: browser.events,
    trouble,
    paused,
    held,
    start,
    stop,
    send,
    write,
    closeBrowser: (code: number | undefined, reason: string) => attempt(() => browser.close(code, reason)),
    resume,
  }
}

export type Live = ReturnType<typeof useLive>
