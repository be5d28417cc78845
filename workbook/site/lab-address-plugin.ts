import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Plugin } from 'vite'
import { valuesOf } from '../server/guard.ts'
import { mirrorVersion } from '../wire/formats/mirror-messages.ts'

/** What a page needs to find the lab server, as `/__lab.json` gives it. */
interface AnnouncedLab {
  port: number
  token: string
  /** version of the mirror's messages */
  version: number
}

// VitePress bundles its configuration, so this module exists twice in one process: once in `npm start`, once in the
// site. A registered symbol is what both see.
const address = Symbol.for('wirebook.lab')
const shared = globalThis as { [address]?: AnnouncedLab | undefined }

/** Lets the pages of the site that runs in this process find the lab server; `undefined` when it is closed. */
export function announceLab(lab: { port: number; token: string } | undefined): void {
  shared[address] = lab && { port: lab.port, token: lab.token, version: mirrorVersion }
}

/**
 * Answers `/__lab.json` in the dev server of the site, 404 when no lab server runs beside it, as in `vitepress dev`; and
 * keeps Vite's `/__open-in-editor` for our own pages.
 */
export function labAddressPlugin(): Plugin {
  return {
    name: 'wirebook-lab-address',
    apply: 'serve',
    configureServer(site) {
      site.middlewares.use('/__lab.json', answerLabAddress)
      // Vite opens files in the reader's editor for anybody who asks, and so for any web page.
      site.middlewares.use('/__open-in-editor', onlyOurPages)
    },
  }
}

/** The token is for pages of this very origin: no other may read it, framed, scripted or by a rebound name. */
export function answerLabAddress(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('Content-Type', 'application/json; charset=utf-8')
  response.setHeader('Cache-Control', 'no-store')
  response.setHeader('X-Content-Type-Options', 'nosniff')
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin')
  response.removeHeader('Access-Control-Allow-Origin')

  const lab = shared[address]
  const [status, body] = !isOurPage(request) ? [403, 'null'] : lab ? [200, JSON.stringify(lab)] : [404, 'null']
  response.writeHead(status).end(body)
}

/** Passes on what a page of this very origin asks for, and refuses everybody else. */
export function onlyOurPages(request: IncomingMessage, response: ServerResponse, next: () => void): void {
  if (isOurPage(request)) next()
  else response.writeHead(403).end()
}

function isOurPage({ rawHeaders, socket }: IncomingMessage): boolean {
  // With `--host 0.0.0.0` others can read the site; the lab server stays out of their reach, and so does its token.
  if (!/^(127\.|::1$|::ffff:127\.)/.test(socket.remoteAddress ?? '')) return false
  const [host, ...moreHosts] = valuesOf(rawHeaders, 'host')
  const ours = ['localhost', '127.0.0.1', '[::1]'].map((name) => `${name}:${socket.localPort}`)
  if (host === undefined || moreHosts.length > 0 || !ours.includes(host.toLowerCase())) return false
  return (
    valuesOf(rawHeaders, 'origin').every((origin) => origin === `http://${host}`) &&
    valuesOf(rawHeaders, 'sec-fetch-site').every((site) => site === 'same-origin')
  )
}
