/** What grading tells, as it happens; the terminal, the page and the reports of a teacher are views of these. */
export type GradeEvent =
  /** a run began: its checks in order, all waiting */
  | { type: 'start'; lab: string; checks: CheckInfo[] }
  | CheckEvent
  /** the run ended; `problem` when it could not be graded at all (a syntax error, an endless loop, a crash) */
  | EndEvent

/** The end of a run. */
interface EndEvent {
  type: 'end'
  lab: string
  passed: number
  failed: number
  milliseconds: number
  problem?: Failure
  /** what the lab printed outside of every check, while it was loaded, or in the check that did not come back */
  printed?: Printed
}

/** The verdict of one check. */
interface CheckEvent {
  type: 'check'
  lab: string
  id: string
  state: 'passed' | 'failed'
  milliseconds: number
  failure?: Failure
  /** what this machine could not show: `this machine has no IPv6` */
  notes?: string[]
  /** what the lab printed while the check ran */
  printed?: Printed
}

/** What a lab printed: how it begins, how many characters are left out, and how it ends. */
export interface Printed {
  /** all of it when nothing is left out */
  start: string
  leftOut: number
  end: string
}

/** A check before it has run: what it is about. */
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
  action: string
  /** what the lab answered, in one line */
  received: string
  difference: Difference
  rule?: string
  /** the reader's own line, `labs/12-ws-frames/frame.ts:14` */
  where?: string
}

/** What is different: bytes, the order of what was sent, or anything else, in words. */
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

/** What one side did. */
export interface TimelineStep {
  /** milliseconds since the conversation began */
  time: number
  who: 'we' | 'you'
  /** `"GET / HTTP/1.1\r\n…" (split 9|1|17)`, `FIN`, `no FIN: …` */
  what: string
}
