// Given: UDP loses datagrams without a word, so each is repeated until it is answered, or given up.

/** The datagrams of one sender to one receiver that wait for their answer. */
export interface Resend {
  /** Sends now, and again after 200, 400, 800 … milliseconds until `answered(seq)` or `tries` are used up */
  send(seq: number, transmit: () => void, onGivenUp?: () => void): void
  /** Repeats that `seq` no more. @returns whether it was still waited for */
  answered(seq: number): boolean
  /** datagrams that wait for an answer */
  readonly waiting: number
  /** Repeats nothing any more. */
  close(): void
}

/** Nothing waits yet. @param firstDelay time before the first repetition, in milliseconds; it doubles each time */
export function createResend({ firstDelay = 200, tries = 5 } = {}): Resend {
  const timers = new Map<number, NodeJS.Timeout>()

  function attempt(seq: number, tryNumber: number, transmit: () => void, onGivenUp?: () => void): void {
    if (tryNumber > tries) {
      timers.delete(seq)
      onGivenUp?.()
      return
    }
    transmit()
    const delay = firstDelay * 2 ** (tryNumber - 1)
    timers.set(
      seq,
      setTimeout(() => attempt(seq, tryNumber + 1, transmit, onGivenUp), delay),
    )
  }

  return {
    send: (seq, transmit, onGivenUp) => attempt(seq, 1, transmit, onGivenUp),
    answered(seq) {
      clearTimeout(timers.get(seq))
      return timers.delete(seq)
    },
    get waiting() {
      return timers.size
    },
    close() {
      for (const timer of timers.values()) clearTimeout(timer)
      timers.clear()
    },
  }
}
