import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { isMain } from '../run.ts'
import { pair } from './main.ts'

/** Leaving `for await` ends more than the loop. */
async function leaving(): Promise<void> {
  const [here, there] = await pair()
  here.write('one chunk is enough')
  for await (const chunk of there) {
    console.log(`for await: got "${chunk}", break`)
    break
  }
  console.log(`after the loop the socket is ${there.destroyed ? 'destroyed' : 'open'}`)
  here.destroy()
}

/** Two servers that pause a connection and then give it up, its first bytes unread. */
async function pausing(): Promise<void> {
  for (const pauseOnConnect of [false, true]) {
    const server = createServer({ pauseOnConnect }, (socket) => {
      socket.pause()
      setTimeout(() => socket.destroy(), 100)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
    client.write('read me')
    const end = await new Promise<string>((resolve) => {
      client.once('end', () => resolve('FIN'))
      client.once('error', (error: NodeJS.ErrnoException) => resolve(String(error.code)))
      client.resume()
    })
    console.log(
      `paused ${pauseOnConnect ? 'by pauseOnConnect' : 'after the accept'}, then destroyed: the client sees ${end}`,
    )
    server.close()
  }
}

/** A timeout of a socket only tells. */
async function telling(): Promise<void> {
  const [here, there] = await pair()
  there.setTimeout(50)
  await new Promise<void>((resolve) => there.once('timeout', resolve))
  console.log(`setTimeout: 'timeout' after 50 ms, and the socket is ${there.destroyed ? 'destroyed' : 'open'}`)
  there.destroy()
  here.destroy()
}

/** One thread: while it computes, nobody is read. */
async function computing(): Promise<void> {
  const [[slow, first], [quick, second]] = [await pair(), await pair()]
  const start = performance.now()
  const after = (): string => `after ${(performance.now() - start).toFixed(0)} ms`
  const done = new Promise<void>((resolve) => {
    second.once('data', (data) => {
      console.log(`busy loop: "${data}" of the other client was read ${after()}`)
      resolve()
    })
  })
  first.once('data', () => {
    while (performance.now() - start < 500);
  })
  slow.write('compute!')
  quick.write('hello')
  await done
  for (const socket of [slow, first, quick, second]) socket.destroy()
}

if (isMain(import.meta.url)) {
  await leaving()
  await telling()
  await pausing()
  await computing()
}
