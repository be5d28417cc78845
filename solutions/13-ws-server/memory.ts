/** Whether memory was not to be had, and the code is not to blame: V8 has only this message for it. */
export function isOutOfMemory(error: unknown): boolean {
  return error instanceof RangeError && error.message.includes('allocation failed')
}
