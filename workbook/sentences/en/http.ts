import type { Catalogue } from '../catalogue.ts'

/** HTTP, and a stream of any protocol that ends too early. */
export const httpSentences: Catalogue = {
  'http.no-header-line': 'not a header line: {line}',
  'http.bare-lf': 'a line ends with LF alone, not CRLF',
  'http.open-head': 'a head that has not ended',
  'http.long-head': 'a head of 64 KiB that has not ended',
  'http.after-long-head': 'after a head of 64 KiB that had not ended',
  'http.after-bad-chunk': 'after a chunk whose size is no number',
  'http.before-answer': 'sent before the handshake was answered',
  'http.other-answer': 'the handshake was not answered with HTTP',
  'http.no-answer': 'the handshake was never answered',
  'http.other-upgrade': 'after an upgrade to another protocol',
}
