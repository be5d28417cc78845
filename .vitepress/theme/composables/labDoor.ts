import { withBase } from 'vitepress'
import {
  isLocalHost,
  isSafari,
  type LabAddress,
  readLabAddress,
  takeLabAddress,
} from '../../../workbook/view/lab-address.ts'
import type { LabDoor } from '../../../workbook/view/lab-channel.ts'
import type { Obstacle } from '../../../workbook/view/notice.ts'
import { type ChannelSocket, StreamSocket } from '../../../workbook/view/stream-socket.ts'

const storageKey = 'wirebook-lab'

/** How a page finds its lab server. */
export const labDoor: LabDoor & { isServed(): boolean } = {
  /** The address that the site tells its own pages; else that of the link which the lab server printed, if it was opened. */
  async find() {
    // In a frame of somebody else, clicks are not the reader's own.
    if (window.top !== window) return undefined
    const linked = linkedAddress()
    return (await askSite()) ?? linked
  },
  isLocal: () => isServed() || isLocalHost(location.hostname),
  obstacle: findObstacle,
  open: (url, protocols) => new WebSocket(url, protocols) as ChannelSocket,
  stream: (url, token) =>
    url.startsWith(location.origin) ? new StreamSocket(url, token, (...asked) => fetch(...asked)) : undefined,
  isServed,
}

/** Whether a lab server serves the page; its `/__lab.js` leaves a mark on the page, and that of a static copy does not. No page does yet while it is built. */
function isServed(): boolean {
  // Vite's page runs the script only later; it comes from npm run dev.
  if (import.meta.env.DEV) return true
  return typeof document !== 'undefined' && document.documentElement.dataset.lab !== undefined
}

/** The address that the site tells. */
async function askSite(): Promise<LabAddress | undefined> {
  if (!isServed()) return undefined
  try {
    const response = await fetch(withBase('/__lab.json'))
    const told: { token: string } | undefined = response.ok ? await response.json() : undefined
    return told && { base: location.origin, token: told.token }
  } catch {
    return undefined // the site itself has stopped
  }
}

/** The address that was opened as a link: kept for this tab, and taken out of the page's address. */
function linkedAddress(): LabAddress | undefined {
  const taken = takeLabAddress(location.hash)
  if (taken) {
    history.replaceState(history.state, '', `${location.pathname}${location.search}${taken.rest}`)
    sessionStorage.setItem(storageKey, `${new URL(taken.address.base).port} ${taken.address.token}`)
  }
  return readLabAddress(...((sessionStorage.getItem(storageKey) ?? '').split(' ') as [string?, string?]))
}

/** Why a page that came from elsewhere could not connect; a page is told nothing but 1006. */
async function findObstacle(): Promise<Obstacle | undefined> {
  if (labDoor.isLocal()) return undefined
  // Chromium has renamed the permission; a browser that knows neither name throws.
  for (const name of ['loopback-network', 'local-network-access']) {
    try {
      const { state } = await navigator.permissions.query({ name: name as PermissionName })
      return state === 'denied' ? 'denied' : undefined
    } catch {
      // not a name of this browser
    }
  }
  return location.protocol === 'https:' && isSafari(navigator.userAgent) ? 'mixed' : undefined
}
