// Given: what a person hears of a bus. It fails again and again; once is enough.

export interface BusStatus {
  /** Says that the bus is away, the first time. */
  down(error: NodeJS.ErrnoException): void
  /** Says that it is there again. @param more what else is to say, a sentence */
  up(more?: string): void
}

/** Tells when a bus goes and when it is there again. @param tell function that gets what a person should know, a sentence each */
export function busStatus(address: string, tell: (sentence: string) => void): BusStatus {
  const name = shownAddress(address)
  let isDown = false
  return {
    down(error) {
      if (!isDown)
        tell(`${name} is away (${error.code ?? error.message}). Until it is there, rooms end at this process.`)
      isDown = true
    },
    up(more = '') {
      if (isDown) tell(`${name} is there. ${more}`.trimEnd())
      isDown = false
    },
  }
}

/** An address as it may be shown: without user and password. */
export function shownAddress(address: string): string {
  const start = address.indexOf('//') + 2
  const at = address.lastIndexOf('@')
  return start < 2 || at < start ? address : address.slice(0, start) + address.slice(at + 1)
}
