import type { Field } from '../model/field.ts'
import type { UnitParts } from '../model/unit.ts'
import { type Head, headFields } from './head.ts'

/** The head of an HTTP request or response. */
export type HeadUnit = UnitParts & { kind: 'head'; head: Head }
/** The content of an HTTP message; `chunked` when sizes stand between its parts, see `joinChunked`. */
export type BodyUnit = UnitParts & { kind: 'body'; chunked: boolean }

declare module '../model/unit.ts' {
  interface UnitKinds {
    head: HeadUnit
    body: BodyUnit
  }
}

/** The fields of a head; a body is data. */
export function httpFields(unit: HeadUnit | BodyUnit): Field[] {
  if (unit.kind === 'head') return [...headFields(unit.head)]
  if (unit.bytes.length === 0) return []
  return [{ name: 'data', start: 0, length: unit.bytes.length * 8, value: unit.bytes }]
}
