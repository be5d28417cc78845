import type { Catalogue } from '../catalogue.ts'

/** HTTP, and a stream of any protocol that ends too early. */
export const httpSentences: Catalogue = {
  'http.no-header-line': 'not a header line: {line}',
  'http.bare-lf': 'a line ends with LF alone, not CRLF',
  'stream.cut-short': 'the connection ended here, {missing} bytes too early',
}
