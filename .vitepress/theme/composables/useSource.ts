import { watch } from 'vue'
import { readLink } from '../../../workbook/view/link.ts'
import { firstRecording } from '../../../workbook/view/recording-menu.ts'
import { Source } from '../../../workbook/view/source.ts'
import type { Chunk, Direction } from '../../../workbook/wire/model/chunk.ts'
import { isRecording, loadRecording, recordingNow } from './recordings.ts'
import type { ShownCapture } from './useCapture.ts'
import { useChanges } from './useChanges.ts'
import type { ChosenUnit } from './useChosenUnit.ts'
import type { Live } from './useLive.ts'

/** Where the bytes of the workbench come from. */
export function useSource(capture: ShownCapture, chosen: ChosenUnit, live: Live, pin: (field: string) => void) {
  const { changed, read } = useChanges()
  const source = new Source(firstRecording, recordingNow(firstRecording)!, {
    capture,
    load: loadRecording,
    changed,
    choose: chosen.choose,
    // What was remembered has arrived with the next image; the newest is what the reader has just done.
    chooseLast: () =>
      requestAnimationFrame(() => {
        capture.refresh()
        chosen.chooseLast()
      }),
    chooseUnit(unit, field) {
      const row = capture.units.value[unit]
      if (row) chosen.key.value = row.key
      if (field) pin(field)
    },
    watch: (id) => {
      live.targetId.value = id
      return live.start()
    },
    unwatch: live.stop,
  })

  /** Shows what the address asks for, if it asks for something that there is. */
  async function openLinked(): Promise<void> {
    const linked = await readLink(location.hash, isRecording)
    if (linked) await source.openLinked(linked)
  }

  // Someone who has chosen nothing yet came to see live bytes, when there are any to be had.
  watch(live.targets, (targets) => {
    if (source.untouched && targets.some(({ id }) => id === 'echo')) void source.show('live:echo')
  })
  watch(live.state, (now, before) => {
    if (now === 'live' && before === 'lost' && source.isLive) void live.start()
  })

  return {
    source: read(() => source.name),
    recording: read(() => source.recording),
    /** the reader has chosen nothing yet */
    untouched: read(() => source.untouched),
    show: (name: string) => source.show(name),
    decode: (bytes: Uint8Array, direction: Direction) => source.decode(bytes, direction),
    open: (chunks: Chunk[]) => source.open(chunks),
    openLinked,
  }
}
