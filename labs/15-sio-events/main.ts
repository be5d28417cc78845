// The chapter's experiments: one server, several clients, and what each of them sees.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server } from 'socket.io'
import { io as connect, type Socket } from 'socket.io-client'
import { isMain } from '../run.ts'
import { createEventServer } from './server.ts'

async function main(): Promise<void> {
  await threeWaysToRefuse()
  await argumentsAndAnswers()
}

async function threeWaysToRefuse(): Promise<void> {
  console.log('three ways to refuse:')
  const io = new Server({ serveClient: false })
  io.of('/return-false').on('connection', () => false)
  io.of('/disconnect').on('connection', (socket) => socket.disconnect())
  io.of('/middleware').use((_, next) => next(new Error('not authorized')))
  const url = await listen(io)
  for (const path of ['return-false', 'disconnect', 'middleware']) {
    const client = connect(`${url}/${path}`, { transports: ['websocket'], reconnection: false })
    const seen: string[] = []
    client.on('connect', () => seen.push('connect'))
    client.on('disconnect', (reason) => seen.push(`disconnect (${reason})`))
    client.on('connect_error', (error) => seen.push(`connect_error (${error.message})`))
    await settled(client)
    console.log(`  ${path.padEnd(14)}${seen.join(', ')}`)
    client.disconnect()
  }
  await io.close()
}

/** Until the client was connected or refused, and the server had its say after that. */
async function settled(client: Socket): Promise<void> {
  await new Promise<void>((resolve) => {
    client.once('connect_error', () => resolve())
    client.once('connect', () => {
      const wait = setTimeout(resolve, 100) // long enough for a server on this machine to hang up
      client.once('disconnect', () => {
        clearTimeout(wait)
        resolve()
      })
    })
  })
}

async function argumentsAndAnswers(): Promise<void> {
  const io = createEventServer({ questionTimeout: 200 })
  const client = connect(await listen(io), { transports: ['websocket'], auth: { name: 'ann' } })
  client.on('question', (text: string, ack: (answer: string) => void) => {
    if (text !== 'are you asleep?') ack(`you asked ${text}`)
  })
  await once(client as never, 'connect')
  console.log('arguments and answers:')
  client.emit('echo', 1, 'two', [3], (...answer: unknown[]) => console.log('  callback     ', JSON.stringify(answer)))
  console.log('  emitWithAck  ', JSON.stringify(await client.emitWithAck('echo', 1, 'two', [3])))
  console.log(
    '  a Map, a Date',
    JSON.stringify(await client.emitWithAck('echo', new Map([[1, 2]]))),
    JSON.stringify(await client.emitWithAck('echo', new Date(0))),
  )
  for (const word of ['room', 'rome'])
    console.log(`  lookup ${word}  `, JSON.stringify(await client.emitWithAck('lookup', word)))
  for (const question of ['how are you?', 'are you asleep?'])
    console.log('  ask me       ', JSON.stringify(await client.emitWithAck('ask me', question)))
  client.disconnect()
  await io.close()
}

async function listen(io: { attach(server: ReturnType<typeof createServer>): unknown }): Promise<string> {
  const http = createServer()
  io.attach(http)
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`
}

if (isMain(import.meta.url)) await main()
