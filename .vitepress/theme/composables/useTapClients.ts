import { computed, shallowRef, watch } from 'vue'
import { toBase64 } from '../../../workbook/wire/bytes/base64.ts'
import type { MirrorEvent } from '../../../workbook/wire/formats/mirror-messages.ts'
import type { Chunk } from '../../../workbook/wire/model/chunk.ts'
import { type Mirror, useMirror } from './useMirror.ts'
import { useRawClient } from './useRawClient.ts'
import { useTargetLook } from './useTargetLook.ts'

export interface TapClientsListener {
  /** a client begins anew */
  begin(client: number): void
  /** @param time milliseconds since the first of the clients connected */
  chunk(client: number, chunk: Chunk, time: number): void
}

/** What a client writes. */
export interface Writing {
  bytes: Uint8Array
  /** offsets at which a new write begins */
  cuts: number[]
  /** milliseconds between two writes */
  delay: number
}

/**
 * Clients of one target that are nothing but bytes: the lab server opens their connections through its tap, and the page
 * writes. It begins with `look()`, in the browser.
 *
 * @param targetId `07-tcp-chat`
 */
export function useTapClients(targetId: string, count: number, listener: TapClientsListener) {
  /** one sentence about what the server refused or could not do */
  const trouble = shallowRef('')
  const openedAt = new Map<number, number>()
  let began: number | undefined
  let watching = false

  const mirror = useMirror({ chunk: receive, event: hear })
  const clients = Array.from({ length: count }, () => useRawClient(mirror))
  const target = computed(() => mirror.targets.value.find(({ id }) => id === targetId))
  useTargetLook(mirror, target)

  function receive(chunk: Chunk): void {
    const client = clients.findIndex(({ connection }) => connection.value === chunk.connection)
    const opened = openedAt.get(chunk.connection)
    if (client < 0 || opened === undefined) return
    began ??= opened
    listener.chunk(client, chunk, opened - began + chunk.time)
    // As most programs do when the other side has finished. Whoever has ended already is not told twice.
    if (chunk.direction === 's2c' && chunk.end === 'fin') void end(client).catch(() => undefined)
  }

  function hear(event: MirrorEvent): void {
    if (event.type === 'opened' && event.by === 'page') openedAt.set(event.connection, event.openedAt)
    if (event.type === 'closed') for (const client of clients) client.closed(event.connection)
    if (event.type === 'dropped') trouble.value = `This page was too slow: ${event.chunks} chunks were left out.`
  }

  /** Opens a new connection for a client. */
  async function connect(client: number): Promise<void> {
    listener.begin(client)
    if (!clients.some(({ connection }) => connection.value !== undefined)) began = undefined
    // Once is enough: each time, what is remembered would be told again.
    if (!watching) await mirror.command({ type: 'watch', target: targetId })
    watching = true
    await clients[client]!.open(target.value!, false)
  }

  function send(client: number, { bytes, cuts, delay }: Writing): Promise<unknown> {
    return command(client, (connection) => ({ type: 'send', connection, data: toBase64(bytes), cuts, delay }))
  }

  /** FIN: the client has said everything, and still hears. */
  function end(client: number): Promise<unknown> {
    return command(client, (connection) => ({ type: 'cut', connection, direction: 'c2s' }))
  }

  /** RST: the connection is torn down. */
  function reset(client: number): Promise<unknown> {
    return command(client, (connection) => ({ type: 'reset', connection }))
  }

  async function command(client: number, of: (connection: number) => Asked): Promise<unknown> {
    const connection = clients[client]!.connection.value
    return connection === undefined ? undefined : mirror.command(of(connection))
  }

  /** Does something that a person asked for; what went wrong is said in `trouble`. */
  async function attempt(act: () => Promise<unknown>): Promise<void> {
    trouble.value = ''
    try {
      await act()
    } catch (error) {
      trouble.value = (error as Error).message
    }
  }

  // The connections end with the lab server that held them.
  watch(mirror.state, (now) => {
    if (now === 'live') return
    watching = false
    for (const { connection } of clients) connection.value = undefined
  })

  return {
    state: mirror.state,
    outdated: mirror.outdated,
    look: mirror.connect,
    target,
    trouble,
    /** of each client, whether it is connected */
    open: computed(() => clients.map(({ connection }) => connection.value !== undefined)),
    connect: (client: number) => attempt(() => connect(client)),
    send: (client: number, writing: Writing) => attempt(() => send(client, writing)),
    end: (client: number) => attempt(() => end(client)),
    reset: (client: number) => attempt(() => reset(client)),
  }
}

type Asked = Parameters<Mirror['command']>[0]
