// Given: from the address of a bus to what a Socket.IO server needs of it.
import { relayAdapter } from './adapter.ts'
import type { Bus } from './bus.ts'
import { BusConnection } from './bus-connection.ts'
import { shownAddress } from './bus-status.ts'

/**
 * Goes to the bus at this address. It need not be there yet, and may go and come again: `tell` says so, and meanwhile
 * rooms end at this process.
 *
 * @param address `relay://host:port` or `redis://host:port`
 * @param tell function that gets what a person should know, a sentence each
 * @throws {RangeError} for what is no such address
 */
export async function openBus(address: string, tell: (sentence: string) => void = console.error): Promise<Bus> {
  const { protocol, hostname, port } = parseBusAddress(address)
  if (protocol !== 'relay:') {
    const { redisBus } = await import('./redis.ts') // its client is large, and loaded only where it is asked for
    return redisBus(address, tell)
  }
  const connection = new BusConnection(Number(port || 7119), hostname.replace(/^\[|\]$/g, ''), { tell })
  return { adapter: relayAdapter(connection), close: () => connection.close() }
}

/** The address of a bus as a URL. @throws {RangeError} that says what was expected, and what was received */
export function parseBusAddress(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined
  const isBus = url !== undefined && /^(relay|rediss?):$/.test(url.protocol) && url.hostname !== ''
  if (isBus && url.port !== '0') return url
  throw new RangeError(
    `bus ${shownAddress(address)}: expected relay://host:port or redis://host:port, with a port from 1 to 65535. Leave it out for one machine.`,
  )
}
