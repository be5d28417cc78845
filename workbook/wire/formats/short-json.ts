/**
 * A value that came from anybody, as JSON for a sentence: `nothing` for `undefined`, and cut when it is long.
 *
 * @param most how much of it is shown, in characters
 */
export function shortJson(value: unknown, most: number): string {
  const text = json(value) ?? 'nothing'
  return text.length > most ? `${text.slice(0, most)}…` : text
}

function json(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    // `JSON.parse` takes any depth, and `JSON.stringify` only what fits on the stack.
    return Array.isArray(value) ? 'a list that is nested too deeply' : 'an object that is nested too deeply'
  }
}
