// The shape of a bench: what a file bench/benches/NAME.ts exports by default. `npm run bench NAME` runs it.

export interface Bench {
  title: string
  /** what one unit of a cost is: `ns of CPU per frame` */
  unit: string
  comparisons: Comparison[]
}

/** Two ways to do the same work, measured in the same rounds. */
export interface Comparison {
  /** `16 B in 64 KiB chunks` */
  name: string
  /** both are started for this comparison only; the peer twice, as the A/A control */
  own: Start
  peer: Start
  /** what must hold, if anything */
  gate?: Gate
  /** rounds that count; default 9 */
  rounds?: number
  /** why it cannot be shown on this machine: `nginx is not installed` */
  skip?: () => string | undefined | Promise<string | undefined>
}

/** `{ cheaper: 2.5 }`: the peer costs at least 2.5 times ours. `{ dearer: 1.35 }`: ours costs at most 1.35 times the peer's. */
export type Gate = { cheaper: number } | { dearer: number }

export type Start = () => Contender | Promise<Contender>

export interface Contender {
  /** `ws 8.23.0` */
  name: string
  /** Does the work of one round, checks its result, and says what one unit cost. Some rounds come first and do not count. */
  round(): Cost | Promise<Cost>
  close?(): unknown
}

export interface Cost {
  /** what is compared: CPU time per unit, or memory */
  cost: number
  /** wall time per unit, shown and never judged */
  wall?: number
}
