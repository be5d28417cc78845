import type { Heard } from './rooms.ts'

/** What was foretold of one socket, and what happened. */
export interface Prediction {
  name: string
  right: boolean
  heard: number
}

/** @param foretold the names of those who were to hear it */
export function judgePredictions(names: string[], foretold: readonly string[], heard: Heard): Prediction[] {
  return names.map((name) => {
    const count = heard[name] ?? 0
    return { name, heard: count, right: foretold.includes(name) === count > 0 }
  })
}
