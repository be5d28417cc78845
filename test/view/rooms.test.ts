import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { calls } from '../../workbook/view/room-calls.ts'
import { judgePredictions } from '../../workbook/view/room-predictions.ts'
import { type Heard, memberName, membersOf, ownSockets, readState, rooms } from '../../workbook/view/rooms.ts'
import { readRun } from '../../workbook/view/rooms-run.ts'
import { recording } from '../wire/streams.ts'

describe('the recorded run of lab 16', () => {
  const run = readRun(recording('socketio-who-hears').connections)

  test('everybody is where they were seated, and in a room of their own', () => {
    const members = membersOf(run.state, run.names)
    expect(members.map(({ name, own }) => ({ name, own }))).toEqual(ownSockets.map(({ name }) => ({ name, own: true })))
    for (const [i, member] of members.entries()) {
      expect(new Set(member.rooms), member.name).toEqual(new Set([member.id, ...ownSockets[i]!.rooms]))
    }
  })

  // What Socket.IO does; the recording is what it did.
  test.each([
    { call: "io.to('kitchen').emit", heard: { ann: 1, bob: 1 } },
    { call: "socket.to('kitchen').emit", heard: { bob: 1 } },
    { call: "socket.to('garden').emit", heard: { bob: 1, carl: 1 } },
    { call: 'socket.emit', heard: { ann: 1 } },
    { call: 'io.emit', heard: { ann: 1, bob: 1, carl: 1, dora: 1 } },
    { call: 'socket.broadcast.emit', heard: { bob: 1, carl: 1, dora: 1 } },
    { call: "io.to(['kitchen', 'garden']).emit", heard: { ann: 1, bob: 1, carl: 1 } },
    { call: "io.to('kitchen').emit, io.to('garden').emit", heard: { ann: 1, bob: 2, carl: 1 } },
    { call: "io.to('garden').except('kitchen').emit", heard: { carl: 1 } },
    { call: 'io.to(socket.id).emit', heard: { ann: 1 } },
    { call: 'socket.to(socket.id).emit', heard: undefined },
    { call: 'io.to([]).emit', heard: { ann: 1, bob: 1, carl: 1, dora: 1 } },
    { call: 'io.to(undefined).emit', heard: undefined },
  ])('$call', ({ call, heard }) => {
    expect(calls.map((one) => one.call)).toContain(call)
    expect(run.heard[call]).toEqual(heard)
  })
})

test('lab 16 knows the calls that the page offers, and no other', () => {
  const given = readFileSync(new URL('../../solutions/16-sio-rooms/calls.ts', import.meta.url), 'utf8')
  const known = [...given.matchAll(/^ {2}(["'])(.+)\1: \(/gm)].map(([, , call]) => call)
  expect(known.sort()).toEqual(calls.map(({ call }) => call).sort())
})

test('a recording of something else holds nobody', () => {
  expect(readRun([])).toEqual({ names: {}, state: {}, heard: {} })
  expect(readRun(recording('hello-echo-close').connections)).toEqual({ names: {}, state: {}, heard: {} })
})

test.each([
  { name: 'what lab 16 says', said: { lobby: ['a'] }, read: { lobby: ['a'] } },
  { name: 'nothing', said: undefined, read: {} },
  { name: 'text', said: 'lobby', read: {} },
  { name: 'a room without a list', said: { lobby: null, attic: [7] }, read: { lobby: [], attic: ['7'] } },
])('a state from a server that is being written: $name', ({ said, read }) => expect(readState(said)).toEqual(read))

describe('who is there', () => {
  const names = { 'id-of-ann': 'ann', 'id-of-bob': 'bob' }

  test('sockets of others come after the own ones, by the beginning of their id', () => {
    const state = { 'Zq3xYw-0': ['Zq3xYw-0'], lobby: ['Zq3xYw-0', 'id-of-bob'], 'id-of-bob': ['id-of-bob'] }
    expect(membersOf(state, names)).toEqual([
      { id: 'id-of-ann', name: 'ann', own: true, rooms: [] },
      { id: 'id-of-bob', name: 'bob', own: true, rooms: ['lobby', 'id-of-bob'] },
      { id: 'Zq3xYw-0', name: 'Zq3xY', own: false, rooms: ['Zq3xYw-0', 'lobby'] },
    ])
    expect(memberName('Zq3xYw-0', names)).toBe('Zq3xY')
  })

  test('each sits in rooms that there are', () => {
    for (const seat of ownSockets) expect(rooms).toEqual(expect.arrayContaining(seat.rooms))
  })
})

test.each<{ foretold: string[]; heard: Heard; right: string[] }>([
  { foretold: ['bob'], heard: { bob: 2 }, right: ['ann', 'bob'] },
  { foretold: ['ann'], heard: { bob: 1 }, right: [] },
  { foretold: [], heard: {}, right: ['ann', 'bob'] },
])('foretold $foretold, heard by $heard', ({ foretold, heard, right }) => {
  const verdicts = judgePredictions(['ann', 'bob'], foretold, heard)
  expect(verdicts.filter((one) => one.right).map(({ name }) => name)).toEqual(right)
  expect(verdicts.find(({ name }) => name === 'bob')!.heard).toBe(heard.bob ?? 0)
})
