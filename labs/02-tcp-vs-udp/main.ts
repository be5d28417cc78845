import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { isMain } from '../run.ts'
import { encodeLengthPrefixed, LengthPrefixedDecoder } from './framing.ts'

/** Writes the messages one after the other into one TCP connection. @returns what each 'data' event brought */
export async function overTcp(messages: Buffer[]): Promise<Buffer[]> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const [[socket]] = await Promise.all([once(server, 'connection'), once(client, 'connect')])

  for (const message of messages) client.write(message)
  client.end()
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk)
  server.close()
  return chunks
}

/** Sends each message as a datagram. @returns what each 'message' event brought; a lost one is not waited for */
export async function overUdp(messages: Buffer[]): Promise<Buffer[]> {
  const datagrams: Buffer[] = []
  const receiver = createSocket('udp4')
  receiver.bind(0, '127.0.0.1')
  await once(receiver, 'listening')
  const sender = createSocket('udp4')

  await new Promise<void>((resolve) => {
    // UDP never says that something is missing; half a second of silence must do.
    let silence = setTimeout(resolve, 500)
    receiver.on('message', (datagram) => {
      datagrams.push(datagram)
      clearTimeout(silence)
      if (datagrams.length === messages.length) resolve()
      else silence = setTimeout(resolve, 500)
    })
    for (const message of messages) sender.send(message, receiver.address().port, '127.0.0.1')
  })
  sender.close()
  receiver.close()
  return datagrams
}

function show(name: string, pieces: Buffer[]): void {
  const text = pieces.map((piece) => `"${piece.toString().replaceAll(/[\0-\x1f]/g, hex)}"`).join(' ')
  console.log(`${name}: ${pieces.length}\n  ${text.length > 80 ? `${text.slice(0, 79)}…` : text}`)
}

function hex(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
}

if (isMain(import.meta.url)) {
  const count = Number(process.argv[2] ?? 10)
  const messages = Array.from({ length: count }, (_, i) => Buffer.from(`m${i}`))

  show(`${count} messages over UDP, datagrams received`, await overUdp(messages))
  show(`${count} messages over TCP, chunks received`, await overTcp(messages))

  const chunks = await overTcp(messages.map(encodeLengthPrefixed))
  const decoder = new LengthPrefixedDecoder()
  show(`the same with a length before each, chunks received`, chunks)
  show(
    `messages that the decoder found in them`,
    chunks.flatMap((chunk) => decoder.push(chunk)),
  )
}
