/** The values of a sentence, those that are sentences themselves already said. */
export type SaidValues = Readonly<Record<string, string | number | bigint | undefined>>

/**
 * The sentences of one language by their codes. A text holds its values as `{name}`; where grammar depends on a value,
 * a function writes the sentence.
 */
export type Catalogue = Readonly<Record<string, string | ((values: SaidValues) => string)>>
