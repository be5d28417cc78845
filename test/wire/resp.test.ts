import { connect, createServer, type Socket } from 'node:net'
import { afterAll, describe, expect, test } from 'vitest'
import { cleanup, closeAll, deadline, takeNotes } from '../../workbook/grade/checks/lifetime.ts'
import { redis } from '../../workbook/grade/checks/peers/redis.ts'
import { say } from '../../workbook/sentences/say.ts'
import { concat } from '../../workbook/wire/bytes/bytes.ts'
import { decodeText, showText } from '../../workbook/wire/bytes/text.ts'
import type { Chunk, Direction } from '../../workbook/wire/model/chunk.ts'
import type { Field } from '../../workbook/wire/model/field.ts'
import type { Unit } from '../../workbook/wire/model/unit.ts'
import { briefOf, explainField, unitFields } from '../../workbook/wire/protocols.ts'
import { Conversation } from '../../workbook/wire/stream/conversation.ts'
import { chunks, recut, uncut, units } from './streams.ts'

const start = 'resp'

/** What both sides write; the answers of the specification come first. */
const vectors: { name: string; from?: Direction; wire: string; outlines: string[] }[] = [
  { name: 'a simple string', wire: '+OK\r\n', outlines: ['simple string OK'] },
  { name: 'an empty simple string', wire: '+\r\n', outlines: ['simple string'] },
  { name: 'a simple error', wire: '-ERR no such key\r\n', outlines: ['simple error ERR no such key'] },
  { name: 'integers', wire: ':0\r\n:-1\r\n:+7\r\n', outlines: ['integer 0', 'integer -1', 'integer +7'] },
  { name: 'a bulk string', wire: '$5\r\nhello\r\n', outlines: ['bulk string hello'] },
  { name: 'an empty bulk string', wire: '$0\r\n\r\n', outlines: ['bulk string'] },
  { name: 'a null bulk string', wire: '$-1\r\n', outlines: ['bulk string'] },
  { name: 'bytes with CR LF in them', wire: '$9\r\n\r\n$3\r\n\0\r\n\r\n', outlines: ['bulk string ␍␊$3␍␊␀␍␊'] },
  { name: 'an array', wire: '*2\r\n$1\r\na\r\n:5\r\n', outlines: ['array [bulk string a, integer 5]'] },
  { name: 'an empty array', wire: '*0\r\n', outlines: ['array []'] },
  { name: 'a null array', wire: '*-1\r\n', outlines: ['array []'] },
  {
    name: 'nested arrays',
    wire: '*3\r\n*2\r\n:1\r\n*0\r\n$-1\r\n*1\r\n*1\r\n+x\r\n',
    outlines: ['array [array [integer 1, array []], bulk string, array [array [simple string x]]]'],
  },
  { name: 'null', wire: '_\r\n', outlines: ['null'] },
  { name: 'booleans', wire: '#t\r\n#f\r\n', outlines: ['boolean t', 'boolean f'] },
  {
    name: 'doubles',
    wire: ',1.23\r\n,-inf\r\n,inf\r\n,nan\r\n,1e-9\r\n',
    outlines: ['double 1.23', 'double -inf', 'double inf', 'double nan', 'double 1e-9'],
  },
  {
    name: 'a big number',
    wire: '(3492890328409238509324850943850943825024385\r\n',
    outlines: ['big number 3492890328409238509324850943850943825024385'],
  },
  { name: 'a bulk error', wire: '!10\r\nSYNTAX\r\nno\r\n', outlines: ['bulk error SYNTAX␍␊no'] },
  { name: 'a verbatim string', wire: '=8\r\ntxt:some\r\n', outlines: ['verbatim string txt:some'] },
  {
    name: 'a map',
    wire: '%2\r\n+first\r\n:1\r\n+second\r\n%0\r\n',
    outlines: ['map [simple string first, integer 1, simple string second, map []]'],
  },
  { name: 'a set', wire: '~2\r\n+a\r\n#t\r\n', outlines: ['set [simple string a, boolean t]'] },
  {
    name: 'an attribute before a value',
    wire: '|1\r\n+ttl\r\n:3600\r\n$1\r\nv\r\n',
    outlines: ['attribute [simple string ttl, integer 3600] bulk string v'],
  },
  {
    name: 'an attribute inside an array counts as none of its values',
    wire: '*2\r\n|1\r\n+ttl\r\n:9\r\n:1\r\n:2\r\n+OK\r\n',
    outlines: ['array [attribute [simple string ttl, integer 9], integer 1, integer 2]', 'simple string OK'],
  },
  {
    name: 'a push between replies',
    wire: '+OK\r\n>2\r\n+invalidate\r\n*1\r\n$1\r\nk\r\n:1\r\n',
    outlines: ['simple string OK', 'push [simple string invalidate, array [bulk string k]]', 'integer 1'],
  },
  {
    name: 'a pipeline',
    from: 'c2s',
    wire: '*1\r\n$4\r\nPING\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\n',
    outlines: ['array [bulk string PING]', 'array [bulk string GET, bulk string k]'],
  },
  {
    name: 'inline commands, one of them long, one of them empty',
    from: 'c2s',
    wire: `PING\r\nset k ${'v'.repeat(30)}\n\r\n*0\r\n`,
    outlines: ['inline command PING', `inline command set k ${'v'.repeat(30)}`, 'inline command', 'array []'],
  },
  {
    name: 'a text longer than any length',
    wire: `+${'x'.repeat(80)}\r\n`,
    outlines: [`simple string ${'x'.repeat(80)}`],
  },
]

describe.each(vectors)('$name', ({ from = 's2c', wire, outlines }) => {
  const bytes = latin(wire)
  const whole = units(chunks(from, bytes), { start })

  test('is read, and nothing is wrong with it', () => {
    expect(whole.map(outline)).toEqual(outlines)
    expect(whole.flatMap(({ problems }) => problems)).toEqual([])
    expect(concat(whole.map((unit) => unit.bytes))).toEqual(bytes)
  })

  test('the fields nest, and only line ends stand between them', () => {
    for (const unit of whole) expectCover(unit)
  })

  test('byte by byte, and cut at every byte, the units are the same', () => {
    expectSame(bytes, from, whole)
  })

  test('as far as it has arrived it can be shown', () => {
    for (let at = 1; at < bytes.length; at++) {
      const conversation = new Conversation({ start })
      const arrived = chunks(from, bytes.subarray(0, at)).flatMap((chunk) => conversation.push(chunk))
      const pending = conversation.pending(from)
      for (const unit of pending ? [...arrived, pending] : arrived) {
        expectCover(unit)
        briefOf(unit)
      }
    }
  })
})

describe('what cannot be read is one problem, and bytes from there on', () => {
  test.each([
    { name: 'an unknown type', wire: '@5\r\n', says: '"@" begins no type of RESP', field: 'type' },
    { name: 'bytes without a line', wire: '\u00ff'.repeat(30), says: '"ÿ" begins no type of RESP', field: 'type' },
    { name: 'words of the server', wire: 'HTTP/1.1 400\r\n', says: '"H" begins no type of RESP', field: 'type' },
    { name: 'an unknown type inside', wire: '*2\r\n:1\r\nx\r\n', says: '"x" begins no type of RESP', field: 'type' },
    { name: 'a word where a value is due', from: 'c2s', wire: '*1\r\nPING\r\n', says: '"P" begins no', field: 'type' },
    {
      name: 'a length of letters',
      wire: '$x\r\n',
      says: 'the bulk string has no valid length or count: x',
      field: 'length',
    },
    { name: 'no length', wire: '$\r\n', says: 'the bulk string has no valid length or count: ', field: 'type' },
    {
      name: 'a negative length',
      wire: '$-2\r\n',
      says: 'the bulk string has no valid length or count: -2',
      field: 'length',
    },
    { name: 'a negative set', wire: '~-1\r\n', says: 'the set has no valid length or count: -1', field: 'count' },
    {
      name: 'a length without end',
      wire: `*1${'0'.repeat(40)}`,
      says: 'the array has no valid length or count: 1000',
      field: 'count',
    },
    {
      name: 'a length inside',
      wire: '*2\r\n$1\r\na\r\n$y\r\n',
      says: 'has no valid length or count: y',
      field: 'length',
    },
    {
      name: 'a streamed string',
      wire: '$?\r\n;1\r\na\r\n;0\r\n',
      says: 'streamed types are not read',
      field: 'length',
    },
    { name: 'a streamed array', wire: '*?\r\n:1\r\n.\r\n', says: 'streamed types are not read', field: 'count' },
    { name: 'a blob that goes on', wire: '$2\r\nabc\r\n', says: 'CR LF does not follow', field: 'data' },
    { name: 'a blob that ends with LF', wire: '$2\r\nab\n:1\r\n', says: 'CR LF does not follow', field: 'data' },
  ] as { name: string; from?: Direction; wire: string; says: string; field: string }[])(
    '$name',
    ({ from = 's2c', wire, says, field }) => {
      const bytes = concat([latin('+OK\r\n'), latin(wire), latin('+more\r\n')])
      const found = units(chunks(from, from === 'c2s' ? bytes.subarray(5) : bytes), { start })
      const [broken, ...rest] = found.slice(from === 'c2s' ? 0 : 1)
      expect(broken!.problems.map(({ severity, field: name }) => `${severity} ${name}`)).toEqual([`broken ${field}`])
      expect(say(broken!.problems[0]!.text)).toContain(says)
      expect(
        all(unitFields(broken!))
          .filter(({ problem }) => problem)
          .map(({ name }) => name),
      ).toEqual([field])
      expect(rest.map(({ kind }) => kind)).toEqual(['bytes'])
      for (const unit of found) expectCover(unit, false)
      // Bytes are one unit a chunk, so only the units before them are compared.
      const known = (list: Unit[]) => uncut(list.filter(({ kind }) => kind !== 'bytes'))
      for (let size = 1; size < bytes.length; size++)
        expect(
          known(
            units(
              recut(chunks(from, concat(found.map((unit) => unit.bytes))), () => size),
              { start },
            ),
          ),
        ).toEqual(known(found))
    },
  )
})

test('an end in the middle is said where the bytes end, and nowhere else', () => {
  const end = (wire: string): Unit =>
    units(
      [
        ...chunks('s2c', latin(wire)),
        { connection: 1, direction: 's2c', sequence: 1, time: 1, bytes: latin(''), end: 'fin' },
      ],
      {
        start,
      },
    )[0]!
  const half = end('*2\r\n$3\r\nGET\r\n$5\r\nhel')
  expect(half).toMatchObject({ missing: 4, problems: [{ field: 'data', severity: 'broken' }] })
  expect(
    all(unitFields(half))
      .filter(({ problem }) => problem)
      .map(({ value }) => value),
  ).toEqual([latin('hel')])
  const before = end('*2\r\n$3\r\nGET\r\n$5\r\n')
  expect(before).toMatchObject({ missing: 7, problems: [{ field: 'data' }] })
  expect(all(unitFields(before)).filter(({ problem }) => problem)).toEqual([])
})

describe('what is only promised costs nothing', () => {
  const value = '*1\r\n'
  test.each([
    { name: 'values', wire: '*999999999999\r\n:1\r\n' },
    { name: 'pairs of pairs', wire: '%999999999999999\r\n'.repeat(20) },
    { name: 'bytes', wire: '$999999999\r\nabc' },
    { name: 'a depth of 100,000', wire: value.repeat(100_000) },
    { name: 'a hundred thousand values', wire: `*100001\r\n${':1\r\n'.repeat(100_000)}` },
  ])('$name', ({ wire }) => {
    const bytes = latin(wire)
    const before = process.memoryUsage().arrayBuffers
    const began = performance.now()
    const conversation = new Conversation({ start })
    for (const chunk of recut(chunks('s2c', bytes), () => 4096)) expect(conversation.push(chunk)).toEqual([])
    const pending = conversation.pending('s2c')!
    const fields = all(unitFields(pending))
    briefOf(pending)
    expect(performance.now() - began, 'milliseconds').toBeLessThan(1000)
    expect(pending.missing).toBeGreaterThan(0)
    expect(fields.length).toBeLessThan(10_000)
    expectCover(pending, false)
    expect(process.memoryUsage().arrayBuffers - before, 'bytes').toBeLessThan(8 * bytes.length + 1024 * 1024)
  })

  test('a depth of 100,000 that ends is one unit', () => {
    expect(units(chunks('s2c', latin(`${value.repeat(100_000)}:1\r\n+OK\r\n`)), { start })).toHaveLength(2)
  })
})

describe('is recognised', () => {
  const kinds = (...parts: string[]) => units(chunks('c2s', ...parts.map(latin))).map(({ kind }) => kind)

  test.each([
    { name: 'by the first command', parts: ['*1\r\n$4\r\nPING\r\n'], found: ['resp'] },
    { name: 'by the first command, byte by byte', parts: [...'*1\r\n$4\r\nPING\r\n'], found: ['resp'] },
    { name: 'not by a chat line that begins with an asterisk', parts: ['* ann waves\n'], found: ['bytes'] },
    { name: 'not by a number in a chat', parts: ['*5\n'], found: ['bytes'] },
    { name: 'not by a list of a chat', parts: ['*5\r\n', 'ok\r\n'], found: ['bytes', 'bytes'] },
    { name: 'not by a word', parts: ['PING\r\n'], found: ['bytes'] },
  ])('$name', ({ parts, found }) => expect(kinds(...parts)).toEqual(found))

  test('and then the server answers in it, whatever its bytes are', () => {
    const list = [...chunks('c2s', latin('*1\r\n$4\r\nPING\r\n')), ...chunks('s2c', latin('-DENIED\r\n'))]
    expect(units(list).map((unit) => briefOf(unit).kind)).toEqual(['PING', 'error'])
  })
})

describe.each([2, 3])('a real Redis speaks RESP%i', (version) => {
  afterAll(closeAll)

  test('and all of it is read', async (context) => {
    const address = await redis()
    if (address === undefined) return context.skip(takeNotes().join(' '))
    const list = await talk(Number(new URL(address).port || 6379), version)
    const found = units(list, { start })
    expect(found.flatMap(({ problems }) => problems)).toEqual([])
    expect(found.filter(({ kind }) => kind !== 'resp' && kind !== 'end')).toEqual([])
    for (const unit of found) if (unit.kind === 'resp') expectCover(unit)
    for (const direction of ['c2s', 's2c'] as const) {
      const sent = concat(list.filter((chunk) => chunk.direction === direction).map(({ bytes }) => bytes))
      expect(concat(found.filter((unit) => unit.direction === direction).map(({ bytes }) => bytes))).toEqual(sent)
    }
    const answers = found.filter(({ kind, direction }) => kind === 'resp' && direction === 's2c')
    const type = (...types: string[]) => types[version - 2]!
    const expected = [
      type('array', 'map'),
      ...['simple string', 'bulk string', type('bulk string', 'null'), 'integer', 'simple error', 'integer'],
      ...[type('array', 'map'), 'integer', type('array', 'set'), type('bulk string', 'double')],
      ...[
        type('bulk string', 'verbatim string'),
        'array',
        type('array', 'push'),
        type('array', 'push'),
        'simple string',
      ],
    ]
    expect(answers.map((unit) => briefOf(unit).kind)).toEqual(expected.map((name) => name.split(' ').at(-1)))
    expect(outline(answers[2]!)).toBe('bulk string ␍␊␀ÿ*1␍␊'.replace('ÿ', '\ufffd'))
  })
})

/** Says something of every kind to a Redis, through a proxy that keeps what passes. */
async function talk(port: number, version: number): Promise<Chunk[]> {
  const list: Chunk[] = []
  const proxy = createServer((client) => {
    const server = connect(port, '127.0.0.1')
    copy('c2s', client, server)
    copy('s2c', server, client)
  })
  const copy = (direction: Direction, from: Socket, to: Socket) => {
    const keep = (bytes: Uint8Array, end?: 'fin') =>
      list.push({ connection: 1, direction, sequence: list.length, time: list.length, bytes, end })
    from.on('data', (bytes) => {
      keep(Uint8Array.from(bytes))
      to.write(bytes)
    })
    from.on('end', () => {
      keep(latin(''), 'fin')
      to.end()
    })
    from.on('error', () => to.destroy()) // the test sees that the end is missing
  }
  cleanup(() => proxy.close())
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const { port: proxyPort } = proxy.address() as { port: number }
  const client = connect(proxyPort, '127.0.0.1')
  const key = `wirebook-${process.pid}`
  const commands = [
    ['HELLO', String(version)],
    ['SET', key, '\r\n\0\u00ff*1\r\n'],
    ['GET', key],
    ['GET', `${key}-none`],
    ['DEL', key],
    ['NONSENSE'],
    ['HSET', key, 'a', '1'],
    ['HGETALL', key],
    ['DEL', key],
    ['SMEMBERS', `${key}-none`],
    ['EVAL', 'redis.setresp(3); return {double=1.5}', '0'],
    ['LATENCY', 'DOCTOR'],
    ['KEYS', `${key}*`],
    ['SUBSCRIBE', key],
    ['UNSUBSCRIBE', key],
  ]
  client.write(concat(commands.map(encode)))
  client.write('QUIT\r\n')
  client.resume()
  await deadline(new Promise((resolve) => client.once('close', resolve)), 5000, 'Redis to end the connection')
  return list
}

function encode(words: string[]): Uint8Array {
  return latin(`*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`)
}

function latin(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}

function expectSame(bytes: Uint8Array, from: Direction, whole: Unit[]): void {
  const same = uncut(whole)
  expect(
    uncut(
      units(
        recut(chunks(from, bytes), () => 1),
        { start },
      ),
    ),
  ).toEqual(same)
  for (let at = 0; at <= bytes.length; at++) {
    const cut = chunks(from, bytes.subarray(0, at), bytes.subarray(at))
    expect(uncut(units(cut, { start })), `cut at ${at}`).toEqual(same)
  }
}

/** A unit as its values stand in each other: `array [bulk string a]`. */
function outline(unit: Unit): string {
  const fields = unitFields(unit)
  const isFlat = fields.some(({ name }) => name === 'type')
  return isFlat
    ? outlineOf(fields)
    : fields.map((field) => outlineOf(field.children ?? [field])).join(' ') || 'inline command'
}

function outlineOf(fields: Field[]): string {
  const parts = fields.map(({ name, value, note, children = [] }) => {
    if (name === 'type') return typeof note === 'object' ? String(note.values.name) : 'unknown'
    if (name === 'inlineCommand') return `inline command ${value}`
    if (name === 'data') return showText(value as Uint8Array)
    if (name === 'value') return value
    return name === 'length' || name === 'count' ? undefined : [outlineOf(children)]
  })
  const inside = parts.filter((part) => Array.isArray(part)).flat()
  const words = parts.filter((part) => part !== undefined && !Array.isArray(part)).join(' ')
  return fields.some(({ name }) => name === 'count') ? `${words} [${inside.join(', ')}]` : words
}

function all(fields: Field[]): Field[] {
  return fields.flatMap((field) => [field, ...all(field.children ?? [])])
}

/** Expects fields in wire order, each inside its parent; what none of them holds is a line end. */
function expectCover(unit: Unit, whole = true): void {
  const fields = unitFields(unit)
  const left = new Map(Array.from(unit.bytes, (byte, i) => [i, byte]))
  const walk = (list: Field[], from: number, to: number) => {
    let at = from
    for (const field of list) {
      expect(field.start, field.name).toBeGreaterThanOrEqual(at)
      at = field.start + field.length
      expect(at, field.name).toBeLessThanOrEqual(to)
      if (field.children) walk(field.children, field.start, at)
      else for (let bit = field.start; bit < at; bit += 8) left.delete(bit / 8)
      explainField(field, unit)
    }
  }
  walk(fields, 0, unit.bytes.length * 8)
  if (whole) expect(decodeText(Uint8Array.from(left.values())).replaceAll('\r\n', '')).toMatch(/^[\r\n]?$/)
}
