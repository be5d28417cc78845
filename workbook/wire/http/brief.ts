import { showControls, showText } from '../bytes/text.ts'
import type { Layer } from '../model/layer.ts'
import { type Brief, previewBytes } from '../model/protocol.ts'
import { sentence } from '../model/sentence.ts'
import type { Head } from './head.ts'
import { type BodyUnit, type HeadUnit, httpFields } from './unit.ts'

/** A request by its method and target, a response by its status; of a body the beginning. */
export function httpBrief(unit: HeadUnit | BodyUnit): Brief {
  if (unit.kind === 'head') return { kind: unit.head.type, preview: firstLine(unit.head) }
  return { kind: 'body', preview: showText(unit.bytes.subarray(0, previewBytes)) }
}

/** A head adds all of its bytes to what it carries, a body none. */
export function httpLayers(unit: HeadUnit | BodyUnit): Layer[] {
  const { bytes, length } = unit
  const isHead = unit.kind === 'head'
  const text = isHead ? showControls(firstLine(unit.head)) : sentence('layers.content', { length })
  const own = { start: 0, length: isHead ? bytes.length : 0 }
  return [{ name: 'HTTP', text, bytes, own, fields: httpFields(unit) }]
}

function firstLine(head: Head): string {
  return head.type === 'request' ? `${head.method} ${head.target}` : `${head.status} ${head.reason}`
}
