import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { say } from '../../workbook/sentences/say.ts'
import type { Field } from '../../workbook/wire/model/field.ts'
import { unitFields } from '../../workbook/wire/protocols.ts'
import { readHello } from '../../workbook/wire/tls/hello.ts'
import { nameOf, versions } from '../../workbook/wire/tls/names.ts'
import type { RecordUnit } from '../../workbook/wire/tls/unit.ts'
import { bytes, chunks, recording, recut, uncut, units } from './streams.ts'

const tls13 = recording('tls13-curl').connections[0]!
const tls12 = recording('tls12-openssl').connections[0]!

test('TLS 1.3: after the hellos everything is encrypted', () => {
  expect(summary(tls13)).toEqual([
    'c2s client_hello',
    's2c server_hello',
    's2c change_cipher_spec',
    ...Array(4).fill('s2c application_data encrypted'),
    ...['c2s change_cipher_spec', ...Array(2).fill('c2s application_data encrypted')],
    ...Array(3).fill('s2c application_data encrypted'),
    'c2s application_data encrypted',
    's2c application_data encrypted',
  ])
})

test('TLS 1.2: the certificate travels in the clear, change_cipher_spec ends that', () => {
  expect(summary(tls12)).toEqual([
    'c2s client_hello',
    's2c server_hello',
    's2c certificate',
    's2c server_key_exchange',
    's2c server_hello_done',
    'c2s client_key_exchange',
    'c2s change_cipher_spec',
    'c2s handshake encrypted',
    's2c new_session_ticket',
    's2c change_cipher_spec',
    's2c handshake encrypted',
    'c2s application_data encrypted',
    's2c application_data encrypted',
    's2c alert encrypted',
    'c2s alert encrypted',
  ])
})

test('the hellos say what was offered and what was chosen', () => {
  expect(hellos(tls13)).toMatchObject([
    {
      type: 'client_hello',
      serverName: 'localhost',
      alpn: ['h2', 'http/1.1'],
      versions: ['TLS 1.3', 'TLS 1.2', 'TLS 1.1', 'TLS 1.0'],
      groups: [
        'x25519',
        'secp256r1',
        'x448',
        'secp521r1',
        'secp384r1',
        'ffdhe2048',
        'ffdhe3072',
        'ffdhe4096',
        'ffdhe6144',
        'ffdhe8192',
      ],
      keyShares: ['x25519'],
    },
    {
      type: 'server_hello',
      versions: ['TLS 1.3'],
      cipherSuites: ['TLS_AES_256_GCM_SHA384'],
      keyShares: ['x25519'],
      retry: false,
    },
  ])
  expect(hellos(tls13)[0]!.cipherSuites.slice(0, 3)).toEqual([
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'TLS_AES_128_GCM_SHA256',
  ])
  expect(hellos(tls12)).toMatchObject([
    { serverName: 'localhost', versions: ['TLS 1.2'], alpn: [] },
    { versions: ['TLS 1.2'], cipherSuites: ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'] },
  ])
  expect(
    hellos(tls13)[0]!.cipherSuites.filter((name) => name.startsWith('0x')),
    'suites without a name',
  ).toEqual([])
})

test.each([[tls13], [tls12]])('any cut gives the same records, and their fields lie side by side', (list) => {
  const whole = units(list)
  expect(uncut(units(recut(list, () => 1)))).toEqual(uncut(whole))
  expect(uncut(units(recut(list, () => 7)))).toEqual(uncut(whole))
  for (const unit of whole) {
    if (unit.kind !== 'record') continue
    const fields = unitFields(unit)
    expect(fields.reduce((sum, { length }) => sum + length, 0)).toBe(unit.length * 8)
    for (const field of fields) expectNested(field)
    expect(unit.problems).toEqual([])
  }
})

test('any other cut, too', () => {
  const whole = [tls13, tls12].map((list) => uncut(units(list)))
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 20 }), (sizes) => {
      for (const [i, list] of [tls13, tls12].entries()) {
        let turn = 0
        expect(uncut(units(recut(list, () => sizes[turn++ % sizes.length]!)))).toEqual(whole[i])
      }
    }),
    { numRuns: 25 },
  )
})

const record = (part: Uint8Array): Uint8Array => Uint8Array.of(22, 3, 1, part.length >> 8, part.length & 255, ...part)

test.each([100, 2])('a handshake message that spans two records, cut after %i bytes', (cut) => {
  const hello = units(tls13)[0]!.bytes.slice(5)
  const list = chunks('c2s', record(hello.subarray(0, cut)), record(hello.subarray(cut)))
  const [first, second] = units(list) as RecordUnit[]
  expect(first!.record.messages).toEqual([])
  expect(second!.record).toMatchObject({
    continued: hello.length - cut,
    messages: [{ hello: { serverName: 'localhost' } }],
  })
  expect(
    unitFields(second!)
      .at(-1)!
      .children!.map(({ name }) => name),
  ).toEqual(['handshakeContinued'])
})

test('a handshake message too long to be kept is passed over, and the next one is read', () => {
  const length = 100_000
  const message = Uint8Array.of(11, length >> 16, (length >> 8) & 255, length & 255, ...new Uint8Array(length))
  const hello = units(tls13)[0]!.bytes.slice(5)
  const all = Uint8Array.of(...message, ...hello)
  const parts = Array.from({ length: 7 }, (_, i) => record(all.subarray(i * 16_000, (i + 1) * 16_000)))
  const found = units(chunks('c2s', ...parts)) as RecordUnit[]
  expect(found.map(({ record: { continued } }) => continued)).toEqual([0, ...Array(5).fill(16_000), 4_004])
  const messages = found.flatMap((unit) => unit.record.messages)
  expect(messages.map(({ name, hello: said }) => `${name} ${said?.serverName}`)).toEqual(['client_hello localhost'])
})

describe('records that are not as they should be', () => {
  test.each([
    { name: 'an alert', wire: '15030300020228', found: 'alert fatal handshake_failure' },
    {
      name: 'too long',
      wire: `1603034001${'00'.repeat(0x4001)}`,
      found: 'handshake a fragment has at most 16384 bytes; 16385 are announced',
    },
    { name: 'empty', wire: '1603030000', found: 'handshake an empty fragment' },
  ])('$name', ({ wire, found }) => {
    const [unit] = units(chunks('s2c', bytes(wire))) as RecordUnit[]
    const { name, alert } = unit!.record
    const said = alert ? `${alert.level} ${alert.description}` : unit!.problems.map(({ text }) => say(text)).join()
    expect(`${name} ${said}`).toBe(found)
  })

  test('what follows and is no record is bytes', () => {
    const found = units(chunks('s2c', bytes('15030300020228'), bytes('616263')))
    expect(found.map(({ kind }) => kind)).toEqual(['record', 'bytes'])
  })

  test('any change of a hello is read without an exception', () => {
    const hello = units(tls13)[0]!.bytes
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(hello.length - 1), fc.nat(255)), { maxLength: 4 }),
        fc.nat(hello.length),
        (edits, cut) => {
          const broken = hello.slice(0, cut)
          for (const [at, byte] of edits) if (at > 4 && at < cut) broken[at] = byte
          readHello(broken.subarray(5))
          for (const unit of units(chunks('c2s', broken))) for (const field of unitFields(unit)) expectNested(field)
        },
      ),
      { numRuns: 500 },
    )
  })
})

test('numbers without a meaning have names too', () => {
  expect([0x0a0a, 0xfafa, 0x0304, 0x7f1c].map((value) => nameOf(versions, value))).toEqual([
    'GREASE',
    'GREASE',
    'TLS 1.3',
    '0x7f1c',
  ])
})

function summary(list: typeof tls13): string[] {
  return units(list).flatMap((unit) => {
    if (unit.kind !== 'record') return []
    const { name, encrypted, messages } = unit.record
    const names = messages.length > 0 ? messages.map((message) => message.name) : [name]
    return names.map((each) => `${unit.direction} ${each}${encrypted ? ' encrypted' : ''}`)
  })
}

function hellos(list: typeof tls13) {
  return units(list).flatMap((unit) =>
    unit.kind === 'record' ? unit.record.messages.flatMap(({ hello }) => hello ?? []) : [],
  )
}

function expectNested(field: Field): void {
  for (const child of field.children ?? []) {
    expect(child.start, child.name).toBeGreaterThanOrEqual(field.start)
    expect(child.start + child.length, child.name).toBeLessThanOrEqual(field.start + field.length)
    expectNested(child)
  }
}
