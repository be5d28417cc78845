import type { Words } from '../../wire/model/sentence.ts'
import type { CheckInfo, Failure, Printed } from '../checks/events.ts'
import type { FileDiff } from '../labs/diff.ts'

/** How far the reader is with one lab. */
export interface LabProgress {
  /** `12-ws-frames` */
  stem: string
  title: string
  /** address on the site, `/ws-frames` */
  path: string
  passed: number
  /** 0 until the lab was graded once */
  checks: number
  done: boolean
}

/**
 * Everything there is to see of one lab. The terminal screen and the page's panel both show this and nothing else,
 * so they cannot disagree; after each change the page is sent the whole view again.
 */
export interface LabView {
  /** `12-ws-frames` */
  stem: string
  title: string
  /** address on the site, `/ws-frames` */
  path: string
  /** what the reader completes, `labs/12-ws-frames/frame.ts` first */
  files: string[]
  /** stems of labs that this one builds on and that are not done yet */
  needs: string[]
  /** a run is under way; the checks that it has not reached still show their last verdict */
  running: boolean
  /** empty until the lab was graded once */
  checks: CheckView[]
  /** why the lab could not be graded at all */
  problem?: Failure
  /** what it printed while it was loaded, or in the check that did not come back */
  printed?: Printed
  /** when the graded version was written, in milliseconds since the epoch */
  savedAt?: number
  /** time from the save to the verdict */
  milliseconds?: number
  /** every check passes */
  green: boolean
  /** the help offered with the first failing check; none when nothing fails */
  help?: HelpView
  /** `d` shows it without asking twice: the lab passes, or its third hint was taken */
  diffReady: boolean
  /** the reader's files against the solution's; only while it is open */
  diff?: FileDiff[]
  /** an undo was the last that happened to the files, so redo brings back what it left */
  undone?: boolean
  /** what the last command did, or why it did nothing; whoever shows it says it */
  notice?: Words[]
}

/** A check as its last run left it. */
export interface CheckView extends CheckInfo {
  state: 'waiting' | 'passed' | 'failed'
  milliseconds?: number
  failure?: Failure
  /** what the lab printed meanwhile */
  printed?: Printed
}

/** The hints of the check that fails. */
export interface HelpView {
  /** id of the first failing check */
  check: string
  /** distinct versions of the lab that failed this check */
  tries: number
  /** hints that may be taken without being asked twice, 0 to 3 */
  ready: number
  /** the hints taken so far, in Markdown */
  hints: string[]
}

/** What the workbook sends to a page on `/grade`, as JSON text; first an overview and a view of every graded lab. */
export type PageMessage = { type: 'overview'; labs: LabProgress[] } | { type: 'lab'; lab: LabView }

/** What a page may ask for on `/grade`, as JSON text; the keys of the terminal do the same. */
export type PageCommand =
  /** `lab`: `12-ws-frames`; `show` only asks for its view, `take` writes the solution into the lab */
  | { command: 'hint' | 'diff' | 'reset' | 'undo' | 'redo' | 'take' | 'run' | 'show'; lab: string }
  /** opens a place in the reader's editor, `labs/12-ws-frames/frame.ts:44` */
  | { command: 'open'; place: string }
