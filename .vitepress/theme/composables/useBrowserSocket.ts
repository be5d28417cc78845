import { onScopeDispose, shallowRef } from 'vue'
import type { Chunk } from '../../../workbook/wire/model/chunk.ts'

/** What is kept of the messages that a page received. */
const maxEventsKept = 20
const maxCharactersShown = 60
/** The part of a request that is looked at, in bytes. */
const maxHeadBytes = 4096

export interface Dialing {
  /** path and query, `/` unless told */
  path?: string
  /** what to say at once to a text message */
  answer?: (text: string) => string | undefined
}

/** The browser's own WebSocket to a tapped server: what a page can do with it, and what it is told. */
export function useBrowserSocket() {
  const open = shallowRef(false)
  /** what the page was told, newest last */
  const events = shallowRef<string[]>([])
  // A tap does not know which page connected, but the request line that it records does.
  const mark = `page=${Math.random().toString(36).slice(2)}`
  const isOwn = new Map<number, boolean>()
  let socket: WebSocket | undefined
  let connection = new Promise<number>(() => {})
  let found: (connection: number) => void = () => {}
  let request = ''

  /** @param tapPort on 127.0.0.1 @returns whether the handshake succeeded */
  function dial(tapPort: number, { path = '/', answer }: Dialing = {}): Promise<boolean> {
    hangUp()
    connection = new Promise((settle) => {
      found = settle
    })
    events.value = []
    const opening = new WebSocket(`ws://127.0.0.1:${tapPort}${path}${path.includes('?') ? '&' : '?'}${mark}`)
    opening.binaryType = 'arraybuffer'
    socket = opening
    const told = (text: string, isOpen = open.value) => {
      if (socket !== opening) return
      events.value = [...events.value, text].slice(-maxEventsKept)
      open.value = isOpen
    }
    opening.onmessage = ({ data }) => {
      told(
        typeof data === 'string'
          ? `message “${data.slice(0, maxCharactersShown)}”`
          : `message of ${data.byteLength} bytes`,
      )
      const reply = typeof data === 'string' ? answer?.(data) : undefined
      if (reply !== undefined) opening.send(reply)
    }
    opening.onerror = () => told('error, without a reason')
    return new Promise((settled) => {
      opening.onopen = () => {
        told('open', true)
        settled(true)
      }
      opening.onclose = ({ code, reason, wasClean }) => {
        told(`close ${code}${reason ? ` “${reason}”` : ''}${wasClean ? '' : ', not clean'}`, false)
        settled(false)
      }
    })
  }

  /** Whether the chunk's connection is one that this page opened: its first chunk says so. */
  function owns({ connection: number, bytes }: Chunk): boolean {
    const known = isOwn.get(number)
    if (known !== undefined) return known
    const head = new TextDecoder().decode(bytes.subarray(0, maxHeadBytes))
    const own = head.includes(mark)
    isOwn.set(number, own)
    if (own) {
      request = head
      found(number)
    }
    return own
  }

  function hangUp(): void {
    socket?.close()
    socket = undefined
    open.value = false
  }

  onScopeDispose(hangUp)
  return {
    open,
    events,
    dial,
    owns,
    hangUp,
    isOpen: () => socket?.readyState === WebSocket.OPEN,
    send: (data: string | Uint8Array<ArrayBuffer>) => socket?.send(data),
    /** @throws what the API throws for a code that a page may not send */
    close: (code: number | undefined, reason: string) => (code ? socket?.close(code, reason) : socket?.close()),
    /** the newest connection, as the tap counts */
    connection: () => connection,
    /** the key that the newest connection sent in its handshake */
    secWebSocketKey: () => /^sec-websocket-key: *(.*?) *$/im.exec(request)?.[1] ?? '',
  }
}
