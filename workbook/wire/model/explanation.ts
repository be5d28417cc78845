import type { Words } from './sentence.ts'

/** What a person wants to know about one field. Every text is plain text, never markup. */
export interface Explanation {
  /** what the value says */
  value: Words
  /** `byte 0, bits 4–7` */
  where: Words
  /** one line of TypeScript that reads it; `bytes` begins with the unit */
  code: string
  /** what the RFC asks for */
  rule: Words
  rfc: string
  why: Words
  /** what the programs of document ⑩ do wrong here */
  seed?: Words
}
