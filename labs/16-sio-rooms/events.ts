// Given: the events of this lab. A client cannot join a room; it asks, and the server decides.

/** How a handler answers. */
export type Answer<T = undefined> = { ok: true; value: T } | { ok: false; reason: string }

export interface ClientToServer {
  join: (room: unknown, ack?: (answer: Answer<string[]>) => void) => void
  leave: (room: unknown, ack?: (answer: Answer<string[]>) => void) => void
  /** to the room, the sender skipped */
  say: (room: unknown, text: unknown, ack?: (answer: Answer) => void) => void
  /** to the room, the sender too if it is in there */
  announce: (room: unknown, text: unknown, ack?: (answer: Answer) => void) => void
  /** to everybody who is connected */
  shout: (text: unknown, ack?: (answer: Answer) => void) => void
  /** once to everybody who is in at least one of the rooms; an empty list reaches nobody */
  'say to all of': (rooms: unknown, text: unknown, ack?: (answer: Answer) => void) => void
  /** to one client, by its id */
  whisper: (id: unknown, text: unknown, ack?: (answer: Answer) => void) => void
  /** asks everybody in the room, and answers with the answers that came in time */
  poll: (
    room: unknown,
    question: unknown,
    ack?: (answer: Answer<{ answers: unknown[]; missing: number }>) => void,
  ) => void
  /** makes one of the calls in calls.ts, such as `io.to('kitchen').emit`, with the event `tried` */
  try: (call: unknown, ack?: (answer: Answer) => void) => void
}

export interface ServerToClient {
  said: (from: string, room: string, text: string) => void
  whispered: (from: string, text: string) => void
  joined: (id: string, room: string) => void
  left: (id: string, room: string) => void
  question: (text: string, ack: (answer: unknown) => void) => void
  tried: (from: string, call: string) => void
  /** who is in which room, for the widget of the chapter; sent to those who asked for it with `watch` in their auth */
  state: (rooms: Record<string, string[]>) => void
}
