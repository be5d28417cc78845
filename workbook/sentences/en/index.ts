import type { Catalogue } from '../catalogue.ts'

/** Everything that the workbook says to a reader, in English. */
export const english: Catalogue = {}
