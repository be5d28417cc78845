import { existsSync, readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import sirv, { type RequestHandler } from 'sirv'
import { say } from '../sentences/say.ts'
import { sentence } from '../wire/model/sentence.ts'
import { closedPolicy, policyFile } from './headers.ts'

/** The built pages of the workbook over HTTP. They may be built, or built anew, while they are served. */
export class Pages {
  /** pages in use, the newest first; an open page still asks for parts of the ones before */
  #built: RequestHandler[] = []
  #policy = closedPolicy
  #notFound: Buffer | undefined
  /** why there are none */
  #trouble: string | undefined
  #onLost = () => {}

  /** From now on these pages are served. @param folder as VitePress built it */
  use(folder: string): void {
    const policy = join(folder, policyFile)
    // Frames are refused by a header alone.
    this.#policy = existsSync(policy) ? `${readFileSync(policy, 'utf8').trim()}; frame-ancestors 'none'` : closedPolicy
    this.#notFound = readFileSync(join(folder, '404.html'))
    this.#built = [sirv(folder, { etag: true, setHeaders: cacheHeaders }), ...this.#built].slice(0, 2)
  }

  /** Tells whoever asks for a page why there is none. @param trouble one sentence */
  failed(trouble: string): void {
    this.#trouble = trouble
  }

  /** @param listener hears that a file of the pages in use is gone */
  whenLost(listener: () => void): void {
    this.#onLost = listener
  }

  answer(request: IncomingMessage, response: ServerResponse): void {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { Allow: 'GET, HEAD' }).end()
      return
    }
    // Pages are small; whoever asks for a part gets the whole (RFC 9110 §14.2).
    delete request.headers.range
    // A file that is gone since it was listed ends its own answer, and nothing else.
    response.once('pipe', (file: Readable) =>
      file.once('error', () => {
        response.destroy()
        this.#onLost()
      }),
    )
    response.setHeader('Content-Security-Policy', this.#policy)
    this.#ask(this.#built, request, response)
  }

  #ask([built, ...before]: RequestHandler[], request: IncomingMessage, response: ServerResponse): void {
    if (built) return built(request, response, () => this.#ask(before, request, response))
    const html = { 'Content-Type': 'text/html;charset=utf-8', 'Cache-Control': 'no-store' }
    if (this.#notFound) response.writeHead(404, html).end(this.#notFound)
    else response.writeHead(503, { ...html, ...waiting }).end(waitingPage(this.#trouble))
  }
}

/** A part of a page has its content's hash in its name. */
function cacheHeaders(response: ServerResponse, path: string): void {
  response.setHeader('Cache-Control', path.startsWith('/assets/') ? 'max-age=31536000, immutable' : 'no-cache')
}

/** The page that waits for the others asks again by itself, after this many seconds. */
const askAgainS = 2

const waiting = {
  Refresh: String(askAgainS),
  'Retry-After': String(askAgainS),
  'Content-Security-Policy': `${closedPolicy}; style-src 'unsafe-inline'`,
}

function waitingPage(trouble: string | undefined): string {
  const text = trouble ?? say(sentence('pages.being-built'))
  const escaped = text.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`)
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Wirebook</title>
<style>:root { color-scheme: light dark } body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 36rem; margin: 20vh auto; padding: 0 1rem }</style>
<h1>Wirebook</h1><p>${escaped}</p></html>
`
}
