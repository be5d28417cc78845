import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { createServer as createTlsServer } from 'node:tls'
import { get } from '#lab/05-http-get/get.ts'
import { type ParserOptions, ResponseParser } from '#lab/05-http-get/response.ts'
import { makeCertificates } from '#lab/09-tls-echo/certificates.ts'
import {
  check,
  chunkings,
  cleanup,
  computingTime,
  deadline,
  expect,
  listen,
  note,
  runFile,
} from '../../workbook/grade/checks/check.ts'

const counted = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\n你好'
const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nHello\r\n6\r\n World\r\n0\r\n\r\n'
const untilClose = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nno length, 好'

check(
  'headers',
  'reads status and headers, names in any case, values without blanks, repeated names',
  { todo: 1, anchor: 'the-head', rule: 'RFC 9112 §5' },
  () => {
    const response = parse([
      'HTTP/1.1 404 Not Found\r\nCONTENT-type: text/html \r\nx-one:1\r\nX-One: \t2\r\nEmpty:\r\n\r\n',
    ])
    expect(response.status, 'status of "HTTP/1.1 404 Not Found"').toBe(404)
    expect(response.headers.get('content-type'), '"CONTENT-type: text/html " read as content-type').toBe('text/html')
    expect(response.headers.get('x-one'), 'the header x-one came twice, 1 and 2').toBe('1, 2')
    expect(response.headers.get('empty'), '"Empty:" has a value, the empty one').toBe('')
  },
)

check(
  'bad-headers',
  'refuses header lines that mean different things to different programs',
  { todo: 1, anchor: 'the-head', rule: 'RFC 9112 §5.1' },
  () => {
    for (const line of ['Content-Length : 5', 'no colon', ': no name', 'Folded: one\r\n two']) {
      expect(
        () => parse([`HTTP/1.1 200 OK\r\n${line}\r\n\r\n`]),
        `header line ${JSON.stringify(line)} refused`,
      ).toThrow()
    }
  },
)

check(
  'blanks',
  'a head of blanks, tabs and lone CRs costs no more time than any other',
  { todo: 1, anchor: 'the-head', rule: 'RFC 9112 §5.1' },
  () => {
    const blanks = (count: number) => ' \t'.repeat(count / 2)
    const value = `a${blanks(1000)}b`
    const response = parse([`HTTP/1.1 200 OK\r\nX-Blanks:${blanks(1000)}${value}${blanks(1000)}\r\n\r\n`])
    expect(response.headers.get('x-blanks') === value, 'the blanks around the value cut off, those inside kept').toBe(
      true,
    )
    for (const { line, what } of [
      { line: `a:${blanks(1200)}\rx`, what: 'a name, 1,200 blanks, a CR and x' },
      { line: `a:x${blanks(15_000)}x`, what: '15,000 blanks inside a value' },
      { line: `a:${blanks(7000)},${blanks(7000)}\r`, what: 'twice 7,000 blanks, and a CR' },
      { line: `a:${'\r'.repeat(15_000)}x`, what: '15,000 CRs inside a value' },
      { line: `a${blanks(15_000)}:x`, what: '15,000 blanks before the colon' },
      { line: 'a'.repeat(15_000), what: '15,000 letters without a colon' },
    ]) {
      expect(isQuick(line), `a header line of ${what}: read, or refused, within ${quickTime} ms`).toBe(true)
    }
  },
)

/** What a line may take, in milliseconds. A parser that looks at each byte once takes a hundredth of it. */
const quickTime = 50

/** Whether a header line is read or refused in time, in one of three tries: the process may compute something else meanwhile. */
function isQuick(line: string): boolean {
  for (let tries = 0; tries < 3; tries++) {
    const took = computingTime(() => {
      try {
        parse([`HTTP/1.1 200 OK\r\n${line}\r\n\r\n`])
      } catch {
        // Refused, which is as good: here only the time counts.
      }
    })
    if (took < quickTime) return true
  }
  return false
}

check(
  'length',
  'Content-Length ends the body, counted in bytes, and what comes after is not the body',
  { todo: [1, 2], anchor: 'three-ways-to-end', rule: 'RFC 9112 §6.3' },
  () => {
    const response = parse([`${counted}HTTP/1.1 500 another answer`])
    expect(response.complete, 'complete after 6 bytes of body').toBe(true)
    expect(response.body).toBeBytes('你好', {
      text: true,
      action: 'parsed a body with Content-Length: 6 and more bytes behind it',
    })
    expect(
      parse(['HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n']).complete,
      'complete at once with Content-Length: 0',
    ).toBe(true)
  },
)

check(
  'bad-length',
  'refuses a Content-Length that is no number, or two different ones',
  { todo: [1, 2], anchor: 'three-ways-to-end', rule: 'RFC 9112 §6.3' },
  () => {
    const twice = parse(['HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok'])
    expect(String(twice.body), 'the same length twice is that length').toBe('ok')
    for (const length of ['5, 6', '-1', '0x10', '1e3', '', '99999999999999999999']) {
      const wire = `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\nhello!`
      expect(() => parse([wire]), `Content-Length ${JSON.stringify(length)} refused`).toThrow()
    }
  },
)

check(
  'both-lengths',
  'refuses Content-Length together with Transfer-Encoding',
  { todo: 1, anchor: 'three-ways-to-end', rule: 'RFC 9112 §6.1' },
  () => {
    const wire = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'
    expect(() => parse([wire]), 'a head with both lengths refused: it is how answers are smuggled').toThrow()
  },
)

check(
  'chunked',
  'joins the chunks: sizes in hex of either case, extensions, trailers',
  { todo: [1, 3], anchor: 'three-ways-to-end', rule: 'RFC 9112 §7.1' },
  () => {
    const plain = parse([chunked])
    expect(plain.body).toBeBytes('Hello World', { text: true, action: 'parsed chunks of 5 and 6 bytes' })
    expect(plain.complete, 'complete after the chunk of size 0 and an empty line').toBe(true)
    const rich = `HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\nA;name="x"\r\n0123456789\r\n0a\r\nabcdefghij\r\n000\r\nExpires: never\r\n\r\n`
    const response = parse([rich])
    expect(response.body).toBeBytes('0123456789abcdefghij', {
      text: true,
      action: 'parsed sizes "A;name=…" and "0a", and a trailer',
    })
    expect(response.complete, 'complete after the trailer').toBe(true)
  },
)

check(
  'bad-chunks',
  'refuses a chunk size that is no hex number',
  { todo: [1, 3], anchor: 'three-ways-to-end', rule: 'RFC 9112 §7.1' },
  () => {
    for (const size of ['', 'xyz', '-5', '0x5', 'fffffffff']) {
      const wire = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${size}\r\nhello\r\n0\r\n\r\n`
      expect(() => parse([wire]), `chunk size ${JSON.stringify(size)} refused`).toThrow()
    }
  },
)

check(
  'until-close',
  'takes everything up to FIN when no length is given',
  { anchor: 'three-ways-to-end', rule: 'RFC 9112 §6.3' },
  () => {
    for (const { name, chunks } of chunkings(untilClose)) {
      const response = parse(chunks, { end: true })
      expect(response.complete, `complete at FIN, fed ${name}`).toBe(true)
      expect(response.body).toBeBytes('no length, 好', {
        text: true,
        action: `parsed a body without a length, fed ${name}`,
      })
    }
  },
)

check(
  'any-cut',
  'reads the same from any cut of the stream',
  { todo: [1, 2, 3], anchor: 'cut-anywhere', rule: 'RFC 9112 §2.2' },
  () => {
    for (const [wire, body] of [
      [counted, '你好'],
      [chunked, 'Hello World'],
    ] as const) {
      for (const { name, chunks } of chunkings(wire)) {
        const response = parse(chunks)
        expect(response.complete, `complete, fed ${name}: ${JSON.stringify(wire.slice(0, 60))}…`).toBe(true)
        expect(response.body).toBeBytes(body, { text: true, action: `parsed the response fed ${name}` })
      }
    }
  },
)

check(
  'short-body',
  'a FIN before the announced length is an error that names both numbers',
  { todo: [1, 2, 4], anchor: 'a-body-that-is-too-short', rule: 'RFC 9112 §8' },
  () => {
    const cut = () => parse(['HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this'], { end: true })
    expect(cut, 'FIN after 9 of 1000 bytes is an error').toThrow()
    expect(cut, 'the error names the 9 bytes that came').toThrow(/\b9\b/)
    expect(cut, 'the error names the 1000 bytes that were announced').toThrow(/1,?000/)
  },
)

check(
  'short-chunks',
  'a FIN before the last chunk, or before the head is complete, is an error',
  { todo: [1, 3, 4], anchor: 'a-body-that-is-too-short', rule: 'RFC 9112 §8' },
  () => {
    const wire = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nHello\r\n'
    expect(() => parse([wire], { end: true }), 'FIN before the chunk of size 0 is an error').toThrow()
    expect(() => parse(['HTTP/1.1 200 OK\r\nContent-'], { end: true }), 'FIN inside the head is an error').toThrow()
  },
)

check(
  'no-body',
  'HEAD, 204 and 304 have no body, and 100 Continue is not the answer',
  { anchor: 'answers-without-a-body', rule: 'RFC 9112 §6.3' },
  () => {
    const head = parse(['HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n'], { method: 'HEAD' })
    expect(head.complete, 'the answer to HEAD is complete after its head').toBe(true)
    for (const status of ['204 No Content', '304 Not Modified']) {
      const response = parse([`HTTP/1.1 ${status}\r\nContent-Length: 6\r\n\r\nignore`])
      expect(response.complete, `${status} is complete after its head`).toBe(true)
      expect(response.body.length, `bytes of body of ${status}`).toBe(0)
    }
    const continued = parse([`HTTP/1.1 100 Continue\r\n\r\n${untilClose}`], { end: true })
    expect(continued.status, 'status after 100 Continue and 200').toBe(200)
    expect(continued.body).toBeBytes('no length, 好', { text: true, action: 'parsed 100 Continue, and then an answer' })
  },
)

check('bare-lf', 'takes lines that end in LF alone, too', { anchor: 'the-head', rule: 'RFC 9112 §2.2' }, () => {
  const response = parse([untilClose.replaceAll('\r\n', '\n')], { end: true })
  expect(response.status, 'status of a head whose lines end in LF').toBe(200)
  expect(response.body).toBeBytes('no length, 好', { text: true, action: 'parsed a head whose lines end in LF' })
})

check(
  'limits',
  'refuses an endless head and a body over the limit',
  { anchor: 'limits', rule: 'RFC 9112 §2.3' },
  () => {
    const line = Buffer.from(`X-Long: ${'x'.repeat(1024)}\r\n`)
    const endless = () => {
      const parser = new ResponseParser()
      parser.push(Buffer.from('HTTP/1.1 200 OK\r\n'))
      for (let kibibytes = 0; kibibytes < 1024; kibibytes++) parser.push(line)
    }
    expect(endless, 'a head of 1 MiB refused').toThrow()
    const body = () => parse([untilClose], { maxBody: 5 })
    expect(body, 'a body of more than maxBody bytes refused').toThrow()
  },
)

check(
  'claims',
  'refuses an announced length over the limit before any of it comes',
  { todo: [1, 2], anchor: 'limits', rule: 'RFC 9110 §8.6' },
  () => {
    expect(
      () => parse(['HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n'], { maxBody: 1000 }),
      'Content-Length over maxBody refused',
    ).toThrow()
    expect(
      () => parse(['HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n'], { maxBody: undefined }),
      'Content-Length over 16 MiB refused when no maxBody is given',
    ).toThrow()
  },
)

check(
  'chunk-claims',
  'refuses chunks over the limit',
  { todo: [1, 3], anchor: 'limits', rule: 'RFC 9112 §7.1' },
  () => {
    const wire = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n400\r\n'
    expect(() => parse([wire], { maxBody: 1000 }), 'a chunk of 1024 bytes refused with maxBody 1000').toThrow()
  },
)

check('request', 'sends a head that no URL can break', { anchor: 'the-request', rule: 'RFC 9112 §3.2' }, async () => {
  const heads: string[] = []
  const port = await listen(createServer((socket) => answerHead(socket, 'HTTP/1.1 204 No Content\r\n\r\n', heads)))
  await get(`http://127.0.0.1:${port}/a b\r\nX-Injected: yes?q=1 2&ö=好#part`)
  const lines = heads[0]!.split('\r\n')
  expect(lines[0], 'request line: path and query percent-encoded, no fragment').toMatch(
    /^GET \/a%20b\S*\?q=1%202&%C3%B6=%E5%A5%BD HTTP\/1\.1$/,
  )
  expect(lines.includes(`Host: 127.0.0.1:${port}`), 'a line "Host: 127.0.0.1:PORT" with the port').toBe(true)
  expect(heads[0], 'a line break in the URL makes no header').not.toContain('\r\nX-Injected')
  expect(heads[0], 'the head ends with an empty line').toMatch(/\r\n\r\n$/)
})

check(
  'ipv6',
  'an IPv6 address stands in brackets in the URL and in Host, and without them where it is dialled',
  { anchor: 'the-request', rule: 'RFC 3986 §3.2.2' },
  async () => {
    if (!hasIPv6()) return note('this machine has no IPv6: http://[::1]/ was not asked')
    const heads: string[] = []
    const server = createServer((socket) => answerHead(socket, 'HTTP/1.1 204 No Content\r\n\r\n', heads))
    cleanup(() => server.close())
    server.listen(0, '::1')
    await deadline(once(server, 'listening'), 2000, 'our server to listen on ::1')
    const { port } = server.address() as AddressInfo
    await get(`http://[::1]:${port}/`)
    expect(heads[0]!.split('\r\n').includes(`Host: [::1]:${port}`), 'a line "Host: [::1]:PORT"').toBe(true)
  },
)

function hasIPv6(): boolean {
  return Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === '::1'))
}

check(
  'keep-alive',
  'is done when the body is, and closes the socket',
  { todo: [1, 2], anchor: 'reading-until-close', rule: 'RFC 9112 §9.6' },
  async () => {
    const { promise: closed, resolve: close } = signal()
    const server = createServer((socket) => {
      socket.on('close', close)
      answerHead(socket, `${counted.replace('\r\n', '\r\nConnection: keep-alive\r\n')}`)
    })
    const response = await deadline(
      get(`http://127.0.0.1:${await listen(server)}/`),
      2000,
      'get() to return without a FIN from the server',
    )
    expect(response.text(), 'body of Content-Length: 6').toBe('你好')
    await deadline(closed, 2000, 'the socket to be closed after the answer')
  },
)

check(
  'redirect',
  'follows relative and absolute redirects of the five kinds',
  { todo: [1, 5], anchor: 'redirects', rule: 'RFC 9110 §15.4' },
  async () => {
    for (const status of [301, 302, 303, 307, 308]) {
      const heads: string[] = []
      const port = await listen(
        createServer((socket) => {
          answerHead(
            socket,
            (head) =>
              head.startsWith('GET /deep/down/start ')
                ? `HTTP/1.1 ${status} Elsewhere\r\nLocation: ../here?x=1\r\nContent-Length: 0\r\n\r\n`
                : counted,
            heads,
          )
        }),
      )
      const response = await get(`http://127.0.0.1:${port}/deep/down/start`)
      expect(response.status, `status after a ${status} to ../here?x=1`).toBe(200)
      expect(heads[1]?.split('\r\n')[0], `request after a ${status} to ../here?x=1, from /deep/down/start`).toBe(
        'GET /deep/here?x=1 HTTP/1.1',
      )
      expect(response.url.pathname, 'the response knows where it came from').toBe('/deep/here')
    }
  },
)

check(
  'redirect-https',
  'follows a redirect to https, and trusts only the authority it was given',
  { todo: [1, 5], anchor: 'redirects', rule: 'RFC 9110 §15.4' },
  async () => {
    const { authority, localhost } = await makeCertificates()
    const secure = createTlsServer(localhost, (socket) => answerHead(socket, counted))
    secure.on('tlsClientError', () => {})
    const securePort = await listen(secure)
    const location = `https://localhost:${securePort}/page`
    const moved = `HTTP/1.1 301 Moved Permanently\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`
    const port = await listen(createServer((socket) => answerHead(socket, moved)))
    const response = await get(`http://127.0.0.1:${port}/`, { ca: authority })
    expect(response.url.href, 'where the answer came from').toBe(location)
    expect(response.text(), 'the page, over TLS').toBe('你好')
    await expect(get(`http://127.0.0.1:${port}/`), 'without the authority: an error').rejects.toThrow()
  },
)

check(
  'redirect-loop',
  'gives up on a loop, and on a Location that is not the web',
  { todo: [1, 5], anchor: 'redirects', rule: 'RFC 9110 §15.4' },
  async () => {
    let requests = 0
    const port = await listen(
      createServer((socket) => {
        requests += 1
        answerHead(
          socket,
          (head) =>
            `HTTP/1.1 302 Found\r\nLocation: ${head.startsWith('GET /file ') ? 'file:///etc/hosts' : '/loop'}\r\nContent-Length: 0\r\n\r\n`,
        )
      }),
    )
    await expect(
      get(`http://127.0.0.1:${port}/loop`, { maxRedirects: 3 }),
      'a redirect to itself ends with an error',
    ).rejects.toThrow()
    expect(requests, 'requests with maxRedirects 3: the first and three more').toBe(4)
    await expect(get(`http://127.0.0.1:${port}/file`), 'a redirect to file: ends with an error').rejects.toThrow()
  },
)

check(
  'silent',
  'a server that says nothing, or is not there, is an error in time',
  { anchor: 'when-nothing-comes', rule: 'Node.js: net' },
  async () => {
    const port = await listen(createServer(() => {}))
    const timed = deadline(
      expect(get(`http://127.0.0.1:${port}/`, { timeout: 100 }), 'a silent server times out').rejects.toThrow(),
      3000,
      'the timeout of 100 ms',
    )
    await timed
    const abort = new AbortController()
    const aborted = expect(
      get(`http://127.0.0.1:${port}/`, { signal: abort.signal }),
      'get() ends when its signal is aborted',
    ).rejects.toThrow()
    abort.abort()
    await deadline(aborted, 2000, 'get() to end after its signal was aborted')
    const free = createServer()
    const gone = await listen(free)
    await new Promise((resolve) => free.close(resolve))
    await expect(get(`http://127.0.0.1:${gone}/`), 'nobody listens: an error').rejects.toThrow()
  },
)

check(
  'closes-at-once',
  'a server that closes or resets at once is an error, not an empty page',
  { todo: 4, anchor: 'when-nothing-comes', rule: 'RFC 9112 §8' },
  async () => {
    const closing = await listen(createServer((socket) => socket.end()))
    await expect(get(`http://127.0.0.1:${closing}/`), 'FIN instead of an answer is an error').rejects.toThrow()
    const resetting = await listen(createServer((socket) => socket.resetAndDestroy()))
    await expect(get(`http://127.0.0.1:${resetting}/`), 'RST instead of an answer is an error').rejects.toThrow()
  },
)

check(
  'charset',
  'decodes the text as the Content-Type says',
  { todo: 1, anchor: 'from-bytes-to-text', rule: 'RFC 9110 §8.3.1' },
  async () => {
    const gbk = Buffer.concat([
      Buffer.from('HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=gbk\r\n\r\n'),
      Buffer.from('c4e3bac3', 'hex'),
    ])
    const port = await listen(createServer((socket) => answerHead(socket, gbk)))
    const response = await get(`http://127.0.0.1:${port}/`)
    expect(response.text(), 'c4 e3 ba c3 in GBK').toBe('你好')
    for (const type of ['text/plain', 'text/plain; charset="utf-8"', 'text/plain; charset=no-such-thing']) {
      const head = `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\n\r\n`
      const other = await listen(createServer((socket) => answerHead(socket, `${head}你好`)))
      const answer = await get(`http://127.0.0.1:${other}/`)
      expect(answer.text(), `UTF-8 with Content-Type: ${type}`).toBe('你好')
    }
  },
)

check(
  'by-hand',
  'main.ts prints the page of the given server',
  { todo: 1, anchor: 'your-turn', rule: 'Node.js: net' },
  async () => {
    const server = runFile('05-http-get/server.ts', ['0'])
    const [, port] = await server.line(/^listening on 127\.0\.0\.1:(\d+)$/)
    const client = runFile('05-http-get/main.ts', [`http://127.0.0.1:${port}/code/intro-short.txt`])
    const { code, stdout } = await client.exit
    expect(stdout, 'main.ts prints the status').toContain('200')
    expect(stdout, 'main.ts prints the headers').toMatch(/content-length: \d+/i)
    expect(stdout, 'main.ts prints the page').toContain('stream of bytes')
    expect(code, 'exit code of main.ts').toBe(0)
  },
)

/** Feeds a response to a new parser. */
function parse(chunks: (string | Uint8Array)[], options: ParserOptions & { end?: boolean } = {}): ResponseParser {
  const { end, ...parserOptions } = options
  const parser = new ResponseParser(parserOptions)
  for (const chunk of chunks) parser.push(Buffer.from(chunk as Uint8Array))
  if (end) parser.end()
  return parser
}

/** Answers the first head of a connection; leaves the connection open for an answer that says keep-alive. */
function answerHead(socket: Socket, answer: string | Buffer | ((head: string) => string), heads: string[] = []): void {
  let head = ''
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk) => {
    head += chunk
    if (!head.endsWith('\r\n\r\n')) return
    heads.push(head)
    const bytes = typeof answer === 'function' ? answer(head) : answer
    socket.write(bytes)
    if (!bytes.includes('keep-alive')) socket.end()
  })
}

function signal(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}
