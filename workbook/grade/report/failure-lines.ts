import { say } from '../../sentences/say.ts'
import { sentence } from '../../wire/model/sentence.ts'
import type { Difference, Failure, NamedBytes, TimelineStep } from '../checks/events.ts'
import { clip, wrapAll } from './columns.ts'

type Bytes = Extract<Difference, { shape: 'bytes' }>

const bytesPerRow = 8

/** A failure as text, in the order in which a person reads it: where, what we did, what came back, what differs. */
export function failureLines(failure: Failure, columns: number): string[] {
  const { where, rule, action, received, difference } = failure
  const place = [where, rule].filter(Boolean).join('   ')
  const lines = place ? [place] : []
  if (difference.shape === 'bytes') return [...lines, ...bytesLines(failure, difference, columns)]
  lines.push(...wrapAll(difference.summary, columns))
  if (difference.shape === 'timeline') return [...lines, '', ...timelineLines(difference.steps, columns)]
  lines.push('', ...labelled('we', action, columns), ...labelled('you', received, columns))
  if (difference.details)
    lines.push('', ...difference.details.split('\n').map((line) => `  ${clip(line, columns - 2)}`))
  return lines
}

/** Width of `want` and what stands below it. */
const labelColumns = 4

const labels = {
  we: sentence('failure.we'),
  you: sentence('failure.you'),
  want: sentence('failure.want'),
  got: sentence('failure.got'),
}

function label(name: keyof typeof labels): string {
  return say(labels[name]).padEnd(labelColumns)
}

function labelled(who: 'we' | 'you', text: string, columns: number): string[] {
  const [first = '', ...more] = wrapAll(text, columns - labelColumns - 2)
  return [`  ${label(who)}${first}`, ...more.map((line) => `  ${' '.repeat(labelColumns)}${line}`)]
}

function bytesLines({ action }: Failure, difference: Bytes, columns: number): string[] {
  const { summary, at, fields } = difference
  const field = fieldAt(fields, at)
  return [
    ...wrapAll(summary, columns),
    ...(field ? wrapAll(fieldLine(field, at), columns) : []),
    '',
    ...labelled('we', action, columns),
    '',
    ...hexLines(difference),
  ]
}

function fieldLine({ name, first, last, want, got }: NamedBytes, at: number): string {
  if (want === got) return say(sentence('failure.in-field', { at, name, first, last }))
  const nothing = say(sentence('failure.nothing'))
  return say(sentence('failure.field-differs', { at, name, first, last, want: want ?? nothing, got: got ?? nothing }))
}

/**
 * The row of the first difference, and the next if it differs too: wanted above received, with marks under what differs
 * in that field.
 */
function hexLines({ want, got, at, fields }: Bytes): string[] {
  const wanted = Buffer.from(want, 'hex')
  const received = Buffer.from(got, 'hex')
  const end = fieldAt(fields, at)?.last ?? Number.POSITIVE_INFINITY
  const lines: string[] = []
  const firstRow = Math.floor(at / bytesPerRow) * bytesPerRow
  for (const row of [firstRow, firstRow + bytesPerRow]) {
    const [wantRow, gotRow] = [wanted, received].map((bytes) => bytes.subarray(row, row + bytesPerRow)) as [
      Buffer,
      Buffer,
    ]
    const length = Math.max(wantRow.length, gotRow.length)
    if (length === 0 || (row > firstRow && wantRow.equals(gotRow))) break
    const marks = Array.from({ length }, (_, i) => (wantRow[i] !== gotRow[i] && row + i <= end ? '^^' : '  '))
    lines.push(hexRow('want', row, wantRow), hexRow('got', row, gotRow))
    if (marks.includes('^^')) lines.push(`             ${marks.join(' ')}`.trimEnd())
  }
  return lines
}

function fieldAt(fields: NamedBytes[], at: number): NamedBytes | undefined {
  return fields.findLast(({ first, last }) => first <= at && at <= last)
}

function hexRow(side: 'want' | 'got', offset: number, bytes: Buffer): string {
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
  const text = [...bytes].map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('')
  const address = offset.toString(16).padStart(4, '0')
  return `  ${label(side)} ${address}  ${hex.padEnd(bytesPerRow * 3 - 1)}  |${text}|`
}

function timelineLines(steps: TimelineStep[], columns: number): string[] {
  return steps.map(({ time, who, what }) => clip(`  ${label(who)}${time.toFixed(1).padStart(8)} ms  ${what}`, columns))
}
