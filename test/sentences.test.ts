import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { english } from '../workbook/sentences/en/index.ts'
import { say } from '../workbook/sentences/say.ts'
import { sentence } from '../workbook/wire/model/sentence.ts'

const workbook = fileURLToPath(new URL('../workbook', import.meta.url))

describe('a sentence is said', () => {
  const language = { greeting: 'hello, {name}', count: ({ count }: { count?: unknown }) => `${count} of them` }

  test.each([
    { name: 'words of a protocol', words: 'client_hello', said: 'client_hello' },
    { name: 'a text with a value', words: sentence('greeting', { name: 'ann' }), said: 'hello, ann' },
    {
      name: 'a value that looks like a place',
      words: sentence('greeting', { name: '{name} $1' }),
      said: 'hello, {name} $1',
    },
    { name: 'a value that is missing', words: sentence('greeting'), said: 'hello, {name}' },
    { name: 'a function', words: sentence('count', { count: 2 }), said: '2 of them' },
    {
      name: 'a sentence in a text',
      words: sentence('greeting', { name: sentence('count', { count: 2 }) }),
      said: 'hello, 2 of them',
    },
    {
      name: 'a sentence in a function',
      words: sentence('count', { count: sentence('greeting', { name: 'ann' }) }),
      said: 'hello, ann of them',
    },
    { name: 'a code that nobody knows', words: sentence('nonsense'), said: 'nonsense' },
  ])('$name', ({ words, said }) => expect(say(words, language)).toBe(said))
})

const frameFields = ['fin', 'opcode', 'mask', 'payloadLength', 'extendedPayloadLength', 'maskingKey', 'payloadData']

/** The fields that the other protocols explain. */
const otherFields = [
  ...['type', 'count', 'length', 'data'].map((field) => `resp.${field}`),
  ...['text', 'lineEnd'].map((field) => `lines.${field}`),
  ...['length', 'message'].map((field) => `prefixed.${field}`),
  ...['nameLength', 'name', 'dataLength', 'data'].map((field) => `relay.${field}`),
]

/** Codes that are put together while the program runs: what is written, and what it becomes. */
const composed: Record<string, string[]> = {
  'server.port-${front.passedOver}': ['server.port-taken', 'server.port-reserved'],
  'websocket.close.${code}': [
    ...[1000, 1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 1015],
  ].map((code) => `websocket.close.${code}`),
  '${about}.rule': explained('rule', ...frameFields, 'rsv1', 'reserved', 'statusCode', 'reason', ...otherFields),
  '${about}.why': explained('why', ...frameFields, 'rsv1', 'reserved', 'statusCode', 'reason', ...otherFields),
  '${about}.seed': explained('seed', ...frameFields),
}

function explained(what: string, ...fields: string[]): string[] {
  return fields.map((field) => (field.includes('.') ? `${field}.${what}` : `websocket.${field}.${what}`))
}

describe('English', () => {
  const text = sources().join('\n')
  const calls = [...text.matchAll(/\bsentence\(\s*'([^']+)'/g)].map((match) => match[1]!)
  const templates = [...text.matchAll(/`([^`\n]*)`/g)].map((match) => match[1]!)

  test('knows every sentence that the workbook names', () => {
    const wanted = [...calls, ...Object.values(composed).flat()]
    expect(wanted.filter((code) => !(code in english))).toEqual([])
  })

  test('knows no other', () => {
    const literals = [...text.matchAll(/'([a-z][\w-]*(?:\.[\w-]+)+)'/g)].map((match) => match[1]!)
    const named = new Set([...literals, ...Object.values(composed).flat()])
    expect(Object.keys(english).filter((code) => !named.has(code))).toEqual([])
  })

  test('has the composed codes that are listed here', () => {
    const written = [...text.matchAll(/\bsentence\([^'`)\n]*`([^`]*)`/g)].map((match) => match[1]!)
    expect(written.filter((template) => !(template in composed))).toEqual([])
    expect(Object.keys(composed).filter((template) => !templates.includes(template))).toEqual([])
  })

  test('finds the values that it names', () => {
    const literal = /\bsentence\(\s*'([^']+)'\s*(?:,\s*\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}\s*,?\s*)?\)/g
    const found = [...text.matchAll(literal)]
    const missing = found.flatMap(([, code, values = '']) => {
      const given = new Set([...values.matchAll(/(?:^|,)\s*(\w+)/g)].map((match) => match[1]!))
      return placesOf(code!).flatMap((place) => (given.has(place) ? [] : `${code}: ${place}`))
    })
    expect(missing).toEqual([])
    // The few whose values stand elsewhere, in a variable, are not looked at.
    expect(found.length).toBeGreaterThan(calls.length * 0.9)
  })
})

/** The names of the values that a text holds, or that a function takes out of them. */
function placesOf(code: string): string[] {
  const text = english[code]
  if (typeof text === 'string') return [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!)
  const parameter = /^\(\{([^}]*)\}\)/.exec(String(text))?.[1] ?? ''
  return parameter.split(',').flatMap((name) => name.trim() || [])
}

/** The machinery without its sentences. */
function sources(): string[] {
  return readdirSync(workbook, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.parentPath.includes('sentences'))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
}
