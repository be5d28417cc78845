import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { isMain } from '../run.ts'

const requestLength = 64

/**
 * Measures requests of 64 bytes, each answered by one byte.
 *
 * @param writes number of writes that the client makes of one request
 * @returns the time of each request, in milliseconds
 */
export async function measure(requests: number, writes: number, noDelay: boolean): Promise<number[]> {
  const server = createServer((socket) => {
    let received = 0
    socket.on('data', (chunk) => {
      const before = Math.floor(received / requestLength)
      received += chunk.length
      if (Math.floor(received / requestLength) > before) socket.write('!')
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', noDelay })
  await once(client, 'connect')

  const times: number[] = []
  for (let i = 0; i < requests; i++) {
    const start = performance.now()
    for (let w = 0; w < writes; w++) client.write(Buffer.alloc(requestLength / writes))
    await once(client, 'data')
    times.push(performance.now() - start)
  }
  client.destroy()
  server.close()
  return times
}

/** The value in the middle, once they are sorted; the upper one of two. */
export function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
}

if (isMain(import.meta.url)) {
  for (const [name, writes, noDelay] of [
    ['two small writes', 2, false],
    ['two small writes, noDelay', 2, true],
    ['one write', 1, false],
  ] as const) {
    const times = await measure(20, writes, noDelay)
    console.log(`${name}: median ${median(times).toFixed(2)} ms a request`)
  }
}
