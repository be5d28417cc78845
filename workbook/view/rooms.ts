import type { Chunk } from '../wire/model/chunk.ts'
import { PacketReader } from '../wire/socketio/packet-reader.ts'
import { Conversation } from '../wire/stream/conversation.ts'

// What chapter 16 plays with: sockets in rooms, and who of them hears an emit.

/** The rooms of lab 16. */
export const rooms = ['lobby', 'kitchen', 'garden']

/** The sockets that the page brings along, and the rooms that they join. The first one is `socket` in every call. */
export const ownSockets = [
  { name: 'ann', rooms: ['lobby', 'kitchen'] },
  { name: 'bob', rooms: ['kitchen', 'garden'] },
  { name: 'carl', rooms: ['garden'] },
  { name: 'dora', rooms: ['lobby'] },
]

/** What can be tried, by the names that lab 16 knows, and why it is heard by those who hear it. */
export const calls = [
  {
    call: "io.to('kitchen').emit",
    why: 'All who are in the kitchen. io skips nobody, so who asked for it hears it too.',
  },
  { call: "socket.to('kitchen').emit", why: 'All who are in the kitchen, without the socket itself.' },
  { call: "socket.to('garden').emit", why: 'All who are in the garden. The sender need not be there.' },
  { call: 'socket.emit', why: 'A socket is one client on the server’s side: this is a word to ann.' },
  { call: 'io.emit', why: 'No room is named: everybody who is connected.' },
  { call: 'socket.broadcast.emit', why: 'No room is named: everybody, without the socket itself.' },
  { call: "io.to(['kitchen', 'garden']).emit", why: 'The two sets are joined first: who is in both hears it once.' },
  {
    call: "io.to('kitchen').emit, io.to('garden').emit",
    why: 'Two emits know nothing of each other: who is in both hears it twice.',
  },
  { call: "io.to('garden').except('kitchen').emit", why: 'All who are in the garden and not in the kitchen.' },
  { call: 'io.to(socket.id).emit', why: 'The private room: ann, and whoever else has got into it.' },
  { call: 'socket.to(socket.id).emit', why: 'In ann’s private room is ann, and socket.to leaves ann out.' },
  { call: 'io.to([]).emit', why: 'An empty list is no room, and without a room everybody hears.' },
  { call: 'io.to(undefined).emit', why: 'This is a room, by the name of undefined, and nobody is in it.' },
]

/** The ids in each room, as lab 16 tells who watches. Every socket is also in a room that is named by its id. */
export type RoomState = Record<string, string[]>

/** What a server says in `state`, which may be anything while it is being written. */
export function readState(value: unknown): RoomState {
  if (typeof value !== 'object' || value === null) return {}
  const lists = Object.entries(value).map(([room, ids]) => [room, Array.isArray(ids) ? ids.map(String) : []])
  return Object.fromEntries(lists) as RoomState
}

/** How often each has heard a call, by name; who is not in it has not. */
export type Heard = Record<string, number>

/** A socket as a row of the table. */
export interface Member {
  id: string
  /** of those that the page brought along; else the beginning of the id */
  name: string
  own: boolean
  rooms: string[]
}

/** Everybody who is connected, own sockets first, in the order of `names`. @param names by id, of the own sockets */
export function membersOf(state: RoomState, names: Record<string, string>): Member[] {
  const ids = new Set([...Object.keys(names), ...Object.values(state).flat()])
  return [...ids].map((id) => ({
    id,
    name: memberName(id, names),
    own: id in names,
    rooms: Object.keys(state).filter((room) => state[room]!.includes(id)),
  }))
}

/** A person needs no more of an id to tell it from another. */
const idShown = 5

export function memberName(id: string, names: Record<string, string>): string {
  return names[id] ?? id.slice(0, idShown)
}

/** What was foretold of one socket, and what happened. */
export interface Prediction {
  name: string
  right: boolean
  heard: number
}

/** @param foretold the names of those who were to hear it */
export function judgePredictions(names: string[], foretold: readonly string[], heard: Heard): Prediction[] {
  return names.map((name) => {
    const count = heard[name] ?? 0
    return { name, heard: count, right: foretold.includes(name) === count > 0 }
  })
}

/** What a recording of lab 16 holds. */
export interface RoomsRun {
  /** names by id */
  names: Record<string, string>
  /** before the first call */
  state: RoomState
  /** by call */
  heard: Record<string, Heard>
}

/** Reads from the bytes alone who was where and who heard what. @param connections those of `seats`, in their order */
export function readRun(connections: Chunk[][]): RoomsRun {
  const run: RoomsRun = { names: {}, state: {}, heard: {} }
  for (const [i, { name }] of ownSockets.entries()) {
    let calling = false
    const conversation = new Conversation()
    const reader = new PacketReader()
    const units = (connections[i] ?? []).flatMap((chunk) => conversation.push(chunk))
    for (const { direction, socket } of units.flatMap((unit) => reader.push(unit))) {
      const { type, data } = socket ?? {}
      if (type === 0 && direction === 's2c') run.names[String((data as { sid?: unknown }).sid)] = name
      if (type !== 2 || !Array.isArray(data)) continue
      const [event, first, second] = data
      if (direction === 'c2s') calling ||= event === 'try'
      else if (event === 'state' && !calling) run.state = readState(first)
      else if (event === 'tried') count(run.heard, String(second), name)
    }
  }
  return run
}

function count(heard: RoomsRun['heard'], call: string, name: string): void {
  const names = heard[call] ?? {}
  heard[call] = { ...names, [name]: (names[name] ?? 0) + 1 }
}
