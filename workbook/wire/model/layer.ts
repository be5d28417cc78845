import type { Field } from './field.ts'
import type { Words } from './sentence.ts'

/** One way to look at a unit: as it came, or as what it carries. */
export interface Layer {
  /** `WebSocket frame`, `TLS record`; packets of a polling body that holds several are numbered: `Engine.IO 2` */
  name: string
  /** one line */
  text: Words
  /** what the fields are counted in */
  bytes: Uint8Array
  /** which of the bytes this layer adds, in front of what it carries */
  own: { start: number; length: number }
  fields: Field[]
}
