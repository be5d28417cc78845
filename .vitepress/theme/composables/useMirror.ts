import { shallowRef, watch } from 'vue'
import { decodeMirrorChunk } from '../../../workbook/wire/formats/mirror-chunk.ts'
import {
  type MirrorCommand,
  type MirrorEvent,
  mirrorVersion,
  type Target,
} from '../../../workbook/wire/formats/mirror-messages.ts'
import type { Chunk } from '../../../workbook/wire/model/chunk.ts'
import { useLab } from './useLab.ts'

export interface MirrorListener {
  chunk(chunk: Chunk): void
  event(event: MirrorEvent): void
}

type WithoutId<C> = C extends { id: number } ? Omit<C, 'id'> : never

interface Answer {
  done(connection?: number): void
  failed(error: Error): void
}

/** The taps of the lab server: chunks and events in, commands out. It opens on `connect()`, not before. */
export function useMirror(listener: MirrorListener) {
  const targets = shallowRef<Target[]>([])
  /** the server speaks another version of the mirror than this page: reload */
  const outdated = shallowRef(false)
  const waiting = new Map<number, Answer>()
  let commands = 0

  const { send, ...lab } = useLab('/mirror', (data) => {
    if (data instanceof ArrayBuffer) listener.chunk(decodeMirrorChunk(new Uint8Array(data)))
    else receive(JSON.parse(data as string) as MirrorEvent)
  })

  function receive(event: MirrorEvent): void {
    if (event.type === 'hello') outdated.value = event.version !== mirrorVersion
    if (event.type === 'hello' || event.type === 'targets') targets.value = event.targets
    if (event.type === 'done') settle(event.id)?.done(event.connection)
    if (event.type === 'error' && event.id !== undefined) settle(event.id)?.failed(new Error(event.message))
    listener.event(event)
  }

  function settle(id: number): Answer | undefined {
    const answer = waiting.get(id)
    waiting.delete(id)
    return answer
  }

  /** @returns the connection, after `open`. @throws the server's sentence, when it does not do it */
  function command(asked: WithoutId<MirrorCommand>): Promise<number | undefined> {
    const id = ++commands
    if (!send(JSON.stringify({ id, ...asked }))) return Promise.reject(new Error('The lab server is not connected.'))
    return new Promise((done, failed) => waiting.set(id, { done, failed }))
  }

  watch(lab.state, (now) => {
    if (now === 'live') return
    for (const { failed } of waiting.values()) failed(new Error('The lab server is gone.'))
    waiting.clear()
  })

  return { ...lab, targets, outdated, command }
}

export type Mirror = ReturnType<typeof useMirror>
