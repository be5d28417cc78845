import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Credentials } from '../solutions/09-tls-echo/certificates.ts'

/** A file server over HTTPS that is running, as one process. It ends with this one. */
interface Nginx {
  /** `nginx 1.22.1` */
  name: string
  port: number
  /** CPU time of its process so far, in nanoseconds */
  cpu(): number
}

/** Why nginx cannot be measured here; `undefined` when it can. */
export function noNginx(): string | undefined {
  // Only Linux tells the CPU time of another process exactly.
  if (process.platform !== 'linux') return 'nginx is measured on Linux only'
  return version() ? undefined : 'nginx is not installed'
}

/** `nginx 1.22.1`, or undefined when there is none. */
function version(): string | undefined {
  const said = spawnSync('nginx', ['-v'], { encoding: 'utf8' }).stderr
  return /nginx\/[\d.]+/.exec(said ?? '')?.[0].replace('/', ' ')
}

/** @param root the folder that it serves */
export async function startNginx(root: string, { cert, key }: Credentials): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'wirebook-nginx-'))
  const port = await freePort()
  writeFileSync(join(folder, 'cert.pem'), cert)
  writeFileSync(join(folder, 'key.pem'), key, { mode: 0o600 })
  writeFileSync(join(folder, 'nginx.conf'), configuration(folder, root, port))
  const child = spawn('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (text) => {
    said += text
  })
  child.once('exit', (code) => {
    throw new Error(`nginx ended with code ${code}: ${said}`)
  })
  process.once('SIGTERM', () => {
    child.removeAllListeners('exit')
    child.kill()
    rmSync(folder, { recursive: true, force: true })
    process.exit()
  })
  while (!(await listens(port))) await new Promise((resolve) => setTimeout(resolve, 20))
  const cpu = () => Number(readFileSync(`/proc/${child.pid}/schedstat`, 'utf8').split(' ')[0])
  return { name: version() ?? 'nginx', port, cpu }
}

/** One process that does what ours does: files and their ETag, connections that stay open, no log. */
function configuration(folder: string, root: string, port: number): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return `
    daemon off;
    master_process off;
    pid ${folder}/pid;
    error_log stderr crit;
    events { worker_connections 1024; }
    http {
      ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
      access_log off;
      sendfile on;
      keepalive_timeout 1h;
      keepalive_requests 100000000;
      server {
        listen 127.0.0.1:${port} ssl;
        ssl_certificate ${folder}/cert.pem;
        ssl_certificate_key ${folder}/key.pem;
        ssl_protocols TLSv1.2 TLSv1.3;
        root ${root};
      }
    }
  `
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  const connected = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
  })
  socket.destroy()
  return connected
}
