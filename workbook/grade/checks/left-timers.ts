import { AsyncLocalStorage, createHook } from 'node:async_hooks'

interface Timer {
  hasRef?(): boolean
}

/**
 * Runs a piece of a lab, and looks for timers that it has started and that would hold the program when it is done.
 *
 * @param work the piece; what it gives or throws is given or thrown on
 * @param over settles when nothing of it should be left
 * @returns the number of timers that still hold the program
 */
export async function leftTimers(work: () => Promise<unknown>, over: () => Promise<unknown>): Promise<number> {
  const inside = new AsyncLocalStorage<true>()
  const running = new Map<number, Timer>()
  const hook = createHook({
    init(id, type, _, resource) {
      if (type === 'Timeout' && inside.getStore()) running.set(id, resource as Timer)
    },
    destroy: (id) => void running.delete(id),
  }).enable()
  try {
    await inside.run(true, work)
    await over()
    // The hook hears of a timer that was cleared a little later.
    for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve))
    return [...running.values()].filter((timer) => timer.hasRef?.() !== false).length
  } finally {
    hook.disable()
  }
}
