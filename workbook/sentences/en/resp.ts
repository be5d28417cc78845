import type { Catalogue } from '../catalogue.ts'
import { countOf, groupedCount } from './grammar.ts'

/** What RESP's fields mean, and what cannot be read of it. */
export const respSentences: Catalogue = {
  'resp.type': '{name}, of RESP{version}',
  'resp.values': ({ count }) => `${countOf(count, 'value')} in it`,
  'resp.pairs': ({ count }) => `${countOf(count, 'pair')} in it`,
  'resp.bytes': ({ count }) => groupedCount(Number(count), 'byte'),
  'resp.none': 'none: RESP2 says null like this',
  'resp.adapter': 'MessagePack: what the Socket.IO adapter tells the other servers',
  'resp.unknown-type': '{byte} begins no type of RESP',
  'resp.no-length': 'the {type} has no valid length or count: {digits}',
  'resp.no-end': 'CR LF does not follow where the length says that the data end',
  'resp.streamed': 'a {type} whose length is not known yet: streamed types are not read here',
  'resp.after-unread': 'after a value that cannot be read',

  'resp.type.rule': 'Each value begins with one byte that says what it is, and its first line ends with CR LF.',
  'resp.type.why': 'A client need not know which command it asked to read the answer: the answer says what it is.',
  'resp.count.rule': 'The number of values that follow, or of pairs for a map; a value may itself be an array.',
  'resp.count.why': 'Knowing the count, a reader needs no end marker and can skip what it does not want.',
  'resp.length.rule': 'In bytes, not in characters, and without the CR LF behind them.',
  'resp.length.why':
    'With a length in front, the bytes themselves may be anything: CR LF, a picture, what another program has packed.',
  'resp.data.rule': 'Exactly as many bytes as the length says, then CR LF.',
  'resp.data.why': 'Redis never looks into it: it is binary-safe, so text and pictures are the same to it.',
}
