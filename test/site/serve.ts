import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize, sep } from 'node:path'

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
}

/** Serves a built site on a free port of this machine, as a static host does: `/name` is name.html, all else is 404.html. */
export async function serveFolder(folder: string): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://site').pathname)
    const file = join(folder, normalize(path === '/' ? '/index.html' : extname(path) ? path : `${path}.html`))
    // Its names hold a hash of what is in it. A browser that keeps it keeps the compiled scripts, too.
    if (path.startsWith('/assets/')) response.setHeader('cache-control', 'max-age=31536000, immutable')
    readFile(file.startsWith(folder + sep) ? file : join(folder, '404.html')).then(
      (body) => response.setHeader('content-type', types[extname(file)] ?? 'application/octet-stream').end(body),
      async () =>
        response.writeHead(404, { 'content-type': types['.html'] }).end(await readFile(join(folder, '404.html'))),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => close(server) }
}

function close(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(() => resolve()))
}
