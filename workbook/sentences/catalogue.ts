import type { Values } from '../wire/model/sentence.ts'

/**
 * The sentences of one language by their codes. A text holds its values as `{name}`; where grammar depends on a value,
 * a function writes the sentence.
 */
export type Catalogue = Readonly<Record<string, string | ((values: Values) => string)>>
