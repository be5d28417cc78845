import { expect, test } from 'vitest'
import { sampleOf, sizeOfChanged } from './proof/sample.ts'
import type { Variant } from './proof/variants.ts'

const variant = (name: string, more: Partial<Variant> = {}): Variant => ({ name, files: new Map(), todo: [], ...more })
const numbers = [...Array(40).keys()]
const own = [variant('starter'), variant('todo-1'), variant('todo-2')]
const wrongs = numbers.map((i) => variant(`wrong-${i}`, { wrong: { name: `w${i}`, fails: [], says: '' } }))
const rights = numbers.slice(0, 4).map((i) => variant(`right-${i}`, { right: { name: `r${i}` } }))
const all = [...own, ...wrongs, ...rights]
const namesFor = (seed: string) => sampleOf(all, seed).map(({ name }) => name)

test('a sample holds the starter, each mutant, four wrong programs and a right one', () => {
  const names = namesFor('a')
  expect(names.slice(0, 3)).toEqual(['starter', 'todo-1', 'todo-2'])
  expect(names.filter((name) => name.startsWith('wrong'))).toHaveLength(4)
  expect(names.filter((name) => name.startsWith('right'))).toHaveLength(1)
})

test('a seed draws the same sample again, and another seed another one', () => {
  expect(namesFor('a')).toEqual(namesFor('a'))
  expect(namesFor('a')).not.toEqual(namesFor('b'))
})

test('each program is drawn by some seed', () => {
  const drawn = new Set([...Array(200).keys()].flatMap((seed) => namesFor(String(seed))))
  expect(all.map(({ name }) => name).filter((name) => !drawn.has(name))).toEqual([])
})

test('a lab of few programs is proved whole', () => {
  expect(sampleOf([...own, ...wrongs.slice(0, 3)], 'a')).toHaveLength(6)
})

test('a lab that alone has changed is proved whole, and of many each gets a share', () => {
  expect(sampleOf(all, 'a', sizeOfChanged(1))).toHaveLength(all.length)
  expect([1, 2, 12, 100].map(sizeOfChanged)).toEqual([
    { wrong: 240, right: 24 },
    { wrong: 120, right: 12 },
    { wrong: 20, right: 2 },
    { wrong: 4, right: 1 },
  ])
})
