import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { isMain } from '../run.ts'

/** Two ends of a connection. @param halfOpen whether the server's end leaves its side open after the client's FIN */
async function pair(halfOpen = false): Promise<{ client: Socket; server: Socket; listener: Server }> {
  const listener = createServer({ allowHalfOpen: halfOpen, noDelay: true }).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const client = connect({ port: (listener.address() as AddressInfo).port, host: '127.0.0.1', noDelay: true })
  const [[server]] = (await Promise.all([once(listener, 'connection'), once(client, 'connect')])) as [[Socket], unknown]
  // What an experiment does to its sockets is seen by what comes through, not by their errors.
  for (const socket of [client, server]) socket.on('error', () => {})
  return { client, server, listener }
}

/** How often two writes in a row come as one chunk. */
async function twoWrites(): Promise<void> {
  let glued = 0
  for (let run = 0; run < 50; run++) {
    const { client, server, listener } = await pair()
    const chunks: Buffer[] = []
    server.on('data', (chunk) => chunks.push(chunk))
    client.write('abc')
    client.end('def')
    await once(server, 'end')
    if (chunks.length === 1) glued++
    listener.close()
  }
  console.log(`two writes in a row came as one chunk in ${glued} of 50 runs`)
}

/** In what pieces a million bytes come. */
async function million(): Promise<void> {
  const { client, server, listener } = await pair()
  const lengths: number[] = []
  server.on('data', ({ length }) => lengths.push(length))
  client.end(Buffer.alloc(1_000_000))
  await once(server, 'end')
  console.log(`a million bytes came as ${lengths.length} chunks, the longest of ${Math.max(...lengths)}`)
  listener.close()
}

/** 3,000 times 64 KiB for somebody who does not read for a while. @param wait for 'drain' after a write that answers false */
async function queue(wait: boolean): Promise<void> {
  const { client, server, listener } = await pair()
  server.pause()
  let most = 0
  const writing = (async () => {
    for (let i = 0; i < 3000; i++) {
      const room = client.write(Buffer.alloc(64 * 1024))
      most = Math.max(most, client.writableLength)
      if (!room && wait) await once(client, 'drain')
    }
  })()
  await Promise.race([writing, sleep(200)])
  server.resume()
  await writing
  console.log(
    `${wait ? "waiting for 'drain'" : 'not asking'}: at most ${most.toLocaleString('en')} bytes in our memory`,
  )
  client.destroy()
  listener.close()
}

/** A client that says everything, ends its side, and waits for the answer, which takes a moment. */
async function halfClose(halfOpen: boolean): Promise<void> {
  const { client, server, listener } = await pair(halfOpen)
  let answer = ''
  client.on('data', (chunk) => {
    answer += chunk
  })
  client.end('the question')
  await once(server.resume(), 'end')
  await sleep(20)
  const outcome = await new Promise<string>((resolve) => {
    server.write('the answer', (error) => resolve(error ? String((error as NodeJS.ErrnoException).code) : 'sent'))
  })
  server.end()
  await sleep(20)
  console.log(`allowHalfOpen ${halfOpen}: the client reads ${JSON.stringify(answer)}, the server's write: ${outcome}`)
  listener.close()
}

if (isMain(import.meta.url)) {
  await twoWrites()
  await million()
  await queue(false)
  await queue(true)
  await halfClose(false)
  await halfClose(true)
}
