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
  /** name of a socket that the page brought along; else the beginning of the id */
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
