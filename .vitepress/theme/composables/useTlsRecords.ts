import { shallowRef, watch } from 'vue'
import type { Chunk } from '../../../workbook/wire/model/chunk.ts'
import { Conversation } from '../../../workbook/wire/stream/conversation.ts'
import type { RecordUnit } from '../../../workbook/wire/tls/unit.ts'
import { useLive } from './useLive.ts'

/** What fits into a table; a download has thousands. */
const maxRecordsShown = 40

/**
 * The records of the newest TLS connection that passes the tap of a target. It begins with `live.connect()`, in the
 * browser.
 *
 * @param targetId `09-tls-echo`
 */
export function useTlsRecords(targetId: string) {
  const records = shallowRef<RecordUnit[]>([])
  /** how many more came than are kept */
  const more = shallowRef(0)
  let conversations = new Map<number, Conversation>()
  let newest = -1

  const live = useLive({ begin, chunk })
  live.targetId.value = targetId
  watch(live.state, (now) => {
    if (now === 'live') void live.start()
  })

  /** Connections are counted anew; what is shown stays until there is something else. */
  function begin(): void {
    conversations = new Map()
    newest = -1
  }

  function chunk(chunk: Chunk): void {
    const { connection } = chunk
    if (connection < newest) return
    const conversation = conversations.get(connection) ?? new Conversation()
    conversations.set(connection, conversation)
    for (const unit of conversation.push(chunk)) if (unit.kind === 'record') show(connection, unit)
  }

  function show(connection: number, record: RecordUnit): void {
    if (connection > newest) {
      conversations = new Map([...conversations].filter(([number]) => number >= connection))
      newest = connection
      records.value = []
      more.value = 0
    }
    if (records.value.length < maxRecordsShown) records.value = [...records.value, record]
    else more.value++
  }

  return { live, records, more }
}
