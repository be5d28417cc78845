import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import type { Target, TargetKind } from '../wire/formats/mirror-messages.ts'

/** A target before its tap listens. */
export type TargetPlan = Omit<Target, 'tapPort' | 'listening'>

/**
 * The labs that have a server to watch: chapter NN listens on port 7000 + NN. UDP has no connection to tap.
 *
 * @param root the folder of the workbook
 */
export function labTargets(root: URL): TargetPlan[] {
  const docs = new URL('docs/', root)
  if (!existsSync(docs)) return []
  return readdirSync(docs)
    .filter((name) => /^\d\d-[\w-]+\.md$/.test(name) && !name.slice(3).startsWith('udp-'))
    .sort()
    .flatMap((name) => {
      const stem = name.slice(0, -'.md'.length)
      const file = serverFile(new URL(`labs/${stem}/`, root))
      if (!file) return []
      const number = stem.slice(0, 2)
      return {
        id: `lab-${number}`,
        label: `Lab ${number}: ${stem.slice(3)}`,
        kind: kindOf(stem.slice(3)),
        port: 7000 + Number(number),
        stem,
        command: `npx tsx labs/${stem}/${file}`,
      }
    })
}

/** A port that the reader names: `8765`, or `8765:tcp` or `3000:socket.io` when it is no plain WebSocket server. */
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

/** The file of a lab that listens: `server.ts`, else the first one that calls `serve`. */
function serverFile(folder: URL): string | undefined {
  if (!existsSync(folder)) return
  const files = readdirSync(folder).filter((name) => name.endsWith('.ts'))
  if (files.includes('server.ts')) return 'server.ts'
  return files.sort().find((name) => /\bserve\(/.test(readFileSync(new URL(name, folder), 'utf8')))
}

function kindOf(name: string): TargetKind {
  if (name.startsWith('ws-')) return 'websocket'
  if (name.startsWith('sio-')) return 'socket.io'
  if (/^(tls|https)-/.test(name)) return 'tls'
  return name.startsWith('http-') ? 'http' : 'tcp'
}
