import type { Difference, Failure, NamedBytes, TimelineStep } from './events.ts'
import { clip, wrap } from './text.ts'

type Bytes = Extract<Difference, { shape: 'bytes' }>

const PER_ROW = 16

/** A failure as text, in the order in which a person reads it: where, did, you, what differs. */
export function failureLines(failure: Failure, columns: number): string[] {
  const { where, rule, did, you, difference } = failure
  const place = [where, rule].filter(Boolean).join('   ')
  const lines = place ? [place] : []
  if (difference.shape === 'bytes') return [...lines, ...bytesLines(failure, difference, columns)]
  lines.push(...wrap(difference.summary, columns))
  if (difference.shape === 'timeline') return [...lines, '', ...timelineLines(difference.steps, columns)]
  lines.push('', ...labelled('we  ', did, columns), ...labelled('you ', you, columns))
  if (difference.details)
    lines.push('', ...difference.details.split('\n').map((line) => `  ${clip(line, columns - 2)}`))
  return lines
}

function labelled(label: string, text: string, columns: number): string[] {
  const [first = '', ...more] = wrap(text, columns - label.length - 2)
  return [`  ${label}${first}`, ...more.map((line) => `  ${' '.repeat(label.length)}${line}`)]
}

function bytesLines({ did }: Failure, difference: Bytes, columns: number): string[] {
  const { summary, at, fields } = difference
  const field = fields.findLast(({ first, last }) => first <= at && at <= last)
  return [
    ...wrap(summary, columns),
    ...(field ? fieldLines(field, at) : []),
    '',
    ...labelled('we  ', did, columns),
    '',
    ...hexLines(difference),
  ]
}

function fieldLines({ name, first, last, want, got }: NamedBytes, at: number): string[] {
  const place = first === last ? `byte ${first}` : `bytes ${first}-${last}`
  const values = want === got ? '' : `: want ${want ?? 'nothing'}, got ${got ?? 'nothing'}`
  return [`byte ${at} is in "${name}" (${place})${values}`]
}

/** The row with the first difference and one on each side, wanted above received, marks below. */
function hexLines({ want, got, at }: Bytes): string[] {
  const wanted = Buffer.from(want, 'hex')
  const received = Buffer.from(got, 'hex')
  const row = Math.floor(at / PER_ROW) * PER_ROW
  const wantRow = wanted.subarray(row, row + PER_ROW)
  const gotRow = received.subarray(row, row + PER_ROW)
  const marks = Array.from({ length: Math.max(wantRow.length, gotRow.length) }, (_, i) =>
    wantRow[i] === gotRow[i] ? '  ' : '^^',
  )
  return [hexRow('want', row, wantRow), hexRow('got ', row, gotRow), `             ${marks.join(' ')}`.trimEnd()]
}

function hexRow(label: string, offset: number, bytes: Buffer): string {
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
  const text = [...bytes].map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('')
  const address = offset.toString(16).padStart(4, '0')
  return `  ${label} ${address}  ${hex.padEnd(PER_ROW * 3 - 1)}  |${text}|`
}

function timelineLines(steps: TimelineStep[], columns: number): string[] {
  return steps.map(({ time, who, what }) =>
    clip(`  ${who.padEnd(4)}${time.toFixed(1).padStart(8)} ms  ${what}`, columns),
  )
}
