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
    { name: 'a value that is missing', words: sentence('greeting'), said: 'hello, {name}' },
    { name: 'a function', words: sentence('count', { count: 2 }), said: '2 of them' },
    { name: 'a code that nobody knows', words: sentence('nonsense'), said: 'nonsense' },
  ])('$name', ({ words, said }) => expect(say(words, language)).toBe(said))
})

test('English knows every sentence that the workbook names, and no other', () => {
  const named = new Set(
    sources().flatMap((text) => [...text.matchAll(/'([a-z][\w-]*(?:\.[\w-]+)+)'/g)].map((m) => m[1]!)),
  )
  const written = Object.keys(english)
  expect(written.filter((code) => !named.has(code))).toEqual([])
  const calls = sources().flatMap((text) => [...text.matchAll(/\bsentence\(\s*'([^']+)'/g)].map((m) => m[1]!))
  expect(calls.filter((code) => !(code in english))).toEqual([])
})

/** The machinery without its sentences. */
function sources(): string[] {
  return readdirSync(workbook, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.parentPath.includes('sentences'))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
}
