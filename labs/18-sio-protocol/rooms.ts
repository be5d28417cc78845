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
    // TODO 7: Note it in both maps. The first member makes the room.
    void room; this.joined.set(id, this.joined.get(id) ?? new Set())
  }

  leave(id: string, room: string): void {
    // TODO 7: Take it out of both maps. The last member ends the room.
    void id; void room
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
    // TODO 7: Collect the ids. A room that nobody is in has none, and stays unmade.
    for (const id of this.joined.keys()) picked.add(id)
    return picked
  }
}
