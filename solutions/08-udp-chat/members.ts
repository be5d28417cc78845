/** Who is in the room. Pure: no socket and no clock; time is an argument, in milliseconds. */

export interface Member {
  /** `address:port`, the only thing that tells one sender from another */
  key: string
  name: string
  /** when its last datagram came */
  lastSeen: number
  /** highest `seq` that was seen in order, and those beyond it that came early */
  seen: { upTo: number; early: Set<number> }
}

/** The room: its members by their `key`. */
export type Members = Map<string, Member>

/** Silence after which a member is gone, in milliseconds. Beats come every 5 s, so one may get lost. */
export const silenceLimit = 15_000

/** Takes a sender in. @returns why the name cannot be had, or undefined when the sender is a member now */
export function join(members: Members, key: string, name: string, seq: number, now: number): string | undefined {
  // #region join
  // TODO 1: Add a member with 1 to 32 letters, digits, - and _ as its name. Refuse a name that another
  // `address:port` has. The same sender joining again replaces its own entry: it may have restarted.
  // starter:

  if (!/^[\p{L}\p{N}_-]{1,32}$/u.test(name)) return 'a name has 1 to 32 letters, digits, - and _'
  for (const member of members.values()) {
    if (member.name === name && member.key !== key) return `${name} is taken`
  }
  // #endregion
  members.set(key, { key, name, lastSeen: now, seen: { upTo: seq, early: new Set() } })
  return undefined
}

/** Notes a sign of life. @returns the member, or undefined when the sender is none: a beat is not a JOIN */
export function beat(members: Members, key: string, now: number): Member | undefined {
  const member = members.get(key)
  if (member !== undefined) member.lastSeen = now
  return member
}

/** Removes a member. @returns the one that was removed, if there was one */
export function leave(members: Members, key: string): Member | undefined {
  const member = members.get(key)
  members.delete(key)
  return member
}

/**
 * Removes the members whose last datagram is `silenceLimit` milliseconds old, or older.
 *
 * @returns the removed members, longest silence first
 */
export function evict(members: Members, now: number): Member[] {
  // #region evict
  // TODO 2: Remove and return the silent members. Somebody who never sent a beat counts from the JOIN.
  // starter: return []

  const silent = [...members.values()].filter((member) => now - member.lastSeen >= silenceLimit)
  for (const member of silent) members.delete(member.key)
  return silent.sort((a, b) => a.lastSeen - b.lastSeen)
  // #endregion
}

/** Whether this `seq` of the member is new, and notes it. A repeated datagram is old, however late it comes. */
export function isNew({ seen }: Member, seq: number): boolean {
  // #region duplicates
  // TODO 3: Tell a new `seq` from a repeated one. They may come out of order, so one number is not
  // enough; but what is kept must not grow with every datagram.
  // starter: return seq > 0

  if (seq <= seen.upTo || seen.early.has(seq)) return false
  seen.early.add(seq)
  // A number that never comes must not keep all later ones in memory.
  if (seen.early.size > 256) seen.upTo = Math.min(...seen.early) - 1
  while (seen.early.delete(seen.upTo + 1)) seen.upTo += 1
  return true
  // #endregion
}
