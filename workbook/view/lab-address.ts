/** Where a lab server is. */
export interface LabAddress {
  /** `http://localhost:5173`: the page's own origin, or that of a server on this machine */
  base: string
  /** 32 hex digits, new at each start */
  token: string
}

/** The address of a server on 127.0.0.1. @returns `undefined` when the two are not a port and a token */
export function readLabAddress(port?: string | null, token?: string | null): LabAddress | undefined {
  if (!/^[1-9]\d{0,4}$/.test(port ?? '') || Number(port) > 65_535 || !/^[0-9a-f]{32}$/.test(token ?? ''))
    return undefined
  return { base: `http://127.0.0.1:${port}`, token: token! }
}

/** The address for a WebSocket. @param path and query, from `/` on */
export function webSocketUrl({ base }: Pick<LabAddress, 'base'>, path: string): string {
  return base.replace(/^http/, 'ws') + path
}

/**
 * Takes `#lab=7070&token=…` out of a hash, which people copy.
 *
 * @returns the address, and the hash without it; `undefined` when it holds none
 */
export function takeLabAddress(hash: string): { address: LabAddress; rest: string } | undefined {
  const parts = new URLSearchParams(hash.slice(1))
  const address = readLabAddress(parts.get('lab'), parts.get('token'))
  if (!address) return undefined
  parts.delete('lab')
  parts.delete('token')
  const rest = String(parts)
  return { address, rest: rest && `#${rest}` }
}

/** Whether a page of this host came from this machine; any other asks its reader before it connects to a lab server. */
export function isLocalHost(hostname: string): boolean {
  return /^(?:localhost|127\.0\.0\.1|\[::1\])$|\.localhost$/.test(hostname)
}

/** Whether a browser is Safari, the only one that opens no `ws://127.0.0.1` from a page with a certificate. */
export function isSafari(userAgent: string): boolean {
  return /Safari\//.test(userAgent) && !/Chrom|Edg|Firefox|Android/.test(userAgent)
}
