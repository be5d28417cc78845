import type { Bench, Gate } from './bench.ts'
import type { Result } from './measure.ts'

const columns = [44, 10, 10, 8, 14, 8, 7, 9]

/** @param load of the last 1, 5 and 15 minutes */
export function heading(name: string, { title, unit }: Bench, load: number[]): string {
  const top = `\n${name}: ${title}. Costs in ${unit}; load ${load.map((value) => value.toFixed(1)).join(' ')}`
  return `${top}\n${row(['', 'ours', 'peer', 'ratio', 'quartiles', 'A/A', 'wall', 'gate'])}`
}

/** ratio: how many times cheaper ours is */
export function line(result: Result): string {
  const { comparison, peer, outcome, reason, quartiles, wallRatio } = result
  if (outcome === 'skipped') return `${comparison}: skipped, ${reason}`
  const cells = [
    `${comparison}, ${peer}`,
    amount(result.ownCost),
    amount(result.peerCost),
    ratio(result.ratio),
    quartiles.map(ratio).join('-'),
    ratio(result.control),
    wallRatio === undefined ? '' : ratio(wallRatio),
    shown(result.gate),
  ]
  return `${row(cells)} ${outcome}`
}

function row(cells: string[]): string {
  return cells.map((cell, i) => (i === 0 ? cell.padEnd(columns[i]!) : cell.padStart(columns[i]!))).join(' ')
}

function shown(gate: Gate | undefined): string {
  if (!gate) return ''
  return 'cheaper' in gate ? `>= ${gate.cheaper}` : `>= ${ratio(1 / gate.dearer)}`
}

function ratio(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3)
}

function amount(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3)
}
