/** A mistake of whoever writes a chapter: where it stands, and in a sentence what to do. */
export interface Complaint {
  /** path from the root of the project, `docs/12-ws-frames.md` */
  file: string
  /** line, from 1; left out when it is the whole file */
  line?: number
  /** `part: expected a whole number from 0 to 5, received 6.` */
  sentence: string
}

/** The complaint as editors and terminals link it: `docs/12-ws-frames.md:4: part: expected …` */
export function complaintLine({ file, line, sentence }: Complaint): string {
  return `${file}${line === undefined ? '' : `:${line}`}: ${sentence}`
}
