import type { Catalogue } from '../catalogue.ts'
import { groupedCount } from './grammar.ts'

/** The protocols of our own labs: lines, messages behind their length, and the frames of the relay. */
export const labSentences: Catalogue = {
  'lines.bytes': ({ count }) => groupedCount(Number(count), 'byte'),
  'lines.text.rule': 'UTF-8, and no LF in it. Bytes become text only when the line is whole.',
  'lines.text.why': 'A read may end inside a character, never inside a line: the line is what both sides agreed on.',
  'lines.lineEnd.rule': 'A line ends with LF. A CR before it belongs to the end, not to the text.',
  'lines.lineEnd.why':
    'TCP has no message boundaries, so the sender marks the end with a byte that never appears in a message.',

  'prefixed.bytes': ({ count }) => groupedCount(Number(count), 'byte'),
  'prefixed.length.rule': 'Four bytes, the most significant one first, that count the bytes of the message.',
  'prefixed.length.why':
    'TCP has no message boundaries. With the length known in advance, a message may contain any bytes.',
  'prefixed.message.rule': 'Exactly as many bytes as the length says; the next length stands right behind.',
  'prefixed.message.why': 'A message may arrive in several reads, and one read may bring several messages.',

  'relay.bytes': ({ count }) => groupedCount(Number(count), 'byte'),
  'relay.nameLength.rule': 'One byte: a name has at most 255 bytes in UTF-8.',
  'relay.nameLength.why': 'With its length in front a name may hold any character, also one that would end a line.',
  'relay.name.rule': 'The receiver on the way in, the sender on the way out.',
  'relay.name.why': 'The relay looks the name up to find the other socket, and writes who spoke in its place.',
  'relay.dataLength.rule': 'Four bytes, the most significant one first.',
  'relay.dataLength.why': 'The relay passes the data on as it comes and has to know where it ends.',
  'relay.data.rule': 'Exactly as many bytes as the length says. The relay never looks into them.',
  'relay.data.why': 'What two clients say to each other is theirs: text, a file, anything.',
}
