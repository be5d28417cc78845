import type { Catalogue } from '../catalogue.ts'

/** What the workbook says of files that it cannot read or write, in English. */
export const gradeFiles: Catalogue = {
  'files.may-not-read': '{path} may not be read. Give yourself the permission to read it, then ask again.',
  'files.may-not-write':
    '{path} may not be written. Look at the permissions of its folder, or close the program that holds it, then ask again.',
  'files.no-folder-above': '{path}: a file stands where its folder should be. Move that file away, then ask again.',
  'files.no-file': '{path}: expected a file, found a folder or a device. Move it away, then ask again.',
  'files.dead-link': '{path} is a link that leads in a circle. Remove it, then ask again.',
  'files.dead-link-to': '{path} is a link to {target}, where there is no file. Remove the link, then ask again.',
  'files.reserved-link':
    '{path} is a link to {target}, which the workbook needs as it is. Put a file in the place of the link, then ask again.',
  'files.disk-full': '{path}: the disk is full. Make room, then ask again.',
  'files.trouble': '{path}: {error}.',
  'files.saved-meanwhile': '{path} was saved at this very moment. Ask again.',
  'files.written-in-part': '{why} The other files were written; what you had is kept, and undo brings it back.',

  'files.cannot-read': '{path} could not be read ({error}), so the workbook does without it.',
  'files.expected-folder': '{path}: expected a folder, found a file. Nothing is remembered until you move it away.',
}
