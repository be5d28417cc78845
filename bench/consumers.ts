// A process full of clients that take what comes and count it, so that a server's own process is all that is measured.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** How a client begins: with nothing, with a name of the chat of lab 07, with a WebSocket handshake, or with that and a Socket.IO one. */
export type Greeting = 'tcp' | 'chat' | 'websocket' | 'socketio'

export class Consumers {
  readonly #child: ChildProcess

  constructor(port: number, connections: number, greeting: Greeting) {
    const file = fileURLToPath(new URL('processes/consumers.ts', import.meta.url))
    this.#child = fork(file, [String(port), String(connections), greeting], { execArgv: ['--import', 'tsx'] })
  }

  /** Settles when all are connected, and greeted. */
  async connected(): Promise<void> {
    await once(this.#child, 'message')
  }

  /** Settles when this many more bytes have arrived, at all clients together. */
  async received(bytes: number): Promise<void> {
    const done = once(this.#child, 'message')
    this.#child.send(bytes)
    await done
  }

  close(): void {
    this.#child.kill()
  }
}
