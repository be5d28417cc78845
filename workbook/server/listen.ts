import { once } from 'node:events'
import type { AddressInfo, Server } from 'node:net'
import { SentenceError, sentence } from '../wire/model/sentence.ts'

/** Why a port could not be had: another program listens there, or the system keeps it, as Windows does with whole ranges. */
export type PortTrouble = 'taken' | 'reserved'

/** Where a server listens now. */
export interface Listening {
  port: number
  /** what was wrong with the port that was tried first, when it is another one */
  passedOver?: PortTrouble
}

/**
 * Listens on 127.0.0.1, on `port` or the next free one.
 *
 * @param attempts how many ports are tried before any free one is taken
 * @returns the port
 * @throws {SentenceError} when there is no free port; the system's own error, when it may not listen at all
 */
export async function listenNear(server: Server, port: number, attempts: number): Promise<number> {
  const listening = await tryPorts(port, attempts, async (candidate) => {
    const trouble = await listenOn(server, candidate, '127.0.0.1')
    return trouble ?? portOf(server)
  })
  return listening.port
}

/**
 * Tries a port and those after it, and at last any.
 *
 * @param attempt gives the port that it got, or why it did not
 * @throws {SentenceError} when there is no free port
 */
export async function tryPorts(
  port: number,
  attempts: number,
  attempt: (candidate: number) => Promise<number | PortTrouble>,
): Promise<Listening> {
  let passedOver: PortTrouble | undefined
  for (let i = 0; i < attempts && port + i <= 65535; i++) {
    const got = await attempt(port + i)
    if (typeof got === 'number') return passedOver ? { port: got, passedOver } : { port: got }
    passedOver ??= got
  }
  const got = await attempt(0)
  if (typeof got === 'number') return passedOver ? { port: got, passedOver } : { port: got }
  throw new SentenceError(sentence('server.no-port'))
}

/** Tries one port of one address. @returns why it could not be had; nothing when the server listens */
export async function listenOn(server: Server, port: number, host: string): Promise<PortTrouble | undefined> {
  try {
    server.listen(port, host)
    await once(server, 'listening')
    return undefined
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE') return 'taken'
    if (code === 'EACCES') return 'reserved'
    throw error
  }
}

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}
