import type { Catalogue } from '../catalogue.ts'
import { groupedCount } from './grammar.ts'

/** What a row of the list says about a unit. */
export const briefSentences: Catalogue = {
  'brief.half-header': 'half a header',
  'brief.missing': ({ count }) => `${groupedCount(Number(count), 'byte')} still to come`,
  'brief.compressed': ({ count }) => `compressed, ${groupedCount(Number(count), 'byte')}`,
  'brief.encrypted': ({ count }) => `encrypted, ${groupedCount(Number(count), 'byte')}`,
  'brief.bytes': ({ count }) => groupedCount(Number(count), 'byte'),
  'brief.empty': 'empty',
  'brief.no-code': 'no code',
  'brief.fin-client': 'the client has finished sending',
  'brief.fin-server': 'the server has finished sending',
  'brief.rst-client': 'the client reset the connection',
  'brief.rst-server': 'the server reset the connection',
}
