const KiB = 1024
const MiB = 1024 * KiB

/** Everything the lab server keeps or waits for has a bound. Times in milliseconds; tests shorten them. */
export const limits = {
  /** of one HTTP request */
  headBytes: 16 * KiB,
  headTimeout: 10_000,
  /** how long a first word without a line end may still turn out to be an HTTP request, on a plain TCP target */
  wordTimeout: 500,
  /** how long a refused client may take to read the answer */
  lingerTimeout: 1_000,
  idleTimeout: 5 * 60_000,
  /** between two pings of a channel; a page that does not answer one is gone */
  heartbeat: 30_000,
  /** one WebSocket message, to the channels and to the built-in echo */
  messageBytes: 1 * MiB,
  /** through all taps, and again on the channels */
  connections: 64,
  /** opened by one page with `open` */
  connectionsPerPage: 8,
  /** one `send` or `serverSend` of a page */
  sendBytes: 64 * KiB,
  sendPieces: 1024,
  sendDelay: 2_000,
  commandsPerSecond: 50,
  /** what a page that connects late can still see, for each target */
  ringChunks: 2_000,
  ringBytes: 4 * MiB,
  /** what may wait for a page that does not read, before records are left out */
  backlogBytes: 4 * MiB,
}

export type Limits = typeof limits
