/** What `parseHex` found: bytes, or what stands where no hex digits were expected. */
export type ParsedHex = { bytes: Uint8Array } | { error: string; line: number; column: number }
