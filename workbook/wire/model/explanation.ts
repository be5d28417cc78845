import { type Field, whereIs } from './field.ts'
import { sentence, type Words } from './sentence.ts'

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

/** What a protocol knows of a field; its rule and its reason are found by the name of the field. */
export type Meaning = Pick<Explanation, 'value' | 'code' | 'rfc'>

/** An explanation whose rule and reason stand under `lines.text.rule` and `lines.text.why`. @param about `lines.text` */
export function explanation(about: string, field: Field, meaning: Meaning): Explanation {
  return { where: whereIs(field), rule: sentence(`${about}.rule`), why: sentence(`${about}.why`), ...meaning }
}
