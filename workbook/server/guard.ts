import { timingSafeEqual } from 'node:crypto'
import { tokenProtocol } from '../wire/formats/mirror-messages.ts'

/** What one port of the lab server insists on. */
export interface Rules {
  /** our own port, which the Host must name */
  port: number
  /** origins as a browser writes them: `http://localhost:5173` */
  origins: ReadonlySet<string>
  /** A data port takes a request without Origin, since curl and Node send none. A channel does not. */
  data: boolean
  /** 32 hex digits, offered as a subprotocol; a data port has none */
  token?: string
}

export interface Refusal {
  status: 400 | 401 | 403
  /** one sentence; never holds the token */
  why: string
}

/**
 * The one check of every HTTP request and every upgrade, on the channels and on the taps, before a byte goes on.
 *
 * Host names us, so a foreign name that was rebound to 127.0.0.1 is refused; Origin is one of the site's, so a foreign
 * page is refused (and `null`, which files and sandboxed frames send); the token, so that another program of this
 * machine that runs on an allowed origin is refused too.
 *
 * @param headers names and values in turn, as in `rawHeaders` of Node
 * @returns `undefined` when the request may pass
 */
export function guard(headers: readonly string[], rules: Rules): Refusal | undefined {
  const hosts = valuesOf(headers, 'host')
  if (hosts.length > 1) return { status: 400, why: `Host: expected once, received ${hosts.length} times.` }
  const host = hosts[0]
  const ours = [`127.0.0.1:${rules.port}`, `localhost:${rules.port}`, `[::1]:${rules.port}`]
  if (host === undefined || !ours.includes(host.toLowerCase())) {
    return { status: 403, why: `Host: expected ${ours.join(' or ')}, received ${shown(host)}.` }
  }

  const origins = valuesOf(headers, 'origin')
  if (origins.length > 1) return { status: 400, why: `Origin: expected once, received ${origins.length} times.` }
  const origin = origins[0]
  if (origin === undefined ? !rules.data : !rules.origins.has(origin)) {
    const allow = origin === undefined || origin === 'null' ? '' : ` Allow it with --allow-origin ${shown(origin)}.`
    return { status: 403, why: `Origin: expected an address of the workbook, received ${shown(origin)}.${allow}` }
  }
  // An image or a link of a foreign page comes without Origin, but not without this.
  const site = valuesOf(headers, 'sec-fetch-site')[0]
  if (origin === undefined && site !== undefined && site !== 'none' && site !== 'same-origin') {
    return { status: 403, why: `Sec-Fetch-Site: expected none or same-origin, received ${shown(site)}.` }
  }

  if (rules.token !== undefined && !offers(headers, tokenProtocol(rules.token))) {
    return { status: 401, why: 'Token: expected the one that this start printed. Open the printed link again.' }
  }
}

/** Whether `protocol` is among the offered subprotocols, in a time that does not tell how much of it was right. */
function offers(headers: readonly string[], protocol: string): boolean {
  const want = Buffer.from(protocol)
  return protocolsOf(headers).some((offered) => {
    const bytes = Buffer.from(offered)
    return bytes.length === want.length && timingSafeEqual(bytes, want)
  })
}

/** The subprotocols that a handshake offers, in order (RFC 6455 §4.1). */
export function protocolsOf(headers: readonly string[]): string[] {
  return valuesOf(headers, 'sec-websocket-protocol').flatMap((value) => value.split(',').map((name) => name.trim()))
}

/** The values of one header, in order. @param name in lower case */
export function valuesOf(headers: readonly string[], name: string): string[] {
  return headers.filter((_, i) => i % 2 === 1 && headers[i - 1]?.toLowerCase() === name)
}

function shown(value: string | undefined): string {
  return value === undefined ? 'none' : value.slice(0, 100).replace(/[^\x21-\x7e]/g, '?')
}
