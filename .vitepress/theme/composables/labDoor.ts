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

const storageKey = 'wirebook-lab'

/** How a page finds its lab server. */
export const labDoor: LabDoor = {
  /** The address that the site tells its own pages; else that of the link which the lab server printed, if it was opened. */
  async find() {
    const linked = linkedAddress()
    return (await askSite()) ?? linked
  },
  isLocal: () => isLocalHost(location.hostname),
  obstacle: findObstacle,
  open: (url, protocols) => new WebSocket(url, protocols),
}

/** The address that the site tells; a built copy of the site has nobody to ask. */
async function askSite(): Promise<LabAddress | undefined> {
  if (!import.meta.env.DEV) return undefined
  try {
    const response = await fetch(withBase('/__lab.json'))
    return response.ok ? await response.json() : undefined
  } catch {
    return undefined // the site itself has stopped
  }
}

/** The address that was opened as a link: kept for this tab, and taken out of the page's address. */
function linkedAddress(): LabAddress | undefined {
  const taken = takeLabAddress(location.hash)
  if (taken) {
    history.replaceState(history.state, '', `${location.pathname}${location.search}${taken.rest}`)
    sessionStorage.setItem(storageKey, `${taken.address.port} ${taken.address.token}`)
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
