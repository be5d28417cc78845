import type { IncomingMessage, ServerResponse } from 'node:http'
import { createLogger, type Logger, type ViteDevServer } from 'vite'
import { createServer, resolveConfig } from 'vitepress'

/** The pages from Vite, changed as they are edited: for authors. */
export class VitePages {
  readonly #root: string
  readonly #say: (line: string) => void
  #server: ViteDevServer | undefined

  /** @param say one line for the person at the terminal */
  constructor(root: string, say: (line: string) => void) {
    this.#root = root
    this.#say = say
  }

  /** Opens Vite; and again when the configuration changes. */
  async begin(): Promise<void> {
    const config = await resolveConfig(this.#root, 'serve', 'development')
    config.logger = quietLogger(this.#say)
    const restart = async () => {
      await this.close()
      await this.begin()
    }
    // Who may come in, the guard in front of it has decided.
    const options = { middlewareMode: true, allowedHosts: true } as const
    this.#server = await createServer(this.#root, options, restart, config)
  }

  answer(request: IncomingMessage, response: ServerResponse): void {
    // Vite's pages bring scripts of their own, and a socket of its own.
    response.setHeader('Content-Security-Policy', "frame-ancestors 'none'")
    if (this.#server) this.#server.middlewares(request, response)
    else response.writeHead(503, { Refresh: '1' }).end()
  }

  async close(): Promise<void> {
    await this.#server?.close()
  }
}

/** Warnings and errors only, each in a line, so that what is drawn on the terminal stays whole. */
function quietLogger(say: (line: string) => void): Logger {
  const tell = (message: string) =>
    say(
      `Vite: ${
        message
          .replace(/\x1b\[[0-9;]*m/g, '')
          .trim()
          .split('\n')[0]
      }`,
    )
  return { ...createLogger('silent'), warn: tell, warnOnce: tell, error: tell }
}
