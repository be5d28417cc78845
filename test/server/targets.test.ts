import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { labTargets, portTarget } from '../../workbook/server/targets.ts'

test('labs with a server are targets, by their stems', () => {
  const root = mkdtempSync(join(tmpdir(), 'wirebook-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  const files = {
    'docs/index.md': '',
    'docs/13-ws-server.md': '',
    'labs/13-ws-server/server.ts': '',
    'docs/02-tcp-vs-udp.md': '',
    'labs/02-tcp-vs-udp/framing.ts': '',
    'labs/02-tcp-vs-udp/tcp-echo.ts': 'serve(createTcpEcho(), 7002)',
    'docs/08-udp-chat.md': '', // UDP: no connection to tap
    'labs/08-udp-chat/server.ts': '',
    'docs/09-tls-echo.md': '',
    'labs/09-tls-echo/server.ts': '',
    'docs/15-sio-events.md': '',
    'labs/15-sio-events/server.ts': '',
    'docs/12-ws-frames.md': '', // no server
    'labs/12-ws-frames/frame.ts': '',
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  const targets = labTargets(pathToFileURL(`${root}/`))
  expect(targets.map(({ id, kind, port, command }) => [id, kind, port, command])).toEqual([
    ['lab-02', 'tcp', 7002, 'npx tsx labs/02-tcp-vs-udp/tcp-echo.ts'],
    ['lab-09', 'tls', 7009, 'npx tsx labs/09-tls-echo/server.ts'],
    ['lab-13', 'websocket', 7013, 'npx tsx labs/13-ws-server/server.ts'],
    ['lab-15', 'socket.io', 7015, 'npx tsx labs/15-sio-events/server.ts'],
  ])
})

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
