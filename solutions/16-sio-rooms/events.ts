// Given: the events of this lab. A client cannot join a room; it asks, and the server decides.

/** How a handler answers. */
export type Answer<T = undefined> = { ok: true; value: T } | { ok: false; reason: string }

export interface ClientToServer {
  join: (room: unknown, ack?: (answer: Answer<string[]>) => void) => void
  leave: (room: unknown, ack?: (answer: Answer<string[]>) => void) => void
  /** text for the room, the sender skipped */
  say: (room: unknown, text: unknown, ack?: (answer: Answer) => void) => void
  /** text for the room, the sender too if it is in there */
  announce: (room: unknown, text: unknown, ack?: (answer: Answer) => void) => void
  /** text for everybody who is connected */
  shout: (text: unknown, ack?: (answer: Answer) => void) => void
  /** text for everybody who is in at least one of the rooms, once; an empty list reaches nobody */
  'say to all of': (rooms: unknown, text: unknown, ack?: (answer: Answer) => void) => void
  /** text for one client, by its id */
  whisper: (id: unknown, text: unknown, ack?: (answer: Answer) => void) => void
  /** question for everybody in the room; the answer holds the answers that came in time */
  poll: (
    room: unknown,
    question: unknown,
    ack?: (answer: Answer<{ answers: unknown[]; missing: number }>) => void,
  ) => void
  /** call to make, one of those in calls.ts, such as `io.to('kitchen').emit`, with the event `tried` */
  try: (call: unknown, ack?: (answer: Answer) => void) => void
}

export interface ServerToClient {
  said: (from: string, room: string, text: string) => void
  whispered: (from: string, text: string) => void
  joined: (id: string, room: string) => void
  left: (id: string, room: string) => void
  question: (text: string, ack: (answer: unknown) => void) => void
  tried: (from: string, call: string) => void
  /** ids by room, for the widget of the chapter; sent to those who asked for it with `watch` in their auth */
  state: (rooms: Record<string, string[]>) => void
}
