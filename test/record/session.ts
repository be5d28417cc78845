import type { Recording } from '../../workbook/wire/formats/recording.ts'
import { Tap } from './tap.ts'

/** A server that listens on 127.0.0.1. */
export interface Listening {
  port: number
  close(): unknown
}

/** How a recording comes about: who listens, and what is said to it through a tap. */
export interface Session {
  /** name of the file */
  id: string
  client: string
  server: string
  protocol: string
  /** what can be seen; `undefined` when `talk` tells it */
  note?: string
  listen(): Promise<Listening>
  /** Connects to the tap and says everything; @returns the note, when it depends on what was seen */
  talk(tap: Tap): Promise<string | undefined>
}

/** Carries a session out. @throws {Error} when something that it waits for does not come */
export async function record({ listen, talk, client, server, protocol, note }: Session): Promise<Recording> {
  const listening = await listen()
  const tap = await Tap.open(listening.port)
  try {
    const seen = (await talk(tap)) ?? note ?? ''
    await tap.ended()
    const connections = tap.connections.map(({ chunks }) => chunks)
    const opened = tap.connections.map(({ began }) => Math.round((began - tap.first.began) * 1000) / 1000)
    return { client, server, protocol, note: seen, connections, ...(connections.length > 1 && { opened }) }
  } finally {
    tap.close()
    await listening.close()
  }
}
