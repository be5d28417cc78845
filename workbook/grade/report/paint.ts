import { styleText } from 'node:util'

type Tone = 'good' | 'bad' | 'quiet' | 'strong' | 'note'

/** Colours a piece of a line, or leaves it as it is. */
export type Paint = (tone: Tone, text: string) => string

const formats: Record<Tone, Parameters<typeof styleText>[0]> = {
  good: 'green',
  bad: 'red',
  quiet: 'dim',
  strong: 'bold',
  note: 'cyan',
}

/** Paint of a terminal that has colours. */
export const colour: Paint = (tone, text) => styleText(formats[tone], text)

/** Paint that changes nothing. */
export const noColour: Paint = (_, text) => text

/** Colours, unless NO_COLOR asks for none (no-color.org) or the terminal cannot. */
export function paintFor({ NO_COLOR, TERM }: NodeJS.ProcessEnv): Paint {
  return NO_COLOR || TERM === 'dumb' ? noColour : colour
}
