import { setTimeout as wait } from 'node:timers/promises'
import type { Direction } from '../wire/model/chunk.ts'
import type { Connection } from './connection.ts'
import type { Limits } from './limits.ts'

/** The pieces of `bytes`, a new one at each offset. */
export function piecesOf(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  return [0, ...cuts].map((start, i) => bytes.subarray(start, cuts[i] ?? bytes.length))
}

/**
 * Writes bytes into a connection, each piece by its own write.
 *
 * @param delay milliseconds between two pieces; with 0 they are written in one go, and TCP may glue them
 * @throws {Error} one sentence, when the connection ended before the last piece, or its reader has stopped reading
 */
export async function sendPieces(
  connection: Connection,
  direction: Direction,
  pieces: Buffer[],
  delay: number,
  limits: Limits,
  signal: AbortSignal,
): Promise<void> {
  for (const [i, piece] of pieces.entries()) {
    if (i > 0 && delay > 0) await wait(delay, undefined, { signal })
    if (!connection.canSend(direction)) {
      throw new Error(`Connection ${connection.number}: it ended, and ${i} of ${pieces.length} pieces were sent.`)
    }
    if (connection.backlog(direction) > limits.messageBytes) {
      throw new Error(`Connection ${connection.number}: the other end does not read, so nothing more is sent.`)
    }
    connection.write(direction, piece)
  }
}
