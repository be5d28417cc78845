import type { Catalogue } from '../catalogue.ts'
import { countOf } from './grammar.ts'

/** One line for each layer of a unit, and where a field of it stands. */
export const layerSentences: Catalogue = {
  'layers.chunk': ({ length, chunk }) => `${countOf(length, 'byte')} of chunk ${chunk}`,
  'layers.chunks': ({ length, count }) => `${countOf(length, 'byte')} from ${count} chunks`,
  'layers.content': 'content, {length} bytes',
  'layers.content-packets': 'content, {length} bytes, {packets} packets',
  'layers.frame': '{opcode}, {length} bytes',
  'layers.half-header': 'a header that has not ended',
  'layers.message': ({ name, count }) => `${name} in ${countOf(count, 'frame')}`,
  'layers.message-so-far': ({ name, count }) => `${name} in ${countOf(count, 'frame')} so far`,
  'layers.close': ({ name, count, code, meaning }) => `${name} in ${countOf(count, 'frame')}, ${code}: ${meaning}`,
  'layers.inflated': '{packed} bytes become {length}',
  'layers.binary-part': '{name}, a binary part of the packet in unit {unit}',
  'layers.socket': ({ name, event, namespace, id, answers, attachments }) =>
    [
      name,
      event !== undefined && `“${event}”`,
      namespace !== undefined && `in ${namespace}`,
      id !== undefined && `id ${id}`,
      answers !== undefined && `answers unit ${answers}`,
      Number(attachments) > 0 && `with ${countOf(attachments, 'attachment')}`,
    ]
      .filter((part) => part !== false)
      .join(' '),

  'field.byte': 'byte {first}',
  'field.bytes': 'bytes {first}–{last}',
  'field.bit': 'byte {first}, bit {bit} (value 0x{mask})',
  'field.bits': 'byte {first}, bits {bit}–{end}',
}
