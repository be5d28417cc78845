import type { Values, Words } from '../wire/model/sentence.ts'
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

function sayValues(values: Values, language: Catalogue): SaidValues {
  const said: Record<string, string | number | bigint | undefined> = {}
  for (const [name, value] of Object.entries(values)) {
    said[name] = typeof value === 'object' ? say(value, language) : value
  }
  return said
}
