import { connect, type Socket } from 'node:net'
import { SocketReader } from '../03-recv/reader.ts'
import { isMain, openTerminal, portNumber, stop } from '../run.ts'
import { encodeFrame } from './frame.ts'

/** A frame as it arrives: from whom, and the data. `from` is empty when the relay itself speaks. */
export interface Delivery {
  from: string
  data: Buffer
}

/** A client that has joined. */
export interface RelayClient {
  socket: Socket
  /** Sends a frame. @throws {RangeError} when the name has more than 255 bytes in UTF-8 */
  send(to: string, data: Uint8Array): void
  /**
   * The next frame, or undefined after the relay's FIN.
   *
   * @throws {EndOfStream} when that comes inside a frame
   * @throws {RangeError} when a frame announces more than 16 MiB; the connection is closed then
   */
  receive(): Promise<Delivery | undefined>
  /** Ends our side; what is on its way still arrives */
  end(): void
}

/** Longest data that a client takes, in bytes: the relay's word for a length is a claim, too. */
const maxData = 16 * 1024 * 1024

/** Connects and joins. @throws {Error} with the relay's reason when the name is refused */
export async function join(name: string, port: number, host = '127.0.0.1'): Promise<RelayClient> {
  // What stands behind a line feed would be taken for frames.
  if (/[\r\n]/.test(name)) throw new RangeError(`name: expected one line, received ${JSON.stringify(name)}`)
  const socket = connect({ port, host, allowHalfOpen: true, noDelay: true })
  const reader = new SocketReader(socket)
  try {
    socket.write(`JOIN ${name}\n`)
    const answer = await reader.readLine(1024)
    if (answer !== 'OK') throw new Error(answer ?? 'the relay closed the connection')
  } catch (error) {
    socket.destroy()
    throw error
  }
  return {
    socket,
    send: (to, data) => socket.write(encodeFrame(to, data)),
    end: () => socket.end(),
    async receive() {
      const first = await reader.recv(1)
      if (first === null) return undefined
      const from = (await reader.readExactly(first[0]!)).toString()
      const length = (await reader.readExactly(4)).readUInt32BE()
      if (length > maxData) {
        socket.destroy()
        throw new RangeError(`length: expected at most ${maxData}, received ${length}`)
      }
      return { from, data: await reader.readExactly(length) }
    },
  }
}

/** `client.ts NAME [port] [host]`: lines `TO: TEXT` go out, deliveries are printed. */
async function main(): Promise<void> {
  const [name, port = '7006', host = '127.0.0.1'] = process.argv.slice(2)
  if (name === undefined) stop('who are you? Give a name: npx tsx labs/06-relay/client.ts ann')
  const client = await join(name, portNumber(port), host).catch((error: NodeJS.ErrnoException) =>
    stop(error.code === 'ECONNREFUSED' ? `nobody listens on ${host}:${port}. Start the relay first.` : error.message),
  )
  const terminal = openTerminal()
  let leaving = false
  terminal.print(`${name} has joined. Type NAME: TEXT. Ctrl-D leaves.`)

  const printing = (async () => {
    for (let next = await client.receive(); next; next = await client.receive()) {
      terminal.print(`${next.from === '' ? 'relay' : next.from}: ${next.data}`)
    }
    if (!leaving) terminal.print('the relay has closed the connection.')
  })().catch((error: Error) => terminal.print(`the relay is gone: ${error.message}`))
  void printing.then(() => terminal.close())

  for await (const line of terminal.lines) {
    const [to, text] = line.split(/:\s*(.*)/s)
    if (!to || text === undefined) terminal.print('NAME: TEXT, for example  bob: hello')
    else if (Buffer.byteLength(to) > 255) terminal.print('a name has at most 255 bytes.')
    else client.send(to, Buffer.from(text))
  }
  leaving = !client.socket.destroyed && !client.socket.readableEnded
  client.end()
  await printing
  process.exitCode = leaving ? 0 : 1
}

if (isMain(import.meta.url)) await main()
