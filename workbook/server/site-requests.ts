import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { tapTarget } from '../wire/formats/mirror-messages.ts'
import { type Channels, turnAway } from './channels.ts'
import { guard, type Rules } from './guard.ts'
import { answerHeaders, closedPolicy } from './headers.ts'
import { answerLabAddress, answerLabMark, labAddressPath, labMarkPath } from './lab-address.ts'
import type { Tap } from './tap.ts'

/** What answers a request for a page. */
export interface PageSource {
  answer(request: IncomingMessage, response: ServerResponse): void
}

interface SiteRequestsOptions {
  rules: Rules
  token: string
  channels: Channels
  /** the taps by id of their target; may grow */
  taps: ReadonlyMap<string, Tap>
  pages: PageSource | undefined
  /** the port that pages are told */
  port: () => number
}

/** Leads what comes to the one port to what it asks for: a page, the lab's address, a channel, or a target behind its tap. */
export class SiteRequests {
  readonly #options: SiteRequestsOptions

  constructor(options: SiteRequestsOptions) {
    this.#options = options
  }

  answer(request: IncomingMessage, response: ServerResponse): void {
    const { rules, token, channels, pages, port } = this.#options
    for (const [name, value] of Object.entries(answerHeaders)) response.setHeader(name, value)
    response.setHeader('Content-Security-Policy', closedPolicy)
    const path = pathOf(request)
    // A channel has its own guard, which asks for the token too.
    if (channels.has(path)) return void channels.receive(path, request, response)
    const refused = guard(request.rawHeaders, rules, path === labAddressPath ? 'token' : 'page')
    if (refused && response.socket) return turnAway(response.socket, refused.status, refused.why)
    if (path === labAddressPath) return answerLabAddress(response, port(), token)
    if (path === labMarkPath) return answerLabMark(response)
    if (pages) pages.answer(request, response)
    else response.writeHead(404).end()
  }

  /** Takes a handshake: for a channel, or for a target, which gets it as it came, through its tap. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { rules, channels, taps } = this.#options
    const tap = taps.get(tapTarget(request.url ?? '') ?? '')
    if (!tap) return channels.upgrade(pathOf(request), request, socket, head)
    const refused = guard(request.rawHeaders, rules, 'channel')
    if (refused) return turnAway(socket, refused.status, refused.why)
    socket.unshift(Buffer.concat([headBytes(request), head]))
    tap.accept(socket as Socket)
  }
}

function pathOf({ url = '' }: IncomingMessage): string {
  return url.split('?')[0]!
}

/** The head of a request again: the same bytes when each header was `Name: value`, as browsers write them. */
function headBytes({ method, url, httpVersion, rawHeaders }: IncomingMessage): Buffer {
  const lines = [`${method} ${url} HTTP/${httpVersion}`]
  for (let i = 0; i < rawHeaders.length; i += 2) lines.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`)
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
}
