// Given: thirty requests that no browser sends, to a server in a folder of its own. One line each: what came back.
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { type Certificates, makeCertificates } from '../09-tls-echo/certificates.ts'
import { isMain } from '../run.ts'
import { createFileServer } from './server.ts'

/** Request lines without `HTTP/1.1`, and headers after them. */
const requests = [
  'GET /',
  'GET /sub?x=1',
  'GET /sub/',
  'GET /noext',
  'HEAD /hello.txt',
  'POST /hello.txt',
  'GET /hello.txt\r\nRange: bytes=0-4',
  'GET /hello.txt\r\nRange: bytes=-6',
  'GET /hello.txt\r\nRange: bytes=5-2',
  'GET /hello.txt\r\nRange: bytes=0-99999999999999999999',
  'GET /hello.txt\r\nRange: bytes=99-',
  'GET /hello.txt\r\nRange: abc',
  'GET /hello.txt\r\nIf-None-Match: *',
  'GET /../secret.txt',
  'GET /%2e%2e/secret.txt',
  'GET /..%2fsecret.txt',
  'GET /..%5csecret.txt',
  'GET /sub/../../secret.txt',
  'GET //etc/hosts',
  'GET //evil.test/%2e%2e',
  'GET /link.txt',
  'GET /linked/key.txt',
  'GET /.git/config',
  'GET /.well-known/security.txt',
  'GET /%00',
  'GET /%ZZ',
  'GET /%ff',
  `GET /${'long'.repeat(2250)}`,
  'GET *',
  'GET http://127.0.0.1/hello.txt',
]

/** Folders `site`, which is served, and `site-secret` beside it. @returns the folder that holds both */
function makeFolders(): string {
  const parent = mkdtempSync(join(tmpdir(), 'wirebook-'))
  const files = {
    'secret.txt': 'secret',
    'site-secret/key.txt': 'secret',
    'site/hello.txt': 'hello, world',
    'site/noext': 'hello',
    'site/sub/<b>.txt': 'hello',
    'site/.git/config': 'secret',
    'site/.well-known/security.txt': 'hello',
  }
  for (const [path, text] of Object.entries(files)) {
    // A name that Windows does not allow would stop everything there.
    const name = process.platform === 'win32' ? path.replace(/[<>]/g, '') : path
    mkdirSync(join(parent, name, '..'), { recursive: true })
    writeFileSync(join(parent, name), text)
  }
  try {
    symlinkSync(join(parent, 'secret.txt'), join(parent, 'site/link.txt'))
    symlinkSync(join(parent, 'site-secret'), join(parent, 'site/linked'), 'dir')
  } catch {
    console.log('(this user may not make links here, so two lines below are 404 for want of them)')
  }
  return parent
}

/** Sends one request as it stands, on a connection of its own. @returns the whole answer */
async function ask(server: Server, { authority }: Certificates, request: string): Promise<string> {
  const { port } = server.address() as AddressInfo
  const socket = connect({ host: '127.0.0.1', port, ca: authority })
  const [line = '', ...headers] = request.split('\r\n')
  socket.write([`${line} HTTP/1.1`, 'Host: files.test', 'Connection: close', ...headers, '', ''].join('\r\n'))
  let answer = ''
  for await (const chunk of socket) answer += chunk
  return answer
}

/** `206  bytes 0-4/12`, and a warning when something came out that was to stay in. */
function inShort(answer: string): string {
  const header = (name: string) => new RegExp(`^${name}: (.*)\r$`, 'im').exec(answer)?.[1] ?? ''
  const shown = [answer.slice(9, 12), header('Location'), header('Allow'), header('Content-Range')]
  return `${shown.filter(Boolean).join('  ')}${answer.includes('secret') ? '  <- LEAK' : ''}`
}

async function main(): Promise<void> {
  const certificates = await makeCertificates()
  const parent = makeFolders()
  const server = createFileServer(join(parent, 'site'), certificates.localhost)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  for (const request of requests) {
    const shown = request.length > 60 ? `${request.slice(0, 30)}… (${request.length} bytes)` : request
    console.log(`${shown.replace('\r\n', '   ').padEnd(64)}${inShort(await ask(server, certificates, request))}`)
  }
  server.close()
  rmSync(parent, { recursive: true, force: true })
}

if (isMain(import.meta.url)) await main()
