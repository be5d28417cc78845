import type { Brief } from '../model/protocol.ts'
import { sentence, type Words } from '../model/sentence.ts'
import type { RecordUnit } from './unit.ts'

/** What can be told of a record from outside. */
export function recordBrief({ record }: RecordUnit): Brief {
  return { kind: shortNames[record.name] ?? 'record', preview: previewOf(record) }
}

const shortNames: Record<string, string> = {
  change_cipher_spec: 'cipher',
  application_data: 'data',
}

function previewOf({ encrypted, fragmentLength, alert, messages, name }: RecordUnit['record']): Words {
  if (encrypted) return sentence('brief.encrypted', { count: fragmentLength })
  if (alert) return `${alert.level}: ${alert.description}`
  return messages.map((message) => message.name).join(', ') || name
}
