import { ChannelFrameReader, channelHeader, tokenHeader } from '../wire/formats/channel.ts'

/** What a channel needs of a WebSocket. */
export interface ChannelSocket {
  readonly readyState: number
  readonly OPEN: number
  binaryType: BinaryType
  onopen: (() => void) | null
  onclose: (() => void) | null
  onmessage: ((event: { data: unknown }) => void) | null
  send(data: string | BufferSource): void
  close(): void
}

/** What a stream needs of the browser. */
type Fetch = (url: string, options: RequestInit) => Promise<Response>

/**
 * Stands in for a WebSocket to the lab server where none comes through: one request whose answer does not end, and one
 * more for each message of the page. It works in the same way for whoever holds it.
 */
export class StreamSocket implements ChannelSocket {
  readonly OPEN = 1
  readyState: number = 0
  binaryType: BinaryType = 'arraybuffer'
  onopen: (() => void) | null = null
  onclose: (() => void) | null = null
  onmessage: ((event: { data: unknown }) => void) | null = null
  readonly #url: string
  readonly #token: string
  readonly #fetch: Fetch
  readonly #left = new AbortController()
  #id = ''
  /** the messages of the page go one after the other, as they would on a WebSocket */
  #sent: Promise<unknown> = Promise.resolve()

  /** Opens it. @param url of the channel, `http://localhost:5173/mirror` */
  constructor(url: string, token: string, fetch: Fetch) {
    this.#url = url
    this.#token = token
    this.#fetch = fetch
    void this.#run()
  }

  send(data: string | BufferSource): void {
    this.#sent = this.#sent.then(() => this.#post({ [channelHeader]: this.#id }, data)).catch(() => this.close()) // the server is gone; 'close' tells
  }

  close(): void {
    this.#left.abort()
    this.#over()
  }

  async #run(): Promise<void> {
    try {
      const response = await this.#post({})
      const reader = response.body?.getReader()
      if (!response.ok || !reader) return this.#over()
      this.#id = response.headers.get(channelHeader) ?? ''
      this.readyState = this.OPEN
      this.onopen?.()
      await this.#read(reader)
    } catch {
      // It could not be opened, or broke off: no difference to whoever holds it.
    }
    this.#over()
  }

  async #read(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    const frames = new ChannelFrameReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      for (const message of frames.push(value)) {
        this.onmessage?.({ data: typeof message === 'string' ? message : message.buffer })
      }
    }
  }

  #post(headers: Record<string, string>, body?: BodyInit): Promise<Response> {
    return this.#fetch(this.#url, {
      method: 'POST',
      headers: { ...headers, [tokenHeader]: this.#token },
      body: body ?? null,
      cache: 'no-store',
      signal: this.#left.signal,
    })
  }

  #over(): void {
    if (this.readyState === 3) return
    this.readyState = 3
    this.onclose?.()
  }
}
