// Given: what every runnable file of a lab needs around its own idea. Nothing here is yours to write.
import { realpathSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { clearLine, createInterface, cursorTo } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'

/** Whether the module was started by hand (`npx tsx labs/…`) rather than imported. @param url `import.meta.url` of the module */
export function isMain(url: string): boolean {
  try {
    return realpathSync(process.argv[1] ?? '') === realpathSync(fileURLToPath(url))
  } catch {
    // tsx accepts the path without its extension, and then there is no such file to resolve.
    return `${process.argv[1]}.ts` === fileURLToPath(url)
  }
}

/** What `serve` needs of a server: every `net`, `tls`, `http` and `https` server has it. */
interface Listener {
  listen(port: number, host: string): unknown
  address(): AddressInfo | string | null
  close(callback?: () => void): unknown
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown
  on(event: 'listening', listener: () => void): unknown
  on(
    event: 'connection',
    listener: (socket: { destroy(): void; once(event: 'close', listener: () => void): unknown }) => void,
  ): unknown
}

/**
 * Listens on `[port] [host]` of the command line, prints `listening on HOST:PORT`, ends cleanly on SIGINT and SIGTERM,
 * and explains a port that cannot be had in one sentence.
 *
 * @param defaultPort 7000 + the number of the lab
 */
export function serve(server: Listener, defaultPort: number): void {
  const { port, host } = place(defaultPort)
  const open = new Set<{ destroy(): void }>()

  server.on('error', (error) => stop(explain(error, host, port)))
  server.on('connection', (socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  server.on('listening', () => console.log(`listening on ${shown(server.address())}`))
  onSignal(() => {
    server.close()
    // Half a second for a last line to every client; then the program ends whoever still holds on.
    setTimeout(() => {
      for (const socket of open) socket.destroy()
    }, 500).unref()
  })
  server.listen(port, host)
}

/** What `serveDatagrams` needs of a socket of `node:dgram`. */
interface Datagrams {
  bind(port: number, host: string): unknown
  address(): AddressInfo
  close(): unknown
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown
  on(event: 'listening', listener: () => void): unknown
}

/** The same for a UDP socket, which is bound. */
export function serveDatagrams(socket: Datagrams, defaultPort: number): void {
  const { port, host } = place(defaultPort)
  let bound = false
  socket.on('error', (error) => {
    // A later one is about one peer (Windows tells that his port is closed), and does not concern the others.
    if (!bound) stop(explain(error, host, port))
  })
  socket.on('listening', () => {
    bound = true
    console.log(`listening on ${shown(socket.address())}`)
  })
  onSignal(() => socket.close())
  socket.bind(port, host)
}

/** `[port] [host]` of the command line. */
function place(defaultPort: number): { port: number; host: string } {
  return { port: portNumber(process.argv[2] ?? String(defaultPort)), host: process.argv[3] ?? '127.0.0.1' }
}

/** The number, or the end of the program with a sentence. (A UDP socket takes 99999 for 34463, and says nothing.) */
export function portNumber(text: string): number {
  const port = Number(text)
  if (text.trim() === '' || !Number.isInteger(port) || port < 0 || port > 65535) {
    stop(`port ${text}: expected a number from 0 to 65535.`)
  }
  return port
}

/** Runs `close` once, on the first SIGINT (Ctrl-C) or SIGTERM. */
export function onSignal(close: () => void): void {
  process.once('SIGINT', close)
  process.once('SIGTERM', close)
}

/** The lines typed at the terminal, or piped in, until end of file. */
export function inputLines(): AsyncIterable<string> {
  return createInterface({ input: process.stdin })
}

/** Somebody who types lines while lines come in, at a terminal or through a pipe. */
export interface Terminal {
  /** Prints above the line that is being typed, and puts that line back; without what a terminal would obey. */
  print(line: string): void
  /** The lines typed, until Ctrl-D, Ctrl-C, SIGTERM or the end of the pipe. */
  lines: AsyncIterable<string>
  /** Ends `lines`. */
  close(): void
}

export function openTerminal(): Terminal {
  const isTyped = process.stdin.isTTY === true
  const terminal = createInterface({ input: process.stdin, output: isTyped ? process.stdout : undefined, prompt: '> ' })
  let open = true
  terminal.on('SIGINT', () => terminal.close())
  onSignal(() => terminal.close())
  terminal.on('close', () => {
    open = false
  })

  async function* lines(): AsyncGenerator<string> {
    if (isTyped) terminal.prompt()
    for await (const line of terminal) {
      yield line
      if (isTyped && open) terminal.prompt()
    }
  }

  return {
    print(line) {
      if (isTyped) {
        cursorTo(process.stdout, 0)
        clearLine(process.stdout, 0)
      }
      // Others wrote it: an escape sequence of theirs could clear the screen, or worse.
      console.log(stripVTControlCharacters(line).replace(/[\u0000-\u001f\u007f-\u009f]/g, ' '))
      if (isTyped && open) terminal.prompt(true)
    },
    lines: lines(),
    close: () => terminal.close(),
  }
}

/** Ends the program with one sentence for a person, and exit code 1. */
export function stop(sentence: string): never {
  console.error(sentence)
  process.exit(1)
}

/** Why a server could not listen, and what to do about it. */
export function explain(error: NodeJS.ErrnoException, host: string, port: number): string {
  if (error.code === 'EADDRINUSE') {
    return `port ${port}: expected it free, but it is taken. Stop that program or give another port.`
  }
  if (error.code === 'EACCES') return `port ${port}: this user may not listen there. Give a port from 1024 up.`
  if (error.code === 'EADDRNOTAVAIL') return `host ${host}: this machine has no such address. Give one of its own.`
  if (error.code === 'ENOTFOUND') return `host ${host}: no address has this name. Check the spelling.`
  if (error.code === 'EINVAL') return `host ${host}: expected an address of IPv4, which is what this socket is for.`
  return `${host}:${port}: ${error.message}`
}

function shown(address: AddressInfo | string | null): string {
  if (address === null || typeof address === 'string') return String(address)
  return address.family === 'IPv6' ? `[${address.address}]:${address.port}` : `${address.address}:${address.port}`
}
