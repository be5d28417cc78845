import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { SentenceError } from '../../workbook/wire/model/sentence.ts'
import { FragileDisk } from './fragile-disk.ts'
import { LabOnDisk, stem } from './lab-on-disk.ts'

/** Linux keeps this one in memory: what a disk does to a rename would be most of the time. */
const fastFolder = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
const walks = 200
const steps = 50

const starter = { 'frame.ts': 'starter of frame', 'server.ts': 'starter of server' }
const solution = { 'frame.ts': 'solution of frame', 'server.ts': 'solution of server' }
const names = ['frame.ts', 'server.ts', 'helper.ts']
const absent = 'no file'
const deadLink = 'a link to nowhere'
/** A dead link is not written to; and whether there was a file of the reader's own once, a command need not know. */
const neverKept = [...names.map((name) => `${name}: ${deadLink}`), `helper.ts: ${absent}`]

/** A reader, a workbook and a bad disk, led by chance. */
class Walk {
  readonly #disk = new FragileDisk()
  readonly lab = new LabOnDisk(this.#disk, mkdtempSync(join(fastFolder, 'wirebook-walk-')))
  readonly #random: () => number
  /** each text that stood in a file when a command changed the lab: `frame.ts: work` */
  readonly #mustStay = new Set<string>()
  /** each text that was ever whole */
  readonly #known = new Set<string>()
  readonly did: string[] = []
  #count = 0

  constructor(seed: number) {
    this.#random = chance(seed)
    mkdirSync(join(this.lab.folder, 'mine'))
    this.lab.edit('the first text')
    for (const texts of [starter, solution])
      for (const [name, text] of Object.entries(texts)) this.#known.add(`${name}: ${text}`)
    this.#known.add('frame.ts: the first text')
    for (const name of names) for (const what of [absent, deadLink]) this.#known.add(`${name}: ${what}`)
  }

  step(): void {
    const acts = [
      () => this.#edit(),
      () => this.#edit(),
      () => this.#edit(),
      () => this.#edit(),
      () => this.#delete(),
      () => this.#link(),
      () => this.#command('reset', () => this.lab.write(starter)),
      () => this.#command('take', () => this.lab.write(solution)),
      () => this.#command('undo', () => this.lab.undo()),
      () => this.#command('undo', () => this.lab.undo()),
      () => this.#command('redo', () => this.lab.redo()),
    ]
    acts[this.#pick(acts.length)]!()
    const torn = [...this.#texts()].filter((text) => !this.#known.has(text))
    if (torn.length > 0) throw new Error(`torn: ${torn.join(', ')}`)
  }

  /** What no undo and no redo shows any more. */
  lost(): string[] {
    this.#disk.mend()
    for (const name of names) if (this.#isDeadLink(name)) rmSync(this.lab.file(name))
    const found = this.#texts()
    for (const way of ['undo', 'redo'] as const) {
      for (let i = 0; this.lab[way](); i++) {
        for (const text of this.#texts()) found.add(text)
        if (i > 20 * steps) throw new Error(`${way} goes on for ever`)
      }
    }
    this.lab.history.sweep(stem)
    expect(this.lab.leftovers()).toEqual([])
    return [...this.#mustStay].filter((text) => !found.has(text))
  }

  #command(name: string, act: () => boolean): void {
    const trouble = this.#pick(5)
    if (trouble === 0) this.#disk.killAfter(this.#pick(25))
    if (trouble === 1) this.#disk.fillUpTo(this.#pick(150))
    const before = this.#texts()
    let outcome = ''
    try {
      outcome = String(act())
    } catch (error) {
      const { code } = (error as SentenceError).sentence
      outcome = this.#disk.isKilled ? 'killed' : code
      if (!['killed', 'files.disk-full', 'files.dead-link-to'].includes(outcome)) throw error
      if (outcome !== 'killed') expect(this.#texts(), 'a refused command changes nothing').toEqual(before)
    }
    this.#disk.mend()
    this.did.push(`${name}: ${outcome}`)
    const after = this.#texts()
    if (outcome === 'true' || [...before].some((text) => !after.has(text))) {
      for (const text of before) if (!neverKept.includes(text)) this.#mustStay.add(text)
    }
  }

  #edit(): void {
    const name = this.#name()
    const text = `text ${++this.#count}`
    if (this.#isDeadLink(name)) rmSync(this.lab.file(name))
    this.lab.edit(text, name)
    this.#known.add(`${name}: ${text}`)
    this.did.push(`edit ${name}: ${text}`)
  }

  #delete(): void {
    const name = this.#name()
    rmSync(this.lab.file(name), { force: true })
    this.did.push(`delete ${name}`)
  }

  #link(): void {
    if (process.platform === 'win32') return this.#edit() // to make a link takes rights there
    const name = this.#name()
    const target = join(this.lab.folder, 'mine', `${++this.#count}.ts`)
    rmSync(this.lab.file(name), { force: true })
    symlinkSync(target, this.lab.file(name))
    const isDead = this.#pick(4) === 0
    if (!isDead) writeFileSync(target, `linked ${this.#count}`)
    this.#known.add(`${name}: linked ${this.#count}`)
    this.did.push(`link ${name} to ${isDead ? 'nowhere' : `linked ${this.#count}`}`)
  }

  #texts(): Set<string> {
    return new Set(names.map((name) => `${name}: ${this.#textOf(name)}`))
  }

  /** What stands in a file, or what it is besides. */
  #textOf(name: string): string {
    if (existsSync(this.lab.file(name))) return readFileSync(this.lab.file(name), 'utf8')
    return this.#isDeadLink(name) ? deadLink : absent
  }

  #isDeadLink(name: string): boolean {
    return lstatSync(this.lab.file(name), { throwIfNoEntry: false }) !== undefined && !existsSync(this.lab.file(name))
  }

  #name(): string {
    return names[this.#pick(names.length)]!
  }

  #pick(below: number): number {
    return Math.floor(this.#random() * below)
  }
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function chance(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

let walk: Walk | undefined
afterEach(() => walk?.lab.remove())

test(`${walks * steps} steps of chance lose no text`, { timeout: 180_000 }, () => {
  const first = Number(process.env.WIREBOOK_SEED ?? Date.now() % 1_000_000)
  for (let seed = first; seed < first + walks; seed++) {
    walk?.lab.remove()
    walk = new Walk(seed)
    try {
      for (let i = 0; i < steps; i++) walk.step()
      expect(walk.lost(), 'lost').toEqual([])
    } catch (error) {
      throw new Error(`WIREBOOK_SEED=${seed}: ${(error as Error).message}\n${walk.did.join('\n')}`, { cause: error })
    }
  }
})
