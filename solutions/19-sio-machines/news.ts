// Given: what a person hears of a bus. It fails again and again; once is enough.

export interface News {
  away(error: NodeJS.ErrnoException): void
  /** @param more what else is to say, a sentence */
  back(more?: string): void
}

/** @param tell what a person should know, a sentence each */
export function newsOf(address: string, tell: (sentence: string) => void): News {
  const name = nameOf(address)
  let isAway = false
  return {
    away(error) {
      if (!isAway)
        tell(`${name} is away (${error.code ?? error.message}). Until it is there, rooms end at this process.`)
      isAway = true
    },
    back(more = '') {
      if (isAway) tell(`${name} is there. ${more}`.trimEnd())
      isAway = false
    },
  }
}

/** An address as it may be shown: without user and password. */
export function nameOf(address: string): string {
  return address.replace(/\/\/.*@/, '//')
}
