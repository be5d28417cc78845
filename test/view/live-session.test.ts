import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { WebSocket as NodeWebSocket } from 'ws'
import { createLabServer, type LabServer } from '../../workbook/server/lab-server.ts'
import type { TargetPlan } from '../../workbook/server/targets.ts'
import { Capture } from '../../workbook/view/capture.ts'
import { LiveSession } from '../../workbook/view/live-session.ts'
import type { ChannelSocket } from '../../workbook/view/stream-socket.ts'
import { previewOf } from '../../workbook/view/summary.ts'
import { eventually } from './eventually.ts'

let lab: LabServer
let session: LiveSession
let server: Server
const sockets = new Set<Socket>()

afterEach(async () => {
  await session.stop()
  session.mirror.channel.close()
  for (const socket of sockets) socket.destroy()
  server.close()
  await lab.close()
})

// What a chapter's front matter names, or the first bytes tell, is what the decoder reads of a lab over TCP.
test.each([
  { name: 'lines', plan: { protocols: ['lines'] }, sent: 'ann\nhello\n', rows: ['Line: ann', 'Line: hello'] },
  {
    name: 'messages behind their length, or lines',
    plan: { protocols: ['length-prefixed', 'lines'] },
    sent: '\0\0\0\x05hello\0\0\0\x01!',
    rows: ['Message: hello', 'Message: !'],
  },
  {
    name: 'the relay',
    plan: { protocols: ['relay'] },
    sent: 'JOIN ann\n\x03bob\0\0\0\x02hi',
    rows: ['Line: JOIN ann', 'Relay frame: bob: hi'],
  },
  { name: 'a lab that names none', plan: {}, sent: '*1\r\n$4\r\nPING\r\n', rows: ['Bytes: *1␍␊$4␍␊PING␍␊'] },
  { name: 'a port of the reader', plan: { stem: undefined }, sent: '*1\r\n$4\r\nPING\r\n', rows: ['Redis command: '] },
])('$name', async ({ plan, sent, rows }) => {
  const capture = await watch(plan)
  const client = connect(session.target!.tapPort, '127.0.0.1')
  sockets.add(client)
  client.end(sent, 'latin1')
  await eventually(() => expect(named(capture)).toEqual(rows))
})

/** A capture of a tapped server that only reads. */
async function watch(plan: Partial<TargetPlan>): Promise<Capture> {
  server = createServer((socket) => sockets.add(socket.resume()))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const target: TargetPlan = { id: 'lab', label: 'Lab', kind: 'tcp', port, stem: '07-tcp-chat', ...plan }
  lab = await createLabServer({ port: 0, labs: [target] })
  const capture = new Capture(() => {})
  const door = {
    find: async () => ({ base: `http://127.0.0.1:${lab.port}`, token: lab.token }),
    isLocal: () => true,
    obstacle: async () => undefined,
    open: (url: string, protocols: string[]) =>
      new NodeWebSocket(url, protocols, { origin: `http://127.0.0.1:${lab.port}` }) as unknown as ChannelSocket,
    stream: () => undefined,
  }
  session = new LiveSession(door, {
    begin: (start) => capture.clear(start),
    chunk: (chunk) => capture.push(chunk),
    changed() {},
  })
  session.targetId = 'lab'
  await session.mirror.channel.connect()
  await eventually(() => expect(session.target).toBeDefined())
  await session.start()
  return capture
}

function named(capture: Capture): string[] {
  return capture.rows().flatMap((row) => {
    if (row.type !== 'unit' || row.unit.direction === 's2c' || row.unit.kind === 'end') return []
    return `${row.name}: ${previewOf(row.unit)}`
  })
}
