import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { isMain } from '../run.ts'

/** Writes bytes to a port, reads until the other side closes or `patience` milliseconds are over, as the usual code for ⑦ does. */
async function ask(port: number, request: string, patience: number): Promise<{ answer: string; ended: boolean }> {
  const socket = connect(port, '127.0.0.1')
  socket.write(request)
  let answer = ''
  socket.on('data', (chunk) => {
    answer += chunk
  })
  const ended = once(socket, 'end').then(() => true)
  const bored = new Promise<boolean>((resolve) => setTimeout(resolve, patience, false).unref())
  const outcome = { ended: await Promise.race([ended, bored]), answer }
  socket.destroy()
  return outcome
}

/** Node's own server. `/` is six bytes of body, `/chunks` comes in two pieces. */
const server = createServer(({ url }, response) => {
  if (url !== '/chunks') return response.setHeader('Content-Length', 6).end('你好')
  response.write('Hello')
  response.end(' World')
})

const host = 'Host: x\r\n'
const close = 'Connection: close\r\n'
const requests: [what: string, request: string][] = [
  ['no Host', 'GET / HTTP/1.1\r\n\r\n'],
  ['lines end in LF', 'GET / HTTP/1.1\nHost: x\n\n'],
  ['two lengths', `POST / HTTP/1.1\r\n${host}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`],
  ['no empty line', `GET / HTTP/1.1\r\n${host}`],
  ['HTTP/1.0, in pieces', 'GET /chunks HTTP/1.0\r\n\r\n'],
  ['HTTP/1.1, in pieces', `GET /chunks HTTP/1.1\r\n${host}${close}\r\n`],
  ['HEAD', `HEAD / HTTP/1.1\r\n${host}${close}\r\n`],
  ['two at once', `GET / HTTP/1.1\r\n${host}\r\nGET / HTTP/1.1\r\n${host}${close}\r\n`],
  ['Connection: close', `GET / HTTP/1.1\r\n${host}${close}\r\n`],
  ['read until the end', `GET / HTTP/1.1\r\n${host}\r\n`],
]

if (isMain(import.meta.url)) {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  for (const [what, request] of requests) {
    const start = performance.now()
    const { answer, ended } = await ask(port, request, what === 'no empty line' ? 1000 : 10_000)
    const time = `${(performance.now() - start).toFixed(0)} ms`
    const heads = answer === '' ? [] : answer.split(/(?=HTTP\/1\.1 )/).map(shown)
    console.log(
      `${what}: ${heads.join(', and ') || 'nothing'}, ${ended ? `the end after ${time}` : `and we gave up after ${time}`}`,
    )
  }
  server.close()
}

/** `200 OK, content-length 6, body "你好"` */
function shown(answer: string): string {
  const [head = '', body = ''] = answer.split(/\r\n\r\n(.*)/s)
  const [status = '', ...lines] = head.split('\r\n')
  const lengths = lines.filter((line) => /^(content-length|transfer-encoding):/i.test(line))
  return [status.slice(9), ...lengths, `body ${JSON.stringify(body)}`].join('; ')
}
