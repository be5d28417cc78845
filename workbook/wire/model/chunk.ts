export type Direction = 'c2s' | 's2c'

/**
 * What one `data` event delivered at the tap, or the end of one direction. A chunk is not a packet and not a frame:
 * TCP keeps the bytes and their order, and nothing else. Everything above is derived from chunks in the page.
 */
export interface Chunk {
  /** which connection of the tap, counted from 1 */
  connection: number
  direction: Direction
  /** position among the chunks of this connection, both directions together, counted from 0 */
  sequence: number
  /** milliseconds since the connection was opened */
  time: number
  /** empty when `end` is set */
  bytes: Uint8Array
  /** `fin`: this side has finished sending; `rst`: the connection was reset */
  end?: 'fin' | 'rst'
}
