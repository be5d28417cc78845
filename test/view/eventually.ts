import { vi } from 'vitest'

/** Waits until an expectation holds. Other programs may run beside the tests, and then a second is no time. */
export function eventually(holds: () => void): Promise<void> {
  return vi.waitFor(holds, { interval: 10, timeout: 20_000 })
}
