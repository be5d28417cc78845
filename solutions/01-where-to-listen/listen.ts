import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { type AddressInfo, BlockList, connect, isIPv6, type Server } from 'node:net'
import { networkInterfaces } from 'node:os'

/** Where a server is to listen. */
export interface ListenOptions {
  /** address or name to listen on; default 127.0.0.1, or every address of the machine when `public` is set */
  host?: string
  /** 0, the default, lets the system choose a free port */
  port?: number
  /** must be set for an address that other machines can reach */
  public?: boolean
}

/** Where a server listens. */
export interface Listening {
  /** address as the system reports it, but never IPv4 in IPv6 clothes: `127.0.0.1`, not `::ffff:127.0.0.1` */
  address: string
  family: 'IPv4' | 'IPv6'
  port: number
  /** what a client on this machine connects to: `tcp://127.0.0.1:7001`, `tcp://[::1]:7001` */
  url: string
}

/** What a client finds at one address. */
export interface Reach {
  address: string
  reachable: boolean
  /** code of the error when not reachable: `ECONNREFUSED`, `ETIMEDOUT` … */
  error?: string
}

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** Whether only this machine can send to the address (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3). */
export function isLoopback(address: string): boolean {
  return loopback.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}

/**
 * Starts a server where the caller means it to be: on loopback, unless the caller says `public`.
 *
 * @returns once the server is listening
 * @throws {Error} of the kinds that `explainListenError` explains; the server is then not listening
 */
export async function listenOn(server: Server, options: ListenOptions = {}): Promise<Listening> {
  const { port = 0 } = options
  // #region host
  // TODO 1: With neither host nor `public`, listen on 127.0.0.1. Look a name up, and refuse (throw an Error)
  // whatever is not loopback unless `public` is set. `public` without a host leaves the host out: all addresses.
  // starter: const host = options.host

  const host = options.host ?? (options.public ? undefined : '127.0.0.1')
  if (host !== undefined && !options.public) {
    // A name is only as private as the address behind it, so look before listening.
    const { address } = await lookup(host)
    if (!isLoopback(address)) {
      throw new Error(`host ${host}: other machines can reach it. Set public if that is what you want.`)
    }
  }
  // #endregion

  server.listen({ host, port })
  await once(server, 'listening') // rejects with the server's 'error', if that comes first
  return report(server.address() as AddressInfo)
}

/** `127.0.0.1` for `::ffff:127.0.0.1`, the form in which an IPv6 socket reports an IPv4 peer (RFC 4291 §2.5.5.2). */
export function unmapped(address: string): string {
  // #region unmapped
  // TODO 2: Return the part after ::ffff: when it is an IPv4 address, and any other address unchanged.
  // starter: return address

  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address
  // #endregion
}

function report(bound: AddressInfo): Listening {
  const address = unmapped(bound.address)
  const { port } = bound
  // #region url
  // TODO 3: Give the family of the address, and a url with an IPv6 address in brackets (RFC 3986 §3.2.2). Nobody can
  // connect to the address "any": in the url write 127.0.0.1 for 0.0.0.0, and ::1 for ::.
  // starter: return { address, family: 'IPv4', port, url: `tcp://${address}:${port}` }

  const dial = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address
  return {
    address,
    family: isIPv6(address) ? 'IPv6' : 'IPv4',
    port,
    url: `tcp://${isIPv6(dial) ? `[${dial}]` : dial}:${port}`,
  }
  // #endregion
}

/**
 * Says for a person what went wrong and what to do about it: one sentence, or a line for each error of an
 * AggregateError.
 *
 * @param error what listening, looking up a name or connecting ended with
 */
export function explainListenError(error: unknown): string {
  // #region explain
  // TODO 4: Answer by the error's code: EADDRINUSE, EACCES (name the port), EADDRNOTAVAIL (name the address), ENOTFOUND
  // (name the hostname), ERR_SOCKET_BAD_PORT (0 to 65535), ECONNREFUSED (address and port). The message of an
  // AggregateError is empty: explain each of its .errors. Anything else: its message.
  // starter: return (error as Error).message

  if (error instanceof AggregateError) return error.errors.map(explainListenError).join('\n')
  if (!(error instanceof Error)) return String(error)

  const { code, address, port, hostname } = error as NodeJS.ErrnoException & {
    address?: string
    port?: number
    hostname?: string
  }
  switch (code) {
    case 'EADDRINUSE':
      return `port ${port}: expected it free, but it is taken. Stop that program or give another port.`
    case 'EACCES':
      return `port ${port}: this user may not listen there. Give a port from 1024 up.`
    case 'EADDRNOTAVAIL':
      return `address ${address}: no interface of this machine has it. Give one of ${ownAddresses().join(', ')}.`
    case 'ENOTFOUND':
      return `host ${hostname}: no address has this name. Check the spelling, or give an address.`
    case 'ERR_SOCKET_BAD_PORT':
      return `port: expected a number from 0 to 65535, received ${error.message.split('Received ')[1]}`
    case 'ECONNREFUSED':
      return `${address} port ${port}: the machine answers, but no program listens there. Start it, or look where it listens.`
    default:
      return error.message || String(code)
  }
  // #endregion
}

/** The addresses of this machine, loopback first. Link-local IPv6 is left out: it works only with a zone. */
export function ownAddresses(): string[] {
  const all = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .map(({ address }) => address)
    .filter((address) => !/^fe80:/i.test(address))
  return [...all.filter(isLoopback), ...all.filter((address) => !isLoopback(address))]
}

/**
 * Tries to connect to a port through each address, as a client would, and hangs up at once.
 *
 * @param addresses what to try, in the order of the answer. Default: all of this machine
 * @param timeout time for each address, in milliseconds; all are tried at the same time
 * @returns one entry for each address; it never rejects, since an address that cannot be reached says so in its `error`
 */
export function reachableFrom(port: number, addresses = ownAddresses(), timeout = 1000): Promise<Reach[]> {
  // #region reach
  // TODO 5: Connect to each address. Report reachable on 'connect' and the error's code on 'error'; after `timeout`
  // milliseconds of silence report ETIMEDOUT. Leave no socket or timer behind, and no error without a listener.
  // starter: return Promise.resolve(addresses.map((address) => ({ address, reachable: true })))

  return Promise.all(addresses.map((address) => reach(port, address, timeout)))
  // #endregion
}

function reach(port: number, address: string, timeout: number): Promise<Reach> {
  return new Promise<Reach>((resolve) => {
    const socket = connect({ port, host: address, timeout })
    const settle = (error?: string): void => {
      socket.destroy()
      resolve(error === undefined ? { address, reachable: true } : { address, reachable: false, error })
    }
    socket.once('connect', () => settle())
    socket.once('timeout', () => settle('ETIMEDOUT'))
    socket.once('error', (error: NodeJS.ErrnoException) => settle(codeOf(error)))
    // `connect` throws at once when the number is no port.
  }).catch((error) => ({ address, reachable: false, error: codeOf(error) }))
}

/** A name with several addresses fails with an AggregateError; its first error tells as much as a table can hold. */
function codeOf(error: NodeJS.ErrnoException): string {
  const first = error instanceof AggregateError ? (error.errors[0] as NodeJS.ErrnoException) : error
  return first.code ?? first.message
}
