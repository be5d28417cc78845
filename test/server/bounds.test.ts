import { expect, test } from 'vitest'
import { limits } from '../../workbook/server/limits.ts'
import { PageObserver } from '../../workbook/server/page-observer.ts'
import { RingBuffer } from '../../workbook/server/ring-buffer.ts'
import type { Channel } from '../../workbook/wire/formats/channel.ts'

test('the buffer keeps the newest chunks, by number', () => {
  const buffer = new RingBuffer(3, 1000)
  for (let i = 0; i < 20; i++) buffer.push(new Uint8Array([i]))
  expect(buffer.chunks().map(([value]) => value)).toEqual([17, 18, 19])
  expect(buffer.forgotten).toBe(17)
})

test('the buffer keeps the newest chunks, by bytes', () => {
  const buffer = new RingBuffer(100, 10)
  for (const length of [4, 4, 4, 1]) buffer.push(new Uint8Array(length))
  expect(buffer.chunks().map(({ length }) => length)).toEqual([4, 4, 1])
  expect(buffer.forgotten).toBe(1)
})

test('chunks past the backlog are left out, counted, and told when the page reads again', () => {
  const page = new StalledPage()
  const observer = new PageObserver(page, { ...limits, backlogBytes: 100 })
  observer.watch('echo')
  for (let i = 0; i < 10; i++) observer.chunk('echo', new Uint8Array(30))
  expect(page.bufferedAmount).toBe(120)
  page.readAll()
  expect(page.sent.slice(4)).toEqual([JSON.stringify({ type: 'dropped', target: 'echo', chunks: 6, bytes: 180 })])
})

test('a page that lets even small events pile up is sent away', () => {
  const page = new StalledPage()
  const observer = new PageObserver(page, { ...limits, backlogBytes: 100 })
  for (let i = 0; i < 10; i++) observer.event({ type: 'targets', targets: [] })
  expect(page.terminated).toBe(true)
  expect(page.bufferedAmount).toBeLessThan(300)
})

/** A channel whose page does not read. */
class StalledPage implements Channel {
  bufferedAmount = 0
  terminated = false
  readonly sent: (string | Uint8Array)[] = []
  #callbacks: (() => void)[] = []

  send(data: string | Uint8Array, done = () => {}): void {
    this.sent.push(data)
    this.bufferedAmount += data.length
    this.#callbacks.push(done)
  }

  onMessage(): void {}

  onClose(): void {}

  refuse(): void {}

  end(): void {
    this.terminated = true
  }

  readAll(): void {
    this.bufferedAmount = 0
    for (const done of this.#callbacks.splice(0)) done()
  }
}
