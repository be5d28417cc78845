/** What grading tells, as it happens; the terminal, the page and the reports of a teacher are views of these. */
export type GradeEvent =
  /** the labs that exist and where the reader stands; sent first to a page, and whenever a lab is finished or reset */
  | { type: 'overview'; labs: LabProgress[] }
  /** a run began: its checks in order, all waiting */
  | { type: 'start'; lab: string; checks: CheckInfo[]; savedAt?: number }
  /** one check ended */
  | CheckEvent
  /** the run ended; `problem` when it could not be graded at all (a syntax error, an endless loop, a crash) */
  | { type: 'end'; lab: string; passed: number; failed: number; milliseconds: number; problem?: Failure }

export interface CheckEvent {
  type: 'check'
  lab: string
  id: string
  state: 'passed' | 'failed'
  milliseconds: number
  failure?: Failure
  /** what this machine could not show: `this machine has no IPv6` */
  notes?: string[]
}

export interface LabProgress {
  /** `12-ws-frames` */
  stem: string
  title: string
  /** of the site, `/ws-frames` */
  path: string
  passed: number
  /** 0 until the lab was graded once */
  checks: number
  done: boolean
}

export interface CheckInfo {
  id: string
  title: string
  /** the TODOs that the check belongs to; none for a check of given code */
  todo: number[]
  /** heading of the chapter that explains it, without `#` */
  anchor: string
  /** `RFC 6455 §5.2`, or the name of a page of Node's documentation */
  rule: string
}

/** A failing check, in the order in which a person reads it. What to press is added by whoever shows it. */
export interface Failure {
  /** what we did: `encodeFrame of 126 bytes of text` */
  did: string
  /** what the lab answered, in one line */
  you: string
  difference: Difference
  rule?: string
  /** the reader's own line, `labs/12-ws-frames/frame.ts:14` */
  where?: string
}

export type Difference =
  | { shape: 'bytes'; summary: string; want: string; got: string; at: number; fields: NamedBytes[] }
  | { shape: 'timeline'; summary: string; steps: TimelineStep[] }
  | { shape: 'state'; summary: string; details?: string }

/** A field of the wanted bytes; `first` and `last` are byte offsets, both inside it. `want` and `got` are in words or bits. */
export interface NamedBytes {
  name: string
  first: number
  last: number
  want?: string
  got?: string
}

export interface TimelineStep {
  /** milliseconds since the conversation began */
  time: number
  who: 'we' | 'you'
  /** `"GET / HTTP/1.1\r\n…" (split 9|1|17)`, `FIN`, `no FIN: …` */
  what: string
}

/**
 * Everything there is to see of one lab. The terminal screen and the page's panel both show this and nothing else,
 * so they cannot disagree; after each change the page is sent the whole view again.
 */
export interface LabView {
  /** `12-ws-frames` */
  stem: string
  title: string
  /** of the site, `/ws-frames` */
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
  /** of the graded version, in milliseconds since the epoch */
  savedAt?: number
  /** from the save to the verdict */
  milliseconds?: number
  /** every check passes */
  green: boolean
  /** the help offered with the first failing check; none when nothing fails */
  help?: HelpView
  /** `d` shows it without asking twice: the lab passes, or its third hint was taken */
  diffReady: boolean
  /** the reader's files against the solution's; only while it is open */
  diff?: FileDiff[]
  /** what the last command did, or why it did nothing, in a sentence */
  notice?: string
}

export interface CheckView extends CheckInfo {
  state: 'waiting' | 'passed' | 'failed'
  milliseconds?: number
  failure?: Failure
}

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

export interface FileDiff {
  /** `frame.ts` */
  file: string
  lines: DiffLine[]
}

export interface DiffLine {
  side: 'both' | 'yours' | 'solution'
  text: string
}

/** What the workbook sends to a page on `/grade`, as JSON text; first an overview and a view of every graded lab. */
export type PageMessage = { type: 'overview'; labs: LabProgress[] } | { type: 'lab'; lab: LabView }

/** What a page may ask for on `/grade`, as JSON text; the keys of the terminal do the same. */
export interface PageCommand {
  command: 'hint' | 'diff' | 'reset' | 'undo' | 'take' | 'run' | 'show'
  /** `12-ws-frames`; `show` only asks for its view, `take` writes the solution into the lab */
  lab: string
}
