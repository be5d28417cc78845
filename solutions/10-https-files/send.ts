import { read, readSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import type { ByteRange } from './range.ts'

/** Bytes of a file that are in memory at once for one client; smaller pieces cost more, larger ones gain little. */
const pieceSize = 256 * 1024

/**
 * Sends the bytes of a range as the body, no faster than the client reads them.
 *
 * @param file descriptor of the open file; the caller closes it
 * @throws {Error} when the client goes away, or the file turns out to be shorter; the connection is destroyed then
 */
export async function sendRange(response: ServerResponse, file: number, range: ByteRange): Promise<void> {
  if (range.end - range.start < pieceSize) response.end(bytesOf(file, range))
  else await sendPieces(response, file, range)
}

/**
 * Reads a range in one go; the program waits for it. What the system has in memory is here sooner than a thread could
 * be asked for it, so this is the way for small files.
 */
function bytesOf(file: number, { start, end }: ByteRange): Buffer {
  const bytes = Buffer.allocUnsafe(end - start + 1)
  const bytesRead = readSync(file, bytes, 0, bytes.length, start)
  if (bytesRead < bytes.length) throw tooShort(end, start + bytesRead)
  return bytes
}

async function sendPieces(response: ServerResponse, file: number, { start, end }: ByteRange): Promise<void> {
  // #region send
  // TODO 8: Read a piece of at most `pieceSize` with readInto, wait until it is `sent`, then read the next into the same
  // memory, and so on to `end`. When there is nothing to read before that, throw tooShort. End the response.
  // starter: response.end(bytesOf(file, { start, end }))

  const piece = Buffer.allocUnsafe(pieceSize)
  for (let at = start; at <= end; ) {
    const { bytesRead } = await readInto(file, piece, 0, Math.min(pieceSize, end - at + 1), at)
    if (bytesRead === 0) throw tooShort(end, at)
    await sent(response, piece.subarray(0, bytesRead))
    at += bytesRead
  }
  response.end()
  // #endregion
}

const readInto = promisify(read)

/** Settles when the piece has left this program, and its memory is free again. @throws when the client goes away */
function sent(response: ServerResponse, piece: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    // Of a socket that was destroyed a moment ago `write` says nothing at all, not even to its callback.
    const left = () => reject(new Error('the client went away'))
    response.once('close', left)
    response.write(piece, (error) => {
      response.off('close', left)
      if (error) reject(error)
      else resolve()
    })
  })
}

/**
 * A client that was promised more bytes would wait for them for ever, on a connection that stays open.
 *
 * @param end the last byte that was promised
 * @param at the first byte that is not there
 */
function tooShort(end: number, at: number): Error {
  return new Error(`the file became shorter: expected ${end + 1} bytes, found ${at}`)
}
