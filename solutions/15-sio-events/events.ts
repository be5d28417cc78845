// Given: the events of this lab, as types. A wrong name or a wrong argument is an error in your editor, on both sides.
// Types end at the wire, though: what a foreign client sends is `unknown` until it was looked at.

/** How a handler answers: with a value, or with a sentence. */
export type Answer<T> = { ok: true; value: T } | { ok: false; reason: string }

export interface ClientToServer {
  /** id of this connection, and the name that the client gave when it came */
  whoami: (ack: (me: { id: string; name: string; transport: string }) => void) => void
  /** answers with the same arguments, however many; the ack may be left out */
  echo: (...args: unknown[]) => void
  /** sum of two numbers */
  add: (a: unknown, b: unknown, ack?: (answer: Answer<number>) => void) => void
  /** looks up a word in a slow dictionary, which fails for words it does not have */
  lookup: (word: unknown, ack?: (answer: Answer<string>) => void) => void
  /** the server asks this client `question` in return, and passes its answer on */
  'ask me': (question: string, ack: (answer: Answer<string>) => void) => void
}

export interface ServerToClient {
  /** greeting for each client, once, when its connection is ready */
  welcome: (name: string, online: number) => void
  question: (text: string, ack: (answer: string) => void) => void
  /** somebody else has gone; `reason` is Socket.IO's word for how */
  left: (name: string, reason: string) => void
}

export interface SocketData {
  name: string
}
