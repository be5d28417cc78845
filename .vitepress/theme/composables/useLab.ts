import { tryOnScopeDispose } from '@vueuse/core'
import { withBase } from 'vitepress'
import { readonly, ref } from 'vue'
import { mirrorProtocol, tokenProtocol } from '../../../workbook/wire/mirror.ts'

/** Where the lab server of this `npm start` listens, on 127.0.0.1. */
export interface LabAddress {
  port: number
  /** 32 hex digits, new at each start */
  token: string
}

/**
 * - `looking`: the first answer is not here yet
 * - `absent`: this site comes without a lab server: a static copy
 * - `live`: connected
 * - `lost`: the connection ended; trying again after 1, 2, 4 and 8 s, and then when asked
 */
export type LabState = 'looking' | 'absent' | 'live' | 'lost'

const delays = [1000, 2000, 4000, 8000]

/**
 * Holds a channel to the lab server. Its address is asked of the site each time, since a restart changes port and token.
 * Begins with `connect()`, in the browser; ends with the component that uses it.
 *
 * @param path of the channel, `/grade`
 */
export function useLab(path: string, onMessage: (data: unknown) => void) {
  const state = ref<LabState>('looking')
  let socket: WebSocket | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let failures = 0

  /** Looks for the lab server now, whatever was tried before. */
  function connect(): Promise<void> {
    failures = 0
    return attempt()
  }

  async function attempt(): Promise<void> {
    drop()
    const address = await findLab()
    if (!address) {
      if (state.value === 'looking') state.value = 'absent'
      return retry()
    }
    socket = new WebSocket(`ws://127.0.0.1:${address.port}${path}`, [mirrorProtocol, tokenProtocol(address.token)])
    socket.binaryType = 'arraybuffer'
    socket.onmessage = (event) => onMessage(event.data)
    socket.onopen = () => {
      failures = 0
      state.value = 'live'
    }
    socket.onclose = () => {
      state.value = 'lost'
      retry()
    }
  }

  function retry(): void {
    const delay = delays[failures++]
    if (state.value === 'lost' && delay !== undefined) timer = setTimeout(attempt, delay)
  }

  function drop(): void {
    clearTimeout(timer)
    if (socket) socket.onclose = null
    socket?.close()
    socket = undefined
  }

  /** Sends if the channel is open, and says whether it was. */
  function send(data: string | Uint8Array<ArrayBuffer>): boolean {
    if (socket?.readyState !== WebSocket.OPEN) return false
    socket.send(data)
    return true
  }

  tryOnScopeDispose(drop)
  return { state: readonly(state), connect, send }
}

/** The address that the site tells its own pages; none on a built copy, or when the site itself has stopped. */
export async function findLab(): Promise<LabAddress | undefined> {
  if (!import.meta.env.DEV) return undefined
  try {
    const response = await fetch(withBase('/__lab.json'))
    return response.ok ? await response.json() : undefined
  } catch {
    return undefined
  }
}
