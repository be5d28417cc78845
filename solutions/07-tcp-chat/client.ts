import { connect } from 'node:net'
import { LineDecoder } from '../02-tcp-vs-udp/framing.ts'
import { explain, isMain, openTerminal, portNumber } from '../run.ts'

/**
 * A chat client for a terminal or a pipe: lines typed go to the server, lines of the server are printed.
 * Ends on Ctrl-C, on end of input (Ctrl-D), and with a last line when the server goes.
 *
 * @returns the exit code: 0 when the person left, 1 when the server did
 */
export async function chat(port: number, host: string): Promise<number> {
  const socket = connect({ port, host, noDelay: true })
  const terminal = openTerminal()
  const lines = new LineDecoder({ maxLength: 64 * 1024 })
  let connected = false
  let leaving = false

  const closed = new Promise<void>((resolve) => {
    socket.on('close', () => {
      terminal.close()
      if (connected && !leaving) terminal.print('the server has closed the connection.')
      resolve()
    })
  })
  socket.on('connect', () => {
    connected = true
    terminal.print(`connected to ${host}:${port}. Your first line is your name; /quit or Ctrl-D leaves.`)
  })
  // #region print
  // TODO 5: Print each line of the server once it is whole. A chunk may hold half a line, or three, or
  // end inside a character.
  // starter: socket.on('data', (chunk) => terminal.print(String(chunk)))

  socket.on('data', (chunk) => {
    for (const line of lines.push(chunk)) terminal.print(line)
  })
  // #endregion
  socket.on('error', (error: NodeJS.ErrnoException) => {
    const nobody = error.code === 'ECONNREFUSED'
    terminal.print(nobody ? `nobody listens on ${host}:${port}. Start the server first.` : explain(error, host, port))
  })

  for await (const line of terminal.lines) socket.write(`${line}\n`)
  leaving = !socket.destroyed
  socket.end()
  await closed
  return leaving ? 0 : 1
}

if (isMain(import.meta.url)) {
  process.exitCode = await chat(portNumber(process.argv[2] ?? '7007'), process.argv[3] ?? '127.0.0.1')
}
