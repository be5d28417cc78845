import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { createLabServer, type LabServer, type LabServerOptions } from '../../workbook/server/lab-server.ts'
import type { TargetPlan } from '../../workbook/server/targets.ts'
import { decodeMirrorChunk } from '../../workbook/wire/formats/mirror-chunk.ts'
import {
  type MirrorCommand,
  type MirrorEvent,
  mirrorProtocol,
  tokenProtocol,
} from '../../workbook/wire/formats/mirror-messages.ts'
import type { Chunk } from '../../workbook/wire/model/chunk.ts'

/** The origin of a page that the lab server itself serves. */
export const originOf = (port: number) => `http://127.0.0.1:${port}`

/** A lab server on free ports, closed when the test ends. */
export async function startLab(options: LabServerOptions = {}): Promise<LabServer> {
  const lab = await createLabServer({ port: 0, labs: [], ...options })
  onTestFinished(() => lab.close())
  return lab
}

export function tapPort(lab: LabServer, id = 'echo'): number {
  return lab.targets().find((target) => target.id === id)!.tapPort
}

/** A server to tap, on a free port. */
export async function startTarget(
  onConnection: (socket: Socket) => void,
  kind: TargetPlan['kind'] = 'tcp',
): Promise<TargetPlan> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {})
    onTestFinished(() => void socket.destroy())
    onConnection(socket)
  })
  const port = await listen(server)
  return { id: 'target', label: 'Target', kind, port }
}

export async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

/** A port on which nothing listens. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Fails with what was awaited, instead of with the time of the whole test. */
export async function within<T>(promise: Promise<T>, what: string, milliseconds = 10_000): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${milliseconds} ms for ${what}`)), milliseconds)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** A TCP client that keeps what it reads. */
export class Client {
  readonly socket: Socket
  /** `fin`, `rst` when the connection is over */
  readonly over: Promise<'fin' | 'rst'>
  /** bytes that wait to be read */
  length = 0
  #pieces: Buffer[] = []
  #waiting = new Set<() => void>()

  static async connect(port: number): Promise<Client> {
    const client = new Client(connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true }))
    await Promise.race([once(client.socket, 'connect'), client.over])
    return client
  }

  private constructor(socket: Socket) {
    this.socket = socket
    onTestFinished(() => void socket.destroy())
    socket.on('data', (bytes: Buffer) => {
      this.#pieces.push(bytes)
      this.length += bytes.length
      for (const look of this.#waiting) look()
    })
    this.over = new Promise((resolve) => {
      socket.on('error', () => resolve('rst'))
      socket.on('end', () => resolve('fin'))
    })
  }

  /** Waits until this much has been received, and takes it. */
  async read(length: number): Promise<Buffer> {
    const arrived = new Promise<void>((resolve) => {
      const look = () => {
        if (this.length < length) return
        this.#waiting.delete(look)
        resolve()
      }
      this.#waiting.add(look)
      look()
    })
    await within(arrived, `${length} bytes`)
    const all = Buffer.concat(this.#pieces)
    this.#pieces = [all.subarray(length)]
    this.length = all.length - length
    return all.subarray(0, length)
  }

  async readAll(): Promise<Buffer> {
    await within(this.over, 'FIN', 25_000)
    return Buffer.concat(this.#pieces)
  }

  /** Sends its last bytes and FIN, and waits for the other side's. */
  async readAllAfter(bytes: string | Uint8Array): Promise<Buffer> {
    this.socket.end(bytes)
    return this.readAll()
  }

  write(bytes: string | Uint8Array): void {
    this.socket.write(bytes)
  }
}

/** What a server answers to one request, as text. */
export async function answerTo(port: number, request: string): Promise<string> {
  const client = await Client.connect(port)
  client.write(request)
  return (await client.readAll()).toString('latin1')
}

/** A request that a page of the workbook would make, with some headers changed; `undefined` leaves one out. */
export function request(port: number, changed: Record<string, string | undefined> = {}, target = '/'): string {
  const headers: Record<string, string | undefined> = { Host: `127.0.0.1:${port}`, Origin: originOf(port), ...changed }
  const lines = Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]))
  return [`GET ${target} HTTP/1.1`, ...lines, '', ''].join('\r\n')
}

/** The same as a WebSocket handshake (RFC 6455 §4.1). */
export function handshake(port: number, changed: Record<string, string | undefined> = {}, target = '/'): string {
  const upgrade = {
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  }
  return request(port, { ...upgrade, ...changed }, target)
}

type Without<T, K extends keyof never> = T extends unknown ? Omit<T, K> : never
export type Command = Without<MirrorCommand, 'id'>

/** A page on the mirror. */
export class Page {
  readonly socket: WebSocket
  readonly events: MirrorEvent[] = []
  readonly chunks: Chunk[] = []
  #lastId = 0
  #waiting = new Set<() => void>()

  static async open(lab: Pick<LabServer, 'port' | 'token'>, from = originOf(lab.port)): Promise<Page> {
    const page = new Page(lab, from)
    await page.event('hello')
    return page
  }

  private constructor({ port, token }: Pick<LabServer, 'port' | 'token'>, from: string) {
    const protocols = [mirrorProtocol, tokenProtocol(token)]
    this.socket = new WebSocket(`ws://127.0.0.1:${port}/mirror`, protocols, { origin: from })
    onTestFinished(() => this.socket.terminate())
    this.socket.on('error', () => {})
    this.socket.on('message', (data: Buffer, binary) => {
      if (binary) this.chunks.push(decodeMirrorChunk(data))
      else this.events.push(JSON.parse(data.toString()) as MirrorEvent)
      for (const look of this.#waiting) look()
    })
  }

  /** Waits for what `look` finds in what arrived. */
  async until<T>(look: () => T | undefined | false, what: string): Promise<T> {
    const found = new Promise<T>((resolve) => {
      const again = () => {
        const value = look()
        if (value === undefined || value === false) return
        this.#waiting.delete(again)
        resolve(value)
      }
      this.#waiting.add(again)
      again()
    })
    return within(found, what)
  }

  event<T extends MirrorEvent['type']>(
    type: T,
    fits: (event: Extract<MirrorEvent, { type: T }>) => boolean = () => true,
  ): Promise<Extract<MirrorEvent, { type: T }>> {
    type Wanted = Extract<MirrorEvent, { type: T }>
    return this.until(
      () => this.events.find((event): event is Wanted => event.type === type && fits(event as Wanted)),
      `the event ${type}`,
    )
  }

  /** @returns the answer, `done` or `error` */
  async ask(command: Command): Promise<Extract<MirrorEvent, { type: 'done' | 'error' }>> {
    const id = ++this.#lastId
    this.socket.send(JSON.stringify({ id, ...command }))
    return this.until(
      () => this.events.find((event) => (event.type === 'done' || event.type === 'error') && event.id === id) as never,
      `the answer to ${command.type}`,
    )
  }

  /** Opens a raw client. @returns the number of its connection */
  async connection(target: string): Promise<number> {
    const answer = await this.ask({ type: 'open', target })
    if (answer.type === 'error') throw new Error(answer.message)
    return answer.connection!
  }

  /** What went one way, joined. */
  bytes(direction: Chunk['direction'], connection = 1): Buffer {
    const mine = this.chunks.filter((chunk) => chunk.direction === direction && chunk.connection === connection)
    return Buffer.concat(mine.map((chunk) => chunk.bytes))
  }

  /** The ends that were seen, as `c2s fin`. */
  ends(): string[] {
    return this.chunks.flatMap((chunk) => (chunk.end ? [`${chunk.direction} ${chunk.end}`] : []))
  }
}
