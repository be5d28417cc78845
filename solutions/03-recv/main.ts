import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { isMain } from '../run.ts'
import { SocketReader } from './reader.ts'

/** Two ends of one connection over loopback: what is written into one comes out of the other. */
export async function pair(): Promise<[Socket, Socket]> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const here = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const [[there]] = (await Promise.all([once(server, 'connection'), once(here, 'connect')])) as [[Socket], unknown]
  server.close()
  return [here, there]
}

/** "Make the buffer bigger", as the seed says: 200,000 bytes, and one recv for each size. */
async function sizes(): Promise<void> {
  const [here, there] = await pair()
  const reader = new SocketReader(there)
  here.end(Buffer.alloc(200_000))
  let total = 0
  for (const max of [1024, 65_536, 1_000_000, 1_000_000]) {
    const bytes = await reader.recv(max)
    total += bytes?.length ?? 0
    console.log(`recv(${max}) gave ${bytes?.length ?? 'the end'}`)
  }
  const rest = 200_000 - total
  console.log(`readExactly(${rest}) gave ${(await reader.readExactly(rest)).length}, then ${await reader.recv(1)}`)
}

/** Two writes whose edges are not those of the reads. */
async function edges(): Promise<void> {
  const [here, there] = await pair()
  const reader = new SocketReader(there)
  here.write('abc')
  const reads = [reader.readExactly(4), reader.readExactly(4)]
  here.end('defgh')
  console.log(`written: abc, defgh; readExactly(4) twice: ${(await Promise.all(reads)).join(', ')}`)
}

/** One client says nothing. Does the next one have to wait for it? */
async function blocking(): Promise<void> {
  const [[silent, first], [busy, second]] = [await pair(), await pair()]
  const start = performance.now()
  const serve = async (name: string, socket: Socket): Promise<void> => {
    const line = await new SocketReader(socket).readLine(1024, { timeout: 300 }).catch((error) => error.name)
    console.log(`after ${(performance.now() - start).toFixed(0).padStart(3)} ms, ${name}: ${line}`)
    socket.destroy()
  }
  const served = Promise.all([serve('the silent client', first), serve('the other client', second)])
  busy.write('hello\n')
  // Without a timeout of its own, the read ends with the client: this one stays for a second.
  const leaves = setTimeout(() => silent.destroy(), 1000)
  await served
  clearTimeout(leaves)
  silent.destroy()
}

if (isMain(import.meta.url)) {
  await sizes()
  await edges()
  await blocking()
}
