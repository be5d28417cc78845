import type { FileHandle } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { ByteRange } from './range.ts'

/** Bytes of a file that are in memory at once for one client; smaller pieces cost more, larger ones gain nothing. */
const pieceSize = 256 * 1024

/**
 * Sends the bytes of a range as the body, no faster than the client reads them.
 *
 * @throws when the client goes away, or the file turns out to be shorter; the connection is destroyed then
 */
export async function sendRange(response: ServerResponse, file: FileHandle, { start, end }: ByteRange): Promise<void> {
  const length = end - start + 1
  if (length === 0) return void response.end()
  // #region send
  // TODO 8: Stream the range in pieces of `pieceSize`, through `complete`, with `pipeline`: it waits for slow clients,
  // and destroys everything when one end goes away. The caller closes the file, so the stream must not (autoClose).
  // starter: response.end((await file.readFile()).subarray(start, end + 1))

  const pieces = file.createReadStream({ start, end, highWaterMark: pieceSize, autoClose: false })
  await pipeline(pieces, (source) => complete(source, length), response)
  // #endregion
}

/**
 * Passes the pieces on, and throws when there are fewer bytes than announced: a client that was promised them would wait
 * for them for ever, on a connection that stays open.
 */
async function* complete(source: AsyncIterable<Buffer>, length: number): AsyncGenerator<Buffer, void> {
  let sent = 0
  for await (const piece of source) {
    sent += piece.length
    yield piece
  }
  if (sent < length) throw new Error(`the file became shorter: expected ${length} bytes, received ${sent}`)
}
