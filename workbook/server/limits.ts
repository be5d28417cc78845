const KiB = 1024
const MiB = 1024 * KiB

/** Bounds of everything that the lab server keeps or waits for; tests shorten them. */
export const limits = {
  /** the head of one HTTP request */
  headBytes: 16 * KiB,
  /** how long that head may take to arrive */
  headTimeoutMs: 10_000,
  /** how long a first word without a line end may still turn out to be an HTTP request, on a plain TCP target */
  wordTimeoutMs: 500,
  /** how long a refused client may take to read the answer */
  lingerTimeoutMs: 1_000,
  /** how long a tapped connection may be silent */
  idleTimeoutMs: 5 * 60_000,
  /** the time between two pings of a channel; a page that does not answer one is gone */
  heartbeatMs: 30_000,
  /** one WebSocket message, to the channels and to the built-in echo */
  messageBytes: 1 * MiB,
  /** connections through all taps */
  connections: 64,
  /** connections of browsers to the site: six of each, and its channels */
  siteConnections: 512,
  /** connections that one page has opened with `open` */
  connectionsPerPage: 8,
  /** one `send` or `serverSend` of a page */
  sendBytes: 64 * KiB,
  /** into so many pieces it may be cut */
  sendPieces: 1024,
  /** the longest time between two pieces */
  sendDelayMs: 2_000,
  commandsPerSecond: 50,
  /** what a page that connects late can still see, for each target */
  keptChunks: 2_000,
  keptBytes: 4 * MiB,
  /** what may wait for a page that does not read, before chunks are left out */
  backlogBytes: 4 * MiB,
}

export type Limits = typeof limits
