/** The four bits that say what a frame is (RFC 6455 §5.2 and §11.8). */
export const Opcode = { continuation: 0x0, text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa } as const

const names = new Map<number, string>(Object.entries(Opcode).map(([name, value]) => [value, name]))

/** `text`, `ping`, … or `reserved`. */
export function opcodeName(opcode: number): string {
  return names.get(opcode) ?? 'reserved'
}

/** Close, ping, pong and 0xB to 0xF: the high bit of the opcode is set. */
export function isControl(opcode: number): boolean {
  return opcode >= 0x8
}

export function isReserved(opcode: number): boolean {
  return !names.has(opcode)
}
