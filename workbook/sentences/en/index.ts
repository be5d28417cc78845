import type { Catalogue } from '../catalogue.ts'
import { gradeCommands } from './grade-commands.ts'
import { gradeRun } from './grade-run.ts'
import { gradeSession } from './grade-session.ts'
import { gradeTerminal } from './grade-terminal.ts'

/** Everything that the workbook says to a reader, in English. */
export const english: Catalogue = {
  ...gradeCommands,
  ...gradeRun,
  ...gradeSession,
  ...gradeTerminal,
}
