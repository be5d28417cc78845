import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { isMain } from '../run.ts'
import { joinUdpChat, type UdpChatClient } from './client.ts'
import type { Notice } from './datagram.ts'
import { createUdpChat } from './server.ts'

interface Scene {
  what: string
  /** what is lost between ann and the server: the first so many datagrams of a type from one of them */
  loss?: { from: 'ann' | 'server'; type: string; times: number }
  /** how many times faster than ours the clock of the server and ann's beats run. Default 1 */
  speed?: number
  /** how long to watch, in milliseconds of our clock. Default 900 */
  watch?: number
  act(ann: UdpChatClient, bob: UdpChatClient): void
}

const scenes: Scene[] = [
  { what: 'bob says hi', act: (_, bob) => bob.say('hi') },
  {
    what: 'what he says is lost, twice',
    loss: { from: 'server', type: 'MSG', times: 2 },
    act: (_, bob) => bob.say('hi'),
  },
  { what: 'both ACKs are lost', loss: { from: 'ann', type: 'ACK', times: 2 }, act: (_, bob) => bob.say('hi') },
  { what: 'what she says is lost', loss: { from: 'ann', type: 'MSG', times: 1 }, act: (ann) => ann.say('hello') },
  { what: 'bob is gone without a word', speed: 50, watch: 350, act: (_, bob) => bob.socket.close() },
]

/** The network between ann and the server: shows each datagram, and loses some. @param clock milliseconds so far */
async function network(port: number, { loss }: Scene, clock: () => number): Promise<Socket> {
  const socket = createSocket('udp4')
  let client = 0
  let firstSeq = 0
  let left = loss?.times ?? 0
  socket.on('message', (bytes, sender) => {
    const who = sender.port === port ? 'server' : 'ann'
    if (who === 'ann') client = sender.port
    const { type, seq, name, text } = JSON.parse(String(bytes)) as {
      type: string
      seq: number
      name?: string
      text?: string
    }
    if (type === 'JOIN') firstSeq = seq
    const lost = left > 0 && who === loss?.from && type === loss.type
    if (lost) left--
    // A client counts from the time of day on; here it counts from 1.
    const number = seq >= firstSeq ? seq - firstSeq + 1 : seq
    const what = [type, `#${number}`, name, text].filter((part) => part !== undefined).join(' ')
    const time = `${clock().toFixed(0)} ms`.padStart(10)
    console.log(`${time}  ${who === 'ann' ? 'ann →' : 'ann ←'} ${what}${lost ? ', lost' : ''}`)
    if (!lost) socket.send(bytes, who === 'ann' ? port : client, '127.0.0.1')
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return socket
}

async function play(scene: Scene): Promise<void> {
  const { what, speed = 1, watch = 900, act } = scene
  console.log(what)
  const start = performance.now()
  const clock = (): number => (performance.now() - start) * speed
  const chat = createUdpChat({ now: clock, checkEvery: 5 })
  chat.bind(0, '127.0.0.1')
  await once(chat, 'listening')
  const { port } = chat.address()
  const between = await network(port, scene, clock)

  const shown: Record<string, string[]> = { ann: [], bob: [] }
  const enter = (name: string, to: number): Promise<UdpChatClient> =>
    joinUdpChat({
      port: to,
      name,
      onNotice: (notice) => shown[name]!.push(said(notice)),
      onGone: () => {},
      beatEvery: 5000 / speed,
    })
  const ann = await enter('ann', between.address().port)
  const bob = await enter('bob', port)
  act(ann, bob)
  await sleep(watch)
  for (const [name, lines] of Object.entries(shown))
    console.log(`  ${name} was shown: ${lines.join(', ') || 'nothing'}`)
  for (const socket of [ann.socket, chat, between]) socket.close()
}

function said(notice: Notice): string {
  return notice.type === 'MSG' ? `${notice.name}: ${notice.text}` : `${notice.name} ${notice.type.toLowerCase()}`
}

if (isMain(import.meta.url)) {
  for (const scene of scenes) await play(scene)
  process.exit()
}
