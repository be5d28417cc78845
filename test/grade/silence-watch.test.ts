import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { readersLimits, type Silence, SilenceWatch } from '../../workbook/grade/run/silence-watch.ts'
import { sampleThread } from '../../workbook/grade/run/thread-clock.ts'

/** A thread on paper: how much of each second it computes, and whether it sleeps when we look. */
let thread: { share: number; isAsleep?: boolean }
let cpuMs: number
let told: Silence[]
let watch: SilenceWatch

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
  thread = { share: 0 }
  cpuMs = 0
  told = []
  watch = new SilenceWatch(
    (silence) => told.push(silence),
    () => ({ cpuMs, isAsleep: thread.isAsleep }),
  )
  watch.start(readersLimits)
})
afterEach(() => {
  watch.stop()
  vi.useRealTimers()
})

/** Time passes for the machine. */
function pass(seconds: number): void {
  for (let step = 0; step < seconds * 4; step++) {
    cpuMs += 250 * thread.share
    vi.advanceTimersByTime(250)
  }
}

describe('a silent thread', () => {
  test('that computes all the time loops, which is said within three seconds', () => {
    watch.sign()
    thread = { share: 1, isAsleep: false }
    pass(2.25)
    expect(told).toEqual([])
    pass(0.5)
    expect(told).toEqual([{ means: 'loops', isBusy: false }])
  })

  test.each([2, 10, 20])(
    'is not accused while it gets a %ith of a core, and loops when it has computed as long',
    (parts) => {
      watch.sign()
      thread = { share: 1 / parts, isAsleep: false }
      pass(2.25 * parts)
      expect(told).toEqual([])
      pass(0.5 * parts)
      expect(told).toEqual([{ means: 'loops', isBusy: parts > 3 }])
    },
  )

  test('that gives signs of life may compute for ever', () => {
    thread = { share: 1, isAsleep: false }
    for (let i = 0; i < 100; i++) {
      watch.sign()
      pass(2)
    }
    expect(told).toEqual([])
  })

  test('that sleeps is told from one that loops', () => {
    watch.sign()
    thread = { share: 0, isAsleep: true }
    pass(14)
    expect(told).toEqual([])
    pass(2)
    expect(told).toEqual([{ means: 'sleeps', isBusy: false }])
  })

  test('that neither computes nor sleeps waits for the machine, and has a second try after a minute', () => {
    watch.sign()
    thread = { share: 0, isAsleep: false }
    pass(59)
    expect(told).toEqual([])
    pass(2)
    expect(told).toEqual([{ means: 'unknown', isBusy: true }])
  })

  test('of which the system tells no state is not said to sleep', () => {
    watch.sign()
    pass(61)
    expect(told).toEqual([{ means: 'unknown', isBusy: true }])
  })

  test('that has not begun has no line of the lab in it', () => {
    thread = { share: 1, isAsleep: false }
    pass(59)
    expect(told).toEqual([])
  })

  test('of a run that is over says nothing', () => {
    watch.sign()
    thread = { share: 1, isAsleep: false }
    watch.stop()
    pass(100)
    expect(told).toEqual([])
  })
})

test('what a thread computes is what the system says', () => {
  vi.useRealTimers()
  const before = sampleThread().cpuMs
  const began = process.cpuUsage()
  while (process.cpuUsage(began).user < 50_000);
  expect(sampleThread().cpuMs - before).toBeGreaterThanOrEqual(50)
  expect(sampleThread(process.pid).cpuMs).toBeGreaterThan(0)
})
