import { styleText } from 'node:util'

export type Tone = 'good' | 'bad' | 'quiet' | 'strong' | 'note'

/** Colours a piece of a line, or leaves it as it is. */
export type Paint = (tone: Tone, text: string) => string

const formats: Record<Tone, Parameters<typeof styleText>[0]> = {
  good: 'green',
  bad: 'red',
  quiet: 'dim',
  strong: 'bold',
  note: 'cyan',
}

export const colour: Paint = (tone, text) => styleText(formats[tone], text)

export const noColour: Paint = (_, text) => text
