// The chapter's experiments: two nodes and the bus between them. `main.ts [redis://host:port]` adds Redis to them.
import { once } from 'node:events'
import { isMain } from '../run.ts'
import type { Bus } from './bus.ts'
import { heardBy, type Node, type Person, pause, person, startNode, startRelay } from './demo.ts'
import { openBus } from './open-bus.ts'
import { print, record } from './record.ts'

async function main(redis: string | undefined): Promise<void> {
  console.log('one room, no bus:')
  await hello(() => undefined)

  console.log('one room, a relay:')
  const relay = await startRelay()
  await hello(relay.bus)
  await afterwards('no bus', () => undefined)
  await afterwards('a relay', relay.bus)
  if (redis !== undefined) await afterwards('Redis', () => openBus(redis))
  await way(relay)
  if (redis !== undefined) await wayOfRedis(redis)
  await cut(relay)
  await relay.cut()
  await sticky()
}

/** Two nodes with three clients: ann is on node A and bob on node B, both in the lobby; carl is on B, in no room. */
async function twoNodes(bus: () => Promise<Bus> | Bus | undefined) {
  const [a, b] = [await startNode(await bus()), await startNode(await bus())]
  await pause() // for a bus to be there, and for the nodes to hear of each other
  const [ann, bob, carl] = [await person(a, 'lobby'), await person(b, 'lobby'), await person(b)]
  const close = async () => {
    for (const { client } of [ann, bob, carl]) client.disconnect()
    await Promise.all([a.close(), b.close()])
  }
  return { a, b, ann, bob, carl, close }
}

async function hello(bus: () => Bus | undefined): Promise<void> {
  const { a, ann, bob, carl, close } = await twoNodes(bus)
  for (const text of ['hello', Buffer.from([0, 255])]) {
    ann.client.emit('say', 'lobby', text)
    await pause()
    console.log(`  ann on A hears ${heardBy(ann)}; bob on B ${heardBy(bob)}; carl on B ${heardBy(carl)}`)
  }
  console.log('  count', JSON.stringify((await ann.client.emitWithAck('count', 'lobby')).value))
  a.io.to('room:lobby').except(bob.id).emit('said', '', '', 'not for bob')
  a.io.in(carl.id).socketsJoin('room:lobby')
  await pause()
  a.io.to('room:lobby').emit('said', '', '', 'welcome')
  await pause()
  console.log(`  ann hears ${heardBy(ann)}; bob ${heardBy(bob)}; carl ${heardBy(carl)}`)
  await close()
}

/** Two calls in one tick: which of them comes first at somebody of the same node, and at somebody of the other? */
async function afterwards(name: string, bus: () => Promise<Bus> | Bus | undefined): Promise<void> {
  const { a, ann, bob, close } = await twoNodes(bus)
  const dan = await person(a)
  const socket = a.io.of('/').sockets.get(ann.id)!
  const table: [string, () => void, Person][] = [
    ['a to the room, then b to ann', () => socket.emit('said', '', '', 'b'), ann],
    ['a to the room, then ann leaves it', () => void socket.leave('room:lobby'), ann],
    ['a to the room, then dan joins it', () => void a.io.of('/').sockets.get(dan.id)!.join('room:lobby'), dan],
  ]
  console.log(`one tick on node A, ${name}:`)
  for (const [what, then, who] of table) {
    a.io.to('room:lobby').emit('said', '', '', 'a')
    then()
    await pause()
    console.log(`  ${what.padEnd(34)}${who === ann ? 'ann' : 'dan'} hears ${heardBy(who)}; bob on B ${heardBy(bob)}`)
    heardBy(ann)
  }
  dan.client.disconnect()
  await close()
}

/** Everything that moves between ann, the nodes and bob. */
async function way(relay: Awaited<ReturnType<typeof startRelay>>): Promise<void> {
  const [A, B] = [relay.bus(), relay.bus()]
  const buses = [A, B]
  const { a, ann, bob, close } = await twoNodes(() => buses.shift())
  const rows = record({ a, ann, bob }, { A: A.connection, B: B.connection })
  ann.client.emit('say', 'lobby', 'hello')
  await pause()
  print('ann says hello:', rows)
  await ann.client.emitWithAck('count', 'lobby')
  print('ann counts the room:', rows)
  roomThenAnn(a, ann)
  await pause()
  print('a to the room, then b to ann:', rows)
  await relay.cut()
  ann.client.emit('say', 'lobby', 'during')
  await pause()
  print('ann says something while the relay is cut:', rows)
  await relay.mend()
  await close()
}

async function wayOfRedis(address: string): Promise<void> {
  const { a, ann, bob, close } = await twoNodes(() => openBus(address))
  const rows = record({ a, ann, bob }, {})
  roomThenAnn(a, ann)
  await pause()
  print('a to the room, then b to ann, over Redis:', rows)
  await close()
}

function roomThenAnn({ io }: Node, { id }: Person): void {
  io.to('room:lobby').emit('said', '', '', 'a')
  io.of('/').sockets.get(id)!.emit('said', '', '', 'b')
}

async function cut(relay: Awaited<ReturnType<typeof startRelay>>): Promise<void> {
  const buses = [relay.bus(), relay.bus()]
  const waiting = [...buses]
  const { a, ann, bob, close } = await twoNodes(() => waiting.shift())
  console.log('the relay is cut, and comes again:')
  const say = async (text: string) => {
    ann.client.emit('say', 'lobby', text)
    await pause()
    console.log(`  ${text.padEnd(8)}ann hears ${heardBy(ann)}; bob ${heardBy(bob)}`)
  }
  await say('before')
  await relay.cut()
  await say('during')
  const counted = a.io.in('room:lobby').timeout(500).fetchSockets()
  console.log(
    `  count   ${await counted.then(
      ({ length }) => length,
      (error: Error) => error.message,
    )}`,
  )
  const again = buses.map(({ connection }) => once(connection, 'up'))
  await relay.mend()
  await Promise.race([Promise.all(again), pause(3000)])
  await pause()
  await say('after')
  console.log('  count  ', JSON.stringify((await ann.client.emitWithAck('count', 'lobby')).value))
  await close()
}

/** A client that polls begins a session at one node, and its next request is sent to the other. */
async function sticky(): Promise<void> {
  const [a, b] = [await startNode(), await startNode()]
  console.log('a client that polls:')
  const { sid } = await poll('at A, without a session', a)
  await poll('at A, with it', a, sid)
  await poll('at B, with it', b, sid)
  const { client } = await person(b)
  console.log(`  with WebSocket only, at B ${client.connected ? 'connected' : 'not connected'}`)
  client.disconnect()
  await Promise.all([a.close(), b.close()])
}

async function poll(what: string, { port }: Node, sid?: string): Promise<{ sid: string }> {
  const query = `EIO=4&transport=polling${sid === undefined ? '' : `&sid=${sid}`}`
  if (sid !== undefined) await fetch(`http://127.0.0.1:${port}/socket.io/?${query}`, { method: 'POST', body: '40' })
  const response = await fetch(`http://127.0.0.1:${port}/socket.io/?${query}`)
  const text = await response.text()
  console.log(`  ${what.padEnd(26)}${response.status} ${text.replace(/"sid":"[^"]+"/, '"sid":"…"')}`)
  return JSON.parse(text.replace(/^\d+/, '')) as { sid: string }
}

if (isMain(import.meta.url)) await main(process.argv[2])
