import { EventEmitter } from 'node:events'
import type { Server } from 'node:net'
import { expect, test } from 'vitest'
import { say } from '../../workbook/sentences/say.ts'
import { listenNear, listenOn, tryPorts } from '../../workbook/server/listen.ts'
import { sentence } from '../../workbook/wire/model/sentence.ts'

/** A server on a machine that says this of its ports; no code: the server gets the port. */
class FakeServer extends EventEmitter {
  readonly asked: number[] = []
  #port = 0
  readonly #codes: Record<number, string>

  constructor(codes: Record<number, string>) {
    super()
    this.#codes = codes
  }

  listen(port: number): void {
    this.asked.push(port)
    this.#port = port || 40_000
    const code = this.#codes[port]
    queueMicrotask(() => {
      if (code) this.emit('error', Object.assign(new Error(code), { code }))
      else this.emit('listening')
    })
  }

  address() {
    return { port: this.#port }
  }
}

const fake = (codes: Record<number, string>) => new FakeServer(codes) as unknown as Server & FakeServer

test.each<{ name: string; codes: Record<number, string>; port: number; passedOver?: string }>([
  { name: 'free', codes: {}, port: 5173, passedOver: undefined },
  { name: 'taken', codes: { 5173: 'EADDRINUSE' }, port: 5174, passedOver: 'taken' },
  { name: 'reserved, as Hyper-V does', codes: { 5173: 'EACCES', 5174: 'EACCES' }, port: 5175, passedOver: 'reserved' },
  {
    name: 'reserved, and the next taken',
    codes: { 5173: 'EACCES', 5174: 'EADDRINUSE' },
    port: 5175,
    passedOver: 'reserved',
  },
])('a port that is $name', async ({ codes, port, passedOver }) => {
  const server = fake(codes)
  const listening = await tryPorts(5173, 20, async (candidate) => {
    return (await listenOn(server, candidate, '127.0.0.1')) ?? candidate
  })
  expect(listening).toEqual(passedOver ? { port, passedOver } : { port })
})

test('a reserved port is not called taken', () => {
  const said = say(sentence('server.port-reserved', { port: 5173, now: 5175 }))
  expect(said).toBe('The system lets no program listen on port 5173, so the workbook is on 5175.')
})

test('when a whole range is reserved, any free port will do; without any there is a sentence', async () => {
  const range = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [5173 + i, 'EACCES']))
  expect(await listenNear(fake(range), 5173, 20)).toBe(40_000)
  await expect(listenNear(fake({ ...range, 0: 'EADDRINUSE' }), 5173, 20)).rejects.toMatchObject({
    sentence: { code: 'server.no-port' },
  })
  await expect(listenNear(fake({ 5173: 'EMFILE' }), 5173, 20)).rejects.toMatchObject({ code: 'EMFILE' })
})
