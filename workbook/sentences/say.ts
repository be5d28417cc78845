import { SentenceError, type Values, type Words } from '../wire/model/sentence.ts'
import type { Catalogue, SaidValues } from './catalogue.ts'
import { english } from './en/index.ts'

/** Says a sentence in the reader's language; words of a protocol stay as they are. */
export function say(words: Words, language: Catalogue = english): string {
  if (typeof words === 'string') return words
  const text = language[words.code]
  const values = sayValues(words.values, language)
  if (typeof text === 'function') return text(values)
  return (text ?? words.code).replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place))
}

/** Says why something failed: the error's sentence, or its message when it comes from outside. */
export function sayError(error: Error): string {
  return error instanceof SentenceError ? say(error.sentence) : error.message
}

/** Says sentences that stand together, one after the other. */
export function sayAll(words: readonly Words[], language: Catalogue = english): string {
  return words.map((one) => say(one, language)).join(' ')
}

function sayValues(values: Values, language: Catalogue): SaidValues {
  const said: Record<string, string | number | bigint | undefined> = {}
  for (const [name, value] of Object.entries(values)) {
    said[name] = typeof value === 'object' ? say(value, language) : value
  }
  return said
}
