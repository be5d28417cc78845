import { deflateRawSync } from 'node:zlib'
import { expect, test, vi } from 'vitest'
import { say } from '../../workbook/sentences/say.ts'
import { PayloadReader } from '../../workbook/view/payload-reader.ts'
import { chunks, units } from '../wire/streams.ts'
import { eventually } from './eventually.ts'

const handshake = [
  ...chunks('c2s', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')),
  ...chunks(
    's2c',
    Buffer.from(
      'HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n',
    ),
  ),
]

test.each([
  { name: 'text', text: Buffer.from('hello'), broken: [] },
  {
    name: 'text that is not UTF-8',
    text: Buffer.from([0x68, 0xff]),
    broken: ['1007: text that is not UTF-8: byte 1 of this payload cannot stand there'],
  },
])('a compressed message of $name', async ({ text, broken }) => {
  const packed = deflateRawSync(text, { finishFlush: 2 }).subarray(0, -4)
  const list = units([...handshake, ...chunks('s2c', Buffer.from([0xc1, packed.length, ...packed]))])
  const changed = vi.fn()
  const reader = new PayloadReader(changed)
  for (const unit of list) reader.push(unit)
  await eventually(() => expect(changed).toHaveBeenCalled())
  const { problems } = list.at(-1)!
  const said = problems
    .filter(({ severity, answer }) => severity === 'broken' && answer)
    .map((one) => `${one.answer}: ${say(one.text)}`)
  expect(said).toEqual(broken)
})
