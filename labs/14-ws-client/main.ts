/**
 * A WebSocket in a terminal: `npx tsx labs/14-ws-client/main.ts [url]`. Each line is sent as a text message, `/ping` asks whether the
 * server is there, end of input says goodbye. Reads a pipe, too.
 */
import { inputLines, isMain, onSignal, stop } from '../run.ts'
import { connect, type WebSocketClient } from './client.ts'

async function print(client: WebSocketClient): Promise<void> {
  for await (const message of client) {
    console.log(
      typeof message === 'string'
        ? `< ${message}`
        : `< ${message.length} bytes: ${message.toString('hex').slice(0, 64)}`,
    )
  }
  const { code, reason } = await client.closed
  console.log(`closed with ${code}${reason && ` ${reason}`}`)
}

async function talk(client: WebSocketClient): Promise<void> {
  for await (const line of inputLines()) {
    if (line === '/ping') {
      const start = performance.now()
      if (await client.ping()) console.log(`pong after ${(performance.now() - start).toFixed(1)} ms`)
    } else {
      client.send(line)
    }
  }
  await client.close(1000)
}

if (isMain(import.meta.url)) {
  const url = process.argv[2] ?? 'ws://127.0.0.1:7013'
  const client = await connect(url, { maxPayload: 32 * 1024 * 1024 }).catch((error: Error) =>
    stop(`${url}: ${error.message}`),
  )
  console.log(`connected to ${url}`)
  onSignal(() => void client.close(1001).then(() => process.exit()))
  void talk(client)
  await print(client)
  process.exit()
}
