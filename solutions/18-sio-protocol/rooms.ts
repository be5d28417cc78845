/** An emit on its way: to which rooms, and who is left out. */
export interface Emitter {
  to(...rooms: string[]): Emitter
  except(...rooms: string[]): Emitter
  emit(event: string, ...args: unknown[]): void
}

/** Who is in which room: two maps, and nothing on the wire. */
export class Rooms {
  /** ids by room */
  readonly members = new Map<string, Set<string>>()
  /** rooms by id */
  readonly joined = new Map<string, Set<string>>()

  join(id: string, room: string): void {
    // #region join
    // TODO 7: Note it in both maps. The first member makes the room.
    // starter: void room; this.joined.set(id, this.joined.get(id) ?? new Set())

    const members = this.members.get(room) ?? new Set()
    const rooms = this.joined.get(id) ?? new Set()
    this.members.set(room, members.add(id))
    this.joined.set(id, rooms.add(room))
    // #endregion
  }

  leave(id: string, room: string): void {
    // #region leave
    // TODO 7: Take it out of both maps. The last member ends the room.
    // starter: void id; void room

    const members = this.members.get(room)
    members?.delete(id)
    if (members?.size === 0) this.members.delete(room)
    this.joined.get(id)?.delete(room)
    // #endregion
  }

  /** Takes a client that is gone out of all its rooms. */
  leaveAll(id: string): void {
    for (const room of this.joined.get(id) ?? []) this.leave(id, room)
    this.joined.delete(id)
  }

  /**
   * The ids in any of the rooms, each once.
   *
   * @param rooms none at all means everybody, as in Socket.IO
   * @param except whoever is in one of these rooms is left out
   */
  pick(rooms: Set<string>, except: Set<string>): Set<string> {
    const picked = new Set<string>()
    // #region pick
    // TODO 7: Collect the ids. A room that nobody is in has none, and stays unmade.
    // starter: for (const id of this.joined.keys()) picked.add(id)

    for (const id of rooms.size === 0
      ? this.joined.keys()
      : [...rooms].flatMap((room) => [...(this.members.get(room) ?? [])])) {
      picked.add(id)
    }
    for (const room of except) for (const id of this.members.get(room) ?? []) picked.delete(id)
    // #endregion
    return picked
  }
}
