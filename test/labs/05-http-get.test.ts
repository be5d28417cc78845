import { getEventListeners, once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { createServer as createTlsServer } from 'node:tls'
import { type GetOptions, get } from '#lab/05-http-get/get.ts'
import { type ParserOptions, ResponseParser } from '#lab/05-http-get/response.ts'
import { makeCertificates } from '#lab/09-tls-echo/certificates.ts'
import {
  check,
  chunkings,
  cleanup,
  computingTime,
  deadline,
  expect,
  fail,
  listen,
  note,
  runFile,
} from '../../workbook/grade/checks/check.ts'

const counted = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\n你好'
const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nHello\r\n6\r\n World\r\n0\r\n\r\n'
const chunks = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
const untilClose = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nno length, 好'

check(
  'headers',
  'reads status and headers, names in any case, values without blanks, repeated names',
  { todo: 1, anchor: 'the-head', rule: 'RFC 9112 §5' },
  () => {
    const response = parse([
      'HTTP/1.1 404 Not Found\r\nCONTENT-type: text/html \r\nx-one:1\r\nX-One: \t2\r\nEmpty:\r\n',
      "Location: http://a:8/b?c=d:e\t\r\n!#$%&'*+-.^_`|~09AZaz: odd\r\n",
      Buffer.from('X-Wide: \xa0x\xa0 \r\n\r\n', 'latin1'),
    ])
    expect(response.status, 'status of "HTTP/1.1 404 Not Found"').toBe(404)
    expect(response.headers.get('content-type'), '"CONTENT-type: text/html " read as content-type').toBe('text/html')
    expect(response.headers.get('x-one'), 'the header x-one came twice, 1 and 2').toBe('1, 2')
    expect(response.headers.get('empty'), '"Empty:" has a value, the empty one').toBe('')
    expect(response.headers.get('location'), 'the value behind the first colon').toBe('http://a:8/b?c=d:e')
    expect(response.headers.get("!#$%&'*+-.^_`|~09azaz"), 'a name of all the characters a name may have').toBe('odd')
    const wide = Buffer.from(response.headers.get('x-wide') ?? '', 'latin1')
    expect(wide).toBeBytes('a0 78 a0', {
      action: 'parsed a value with a no-break space, a0, at each end: no blank to HTTP',
    })
  },
)

check(
  'bad-headers',
  'refuses header lines that mean different things to different programs',
  { todo: 1, anchor: 'the-head', rule: 'RFC 9112 §5.1' },
  () => {
    const lines = ['Content-Length : 5', 'X-One\t: 5', 'no colon', ': no name', ' X-One: 5', 'X(y): 5', 'X"y": 5']
    for (const line of [...lines, 'Folded: one\r\n two', 'Folded: one\r\n\ttwo: 2']) {
      refused(`the header line ${JSON.stringify(line)}`, [`HTTP/1.1 200 OK\r\n${line}\r\n\r\n`])
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
    const got = Buffer.from(response.headers.get('x-blanks') ?? '', 'latin1')
    expect(got).toBeBytes(value, { text: true, action: 'parsed a value with 1,000 blanks before, in and behind it' })
    for (const { line, what } of [
      { line: `a:${blanks(1200)}\rx`, what: 'a name, 1,200 blanks, a CR and x' },
      { line: `a:x${blanks(15_000)}x`, what: '15,000 blanks inside a value' },
      { line: `a:${blanks(7000)},${blanks(7000)}\r`, what: 'twice 7,000 blanks, and a CR' },
      { line: `a:${'\r'.repeat(15_000)}x`, what: '15,000 CRs inside a value' },
      { line: `a${blanks(15_000)}:x`, what: '15,000 blanks before the colon' },
      { line: 'a'.repeat(15_000), what: '15,000 letters without a colon' },
      { line: `a:${'"'.repeat(15_000)}x`, what: '15,000 quotes' },
      { line: `a:${'"\\'.repeat(7500)}x`, what: '7,500 quotes and backslashes' },
    ]) {
      isQuick(`a header line of ${what}`, `HTTP/1.1 200 OK\r\n${line}\r\n\r\n`)
    }
  },
)

/** What a line may take, in milliseconds. A parser that looks at each byte once takes a hundredth of it. */
const quickTime = 50

/** Fails unless an answer is read or refused in time, in one of three tries: the process may compute something else meanwhile. */
function isQuick(what: string, wire: string): void {
  let took = 0
  for (let tries = 0; tries < 3; tries++) {
    took = computingTime(() => {
      try {
        parse([wire])
      } catch {
        // Refused, which is as good: here only the time counts.
      }
    })
    if (took < quickTime) return
  }
  fail.state(
    `parsed ${what}`,
    `it took ${took.toFixed(0)} ms`,
    `${what}: want it read, or refused, within ${quickTime} ms, got more`,
  )
}

check(
  'length',
  'Content-Length ends the body, counted in bytes, and what comes after is not the body',
  { todo: [1, 2], anchor: 'three-ways-to-end', rule: 'RFC 9112 §6.3' },
  () => {
    const response = parse([`${counted}HTTP/1.1 500 another answer`])
    expect(progress(response), 'after 6 bytes of body').toBe('complete')
    expect(response.body).toBeBytes('你好', {
      text: true,
      action: 'parsed a body with Content-Length: 6 and more bytes behind it',
    })
    expect(progress(parse([counted.slice(0, -1)])), 'before the last byte of the body').toBe('not complete')
    const empty = parse([lengthOf('0')])
    expect(progress(empty), 'at the end of a head with Content-Length: 0').toBe('complete')
    expect(empty.body.length, 'bytes of body with Content-Length: 0').toBeLessThan(1)
    for (const [what, value] of [
      ['blanks', ' '.repeat(1500)],
      ['commas', ','.repeat(1500)],
      ['blanks and commas', ' ,'.repeat(750)],
    ])
      isQuick(`a Content-Length of 5, 1,500 ${what} and 5`, lengthOf(`5${value}5`))
  },
)

check(
  'bad-length',
  'refuses a Content-Length that is no number, or two different ones',
  { todo: [1, 2], anchor: 'three-ways-to-end', rule: 'RFC 9112 §6.3' },
  () => {
    for (const lines of ['2\r\nContent-Length: 2', '2, 2', '2,2', '2 ,\t2, 2'])
      expect(String(parse([`${lengthOf(lines)}ok`]).body), `body of Content-Length: ${show(lines)}`).toBe('ok')
    const bad = [
      '5, 6',
      '5, 5, 6',
      '6\r\nContent-Length: 5',
      '-1',
      '+5',
      '0x10',
      '1e3',
      '5.0',
      '5 5',
      '5;',
      '5abc',
      'x',
      '',
    ]
    for (const length of [...bad, '99999999999999999999'])
      refused(`Content-Length: ${show(length)}`, [`${lengthOf(length)}hello!`])
  },
)

check(
  'both-lengths',
  'refuses Content-Length together with Transfer-Encoding',
  { todo: 1, anchor: 'three-ways-to-end', rule: 'RFC 9112 §6.1' },
  () => {
    const wire = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'
    refused('a head with both lengths, as answers are smuggled,', [wire])
  },
)

check(
  'chunked',
  'joins the chunks: sizes in hex of either case, extensions, trailers',
  { todo: [1, 3], anchor: 'three-ways-to-end', rule: 'RFC 9112 §7.1' },
  () => {
    const plain = parse([chunked])
    expect(plain.body).toBeBytes('Hello World', { text: true, action: 'parsed chunks of 5 and 6 bytes' })
    expect(progress(plain), 'after the chunk of size 0 and an empty line').toBe('complete')
    const response = parse([
      `${chunks.replace('chunked', 'Chunked')}A;name="x;y"\r\n0123456789\r\n0a \t;z\r\nabcdefghij\r\n2;\r\n\r\n\r\n`,
    ])
    expect(response.body).toBeBytes('0123456789abcdefghij\r\n', {
      text: true,
      action: 'parsed sizes "A;name=…", "0a \\t;z" and "2;"',
    })
    const ends: [string, string][] = [
      ['000;last\r\n', 'after the chunk of size 0, before an empty line'],
      ['Expires: never\r\nETag: 1\r\n', 'after two trailer lines, before an empty one'],
    ]
    for (const [wire, when] of ends) {
      response.push(Buffer.from(wire))
      expect(progress(response), when).toBe('not complete')
    }
    response.push(Buffer.from('\r\nHTTP/1.1 500 another answer'))
    expect(progress(response), 'after the trailer and an empty line').toBe('complete')
    expect(response.body.length, 'bytes of body, without the trailer and what comes after').toBe(22)
    for (const [what, line] of [
      ['5, 1,500 blanks and x', `5${' '.repeat(1500)}x`],
      ['5; 1,500 blanks, a CR and x', `5;${' '.repeat(1500)}\rx`],
      ['5;a= and 1,500 quotes', `5;a=${'"'.repeat(1500)}`],
    ] as const)
      isQuick(`a chunk size of ${what}`, `${chunks}${line}\r\nhello\r\n0\r\n\r\n`)
  },
)

check(
  'bad-chunks',
  'refuses a chunk size that is no hex number, or a number too large',
  { todo: [1, 3], anchor: 'three-ways-to-end', rule: 'RFC 9112 §7.1' },
  () => {
    for (const size of ['', ';x', 'xyz', '-5', '+5', '-0', '0x5', '5x', '5 5', '5.0', 'fffffffff']) {
      refused(`the chunk size ${JSON.stringify(size)}`, [`${chunks}${size}\r\nhello\r\n0\r\n\r\n`])
    }
    refused('a chunk of size 5 with 6 bytes before its CR LF', [`${chunks}5\r\nhello!\r\n0\r\n\r\n`])
  },
)

check(
  'until-close',
  'takes everything up to FIN when no length is given',
  { anchor: 'three-ways-to-end', rule: 'RFC 9112 §6.3' },
  () => {
    for (const { name, chunks } of chunkings(untilClose)) {
      const response = parse(chunks, { end: true })
      expect(progress(response), `at FIN, fed ${name}`).toBe('complete')
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
        expect(progress(response), `at the end of ${JSON.stringify(wire.slice(17, 43))}…, fed ${name}`).toBe('complete')
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
    for (const [announced, came] of [
      [1000, 9],
      [4096, 123],
      [31, 30],
    ] as const) {
      const half = came >> 1
      const pieces = [lengthOf(String(announced)), 'x'.repeat(half), 'x'.repeat(came - half)]
      const numbers = numbersIn(refused(`FIN after ${came} of ${announced} bytes`, pieces, { end: true }))
      expect(numbers, `numbers of the error, with ${came} bytes that came`).toContain(came)
      expect(numbers, `numbers of the error, with ${announced} bytes that were announced`).toContain(announced)
    }
  },
)

check(
  'short-chunks',
  'a FIN before the last chunk, or before the head is complete, is an error',
  { todo: [1, 3, 4], anchor: 'a-body-that-is-too-short', rule: 'RFC 9112 §8' },
  () => {
    const data = 'x'.repeat(31)
    for (const [what, wire, came] of [
      ['before the first chunk size', ''],
      ['inside a chunk size', '1'],
      ['before the data of a chunk', '1f\r\n'],
      ['inside a chunk', `1f\r\n${data.slice(0, 17)}`, 17],
      ['before the CR LF of a chunk', `1f\r\n${data}`, 31],
      ['inside the CR LF of a chunk', `1f\r\n${data}\r`, 31],
      ['before the chunk of size 0', `1f\r\n${data}\r\n`, 31],
      ['inside the line of size 0', `1f\r\n${data}\r\n0`, 31],
      ['before the empty line behind size 0', `1f\r\n${data}\r\n0\r\n`, 31],
      ['behind a trailer line', `1f\r\n${data}\r\n0\r\nExpires: never\r\n`, 31],
    ] as [string, string, number?][]) {
      const message = refused(`FIN ${what}`, [chunks, wire], { end: true })
      if (came === undefined) continue
      const numbers = numbersIn(message)
      expect(numbers, `numbers of the error for FIN ${what}, with ${came} bytes that came`).toContain(came)
      // "expected 31 bytes, received 31" tells nobody what is missing.
      const isVague = !/chunk/i.test(message) && numbers.every((number) => number === came) && numbers.length > 1
      expect(isVague ? `${came}, and ${came} again` : 'something else', `what the error for FIN ${what} misses`).toBe(
        'something else',
      )
    }
    for (const head of [
      '',
      'HTTP/1.1 200',
      'HTTP/1.1 200 OK\r\n',
      'HTTP/1.1 200 OK\r\nContent-',
      'HTTP/1.1 100 Go\r\n\r\n',
    ])
      refused(`FIN behind ${JSON.stringify(head)}`, [head], { end: true })
  },
)

check(
  'no-body',
  'HEAD, 204 and 304 have no body, and 100 Continue is not the answer',
  { anchor: 'answers-without-a-body', rule: 'RFC 9112 §6.3' },
  async () => {
    const head = parse(['HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n'], { method: 'HEAD' })
    expect(progress(head), 'the answer to HEAD, after its head').toBe('complete')
    for (const status of ['204 No Content', '304 Not Modified']) {
      const response = parse([`HTTP/1.1 ${status}\r\nContent-Length: 6\r\n\r\nignore`])
      expect(progress(response), `${status}, after its head`).toBe('complete')
      expect(response.body.length, `bytes of body of ${status}`).toBeLessThan(1)
    }
    const hints = 'HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n'
    const continued = parse([`HTTP/1.1 100 Continue\r\n\r\n${hints}${untilClose}`], { end: true })
    expect(continued.headers.get('link'), 'a header of 103 Early Hints, in the answer').toBeNull()
    expect(continued.status, 'status after 100 Continue and 200').toBe(200)
    expect(continued.body).toBeBytes('no length, 好', { text: true, action: 'parsed 100 Continue, and then an answer' })
    const heads: string[] = []
    const stays = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: keep-alive\r\n\r\n'
    const port = await listen(createServer((socket) => answerHead(socket, stays, heads)))
    const asked = get(`http://127.0.0.1:${port}/page`, { method: 'HEAD' })
    const { body } = await deadline(asked, 2000, "get() with method 'HEAD' to return after the head")
    expect(requestLine(heads[0]), "the request of get() with method 'HEAD'").toBe('HEAD /page HTTP/1.1')
    expect(body.length, "bytes of body with method 'HEAD'").toBeLessThan(1)
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
  async () => {
    const line = Buffer.from(`X-Long: ${'x'.repeat(1024)}\r\n`)
    const endless = () => {
      const parser = new ResponseParser()
      parser.push(Buffer.from('HTTP/1.1 200 OK\r\n'))
      for (let kibibytes = 0; kibibytes < 1024; kibibytes++) parser.push(line)
    }
    throws('a head of 1 MiB', endless)
    const length = Buffer.byteLength('no length, 好')
    const body = parse([untilClose], { maxBody: length, end: true }).body
    expect(body.length, 'bytes of a body of exactly maxBody').toBe(length)
    refused('a body of one byte more than maxBody', [untilClose], { maxBody: length - 1 })
    const port = await listen(createServer((socket) => answerHead(socket, untilClose)))
    await rejects(port, '/', { maxBody: 5 }, 'a body over the maxBody that get() was given')
  },
)

check(
  'claims',
  'refuses an announced length over the limit before any of it comes',
  { todo: [1, 2], anchor: 'limits', rule: 'RFC 9110 §8.6' },
  () => {
    for (const [length, maxBody] of [
      [1_000_000, 1000],
      [1001, 1000],
      [100_000_000, undefined],
      [16 * 1024 * 1024 + 1, undefined],
    ] as const) {
      const what = `Content-Length: ${length} with maxBody ${maxBody}`
      const message = refused(what, [lengthOf(String(length))], { maxBody })
      tellsApart(message, what, maxBody ?? 16 * 1024 * 1024, length)
    }
    const exact = parse([lengthOf('1000'), 'x'.repeat(1000)], { maxBody: 1000 })
    expect(exact.body.length, 'bytes of a body of exactly maxBody').toBe(1000)
    parse([lengthOf(String(16 * 1024 * 1024))])
  },
)

check(
  'chunk-claims',
  'refuses chunks over the limit',
  { todo: [1, 3], anchor: 'limits', rule: 'RFC 9112 §7.1' },
  () => {
    const part = `1f4\r\n${'x'.repeat(500)}\r\n`
    const exact = parse([chunks, part, part, '0\r\n\r\n'], { maxBody: 1000 })
    expect(exact.body.length, 'bytes of two chunks that make exactly maxBody').toBe(1000)
    for (const [what, wire, length] of [
      ['a chunk of 1024 bytes', '400\r\n', 1024],
      ['a chunk of 1001 bytes', '3e9\r\n', 1001],
      ['a third chunk that makes 1001 bytes', `${part}${part}1\r\n`, 1001],
    ] as const)
      tellsApart(refused(`${what} with maxBody 1000`, [chunks, wire], { maxBody: 1000 }), what, 1000, length)
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
  expect(hostIn(heads[0], port), 'the lines of Host').toBe('Host: 127.0.0.1:PORT')
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
    expect(hostIn(heads[0], port), 'the lines of Host').toBe('Host: [::1]:PORT')
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
    const url = `http://127.0.0.1:${await listen(server)}/`
    const { signal: given } = new AbortController()
    const timers = timersLeft()
    const ask = () =>
      deadline(get(url, { signal: given, timeout: 60_000 }), 2000, 'get() to return without a FIN from the server')
    const response = await ask()
    expect(response.text(), 'body of Content-Length: 6').toBe('你好')
    await deadline(closed, 2000, 'the socket to be closed after the answer')
    for (let more = 0; more < 4; more++) await ask()
    // What is cleared when the socket closes may be cleared a moment after the server has seen that.
    for (let turns = 0; turns < 100 && timersLeft() > timers; turns++) await new Promise(setImmediate)
    // One timer may be of those who run the check.
    const left = timersLeft() - timers > 2 ? 'timers' : 'nothing'
    expect(left, 'what still holds the program after five answers').toBe('nothing')
    expect(getEventListeners(given, 'abort').length, 'listeners left on the signal after five answers').toBeLessThan(1)
  },
)

check(
  'redirect',
  'follows relative and absolute redirects of the five kinds',
  { todo: [1, 5], anchor: 'redirects', rule: 'RFC 9110 §15.4' },
  async () => {
    for (const status of [301, 302, 303, 307, 308]) {
      const heads: string[] = []
      const elsewhere = (location: string) =>
        `HTTP/1.1 ${status} Elsewhere\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`
      const port = await listen(
        createServer((socket) => {
          answerHead(
            socket,
            (head) => {
              const [, path] = head.split(' ')
              if (path === '/deep/down/start') return elsewhere('../here?x=1')
              return path === '/deep/here?x=1' && status === 307 ? elsewhere('last') : counted
            },
            heads,
          )
        }),
      )
      // 307 leads on from a second folder, and is asked with HEAD.
      const [method, path, times] =
        status === 307 ? (['HEAD', '/deep/last', 2] as const) : (['GET', '/deep/here', 1] as const)
      const response = await get(`http://127.0.0.1:${port}/deep/down/start`, { maxRedirects: times, method })
      expect(response.status, `status after a ${status} to ../here?x=1`).toBe(200)
      expect(requestLine(heads[1]), `request after a ${status} to ../here?x=1, from /deep/down/start`).toBe(
        `${method} /deep/here?x=1 HTTP/1.1`,
      )
      if (times === 2)
        expect(requestLine(heads[2]), `request after a second ${status} to last, from /deep/here`).toBe(
          `${method} /deep/last HTTP/1.1`,
        )
      expect(response.url.pathname, 'the response knows where it came from').toBe(path)
    }
    for (const status of [201, 300, 304]) {
      const other = `HTTP/1.1 ${status} Other\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n`
      const port = await listen(createServer((socket) => answerHead(socket, other)))
      const response = await get(`http://127.0.0.1:${port}/`)
      expect(response.status, `status of a ${status} with a Location, which is no redirect`).toBe(status)
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
    await rejects(port, '/', {}, 'a redirect to https without the authority')
  },
)

check(
  'redirect-loop',
  'gives up on a loop, and on a Location that is not the web',
  { todo: [1, 5], anchor: 'redirects', rule: 'RFC 9110 §15.4' },
  async () => {
    // One that answers each time, late, with a redirect: the timeout is for all of it.
    let slowly = 0
    const slow = await listen(
      createServer((socket) => {
        slowly += 1
        const moved = 'HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n'
        socket.on('error', () => {})
        const late = setTimeout(() => socket.end(moved), 80)
        socket.on('close', () => clearTimeout(late))
      }),
    )
    const late = rejects(
      slow,
      '/',
      { timeout: 300, maxRedirects: 7 },
      'a server that redirects every 80 ms, and a timeout of 300 ms,',
    )
    let requests = 0
    late.catch(() => {}) // told below, unless something else is before
    const places: Record<string, string> = {
      '/file': 'file:///etc/hosts',
      '/ftp': 'ftp://127.0.0.1/',
      '/mail': 'mailto:a@b',
    }
    const port = await listen(
      createServer((socket) => {
        requests += 1
        answerHead(socket, (head) => {
          const location = places[head.split(' ')[1]!] ?? '/loop'
          return `HTTP/1.1 302 Found\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`
        })
      }),
    )
    for (const maxRedirects of [3, 0, 1, undefined]) {
      requests = 0
      const message = await rejects(
        port,
        '/loop',
        { maxRedirects },
        `a redirect to itself, with maxRedirects ${maxRedirects}`,
      )
      const allowed = maxRedirects ?? 5
      expect(requests, `requests with maxRedirects ${maxRedirects}: the first and ${allowed} more`).toBe(1 + allowed)
      const numbers = numbersIn(message.replaceAll(/https?:\S+/g, ''))
      if (numbers.length > 0)
        expect(numbers, `numbers of the error, with the ${allowed} redirects that are allowed`).toContain(allowed)
    }
    for (const path of Object.keys(places)) await rejects(port, path, {}, `a redirect to ${places[path]}`)
    await deadline(late, 3000, 'the timeout of 300 ms')
    expect(slowly, 'requests within 300 ms to a server that redirects every 80 ms').toBeLessThan(7)
  },
)

check(
  'silent',
  'a server that says nothing, or is not there, is an error in time',
  { anchor: 'when-nothing-comes', rule: 'Node.js: net' },
  async () => {
    const silent = await listen(createServer(() => {}))
    const { signal: patient } = new AbortController()
    const hurried = new AbortController()
    const given = 'the timeout of 100 ms'
    const timed = Promise.all([
      rejects(silent, '/', { timeout: 100 }, `a silent server, and ${given},`),
      rejects(silent, '/', { timeout: 100, signal: patient }, `a silent server, ${given} and a signal`),
    ])
    const aborted = Promise.all([
      rejects(silent, '/', { signal: hurried.signal }, 'get() whose signal is aborted'),
      rejects(silent, '/', { signal: hurried.signal, timeout: 60_000 }, 'get() whose signal is aborted in time'),
    ])
    timed.catch(() => {}) // told below, unless something else is before
    hurried.abort()
    await deadline(aborted, 2000, 'get() to end after its signal was aborted')
    await rejects(silent, '/', { signal: hurried.signal }, 'get() whose signal was aborted before')
    await deadline(timed, 3000, given)
    const free = createServer()
    const gone = await listen(free)
    await new Promise((resolve) => free.close(resolve))
    await rejects(gone, '/', {}, 'a port where nobody listens')
  },
)

check(
  'closes-at-once',
  'a server that closes or resets at once is an error, not an empty page',
  { todo: 4, anchor: 'when-nothing-comes', rule: 'RFC 9112 §8' },
  async () => {
    const closing = await listen(createServer((socket) => socket.end()))
    await rejects(closing, '/', {}, 'FIN instead of an answer')
    const resetting = await listen(createServer((socket) => socket.resetAndDestroy()))
    await rejects(resetting, '/', {}, 'RST instead of an answer')
  },
)

check(
  'charset',
  'decodes the text as the Content-Type says',
  { todo: 1, anchor: 'from-bytes-to-text', rule: 'RFC 9110 §8.3.1' },
  async () => {
    const gbk = Buffer.concat([
      Buffer.from('HTTP/1.1 200 OK\r\nContent-Type: text/plain; Charset="GBK"\r\n\r\n'),
      Buffer.from('c4e3bac3', 'hex'),
    ])
    const port = await listen(createServer((socket) => answerHead(socket, gbk)))
    const response = await get(`http://127.0.0.1:${port}/`)
    expect(response.text(), 'c4 e3 ba c3 in GBK').toBe('你好')
    for (const type of ['text/plain', 'text/plain; charset=utf-8', 'text/plain; charset=no-such-thing']) {
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
    const { code, stdout } = await client.ends()
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

function lengthOf(length: string): string {
  return `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`
}

/** Text for a message, its quotes left out. */
function show(text: string): string {
  return JSON.stringify(text).slice(1, -1) || '(empty)'
}

function progress({ complete }: ResponseParser): string {
  return complete ? 'complete' : 'not complete'
}

/** Fails unless the parser refuses what it is fed. @returns the message of its error */
function refused(what: string, chunks: string[], options: ParserOptions & { end?: boolean } = {}): string {
  return throws(what, () => parse(chunks, options))
}

/** Fails unless `work` throws. @returns the message of its error */
function throws(what: string, work: () => unknown): string {
  let got: unknown
  try {
    got = work()
  } catch (error) {
    return String((error as Error).message)
  }
  const taken =
    got instanceof ResponseParser
      ? `status ${got.status}, ${got.body.length} bytes of body, ${progress(got)}`
      : 'all of it'
  return fail.state(`parsed ${what}`, `you took it: ${taken}`, `${what}: want an error, got ${taken}`)
}

/** Fails unless get() rejects. @returns the message of its error */
async function rejects(port: number, path: string, options: GetOptions, what: string): Promise<string> {
  const outcome = await get(`http://127.0.0.1:${port}${path}`, options).catch((error: unknown) => error as Error)
  if (outcome instanceof Error) return outcome.message
  const got = `an answer with status ${outcome.status}`
  return fail.state(`get(), and ${what}`, `it returned ${got}`, `${what}: want an error of get(), got ${got}`)
}

/** The numbers in a sentence, `1,000` and `1000` alike. */
function numbersIn(sentence: string): number[] {
  return [...sentence.replaceAll(/(?<=\d),(?=\d{3})/g, '').matchAll(/\d+/g)].map(Number)
}

/** An error about a limit may do without numbers; those that it has are the limit, or what was announced, and tell them apart. */
function tellsApart(message: string, what: string, limit: number, announced: number): void {
  const numbers = numbersIn(message)
  if (numbers.length === 0) return
  const named = [limit, announced].filter((number) => numbers.includes(number))
  const isSame = named.length === 1 && numbers.length > 1 && numbers.every((number) => number === named[0])
  const got = isSame ? `${named[0]}, and ${named[0]} again` : named.join(' and ') || numbers.join(' and ')
  if (isSame || named.length === 0)
    fail.state(what, message, `numbers of the error for ${what}: want ${limit} and ${announced}, got ${got}`)
}

function requestLine(head: string | undefined): string | undefined {
  return head?.split('\r\n')[0]
}

/** The lines of Host in a head, with PORT for the port. */
function hostIn(head: string | undefined, port: number): string {
  const lines = (head ?? '').split('\r\n').filter((line) => /^host:/i.test(line))
  return lines.join(', ').replaceAll(String(port), 'PORT')
}

/** Timers that keep the program going. */
function timersLeft(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length
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
