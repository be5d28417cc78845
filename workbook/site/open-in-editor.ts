import { existsSync } from 'node:fs'
import { join } from 'node:path'
import launchEditor from 'launch-editor'

/**
 * Opens a place of a lab in the reader's editor: the one that runs, or that LAUNCH_EDITOR names.
 *
 * @param root folder of the project
 * @param place `labs/12-ws-frames/frame.ts`, or with a line behind it, `labs/12-ws-frames/frame.ts:44`; anything else is left alone
 */
export function openInEditor(root: string, place: string): void {
  const file = /^(labs\/[\w-]+\/[\w-]+\.ts)(?::\d{1,6})?$/.exec(place)?.[1]
  // An editor that is not to be had is no reason to end; the page shows the place all the same.
  if (file && existsSync(join(root, file))) launchEditor(join(root, place), () => {})
}
