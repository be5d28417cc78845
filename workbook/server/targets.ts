import { connect, type Socket } from 'node:net'
import type { Target, TargetKind } from '../wire/formats/mirror-messages.ts'

/** A target before its tap listens. */
export type TargetPlan = Omit<Target, 'tapPort' | 'listening'>

/** A lab with a server, as whoever creates the lab server knows it. */
interface LabToTap {
  /** `13-ws-server` */
  stem: string
  /** what it speaks: `tcp`, `websocket`, … */
  target: TargetKind | 'udp' | 'none'
  /** what is spoken over TCP there, as `wire/protocols.ts` names it; nothing where it is found out or unknown */
  protocols?: string[]
  /** `labs/13-ws-server/server.ts` */
  file: string
}

/** Plans a tap for each lab that has a connection to tap, which UDP has not: chapter NN listens on port 7000 + NN. */
export function labTargets(labs: LabToTap[]): TargetPlan[] {
  return labs.flatMap(({ stem, target, protocols = [], file }) => {
    if (target === 'udp' || target === 'none') return []
    const [number, name] = [stem.slice(0, 2), stem.slice(3)]
    const label = `Lab ${number}: ${name}`
    const plan = { id: stem, label, kind: target, port: 7000 + Number(number), stem, command: `npx tsx ${file}` }
    return protocols.length > 0 ? { ...plan, protocols } : plan
  })
}

/**
 * A port that the reader names: `8765`, or `8765:tcp` or `3000:socket.io` when it is no plain WebSocket server.
 *
 * @throws {Error} one sentence, when it is no port
 */
export function portTarget(text: string): TargetPlan {
  const [, digits = '', kind = 'websocket'] = /^(\d{1,5})(?::(websocket|socket\.io|http|tcp|tls))?$/.exec(text) ?? []
  const port = Number(digits)
  if (port < 1 || port > 65535) {
    throw new Error(`--target ${text}: expected a port from 1 to 65535, as in 8765 or 8765:tcp.`)
  }
  return { id: `port-${port}`, label: `Port ${port}`, kind: kind as TargetKind, port }
}

/** Whether a server accepts connections on this port of 127.0.0.1. It sees one connection that says nothing. */
export async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  socket.setTimeout(500)
  const listening = await isConnected(socket)
  socket.destroy()
  return listening
}

/** Waits until a socket that is connecting is connected, or closed instead. */
export function isConnected(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    socket.on('error', () => {}) // 'close' follows
    socket.once('connect', () => resolve(true))
    // A server that hangs leaves us in its queue: it listens, although it does not accept.
    socket.once('timeout', () => resolve(true))
    socket.once('close', () => resolve(false))
  })
}
