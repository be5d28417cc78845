import { once } from 'node:events'
import { connect } from 'node:net'
import { Worker } from 'node:worker_threads'
import { isMain } from '../run.ts'

/** A program that listens, then sleeps for a second without accepting anybody, then reads. Clients that reset are no news. */
const sleeper = `
  const { parentPort } = require('node:worker_threads')
  // A client that leaves says so by 'close', too.
  const server = require('node:net').createServer((socket) => socket.on('error', () => {}).resume())
  server.listen({ port: 0, host: '127.0.0.1', backlog: 2 }, () => {
    parentPort.postMessage(server.address().port)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000)
  })`

if (isMain(import.meta.url)) {
  const worker = new Worker(sleeper, { eval: true })
  const [port] = await once(worker, 'message')
  const start = performance.now()
  const clients = Array.from({ length: 8 }, () => connect(port, '127.0.0.1'))
  await Promise.all(
    clients.map(async (client, i) => {
      await once(client, 'connect')
      const connected = performance.now() - start
      await new Promise((sent) => client.write('hello', sent))
      const written = performance.now() - start
      console.log(
        `client ${i}: connected after ${connected.toFixed(0)} ms, "hello" sent after ${written.toFixed(0)} ms`,
      )
    }),
  )
  for (const client of clients) client.destroy()
  await worker.terminate()
}
