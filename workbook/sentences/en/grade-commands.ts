import type { Catalogue } from '../catalogue.ts'

/** What `npm start` and `npm run grade` say beside the labs, in English. */
export const gradeCommands: Catalogue = {
  'grade.not-graded': 'not graded',
  'grade.checks': '{passed} of {checks} checks',
  'grade.labs-pass': '{passed} of {labs} labs pass.',
  'grade.whole-lab': 'the lab as a whole',
  'grade.unknown-lab': '{name}: expected the number of a lab, such as {example}.',
  'grade.no-folder': '--labs {folder}: expected a folder that holds 01-…, 02-… and so on.',

  'start.open-to-others':
    'Whoever reaches this port from outside can use your workbook now. Keep it behind a container or a firewall.',
  'start.one-lab': '{words}: expected at most one lab, such as 08.',
  'start.words': '{why}. See the README for what npm start takes.',
  'start.port': '--port {port}: expected a number from 0 to 65535.',
}
