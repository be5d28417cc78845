// Loaded before a server that meets rude peers: tells over IPC what the process holds on to.
import dgram from 'node:dgram'
import { subscribe } from 'node:diagnostics_channel'
import { EventEmitter } from 'node:events'
import { readdirSync } from 'node:fs'
import { queryObjects, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

export type Question = { ask: 'state' } | { ask: 'count' } | { ask: 'datagram'; data: string; port: number }

/** What the process holds on to; all but `bytes` and `warnings` are counts. */
export interface State {
  descriptors: number
  /** what keeps its event loop alive: sockets, servers, timers */
  resources: number
  /** sockets and whatever else tells events, also those that nobody needs any more */
  emitters: number
  /** of the heap and of buffers, after garbage was collected */
  bytes: number
  /** of Node, as MaxListenersExceededWarning */
  warnings: string[]
}

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const warnings: string[] = []
process.on('warning', ({ name, message }) => {
  // That of this probe's own means.
  if (name !== 'ExperimentalWarning') warnings.push(message)
})

const datagramSockets: dgram.Socket[] = []
let datagramsSent = 0
subscribe('udp.socket', (message) => datagramSockets.push((message as { socket: dgram.Socket }).socket))
const { send } = dgram.Socket.prototype
dgram.Socket.prototype.send = function (this: dgram.Socket, ...message: unknown[]) {
  datagramsSent += 1
  return Reflect.apply(send, this, message)
}

process.on('message', async (question: Question) => {
  if (question.ask === 'state') await settle()
  if (question.ask === 'datagram') {
    const { data, port } = question
    datagramSockets[0]!.send(Buffer.from(data, 'hex'), port, '127.0.0.1')
  }
  process.send!(question.ask === 'state' ? state() : { datagramsSent })
})
process.channel!.unref()
// Whoever asks is gone: there is nobody left to answer.
process.on('disconnect', () => process.exit())

/** What has ended is let go of in the rounds of the event loop that follow. */
async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve))
  collectGarbage()
}

function state(): State {
  const { heapUsed, external } = process.memoryUsage()
  return {
    descriptors: descriptors(),
    resources: process.getActiveResourcesInfo().filter((name) => !/^(Immediate|FSReq|Pipe|WriteWrap)/.test(name))
      .length,
    emitters: queryObjects(EventEmitter, { format: 'count' }),
    bytes: heapUsed + external,
    warnings,
  }
}

/** Open files and sockets, where the system lists them. */
function descriptors(): number {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return 0 // not Linux: what is open is seen as a resource
  }
}
