import { connect } from 'node:net'
import { clearLine, createInterface, cursorTo } from 'node:readline'
import { LineDecoder } from '../02-tcp-vs-udp/framing.ts'
import { isMain } from '../run.ts'

/**
 * A chat client for a terminal or a pipe: lines typed go to the server, lines of the server are printed.
 * Ends on Ctrl-C, on end of input (Ctrl-D), and with a last line when the server goes.
 *
 * @returns the exit code: 0 when the person left, 1 when the server did
 */
export function chat(port: number, host: string): Promise<number> {
  const socket = connect({ port, host, noDelay: true })
  const terminal = createInterface({ input: process.stdin, output: process.stdout, prompt: '> ' })
  const interactive = process.stdin.isTTY === true
  const lines = new LineDecoder({ maxLength: 64 * 1024 })
  let leaving = false

  /** Prints above the line that is being typed, and puts that line back. */
  function print(line: string): void {
    if (interactive) {
      cursorTo(process.stdout, 0)
      clearLine(process.stdout, 0)
    }
    console.log(line)
    if (interactive && !socket.destroyed) terminal.prompt(true)
  }

  return new Promise((resolve) => {
    socket.on('connect', () => {
      print(`connected to ${host}:${port}. Your first line is your name; /quit or Ctrl-D leaves.`)
    })
    // TODO 5: Print each line of the server once it is whole. A chunk may hold half a line, or three, or
    // end inside a character.
    socket.on('data', (chunk) => print(String(chunk)))
    socket.on('error', (error: NodeJS.ErrnoException) => {
      print(
        error.code === 'ECONNREFUSED' ? `nobody listens on ${host}:${port}. Start the server first.` : error.message,
      )
    })
    socket.on('close', () => {
      if (!leaving) print('the server has closed the connection.')
      terminal.close()
      resolve(leaving ? 0 : 1)
    })

    terminal.on('line', (line) => {
      socket.write(`${line}\n`)
      if (interactive) terminal.prompt()
    })
    terminal.on('SIGINT', () => terminal.close())
    terminal.on('close', () => {
      leaving = !socket.destroyed
      socket.end()
    })
  })
}

if (isMain(import.meta.url)) {
  process.exitCode = await chat(Number(process.argv[2] ?? 7007), process.argv[3] ?? '127.0.0.1')
}
