import { tryOnScopeDispose } from '@vueuse/core'
import { readonly, ref } from 'vue'
import type { LabState } from '../../../workbook/view/notice.ts'
import { mirrorProtocol, tokenProtocol } from '../../../workbook/wire/formats/mirror-messages.ts'
import { findLabServer, isLocalPage, obstacleTo } from './labAddress.ts'

const retryDelaysMs = [1000, 2000, 4000, 8000]

/**
 * Holds a channel to the lab server. Its address is asked of the site each time, since a restart changes port and token.
 * Begins with `connect()`, in the browser; ends with the component that uses it.
 *
 * @param path of the channel, `/grade`
 */
export function useLab(path: string, onMessage: (data: unknown) => void) {
  const state = ref<LabState>('looking')
  /** when `lost`: milliseconds until the next try; none when the next one is the reader's */
  const retryIn = ref<number>()
  const obstacle = ref<'denied' | 'mixed'>()
  let socket: WebSocket | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let failures = 0
  let asked = false

  /** Looks for the lab server now, whatever was tried before. */
  function connect(): Promise<void> {
    failures = 0
    return attempt()
  }

  /** The same, because the reader says so. */
  function ask(): Promise<void> {
    asked = true
    return connect()
  }

  async function attempt(): Promise<void> {
    drop()
    retryIn.value = undefined
    const address = await findLabServer()
    if (!address) {
      if (state.value === 'looking') state.value = 'absent'
      return retry()
    }
    if (!asked && !isLocalPage()) {
      state.value = 'held'
      return
    }
    const opening = new WebSocket(`ws://127.0.0.1:${address.port}${path}`, [
      mirrorProtocol,
      tokenProtocol(address.token),
    ])
    socket = opening
    opening.binaryType = 'arraybuffer'
    opening.onmessage = (event) => onMessage(event.data)
    opening.onopen = () => {
      failures = 0
      obstacle.value = undefined
      state.value = 'live'
    }
    opening.onclose = async () => {
      state.value = 'lost'
      obstacle.value = await obstacleTo()
      if (socket === opening && !obstacle.value) retry()
    }
  }

  function retry(): void {
    const delay = retryDelaysMs[failures++]
    if (state.value !== 'lost' || delay === undefined) return
    retryIn.value = delay
    timer = setTimeout(attempt, delay)
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
  return { state: readonly(state), retryIn: readonly(retryIn), obstacle: readonly(obstacle), connect, ask, send }
}
