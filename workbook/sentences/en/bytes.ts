import type { Catalogue } from '../catalogue.ts'
import { countOf } from './grammar.ts'

/** Why bytes are no more than bytes, and what an end in the middle of a unit means. */
export const byteSentences: Catalogue = {
  'bytes.asked': 'shown as raw bytes, as requested',
  'bytes.unknown': 'no known protocol',
  'bytes.open-line': 'the first line has not ended',
  'bytes.unclear': 'the connection ended before it was clear what this is',
  'bytes.after-end': 'after the end',
  'bytes.cut-short': ({ missing }) => `the connection ended here, ${countOf(missing, 'byte')} too early`,
}
