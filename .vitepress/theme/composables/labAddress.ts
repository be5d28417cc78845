import { withBase } from 'vitepress'

/** Where a lab server listens, on 127.0.0.1. */
export interface LabAddress {
  port: number
  /** 32 hex digits, new at each start */
  token: string
}

/** The address that the site tells its own pages; else that of the link which the lab server printed, if it was opened. */
export async function findLabServer(): Promise<LabAddress | undefined> {
  const linked = takeLinked()
  return (await askSite()) ?? linked
}

/** A built copy of the site has nobody to ask. */
async function askSite(): Promise<LabAddress | undefined> {
  if (!import.meta.env.DEV) return undefined
  try {
    const response = await fetch(withBase('/__lab.json'))
    return response.ok ? await response.json() : undefined
  } catch {
    return undefined // the site itself has stopped
  }
}

const key = 'wirebook-lab'

/** `#lab=7070&token=…` is kept for this tab, and taken out of the address, which people copy. */
function takeLinked(): LabAddress | undefined {
  const parts = new URLSearchParams(location.hash.slice(1))
  const opened = readAddress(parts.get('lab'), parts.get('token'))
  if (opened) {
    parts.delete('lab')
    parts.delete('token')
    const rest = String(parts)
    history.replaceState(history.state, '', `${location.pathname}${location.search}${rest && `#${rest}`}`)
    sessionStorage.setItem(key, `${opened.port} ${opened.token}`)
  }
  return readAddress(...((sessionStorage.getItem(key) ?? '').split(' ') as [string?, string?]))
}

function readAddress(port?: string | null, token?: string | null): LabAddress | undefined {
  if (!/^[1-9]\d{0,4}$/.test(port ?? '') || Number(port) > 65_535 || !/^[0-9a-f]{32}$/.test(token ?? ''))
    return undefined
  return { port: Number(port), token: token! }
}

/** Whether this page came from this machine; any other asks its reader before it connects to a lab server. */
export function isLocalPage(): boolean {
  return /^(?:localhost|127\.0\.0\.1|\[::1\])$|\.localhost$/.test(location.hostname)
}

/**
 * Why a page that came from elsewhere could not connect, as far as that can be known: a page is told nothing but 1006.
 * `denied`: the reader, or whoever set the browser up, does not let this site reach this machine. `mixed`: the browser
 * lets no page with a certificate open a connection without one.
 */
export async function obstacleTo(): Promise<'denied' | 'mixed' | undefined> {
  if (isLocalPage()) return undefined
  // Chromium has renamed the permission; a browser that knows neither name throws.
  for (const name of ['loopback-network', 'local-network-access']) {
    try {
      const { state } = await navigator.permissions.query({ name: name as PermissionName })
      return state === 'denied' ? 'denied' : undefined
    } catch {
      // not a name of this browser
    }
  }
  return location.protocol === 'https:' && isSafari() ? 'mixed' : undefined
}

function isSafari(): boolean {
  return /Safari\//.test(navigator.userAgent) && !/Chrom|Edg|Firefox|Android/.test(navigator.userAgent)
}
