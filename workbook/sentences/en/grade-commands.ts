import type { Catalogue } from '../catalogue.ts'

/** What `npm start` and `npm run grade` say beside the labs, in English. */
export const gradeCommands: Catalogue = {
  'grade.not-graded': 'not graded',
  'grade.checks': '{passed} of {checks} checks',
  'grade.labs-pass': '{passed} of {labs} labs pass.',
  'grade.whole-lab': 'the lab as a whole',
  'grade.unknown-lab': '{name}: expected the number of a lab, such as {example}.',
  'grade.no-folder': '--labs {folder}: expected a folder that holds 01-…, 02-… and so on.',

  'start.open-to-others': 'Other machines can read the site now. The lab server and your labs stay on this one.',
  'start.one-lab': '{words}: expected at most one lab, such as 08.',
  'start.port': '--port {port}: expected a number from 0 to 65535.',
}
