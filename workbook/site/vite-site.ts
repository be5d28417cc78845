import type { AddressInfo } from 'node:net'
import { createLogger, type Logger, type ViteDevServer } from 'vite'
import { createServer, resolveConfig } from 'vitepress'

export interface SiteOptions {
  /** folder of the project */
  root: string
  /** the one to try first; 0 for any */
  port: number
  host: string
  /** one sentence for the person at the terminal */
  say: (sentence: string) => void
  /** folder for what Vite prepares; two sites that begin at once need one each. `.vitepress/cache` unless told */
  cache?: string
}

export interface Site {
  port: number
  /** `http://localhost:5173` */
  address: string
  close(): Promise<void>
}

/** Serves the chapters as they are edited. When the configuration changes, it starts again on the same port. */
export async function startSite({ root, port: wanted, host, say, cache }: SiteOptions): Promise<Site> {
  const logger = quietLogger(say)
  let server = await open(wanted)
  const { port } = server.httpServer!.address() as AddressInfo
  if (wanted !== 0 && port !== wanted) say(`Port ${wanted} is taken, so the site is on ${port}.`)
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return { port, address: `http://${name}:${port}`, close: () => server.close() }

  async function open(port: number): Promise<ViteDevServer> {
    const config = await resolveConfig(root, 'serve', 'development')
    config.logger = logger
    if (cache) config.cacheDir = cache
    const fresh = await keepProcess(() => createServer(root, { port, host }, restart, config))
    return fresh.listen()
  }

  async function restart(): Promise<void> {
    await server.close()
    server = await open(port)
  }
}

/** Warnings and errors only, each in a line, so that what is drawn on the terminal stays whole. */
function quietLogger(say: (sentence: string) => void): Logger {
  const tell = (message: string) =>
    say(
      `Site: ${
        message
          .replace(/\x1b\[[0-9;]*m/g, '')
          .trim()
          .split('\n')[0]
      }`,
    )
  return { ...createLogger('silent'), warn: tell, warnOnce: tell, error: tell }
}

/**
 * Vite ends the whole process on SIGTERM and at the end of standard input. This process has more to close, and goes on
 * without a standard input, so what `create` listens for is taken back.
 */
async function keepProcess<Created>(create: () => Promise<Created>): Promise<Created> {
  const before = new Set<unknown>([...process.listeners('SIGTERM'), ...process.stdin.listeners('end')])
  const created = await create()
  for (const listener of process.listeners('SIGTERM')) if (!before.has(listener)) process.off('SIGTERM', listener)
  for (const listener of process.stdin.listeners('end')) {
    if (!before.has(listener)) process.stdin.off('end', listener as () => void)
  }
  return created
}
