import { shallowRef, watch } from 'vue'
import { readLink, startOf } from '../../../workbook/view/link.ts'
import type { Chunk, Direction } from '../../../workbook/wire/model/chunk.ts'
import { chunksOf, firstRecording, isRecording, loadRecording, recordingNow } from './recordings.ts'
import type { Capture } from './useCapture.ts'
import type { ChosenUnit } from './useChosenUnit.ts'
import type { Live } from './useLive.ts'

/**
 * Where the bytes of the workbench come from: `recording:ws-chromium-plain`, `live:echo`, `paste`, or `opened` from a
 * file or a link. It begins with a recording, so there is always something to see.
 */
export function useSource(capture: Capture, chosen: ChosenUnit, live: Live, pin: (field: string) => void) {
  const source = shallowRef(`recording:${firstRecording}`)
  // Someone who has chosen nothing yet came to see live bytes, when there are any to be had.
  let untouched = true
  /** the recording that is shown */
  const recording = shallowRef(recordingNow(firstRecording))
  capture.fill(chunksOf(recording.value!))
  chosen.choose()

  /** Shows another recording or target, or the form for pasted bytes. */
  async function show(now: string): Promise<void> {
    source.value = now
    untouched = false
    const [kind, id] = now.split(':') as [string, string?]
    if (kind !== 'live') await live.stop()
    if (source.value !== now) return
    if (kind === 'live') return showLive(id!)
    if (kind === 'paste') capture.clear()
    if (kind === 'recording') {
      const loaded = await loadRecording(id!)
      if (source.value !== now) return
      recording.value = loaded
      capture.fill(chunksOf(loaded))
    }
    chosen.choose()
  }

  async function showLive(id: string): Promise<void> {
    live.targetId.value = id
    await live.start()
    // What was remembered has arrived by now; the newest is what the reader has just done.
    requestAnimationFrame(() => {
      capture.refresh()
      chosen.chooseLast()
    })
  }

  /** Shows bytes that were pasted, and leaves the form where it is. */
  function decode(bytes: Uint8Array, direction: Direction): void {
    capture.fill([{ connection: 1, direction, sequence: 0, time: 0, bytes }], { start: 'websocket' })
    chosen.choose()
  }

  /** Shows the chunks of a file. */
  async function open(chunks: Chunk[]): Promise<void> {
    await show('opened')
    capture.fill(chunks, startOf(chunks))
    chosen.choose()
  }

  /** Shows what the address asks for, if it asks for something that there is. */
  async function openLinked(): Promise<void> {
    const linked = await readLink(location.hash, isRecording)
    if (!linked) return
    if (linked.recording) await show(`recording:${linked.recording}`)
    else await open(linked.chunks!)
    const row = capture.units.value[linked.unit]
    if (row) chosen.key.value = row.key
    if (linked.field) pin(linked.field)
  }

  watch(live.targets, (targets) => {
    if (untouched && targets.some(({ id }) => id === 'echo')) void show('live:echo')
  })
  watch(live.state, (now, before) => {
    if (now === 'live' && before === 'lost' && source.value.startsWith('live:')) void live.start()
  })

  return { source, recording, show, decode, open, openLinked }
}
