import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * Counts what cannot be collected as garbage: what somebody still holds.
 *
 * @param things that were let go of, as far as the check is concerned
 */
export async function stillKept(things: WeakRef<object>[]): Promise<number> {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  let kept = things.length
  // A socket that has closed is let go of by Node in the rounds of the event loop that follow.
  for (let i = 0; i < 5 && kept > 0; i++) {
    await new Promise((resolve) => setImmediate(resolve))
    collectGarbage()
    kept = things.filter((thing) => thing.deref() !== undefined).length
  }
  return kept
}
