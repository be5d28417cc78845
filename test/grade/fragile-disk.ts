import { mkdirSync, renameSync, rmSync, type Stats, unlinkSync, writeFileSync } from 'node:fs'
import type { Disk } from '../../workbook/grade/labs/disk.ts'

/** A disk that gets full, or whose process is killed, at a write that the test chooses. Nothing is synced, for speed. */
export class FragileDisk implements Disk {
  #stepsLeft = Number.POSITIVE_INFINITY
  #bytesLeft = Number.POSITIVE_INFINITY

  /** @param steps writes that are still carried out; of a file that is written then, half */
  killAfter(steps: number): void {
    this.#stepsLeft = steps
  }

  /** @param bytes that still fit; a folder takes 16 */
  fillUpTo(bytes: number): void {
    this.#bytesLeft = bytes
  }

  get isKilled(): boolean {
    return this.#stepsLeft <= 0
  }

  /** A new process, and room. */
  mend(): void {
    this.#stepsLeft = Number.POSITIVE_INFINITY
    this.#bytesLeft = Number.POSITIVE_INFINITY
  }

  makeFolder(folder: string): void {
    this.#step()
    if (mkdirSync(folder, { recursive: true }) !== undefined) this.#take(16)
  }

  create(file: string, bytes: Uint8Array, like?: Stats): void {
    const options = { flag: 'wx', mode: like?.mode }
    if (this.#stepsLeft === 1) writeFileSync(file, bytes.subarray(0, bytes.length / 2), options)
    this.#step()
    const fits = Math.min(bytes.length, this.#bytesLeft)
    writeFileSync(file, bytes.subarray(0, fits), options)
    this.#take(bytes.length)
  }

  rename(from: string, to: string): void {
    this.#step()
    renameSync(from, to)
  }

  unlink(file: string): void {
    this.#step()
    unlinkSync(file)
  }

  remove(path: string): void {
    this.#step()
    rmSync(path, { recursive: true, force: true })
  }

  #step(): void {
    this.#stepsLeft -= 1
    if (this.isKilled) throw new Error('killed')
  }

  #take(bytes: number): void {
    this.#bytesLeft -= bytes
    if (this.#bytesLeft < 0) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
  }
}
