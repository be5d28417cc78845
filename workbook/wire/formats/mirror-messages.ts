import type { Direction } from '../model/chunk.ts'

// The mirror: what the lab server and a page say to each other. JSON text both ways, as below;
// chunks come from the server as binary messages (mirror-chunk.ts).

/** Of the messages below. The page compares it with the one in `hello` and asks for a reload when they differ. */
export const mirrorVersion = 1

/** The subprotocol that the server answers with. */
export const mirrorProtocol = 'wirebook.tap.v1'

/** The subprotocol that a page offers beside it, and the server never echoes. @param token 32 hex digits */
export const tokenProtocol = (token: string) => `wirebook.token.${token}`

/** The name in the query of a handshake that a page sends to a target through the workbook's own port. */
const tapParameter = 'wirebook'

/** What a page puts into the query of such a handshake. @param mark of the page, which it finds again in the tapped bytes */
export function tapQuery(target: string, mark: string): string {
  return `${tapParameter}=${target}.${mark}`
}

/** The target that the query of a handshake names; `undefined` when it names none. @param requestTarget as `/?wirebook=echo.k3j` */
export function tapTarget(requestTarget: string): string | undefined {
  const named = new URLSearchParams(requestTarget.split('?')[1]).get(tapParameter)
  return named?.replace(/\.\w*$/, '')
}

export type TargetKind = 'websocket' | 'socket.io' | 'http' | 'tcp' | 'tls'

/** A server that can be watched: a built-in one, a lab of the reader, or a port that the reader named. */
export interface Target {
  /** `echo`, `echo-deflate`, `silence`, `13-ws-server`, `port-8765` */
  id: string
  /** name for a person: `Built-in echo`, `Lab 13: ws-server` */
  label: string
  kind: TargetKind
  /** where the server itself listens on 127.0.0.1 */
  port: number
  /** where the tap in front of it listens on 127.0.0.1: connect here to be seen */
  tapPort: number
  /** whether a server listened there when it was last looked at */
  listening: boolean
  /** stem of a lab: `13-ws-server` */
  stem?: string
  /** protocols of `wire/protocols.ts` that a lab speaks over TCP; the first bytes tell which */
  protocols?: string[]
  /** command that starts a lab, `npx tsx labs/13-ws-server/server.ts` */
  command?: string
}

export type MirrorEvent =
  /** first message */
  | { type: 'hello'; version: number; targets: Target[] }
  /** the answer to `targets`, and whenever a server was found started or stopped */
  | { type: 'targets'; targets: Target[] }
  /**
   * The answer to `watch`: the connections and chunks that are remembered follow, then live ones.
   * `forgotten` chunks, the oldest, no longer are.
   */
  | { type: 'watching'; target: string; forgotten: number }
  /** `by`: a program connected to the tap, or a page with `open`. `openedAt` in milliseconds since the epoch */
  | { type: 'opened'; target: string; connection: number; by: 'program' | 'page'; openedAt: number }
  /** both directions are over; `why` when it was not a plain FIN or RST */
  | { type: 'closed'; target: string; connection: number; why?: string }
  /** the guard let no byte of it through */
  | { type: 'refused'; target: string; status: number; why: string }
  /** this page was too slow: so many chunks of the target were left out */
  | { type: 'dropped'; target: string; chunks: number; bytes: number }
  /** the command with this `id` is carried out; `connection` after `open` */
  | { type: 'done'; id: number; connection?: number }
  /** one sentence; with the `id` of the command, or about a target */
  | { type: 'error'; message: string; id?: number; target?: string }

/** What a page may ask. `id` comes back in `done` or `error`. */
export type MirrorCommand = { id: number } & (
  | { type: 'watch'; target: string }
  | { type: 'unwatch'; target: string }
  /** look again which servers listen, or only whether this one does */
  | { type: 'targets'; target?: string }
  /** become a raw client of the target: the server opens a TCP connection, and the page writes every byte */
  | { type: 'open'; target: string }
  /** bytes of the client, to the server */
  | ({ type: 'send' } & RawBytes)
  /** bytes of the server, to the client */
  | ({ type: 'serverSend' } & RawBytes)
  /** FIN: this direction has said everything */
  | { type: 'cut'; connection: number; direction: Direction }
  /** RST to both ends */
  | { type: 'reset'; connection: number }
)

export interface RawBytes {
  connection: number
  /** base64, at most 64 KiB when decoded */
  data: string
  /** offsets at which a new write begins, ascending */
  cuts?: number[]
  /** milliseconds between two writes, 20 unless told; with 0 they are written in one go, and TCP may well glue them again */
  delay?: number
}
