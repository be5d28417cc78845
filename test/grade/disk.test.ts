import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { patiently, systemDisk } from '../../workbook/grade/labs/disk.ts'
import { writeWhole } from '../../workbook/grade/labs/whole-file.ts'
import { FragileDisk } from './fragile-disk.ts'
import { said } from './lab-on-disk.ts'

let folder = ''
let file = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wirebook-disk-'))
  file = join(folder, 'current')
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('a file that is written whole', () => {
  test.each(Array.from({ length: 8 }, (_, steps) => ({ steps })))(
    'or not at all, killed after $steps writes',
    ({ steps }) => {
      writeFileSync(file, 'before')
      const disk = new FragileDisk()
      disk.killAfter(steps)
      said(() => writeWhole(file, 'after', disk))
      expect(['before', 'after']).toContain(readFileSync(file, 'utf8'))
      disk.mend()
      writeWhole(file, 'later', disk)
      expect([readFileSync(file, 'utf8'), readdirSync(folder)]).toEqual(['later', ['current']])
    },
  )

  test.each([0, 1, 4])('or not at all on a disk with room for %i bytes', (bytes) => {
    writeFileSync(file, 'before')
    const disk = new FragileDisk()
    disk.fillUpTo(bytes)
    expect(said(() => writeWhole(file, 'after', disk))).toBe(`${file}: the disk is full. Make room, then ask again.`)
    expect([readFileSync(file, 'utf8'), readdirSync(folder)]).toEqual(['before', ['current']])
  })

  test('sweeps away what a process that is gone has left, and nobody else’s', () => {
    const { pid: gone } = spawnSync(process.execPath, ['--version'])
    const [left, working] = [`.wirebook-${gone}-1`, `.wirebook-${process.ppid}-1`]
    for (const name of [left, working, '.wirebook-mine']) writeFileSync(join(folder, name), '')
    writeWhole(file, 'text')
    expect(readdirSync(folder).sort()).toEqual([working, '.wirebook-mine', 'current'].sort())
  })
})

test.skipIf(process.platform === 'win32')('a new file gets the mode of the one whose place it takes', () => {
  writeFileSync(file, 'before')
  chmodSync(file, 0o666) // more than the mask of new files allows
  systemDisk.create(join(folder, 'new'), Buffer.from('after'), statSync(file))
  expect(statSync(join(folder, 'new')).mode & 0o777).toBe(0o666)
})

describe('on Windows, where a file that is open cannot be replaced', () => {
  /** Fails so many times, as Windows does. */
  function heldFor(times: number, code: string) {
    let calls = 0
    const act = () => {
      calls += 1
      if (calls <= times) throw Object.assign(new Error(code), { code })
    }
    return { act, calls: () => calls }
  }

  test.each(['EPERM', 'EACCES', 'EBUSY'])('%s is tried again', (code) => {
    const { act, calls } = heldFor(2, code)
    patiently(act, true)
    expect(calls()).toBe(3)
  })

  test('the patience ends', () => {
    const { act } = heldFor(Number.POSITIVE_INFINITY, 'EPERM')
    expect(() => patiently(act, true)).toThrow('EPERM')
  })

  test.each([
    { code: 'ENOSPC', isWindows: true },
    { code: 'EPERM', isWindows: false },
  ])('$code with isWindows $isWindows is final', ({ code, isWindows }) => {
    const { act, calls } = heldFor(1, code)
    expect(() => patiently(act, isWindows)).toThrow(code)
    expect(calls()).toBe(1)
  })
})
