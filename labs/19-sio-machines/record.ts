// Given: writes down what moves between ann, node A, the bus, node B and bob, in the order in which it arrives.
import { MessageType } from 'socket.io-adapter'
import type { BusConnection } from './bus-connection.ts'
import type { Node, Person } from './demo.ts'
import { type BusMessage, encodeMessage } from './message.ts'

export interface Row {
  /** milliseconds since some moment of this process */
  time: number
  from: string
  to: string
  text: string
}

/**
 * Writes down what happens from now on.
 *
 * @param connections connections of the nodes, where the bus is our relay; what is said to Redis is not seen
 * @returns the rows, which grow while things happen
 */
export function record(
  nodes: { a: Node; ann: Person; bob: Person },
  connections: { A?: BusConnection; B?: BusConnection },
): Row[] {
  const rows: Row[] = []
  const row = (from: string, to: string, text: string) => rows.push({ time: performance.now(), from, to, text })

  nodes.a.io
    .of('/')
    .sockets.get(nodes.ann.id)!
    .onAny((event, ...args) => row('ann', 'A', told(event, args)))
  nodes.ann.client.onAny((event, ...args) => row('A', 'ann', told(event, args)))
  nodes.bob.client.onAny((event, ...args) => row('B', 'bob', told(event, args)))
  for (const [name, connection] of Object.entries(connections)) {
    const send = connection.send.bind(connection)
    connection.send = (message) => {
      if (!isHeartbeat(message)) row(name, 'bus', `${kind(message)}, ${encodeMessage(message).length} bytes`)
      send(message)
    }
    connection.on('message', (message) => {
      if (!isHeartbeat(message)) row('bus', name, kind(message))
    })
  }
  return rows
}

/** Prints the rows with the time since the first of them, and forgets them. */
export function print(title: string, rows: Row[]): void {
  console.log(title)
  const began = rows[0]?.time ?? 0
  for (const { time, from, to, text } of rows.splice(0)) {
    console.log(`  ${(time - began).toFixed(1).padStart(5)} ms ${from.padStart(6)} → ${to.padEnd(6)} ${text}`)
  }
}

function told(event: string, args: unknown[]): string {
  return [event, args.findLast((arg) => typeof arg === 'string')].join(' ')
}

function kind({ type }: BusMessage): string {
  return MessageType[type]!
}

/** Whether it is a heartbeat: those come whenever they like, and are not written down. */
function isHeartbeat({ type }: BusMessage): boolean {
  return type === MessageType.HEARTBEAT || type === MessageType.INITIAL_HEARTBEAT
}
