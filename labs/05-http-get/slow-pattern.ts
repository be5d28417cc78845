import { isMain } from '../run.ts'

// Given: what one header line costs a parser that tries a pattern, and one that looks for the colon.

/** A header by one pattern: three parts of it may take the same blanks, so it tries every way to share them out. */
function byPattern(line: string): boolean {
  return /^([^ \t:]+):[ \t]*(.*?)[ \t]*$/.test(line)
}

/** A header by its first colon. Each byte is looked at once. */
function byColon(line: string): boolean {
  return line.indexOf(':') > 0 && !line.includes('\r')
}

/** The time that one reading takes, in words. */
function time(read: (line: string) => boolean, line: string): string {
  const start = performance.now()
  read(line)
  return `${(performance.now() - start).toFixed(1)} ms`
}

if (isMain(import.meta.url)) {
  const lineOf = (blanks: number) => `a:${' '.repeat(blanks)}\rx`
  time(byPattern, lineOf(250)) // Once without a look: the engine compiles a pattern only when it is used again.
  for (const blanks of [250, 500, 1000, 2000]) {
    const line = lineOf(blanks)
    console.log(`${blanks} blanks, CR, x: the pattern ${time(byPattern, line)}, the colon ${time(byColon, line)}`)
  }
}
