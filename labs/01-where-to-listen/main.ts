import { createServer } from 'node:net'
import { isMain } from '../run.ts'
import { explainListenError, isLoopback, listenOn, ownAddresses, reachableFrom } from './listen.ts'

/** One row of the matrix: what a server that listens on `host` is reached by. `undefined` leaves the host to Node. */
export async function row(host: string | undefined, columns: string[]): Promise<string[]> {
  // reachableFrom hangs up at once, perhaps by a reset: that is no news here.
  const server = createServer((socket) => socket.on('error', () => {}).resume())
  try {
    const { port } = await listenOn(server, { host, public: true })
    const reached = await reachableFrom(port, columns)
    return reached.map(({ reachable, error }) => (reachable ? 'yes' : (error ?? 'no')))
  } catch (error) {
    return [explainListenError(error)]
  } finally {
    server.close()
  }
}

/** The addresses worth a row or a column here: loopback, and one that other machines see. */
export function choices(): { rows: (string | undefined)[]; columns: string[] } {
  const lan = ownAddresses().find((address) => !isLoopback(address))
  const ends = lan ? [lan] : []
  return {
    rows: ['127.0.0.1', 'localhost', '::1', '0.0.0.0', '::', undefined, ...ends],
    columns: ['127.0.0.1', '::1', 'localhost', ...ends],
  }
}

if (isMain(import.meta.url)) {
  const { rows, columns } = choices()
  const print = (cells: string[]): void =>
    console.log(
      cells
        .map((cell) => cell.padEnd(14))
        .join('')
        .trimEnd(),
    )

  print(['listen', ...columns])
  for (const host of rows) print([host ?? '(no host)', ...(await row(host, columns))])
}
