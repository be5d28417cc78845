import { expect } from 'vitest'
import type { Field } from '../../wire/model/field.ts'
import { compareBytes, hexBytes } from './compare-bytes.ts'
import type { Failure } from './events.ts'
import { CheckFailure } from './failure.ts'

/** What is said of bytes that differ. */
interface BytesOptions {
  /** what we did: `encodeFrame of 126 bytes of text` */
  action: string
  /** `want` is text, compared as UTF-8 */
  text?: boolean
  /** dissector of `workbook/wire` that names the bytes in the message */
  fields?: (bytes: Uint8Array) => Iterable<Field>
  /** default: the rule of the check */
  rule?: string
}

interface WireMatchers<R> {
  /**
   * Compares bytes; the message has hex rows, the first difference and the field it is in.
   *
   * @param want bytes, hex (`81 05 48`), or text with `{ text: true }`
   * @throws {CheckFailure} when the bytes differ, or there are none
   */
  toBeBytes(want: Uint8Array | string, options: BytesOptions): R
}

declare module 'vitest' {
  // biome-ignore lint/suspicious/noExplicitAny: merges with vitest's own declaration, which has this parameter
  interface Matchers<T = any> extends WireMatchers<T> {}
}

expect.extend({
  toBeBytes(got: unknown, want: Uint8Array | string, options: BytesOptions) {
    const wanted = typeof want !== 'string' ? want : options.text ? Buffer.from(want) : hexBytes(want)
    const failure = bytesFailure(got, wanted, options)
    if (failure) throw new CheckFailure(failure)
    return { pass: true, message: () => `${options.action}: expected other bytes` }
  },
})

function bytesFailure(got: unknown, want: Uint8Array, { action, rule, fields }: BytesOptions): Failure | undefined {
  if (!(got instanceof Uint8Array)) {
    const summary = `want ${want.length} bytes, got ${got === null ? 'null' : typeof got}`
    return {
      action,
      received: `no bytes: ${String(got)}`,
      difference: { shape: 'state', summary },
      ...(rule && { rule }),
    }
  }
  const difference = compareBytes(want, got, fields)
  return difference && { action, received: inOneLine(got), difference, ...(rule && { rule }) }
}

function inOneLine(bytes: Uint8Array): string {
  const start = Buffer.from(bytes.subarray(0, 16))
    .toString('hex')
    .replaceAll(/(..)(?=.)/g, '$1 ')
  return bytes.length > 16 ? `${start} … (${bytes.length} bytes)` : start || 'no bytes'
}

export { expect }
