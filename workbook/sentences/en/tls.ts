import type { Catalogue } from '../catalogue.ts'

/** The records of TLS, and the hellos inside. */
export const tlsSentences: Catalogue = {
  'tls.length': '{length} bytes',
  'tls.encrypted': 'encrypted: nothing can be read without the keys',
  'tls.continued': 'belongs to a message that an earlier record began',
  'tls.goes-on': 'goes on in the next record, or its inner lengths do not fit',
  'tls.fragment-too-long': 'a fragment has at most {most} bytes; {length} are announced',
  'tls.empty-fragment': 'an empty fragment',
  'tls.no-record': 'no TLS record, where one should begin',
  'tls.open-record': 'a TLS record that has not ended',
}
