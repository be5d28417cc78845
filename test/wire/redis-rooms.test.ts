import { describe, expect, test } from 'vitest'
import { say } from '../../workbook/sentences/say.ts'
import type { Field } from '../../workbook/wire/model/field.ts'
import type { Unit } from '../../workbook/wire/model/unit.ts'
import { briefOf, unitFields } from '../../workbook/wire/protocols.ts'
import { recording, units } from './streams.ts'

// Lab 19 over a Redis: each of two servers has a connection to publish and one to subscribe.
const connections = recording('redis-rooms').connections.map((list) => units(list))
const [publisher, subscriber, , other] = connections as [Unit[], Unit[], Unit[], Unit[]]

test('four connections, in RESP3, and nothing but RESP', () => {
  expect(connections.map((list) => briefOf(list[0]!))).toEqual(Array(4).fill({ kind: 'HELLO', preview: '3' }))
  const all = connections.flat()
  expect(new Set(all.map(({ kind }) => kind))).toEqual(new Set(['resp', 'end']))
  expect(all.flatMap(({ problems }) => problems)).toEqual([])
})

test('the adapter of a server subscribes to a pattern', () => {
  for (const list of [subscriber, other]) {
    expect(said(list)).toContain('PSUBSCRIBE socket.io#/#*')
    expect(said(list)).toContain('push psubscribe socket.io#/#* 1')
  }
  expect(said(publisher)).not.toContain('PSUBSCRIBE socket.io#/#*')
})

describe('what ann says', () => {
  const publish = find(publisher, /^PUBLISH/)

  test('is published to the room’s channel', () => {
    const [, , command, channel, data] = unitFields(publish)
    expect([command, channel].map((field) => say(field!.note!))).toEqual(['“PUBLISH”', '“socket.io#/#room:lobby#”'])
    expect(say(data!.note!)).toBe('MessagePack: what the Socket.IO adapter tells the other servers')
  })

  test('is MessagePack: who publishes, what, and to whom', () => expectMessage(publish))

  test.each([
    { name: 'the server that has published it', list: subscriber },
    { name: 'the other server', list: other },
  ])('is pushed to $name', ({ list }) => {
    const push = find(list, /^push pmessage socket\.io#\/#\* socket\.io#\/#room:lobby#/)
    expect(push.direction).toBe('s2c')
    expectMessage(push)
    // The names of the pattern and the channel are names, although they begin as the channels do.
    expect(packed(push)).toHaveLength(1)
  })
})

function expectMessage(unit: Unit): void {
  const [message] = packed(unit)
  const [format, uid, packet, opts] = message!.children!
  expect(format).toMatchObject({ name: 'format', length: 8, value: 0x93, note: 'fixarray' })
  expect(uid).toMatchObject({ name: 'uid', value: expect.stringMatching(/^[\w-]{6}$/) })
  expect(plain(packet!)).toEqual({ type: 2, data: ['said', expect.any(String), 'lobby', 'hello'], nsp: '/' })
  expect(plain(opts!)).toEqual({ rooms: ['room:lobby'], except: [], flags: {} })
  expect([packet!.name, opts!.name]).toEqual(['packet', 'opts'])
  const text = unit.bytes.subarray(uid!.start / 8 + 1, uid!.start / 8 + uid!.length / 8)
  expect(Buffer.from(text).toString()).toBe(uid!.value)
}

/** The fields of MessagePack in a unit. */
function packed(unit: Unit): Field[] {
  return unitFields(unit).flatMap(({ children = [] }) => children.flatMap((data) => data.children ?? []))
}

/** What a field of MessagePack holds: a list begins with its format. */
function plain({ value, children }: Field): unknown {
  if (!children) return value
  const [format, ...values] = children
  const list = values.map(plain)
  if (format!.note === 'fixarray') return list
  return Object.fromEntries(list.flatMap((key, i) => (i % 2 === 0 ? [[key, list[i + 1]]] : [])))
}

function said(list: Unit[]): string[] {
  return list.map((unit) => {
    const { kind, preview } = briefOf(unit)
    return `${kind} ${say(preview)}`
  })
}

function find(list: Unit[], what: RegExp): Unit {
  return list[said(list).findIndex((line) => what.test(line))]!
}
