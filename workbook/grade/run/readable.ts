import { say } from '../../sentences/say.ts'
import { showControls } from '../../wire/bytes/text.ts'
import { sentence } from '../../wire/model/sentence.ts'
import type { Difference, Failure, GradeEvent, Printed } from '../checks/events.ts'

/** How much of what a lab says is shown, in characters: of a line, and of a text of several lines. */
const maxLine = 300
const maxText = 4000

/**
 * The event as it may be shown anywhere: nothing that a lab says moves a terminal's cursor, breaks a report or fills
 * the screen. Control characters become pictures, and a long text says how long it was.
 */
export function readable(event: GradeEvent): GradeEvent {
  if (event.type === 'check') {
    const { failure, notes, printed } = event
    return {
      ...event,
      failure: failure && readableFailure(failure),
      notes: notes?.map(line),
      printed: printed && readablePrinted(printed),
    }
  }
  if (event.type === 'end') {
    const { problem, printed } = event
    return { ...event, problem: problem && readableFailure(problem), printed: printed && readablePrinted(printed) }
  }
  return event
}

function readableFailure(failure: Failure): Failure {
  const { action, received, difference, rule, where } = failure
  return {
    action: line(action),
    received: line(received),
    difference: readableDifference(difference),
    rule: rule && line(rule),
    where: where && line(where),
  }
}

function readableDifference(difference: Difference): Difference {
  const summary = line(difference.summary)
  switch (difference.shape) {
    case 'state':
      return { ...difference, summary, details: difference.details && text(difference.details) }
    case 'timeline':
      return { ...difference, summary, steps: difference.steps.map((step) => ({ ...step, what: line(step.what) })) }
    case 'bytes':
      return {
        ...difference,
        summary,
        // Of a lab's bytes those behind the wanted ones say no more than their number does.
        got: difference.got.slice(0, difference.want.length + 2 * maxText),
        fields: difference.fields.map(({ name, want, got, ...place }) => ({
          ...place,
          name: line(name),
          want: want === undefined ? undefined : line(want),
          got: got === undefined ? undefined : line(got),
        })),
      }
  }
}

function readablePrinted({ start, leftOut, end }: Printed): Printed {
  return { start: lines(start), leftOut, end: lines(end) }
}

function line(said: string): string {
  return showControls(short(said, maxLine))
}

function text(said: string): string {
  return lines(short(said, maxText))
}

function lines(said: string): string {
  return said.split(/\r?\n/).map(showControls).join('\n')
}

function short(said: string, max: number): string {
  if (said.length <= max) return said
  // Half a character would be none.
  const start = said.slice(0, max).replace(/[\ud800-\udbff]$/, '')
  return say(sentence('run.cut', { start, length: said.length }))
}
