import type { Difference, Failure } from './events.ts'

/** Ends a check with a failure in five parts. Its message, for plain vitest, begins with what is different. */
export class CheckFailure extends Error {
  readonly failure: Failure

  constructor(failure: Failure) {
    super(`${failure.difference.summary}\n${failure.action}\n${failure.received}`)
    this.name = 'CheckFailure'
    this.failure = failure
  }
}

/** Failures that a check finds by itself. */
export const fail = {
  /**
   * Fails with a difference that is neither bytes nor a conversation.
   *
   * @param action what we did: `listened with createChatServer() on a free port`
   * @param received what the lab did, in one line: `your server listens on 8000`
   * @param difference first line of the message: `want a free port, got 8000`
   * @throws {CheckFailure} always
   */
  state(action: string, received: string, difference: string, details?: string): never {
    throw new CheckFailure({ action, received, difference: { shape: 'state', summary: difference, details } })
  },
}

/**
 * The failure behind anything that a check threw. The summary of a plain `expect` is the first line of its message.
 *
 * @param title of the check, which says what was expected
 */
export function toFailure(error: unknown, title: string, rule?: string): Failure {
  if (error instanceof CheckFailure) return { rule, ...error.failure }
  if (!(error instanceof Error)) return plain(title, `threw ${String(error)}`, `threw ${String(error)}`, rule)
  const summary = firstLine(error.message)
  if (error.name === 'AssertionError') {
    const { actual, expected } = error as { actual?: unknown; expected?: unknown }
    const details = expected === undefined ? undefined : `want ${shown(expected)}\ngot  ${shown(actual)}`
    return plain(title, `got ${clip(shown(actual), 70)}`, summary, rule, details)
  }
  return plain(title, `threw ${error.name}`, `${error.name}: ${summary}`, rule)
}

function plain(action: string, received: string, summary: string, rule?: string, details?: string): Failure {
  const difference: Difference = { shape: 'state', summary, details }
  return { action, received, difference, rule }
}

/** Vitest adds how it compared, which says nothing to a reader of a lab. */
function firstLine(message: string): string {
  return plainNames(message.split('\n')[0]!).replace(/ \/\/ (Object\.is|deep) equality$/, '')
}

/** `(0 , __vi_import_0__.encodeFrame) is not a function`, with the name that the reader wrote. */
export function plainNames(message: string): string {
  return message.replaceAll(/\(0 ?, ?__vi_import_\d+__\.(\w+)\)/g, '$1').replaceAll(/__vi_import_\d+__\./g, '')
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  try {
    return JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? `${inner}n` : inner)) ?? String(value)
  } catch {
    return String(value)
  }
}

function clip(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`
}
