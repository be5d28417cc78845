// Given: a client for a terminal, `client.ts [port] [room]`. A line is said to the room; `?` counts who is in it.
import { io } from 'socket.io-client'
import { inputLines, isMain, stop } from '../run.ts'

async function main(port = '7019', room = 'lobby'): Promise<void> {
  const client = io(`http://127.0.0.1:${port}`, { transports: ['websocket'] })
  client.on('connect_error', () => stop(`nobody listens on 127.0.0.1:${port}. Start the server first.`))
  client.on('said', (from: string, _room, text: unknown) => console.log(`${from === client.id ? 'I' : from}: ${text}`))
  client.on('disconnect', (reason) => {
    if (reason !== 'io client disconnect') console.log('the server is gone.')
  })
  await new Promise<void>((resolve) => client.once('connect', resolve))
  await client.emitWithAck('join', room)
  console.log(`in ${room}, on the server of port ${port}, as ${client.id}. Type a line, or ? to count. Ctrl-D leaves.`)

  for await (const line of inputLines()) {
    if (line === '?') console.log(JSON.stringify(await client.emitWithAck('count', room)))
    else await client.emitWithAck('say', room, line)
  }
  client.disconnect()
}

if (isMain(import.meta.url)) await main(...process.argv.slice(2))
