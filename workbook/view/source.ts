import type { Recording } from '../wire/formats/recording.ts'
import type { Chunk, Direction } from '../wire/model/chunk.ts'
import type { Capture } from './capture.ts'
import { type Linked, startOf } from './link.ts'

/** What shows the bytes. */
interface SourceStage {
  capture: Pick<Capture, 'fill' | 'clear'>
  /** Begins a capture of a live target. @param id of the target in the mirror */
  watch(id: string): Promise<void>
  /** Ends the capture of a live target, if there is one. */
  unwatch(): Promise<void>
  /** @throws {Error} when there is no recording of that name */
  load(id: string): Promise<Recording>
  /** Looks at what a capture opens with. */
  choose(): void
  /** Looks at the newest unit, when what was remembered has arrived. */
  chooseLast(): void
  /** Looks at a unit, counted from 0, if it is there, and pins a field of it. */
  chooseUnit(unit: number, field?: string): void
  /** The name or the recording is another one. */
  changed(): void
}

/**
 * Where the bytes of the workbench come from: `recording:ws-chromium-plain`, `live:echo`, `paste`, or `opened` from a
 * file or a link. It begins with a recording, so there is always something to see.
 */
export class Source {
  name: string
  /** the recording that was shown last */
  recording: Recording | undefined
  /** Nobody has chosen a source yet. */
  untouched = true
  readonly #stage: SourceStage

  /** @param first id of a recording that is loaded already */
  constructor(first: string, recording: Recording, stage: SourceStage) {
    this.name = `recording:${first}`
    this.recording = recording
    this.#stage = stage
    stage.capture.fill(recording.connections.flat())
    stage.choose()
  }

  get isLive(): boolean {
    return this.name.startsWith('live:')
  }

  /** Shows another recording or target, or the form for pasted bytes. */
  async show(name: string): Promise<void> {
    const { capture, choose, unwatch } = this.#stage
    this.name = name
    this.untouched = false
    this.#stage.changed()
    const [kind, id] = name.split(':') as [string, string?]
    if (kind !== 'live') await unwatch()
    if (this.name !== name) return // another one was chosen meanwhile
    if (kind === 'live') return this.#showLive(id!)
    if (kind === 'paste') capture.clear()
    if (kind === 'recording' && !(await this.#showRecording(id!))) return
    choose()
  }

  /** Shows bytes that were pasted, and leaves the form where it is. */
  decode(bytes: Uint8Array, direction: Direction): void {
    this.#stage.capture.fill([{ connection: 1, direction, sequence: 0, time: 0, bytes }], { start: 'websocket' })
    this.#stage.choose()
  }

  /** Shows the chunks of a file. */
  async open(chunks: Chunk[]): Promise<void> {
    await this.show('opened')
    this.#stage.capture.fill(chunks, startOf(chunks))
    this.#stage.choose()
  }

  /** Shows what a link holds. */
  async openLinked({ recording, chunks, unit, field }: Linked): Promise<void> {
    if (recording) await this.show(`recording:${recording}`)
    else await this.open(chunks!)
    this.#stage.chooseUnit(unit, field)
  }

  async #showLive(id: string): Promise<void> {
    await this.#stage.watch(id)
    this.#stage.chooseLast()
  }

  /** @returns whether it is still wanted when it has come */
  async #showRecording(id: string): Promise<boolean> {
    const { name } = this
    const recording = await this.#stage.load(id)
    if (this.name !== name) return false
    this.recording = recording
    this.#stage.changed()
    this.#stage.capture.fill(recording.connections.flat())
    return true
  }
}
