import { tapQuery } from '../wire/formats/mirror-messages.ts'
import type { Chunk } from '../wire/model/chunk.ts'
import { type LabAddress, webSocketUrl } from './lab-address.ts'

/** What is kept of the messages that a page received. */
const maxEventsKept = 20
const maxCharactersShown = 60
/** The part of a request that is looked at, in bytes. */
const maxHeadBytes = 4096

interface Dialing {
  /** path and query, `/` unless told */
  path?: string
  /** the text to send at once when this text message has come */
  answer?: (text: string) => string | undefined
}

/** The browser's own WebSocket to a tapped server: what a page can do with it, and what it is told. */
export class BrowserSocket {
  /** true from the end of the handshake until a close has come */
  open = false
  /** sentences about what the page was told, newest last */
  events: string[] = []
  readonly #changed: () => void
  // A tap does not know which page connected, but the request line that it records does.
  readonly #mark = Math.random().toString(36).slice(2)
  readonly #isOwn = new Map<number, boolean>()
  #socket: WebSocket | undefined
  #connection = new Promise<number>(() => {})
  #found: (connection: number) => void = () => {}
  #request = ''

  /** @param changed called when `open` or `events` are not what they were */
  constructor(changed: () => void) {
    this.#changed = changed
  }

  /**
   * Opens a WebSocket to a target, through the workbook's own port: whatever carries the page carries it too.
   *
   * @param target id of the target
   * @returns whether the handshake succeeded
   */
  dial(lab: LabAddress, target: string, { path = '/', answer }: Dialing = {}): Promise<boolean> {
    this.hangUp()
    this.#connection = new Promise((settle) => {
      this.#found = settle
    })
    this.events = []
    this.#changed()
    const query = `${path.includes('?') ? '&' : '?'}${tapQuery(target, this.#mark)}`
    const opening = new WebSocket(webSocketUrl(lab, path + query))
    opening.binaryType = 'arraybuffer'
    this.#socket = opening
    opening.onmessage = ({ data }) => {
      this.#note(opening, messageText(data))
      const reply = typeof data === 'string' ? answer?.(data) : undefined
      if (reply !== undefined) opening.send(reply)
    }
    opening.onerror = () => this.#note(opening, 'error, without a reason')
    return new Promise((settled) => {
      opening.onopen = () => {
        this.#note(opening, 'open', true)
        settled(true)
      }
      opening.onclose = ({ code, reason, wasClean }) => {
        this.#note(opening, `close ${code}${reason ? ` “${reason}”` : ''}${wasClean ? '' : ', not clean'}`, false)
        settled(false)
      }
    })
  }

  /** Whether the chunk's connection is one that this page opened: its first chunk tells. */
  owns({ connection, bytes }: Chunk): boolean {
    const known = this.#isOwn.get(connection)
    if (known !== undefined) return known
    const head = new TextDecoder().decode(bytes.subarray(0, maxHeadBytes))
    const own = head.includes(`.${this.#mark} `)
    this.#isOwn.set(connection, own)
    if (own) {
      this.#request = head
      this.#found(connection)
    }
    return own
  }

  hangUp(): void {
    this.#socket?.close()
    this.#socket = undefined
    this.open = false
    this.#changed()
  }

  isOpen(): boolean {
    return this.#socket !== undefined && this.#socket.readyState === this.#socket.OPEN
  }

  send(data: string | Uint8Array<ArrayBuffer>): void {
    this.#socket?.send(data)
  }

  /** @throws {DOMException} for a code that a page may not send, or a reason that is too long */
  close(code: number | undefined, reason: string): void {
    if (code) this.#socket?.close(code, reason)
    else this.#socket?.close()
  }

  /** @returns the newest connection, as the tap counts, when the tap has told of it */
  connection(): Promise<number> {
    return this.#connection
  }

  /** @returns the key that the newest connection sent in its handshake */
  secWebSocketKey(): string {
    return /^sec-websocket-key: *(.*?) *$/im.exec(this.#request)?.[1] ?? ''
  }

  /** Notes what the page was told, unless it dialled anew meanwhile. */
  #note(socket: WebSocket, text: string, open = this.open): void {
    if (this.#socket !== socket) return
    this.events = [...this.events, text].slice(-maxEventsKept)
    this.open = open
    this.#changed()
  }
}

function messageText(data: string | ArrayBuffer): string {
  return typeof data === 'string'
    ? `message “${data.slice(0, maxCharactersShown)}”`
    : `message of ${data.byteLength} bytes`
}
