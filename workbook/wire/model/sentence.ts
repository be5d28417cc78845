/** Values that stand in a sentence, by name: a sentence may hold others; `undefined` where there is nothing to say. */
export type Values = Readonly<Record<string, string | number | bigint | Sentence | undefined>>

/** A sentence for a reader, in no language yet: which one it is, and what stands in it. */
export interface Sentence {
  /** `websocket.control-fragmented`: who says it, and what */
  code: string
  values: Values
}

/** Words of a protocol, which are the same in every language (`client_hello`, `text`), or a sentence. */
export type Words = string | Sentence

const nothing: Values = {}

/** Names a sentence; `workbook/sentences` says it. @param code as it stands in `workbook/sentences/en` */
export function sentence(code: string, values = nothing): Sentence {
  return { code, values }
}

/** An error that says a sentence; whoever shows it says it in the reader's language. */
export class SentenceError extends Error {
  readonly sentence: Sentence

  constructor(sentence: Sentence) {
    super(sentence.code)
    this.name = 'SentenceError'
    this.sentence = sentence
  }
}
