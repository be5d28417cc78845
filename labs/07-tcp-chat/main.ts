import { fork } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { isMain } from '../run.ts'
import { createSeedChat } from './seed.ts'
import { createChatServer } from './server.ts'

/** A client, and what it has received: chunk by chunk, each as text. */
async function client(server: Server): Promise<{ socket: Socket; chunks: string[] }> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const chunks: string[] = []
  // Whom the server drops is seen by what no longer comes.
  socket.on('error', () => {}).on('data', (chunk) => chunks.push(String(chunk)))
  await once(socket, 'connect')
  return { socket, chunks }
}

async function listening(server: Server): Promise<Server> {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return server
}

/** What the faults of the seed look like. An address is shown as ADDRESS. */
async function seed(): Promise<void> {
  const show = (line: string): void => console.log(`  ${line.replace(/127\.0\.0\.1:\d+/g, 'ADDRESS')}`)
  const server = await listening(createSeedChat(show))
  const [ann, bob, carl] = [await client(server), await client(server), await client(server)]

  console.log('the seed: ann says hi and ho; bob gets')
  ann.socket.write('hi')
  await sleep(100)
  ann.socket.write('ho')
  await sleep(100)
  for (const chunk of bob.chunks) show(JSON.stringify(chunk))
  console.log('ann sends half of 好')
  ann.socket.write(Buffer.from('好').subarray(0, 2))
  await sleep(100)
  console.log('bob types quit in telnet')
  bob.chunks.length = 0
  bob.socket.write('quit\r\n')
  await sleep(100)
  show(`bob is ${bob.socket.destroyed ? 'gone' : 'still there'}, and hears ${JSON.stringify(bob.chunks[0])}`)
  console.log('bob ends his side, carl resets')
  bob.socket.end()
  await sleep(100)
  carl.socket.resetAndDestroy()
  await sleep(100)
  server.close()
}

/** A server without an 'error' listener is another program, since it does not live long. */
async function reset(): Promise<void> {
  const child = fork(import.meta.filename, ['without-listener'], { silent: true })
  let printed = ''
  child.stderr!.on('data', (text) => {
    printed += text
  })
  const [port] = await once(child, 'message')
  // The server dies of our reset; how, its exit code tells.
  const socket = connect(port as number, '127.0.0.1').on('error', () => {})
  await once(socket, 'connect')
  socket.resetAndDestroy()
  const [code] = await once(child, 'close')
  console.log(`one reset, and no 'error' listener: exit code ${code}, ${/^Error: .*$/m.exec(printed)?.[0]}`)
}

/** 20,000 lines of a kilobyte for somebody who reads, and somebody who does not. */
async function sleeper(name: string, server: Server, greet: boolean): Promise<void> {
  const queues = new Set<Socket>()
  server.on('connection', (socket) => queues.add(socket))
  await listening(server)
  const [ann, bob, lazy] = [await client(server), await client(server), await client(server)]
  lazy.socket.pause()
  if (greet) for (const [i, { socket }] of [ann, bob, lazy].entries()) socket.write(`${['ann', 'bob', 'lazy'][i]}\n`)
  let most = 0
  const line = `${'x'.repeat(1000)}\n`
  for (let sent = 0; sent < 20_000; sent += 100) {
    if (!ann.socket.write(line.repeat(100))) await once(ann.socket, 'drain')
    await sleep(1)
    most = Math.max(most, ...[...queues].map(({ writableLength }) => writableLength))
  }
  await sleep(200)
  const heard = bob.chunks.reduce((sum, { length }) => sum + length, 0)
  console.log(
    `${name}: bob heard ${mega(heard)}, and at most ${mega(most)} waited in our memory for one who never reads`,
  )
  for (const { socket } of [ann, bob, lazy]) socket.destroy()
  server.close()
}

function mega(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}

async function withoutListener(): Promise<void> {
  const server = await listening(createServer((socket) => socket.resume()))
  process.send?.((server.address() as AddressInfo).port)
}

async function experiments(): Promise<void> {
  await seed()
  await reset()
  await sleeper(
    'the seed',
    createSeedChat(() => {}),
    false,
  )
  await sleeper('this lab', createChatServer(), true)
  process.exit()
}

if (isMain(import.meta.url)) await (process.argv[2] === 'without-listener' ? withoutListener() : experiments())
