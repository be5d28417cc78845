import type { Catalogue } from '../catalogue.ts'
import { gradeRun } from './grade-run.ts'

/** Everything that the workbook says to a reader, in English. */
export const english: Catalogue = { ...gradeRun }
