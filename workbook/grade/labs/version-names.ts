// Names of the versions of a lab: `0003`, and `passed` for the first that passed. Older workbooks called them
// `0003_2026-11-23T12-04-31_reset`, and `…_undo_0001` what stood there before version 1 was brought back.

/** The number of a version; not a number for any other name. */
export function numberOf(name: string): number {
  return Number(/^\d{4,}(?=_|$)/.exec(name)?.[0] ?? Number.NaN)
}

/** Whether this is the version that passed first. */
export function isPassed(name: string): boolean {
  return /(^|_)passed$/.test(name)
}

/** The versions that undo and redo walk, oldest first. */
export function walkedNames(names: string[]): string[] {
  return names
    .filter((name) => !Number.isNaN(numberOf(name)) && !isPassed(name))
    .sort((a, b) => numberOf(a) - numberOf(b) || (a < b ? -1 : 1))
}

/** The number of the version that an undo of an older workbook brought back, as the name of what it kept says. */
export function restoredBefore(name: string): number | undefined {
  const number = /_undo_(\d+)$/.exec(name)?.[1]
  return number === undefined ? undefined : Number(number)
}

/** The name behind all of these. */
export function nextName(names: string[]): string {
  const newest = Math.max(0, ...names.map(numberOf).filter(Number.isInteger))
  return String(newest + 1).padStart(4, '0')
}
