import { timingSafeEqual } from 'node:crypto'

/** Whom one port of the lab server lets in. */
export interface Rules {
  /** names that a Host may have beside the loopback ones, in lower case: `box.example`, or `box.example:8443` */
  hosts: ReadonlySet<string>
  /** origins that may come in although they are not the Host's own, as a browser writes them: `https://example.org` */
  origins: ReadonlySet<string>
}

/**
 * What a request wants.
 *
 * - `page`: a page of the site, or a part of one; a link on a foreign page may lead to it
 * - `token`: what only a page of this very origin may read
 * - `channel`: the mirror and the grading; a browser always names its origin there
 * - `data`: a tapped server; curl and Node send no Origin
 */
export type Door = 'page' | 'token' | 'channel' | 'data'

interface Refusal {
  status: 400 | 401 | 403
  /** one sentence; never holds the token */
  why: string
}

/**
 * The one check of every HTTP request and every upgrade, on the site and on the taps, before a byte goes on.
 *
 * Host names us, so a foreign name that was rebound to 127.0.0.1 is refused; Origin is the same host, so a foreign page
 * is refused (and `null`, which files and sandboxed frames send); what comes without Origin says in Sec-Fetch-Site
 * whether a foreign page asked for it, as an image or a script; and no page of ours is shown in a frame.
 *
 * @param headers names and values in turn, as in `rawHeaders` of Node
 * @returns `undefined` when the request may pass
 */
export function guard(headers: readonly string[], rules: Rules, door: Door): Refusal | undefined {
  const [host, ...moreHosts] = valuesOf(headers, 'host')
  if (moreHosts.length > 0) return repeated('Host', moreHosts)
  if (host === undefined || !isOurName(host, rules.hosts)) {
    const allow = host === undefined ? '' : ` Allow it with --allow-host ${shown(host)}.`
    return { status: 403, why: `Host: expected localhost, 127.0.0.1 or [::1], received ${shown(host)}.${allow}` }
  }

  const [origin, ...moreOrigins] = valuesOf(headers, 'origin')
  if (moreOrigins.length > 0) return repeated('Origin', moreOrigins)
  if (origin === undefined ? door === 'channel' : !isOurOrigin(origin, host, rules)) {
    return { status: 403, why: `Origin: expected ${shown(host)}, received ${shown(origin)}.${howToAllow(origin)}` }
  }
  return refusedFetch(headers, door, origin === undefined)
}

/** Refuses what the browser itself says of a request: from which site, and for what. */
function refusedFetch(headers: readonly string[], door: Door, isWithoutOrigin: boolean): Refusal | undefined {
  const [site, mode, destination] = ['site', 'mode', 'dest'].map((name) => valuesOf(headers, `sec-fetch-${name}`)[0])
  if (door !== 'data' && destination !== undefined && frames.includes(destination)) {
    return { status: 403, why: `Sec-Fetch-Dest: the workbook is not shown in a ${shown(destination)}.` }
  }
  if (!isWithoutOrigin || site === undefined || site === 'same-origin') return undefined
  if (site === 'none' && door !== 'token') return undefined
  if (door === 'page' && mode === 'navigate' && destination === 'document') return undefined
  return { status: 403, why: `Sec-Fetch-Site: expected same-origin, received ${shown(site)}.` }
}

const frames = ['frame', 'iframe', 'embed', 'object', 'fencedframe']
const loopbackNames = ['localhost', '127.0.0.1', '[::1]']

function isOurName(host: string, hosts: ReadonlySet<string>): boolean {
  const name = host.toLowerCase()
  const [, bare] = /^(.+?)(?::\d{1,5})?$/.exec(name) ?? []
  return bare !== undefined && (loopbackNames.includes(bare) || hosts.has(bare) || hosts.has(name))
}

/** A forward with https keeps the Host of its public name, or writes our own there: then its origin is an allowed name. */
function isOurOrigin(origin: string, host: string, { hosts, origins }: Rules): boolean {
  if (origins.has(origin)) return true
  if (!/^https?:\/\//.test(origin) || !URL.canParse(origin)) return false
  const url = new URL(origin)
  const own = new URL(`${url.protocol}//${host}`)
  return own.host === url.host || (loopbackNames.includes(own.hostname) && hosts.has(url.host))
}

function howToAllow(origin: string | undefined): string {
  if (origin === undefined || origin === 'null' || !URL.canParse(origin)) return ''
  return ` If this is your own way to the workbook, allow it with --allow-host ${shown(new URL(origin).host)}.`
}

function repeated(name: string, more: string[]): Refusal {
  return { status: 400, why: `${name}: expected once, received ${more.length + 1} times.` }
}

/** Whether two secrets are the same, in a time that does not tell how much of it was right. */
export function isSecret(received: string | undefined, secret: string): boolean {
  const [bytes, want] = [Buffer.from(received ?? ''), Buffer.from(secret)]
  return bytes.length === want.length && timingSafeEqual(bytes, want)
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
