/** A run of bits with a meaning. */
export interface Field {
  /** the name in the RFC, in camelCase: `fin`, `payloadLength`, `maskingKey` */
  name: string
  /** first bit, counted from the first byte of the unit; bit 0 is the most significant bit of byte 0 */
  start: number
  /** length in bits */
  length: number
  value: number | bigint | string | Uint8Array
  /** what the value means, in words */
  note?: string
  /** where the rule stands, as `RFC 6455 §5.2` */
  rfc?: string
  /** the rule that is broken, in words */
  problem?: string
  children?: Field[]
}
