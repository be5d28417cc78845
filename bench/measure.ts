import type { Comparison, Contender, Cost, Gate } from './bench.ts'

/** The outcome of a comparison; ratios say how many times cheaper ours is than the peer, round by round. */
export interface Result {
  comparison: string
  own: string
  peer: string
  /** median cost of one unit */
  ownCost: number
  peerCost: number
  /** peer / own: median, and the quartiles around it */
  ratio: number
  quartiles: [number, number]
  /** the same in wall time, where it was measured */
  wallRatio?: number
  /** the peer against itself: how far the machine lets two equal programs differ */
  control: number
  gate?: Gate
  /** void: the control is off, so nothing can be said */
  outcome: 'pass' | 'fail' | 'void' | 'shown' | 'skipped'
  /** why it was skipped */
  reason?: string
}

/** How far the control may be off, either way. */
const maxControlDeviation = 0.1
const warmUpRounds = 3

/**
 * Runs own, peer and the peer once more, in rotated order each round, and compares costs within a round: what slows the
 * machine down slows all three.
 */
export async function measure(comparison: Comparison): Promise<Result> {
  const reason = await comparison.skip?.()
  if (reason) return skipped(comparison, reason)

  const first = await attempt(comparison)
  // A neighbour may have come in the middle. Once more, and then it is void.
  return first.outcome === 'void' ? attempt(comparison) : first
}

async function attempt({ name, own, peer, gate, rounds = 9 }: Comparison): Promise<Result> {
  const contenders: Contender[] = []
  try {
    for (const start of [own, peer, peer]) contenders.push(await start())
    for (let i = 0; i < warmUpRounds; i++) for (const contender of contenders) await contender.round()

    const table: Cost[][] = []
    for (let i = 0; i < rounds; i++) table.push(await playRound(contenders, i))
    return judge(name, contenders, table, gate)
  } finally {
    for (const contender of contenders) await contender.close?.()
  }
}

/** One round of each, beginning with another one every time; costs in the order of `contenders`. */
async function playRound(contenders: Contender[], first: number): Promise<Cost[]> {
  const costs: Cost[] = []
  for (let i = 0; i < contenders.length; i++) {
    const index = (first + i) % contenders.length
    costs[index] = await contenders[index]!.round()
  }
  return costs
}

function judge(comparison: string, [own, peer]: Contender[], table: Cost[][], gate: Gate | undefined): Result {
  const ratios = table.map(([ours, theirs]) => theirs!.cost / ours!.cost)
  const control = median(table.map(([, theirs, again]) => again!.cost / theirs!.cost))
  const walls = table.flatMap(([ours, theirs]) => (ours!.wall && theirs!.wall ? [theirs!.wall / ours!.wall] : []))
  const ratio = median(ratios)
  return {
    comparison,
    own: own!.name,
    peer: peer!.name,
    ownCost: median(table.map(([ours]) => ours!.cost)),
    peerCost: median(table.map(([, theirs]) => theirs!.cost)),
    ratio,
    quartiles: [quantile(ratios, 0.25), quantile(ratios, 0.75)],
    ...(walls.length > 0 && { wallRatio: median(walls) }),
    control,
    gate,
    outcome: outcomeOf(ratio, control, gate),
  }
}

function outcomeOf(ratio: number, control: number, gate: Gate | undefined): Result['outcome'] {
  if (!gate) return 'shown'
  if (Math.abs(control - 1) > maxControlDeviation) return 'void'
  const held = 'cheaper' in gate ? ratio >= gate.cheaper : 1 / ratio <= gate.dearer
  return held ? 'pass' : 'fail'
}

function skipped({ name, gate }: Comparison, reason: string): Result {
  const none = {
    own: '',
    peer: '',
    ownCost: 0,
    peerCost: 0,
    ratio: 0,
    quartiles: [0, 0] as [number, number],
    control: 0,
  }
  return { comparison: name, ...none, gate, outcome: 'skipped', reason }
}

export function median(values: number[]): number {
  return quantile(values, 0.5)
}

function quantile(values: number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (sorted.length - 1) * part
  const below = sorted[Math.floor(at)] ?? Number.NaN
  return below + (sorted[Math.ceil(at)]! - below) * (at % 1)
}

/**
 * What `work` costs this process per unit, in nanoseconds of CPU (all threads, so garbage counts) and of wall time.
 *
 * @param units how many units `work` does
 */
export async function timed(units: number, work: () => unknown): Promise<Cost> {
  const cpu = process.cpuUsage()
  const start = process.hrtime.bigint()
  await work()
  const wall = Number(process.hrtime.bigint() - start)
  const { user, system } = process.cpuUsage(cpu)
  return { cost: ((user + system) * 1000) / units, wall: wall / units }
}
