import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readServingLabs } from '../../workbook/grade/labs/labs.ts'
import { labTargets, portTarget } from '../../workbook/server/targets.ts'

test('labs with a server are targets, by their stems and their front matter', () => {
  const root = mkdtempSync(join(tmpdir(), 'wirebook-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  const files = {
    'docs/index.md': '',
    'docs/13-ws-server.md': chapter('websocket'),
    'solutions/13-ws-server/server.ts': '',
    'docs/02-tcp-vs-udp.md': chapter('tcp'),
    'solutions/02-tcp-vs-udp/framing.ts': '',
    'solutions/02-tcp-vs-udp/tcp-echo.ts': 'serve(createTcpEcho(), 7002)',
    'docs/08-chat.md': chapter('udp'), // UDP: no connection to tap
    'solutions/08-chat/server.ts': '',
    'docs/09-wrap.md': chapter('tls'), // the name says nothing
    'solutions/09-wrap/server.ts': '',
    'docs/15-sio-events.md': chapter('socket.io'),
    'solutions/15-sio-events/server.ts': '',
    'docs/12-ws-frames.md': chapter('none'), // no server
    'solutions/12-ws-frames/frame.ts': '',
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  const targets = labTargets(readServingLabs(root))
  expect(targets.map(({ id, kind, port, command }) => [id, kind, port, command])).toEqual([
    ['02-tcp-vs-udp', 'tcp', 7002, 'npx tsx labs/02-tcp-vs-udp/tcp-echo.ts'],
    ['09-wrap', 'tls', 7009, 'npx tsx labs/09-wrap/server.ts'],
    ['13-ws-server', 'websocket', 7013, 'npx tsx labs/13-ws-server/server.ts'],
    ['15-sio-events', 'socket.io', 7015, 'npx tsx labs/15-sio-events/server.ts'],
  ])
})

function chapter(target: string): string {
  return `---\ntitle: A\npart: 1\ntarget: ${target}\nminutes: 20\n---\n`
}

test.each([
  { text: '8765', kind: 'websocket', port: 8765 },
  { text: '1:tcp', kind: 'tcp', port: 1 },
  { text: '3000:socket.io', kind: 'socket.io', port: 3000 },
  { text: '65535:tls', kind: 'tls', port: 65535 },
])('--target $text', ({ text, kind, port }) => {
  expect(portTarget(text)).toEqual({ id: `port-${port}`, label: `Port ${port}`, kind, port })
})

test.each(['0', '65536', '', 'x', '80:ftp', '127.0.0.1:80', '-1', '8e3'])('--target %s is refused', (text) => {
  expect(() => portTarget(text)).toThrow(`--target ${text}: expected a port from 1 to 65535`)
})
