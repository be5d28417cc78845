import { computed } from 'vue'
import { Capture } from '../../../workbook/view/capture.ts'
import type { UnitRow } from '../../../workbook/view/list-rows.ts'
import type { Chunk } from '../../../workbook/wire/model/chunk.ts'
import type { ConversationOptions } from '../../../workbook/wire/stream/conversation.ts'
import { useChanges } from './useChanges.ts'

/** Nobody reads a list that moves with every image; less often leaves the page its time. */
const showEveryMs = 100

/**
 * The chunks that were seen, and the rows of the list that they make. The data is not reactive: one counter is
 * raised a few times a second, however many chunks came.
 */
export function useCapture() {
  const { version, changed: refresh, read } = useChanges()
  const capture = new Capture(plan)
  let planned = false
  let shownAt = 0

  /** Plans to show what came: with the next image, or a moment later where images follow each other. */
  function plan(): void {
    if (planned || typeof requestAnimationFrame !== 'function') return
    planned = true
    const show = (now: number) => {
      planned = false
      shownAt = now
      refresh()
    }
    const wait = shownAt + showEveryMs - performance.now()
    if (wait > 0) setTimeout(requestAnimationFrame, wait, show)
    else requestAnimationFrame(show)
  }

  /** Has a function followed by a look at what it made of the capture. */
  function shown<Args extends unknown[]>(act: (...args: Args) => void): (...args: Args) => void {
    return (...args) => {
      act(...args)
      refresh()
    }
  }

  /** Has a function looked at anew after each change, where a component calls it. */
  function tracked<Arg, Value>(look: (arg: Arg) => Value): (arg: Arg) => Value {
    return (arg) => {
      void version.value
      return look(arg)
    }
  }

  const rows = read(() => capture.rows())
  return {
    rows,
    units: computed(() => rows.value.filter((row): row is UnitRow => row.type === 'unit')),
    counts: read(() => capture.counts()),
    push: (chunk: Chunk) => capture.push(chunk),
    miss: (chunks: number) => capture.miss(chunks),
    fill: shown((chunks: Chunk[], next?: ConversationOptions) => capture.fill(chunks, next)),
    clear: shown((next?: ConversationOptions) => capture.clear(next)),
    empty: shown(() => capture.empty()),
    refresh,
    chunksOf: (row: UnitRow) => capture.chunksOf(row),
    allChunks: () => capture.allChunks(),
    handshakeOf: (connection: number) => capture.handshakeOf(connection),
    carriedBy: tracked((row: UnitRow) => capture.carriedBy(row)),
    extensionsOf: tracked((connection: number) => capture.extensionsOf(connection)),
  }
}

export type ShownCapture = ReturnType<typeof useCapture>
