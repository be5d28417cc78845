import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { Agent, createServer as createHttpServer, get } from 'node:http'
import { type AddressInfo, connect, createServer, type ListenOptions, type Server } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { isMain } from '../run.ts'

/** The outcome of listening: `ok`, or the code of the error. */
async function listens(server: Server, options: ListenOptions): Promise<string> {
  server.listen(options)
  return once(server, 'listening').then(
    () => 'ok',
    (error: NodeJS.ErrnoException) => String(error.code),
  )
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

/** One port, every address of IPv4, and then every address of IPv6. */
async function bothFamilies(): Promise<void> {
  const [four, six, only] = [createServer(), createServer(), createServer()]
  await listens(four, { host: '0.0.0.0', port: 0 })
  console.log(`0.0.0.0 is taken; :: on the same port: ${await listens(six, { host: '::', port: portOf(four) })}`)
  console.log(`  with ipv6Only: ${await listens(only, { host: '::', port: portOf(four), ipv6Only: true })}`)
  for (const server of [four, six, only]) server.close()
}

/** A UDP socket that is told no host. */
async function datagrams(): Promise<void> {
  const socket = createSocket('udp4').bind(0)
  await once(socket, 'listening')
  console.log(`a UDP socket (udp4) without a host listens on ${socket.address().address}`)
  socket.close()
  const odd = createSocket('udp4').bind(99_999, '127.0.0.1')
  await once(odd, 'listening')
  console.log(`  and one that is told port 99999 on ${odd.address().port}`)
  odd.close()
}

/** What `connect` says to numbers that are no port. */
async function noPorts(): Promise<void> {
  for (const port of [0, 70_000]) {
    const code = await new Promise<string>((resolve) => {
      try {
        connect(port, '127.0.0.1').once('error', (error: NodeJS.ErrnoException) => resolve(String(error.code)))
      } catch (error) {
        resolve(`${(error as NodeJS.ErrnoException).code}, thrown at once`)
      }
    })
    console.log(`connect to port ${port}: ${code}`)
  }
}

/** How long `close` takes while a client is connected that says nothing for 300 ms. */
async function closing(): Promise<void> {
  const plain = createServer().listen(0, '127.0.0.1')
  await once(plain, 'listening')
  const client = connect(portOf(plain), '127.0.0.1')
  await once(client, 'connect')
  setTimeout(() => client.destroy(), 300)
  console.log(`close() of a TCP server with one client: ${await closed(plain)}`)

  const web = createHttpServer((_, response) => response.end('hi')).listen(0, '127.0.0.1')
  await once(web, 'listening')
  const agent = new Agent({ keepAlive: true })
  const [response] = await once(get({ port: portOf(web), agent }), 'response')
  response.resume()
  await once(response, 'end')
  await sleep(20)
  console.log(`close() of an HTTP server with one client that keeps its connection: ${await closed(web)}`)
  agent.destroy()
}

async function closed(server: Server): Promise<string> {
  const start = performance.now()
  server.close()
  await once(server, 'close')
  return `${(performance.now() - start).toFixed(0)} ms`
}

if (isMain(import.meta.url)) {
  await noPorts()
  await bothFamilies()
  await datagrams()
  await closing()
}
