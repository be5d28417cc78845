import type { Chunk } from '../wire/model/chunk.ts'
import { PacketReader } from '../wire/socketio/packet-reader.ts'
import { Conversation } from '../wire/stream/conversation.ts'
import { type Heard, ownSockets, type RoomState, readState } from './rooms.ts'

/** What a recording of lab 16 holds. */
interface RoomsRun {
  /** names by id */
  names: Record<string, string>
  /** the rooms before the first call */
  state: RoomState
  /** who heard each call, by call */
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
