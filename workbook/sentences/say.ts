import type { Words } from '../wire/model/sentence.ts'
import type { Catalogue } from './catalogue.ts'
import { english } from './en/index.ts'

/** Says a sentence in the reader's language; words of a protocol stay as they are. */
export function say(words: Words, language: Catalogue = english): string {
  if (typeof words === 'string') return words
  const said = language[words.code]
  if (typeof said === 'function') return said(words.values)
  return (said ?? words.code).replace(/\{(\w+)\}/g, (place, name: string) => String(words.values[name] ?? place))
}
