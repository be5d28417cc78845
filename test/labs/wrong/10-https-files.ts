import type { Wrong } from '../../../workbook/grade/labs/edited-programs.ts'

export default [
  {
    name: 'the seed: a handshake in setup(), so a visitor who says nothing blocks everybody',
    file: 'server.ts',
    find: `export function createFileServer(root: string, credentials: Credentials, options: FileServerOptions = {}): Server {
  return createServer({ ...credentials, ...settings() }, (`,
    replace: `function oneByOne(server: Server): Server {
  const emit = server.emit.bind(server)
  let turn: Promise<unknown> = Promise.resolve()
  server.emit = (event: string, ...rest: never[]) => {
    if (event !== 'connection') return emit(event, ...rest)
    const [socket] = rest as unknown as [{ once(event: string, done: () => void): void }]
    turn = turn.then(() => {
      emit(event, ...rest)
      return new Promise<void>((done) => {
        server.once('secureConnection', () => done())
        server.once('tlsClientError', () => done())
        socket.once('close', () => done())
      })
    })
    return true
  }
  return server
}

export function createFileServer(root: string, credentials: Credentials, options: FileServerOptions = {}): Server {
  return oneByOne(createServer({ ...credentials, ...settings() })).on('request', (`,
    fails: ['rude'],
    says: 'waited 3000 ms for the answer to GET /hello.txt: it did not happen',
  },
  {
    name: 'the seed: answers with a text and no status line',
    file: 'server.ts',
    find: 'protect(request, response, options)',
    replace: "if (options) return void request.socket.end('testHTTPSServerHandler<br>1700000000.000000')",
    fails: ['bytes', 'head', 'folders'],
    says: 'no answer to GET /binary',
  },
  {
    name: 'the seed: gives away the folder in which it was started',
    file: 'server.ts',
    find: "process.argv[4] ?? fileURLToPath(new URL('../../docs', import.meta.url))",
    replace: 'process.cwd()',
    fails: ['by-hand'],
    says: "body of /hello.txt: expected '404 Not Found\\nThere is nothing here …' to be 'hello, world'",
  },
  {
    name: 'the seed: knows no ranges, and sends everything again',
    file: 'server.ts',
    find: 'isSameVersion(headers, validators) ? parseRange(headers.range, stats.size) : undefined',
    replace: 'isSameVersion(headers, validators) && headers.range ? undefined : undefined',
    fails: ['partial'],
    says: 'status of bytes=-5: expected 200 to be 206',
  },
  {
    name: 'the bytes of a file as text',
    file: 'send.ts',
    find: 'await sent(response, piece.subarray(0, bytesRead))',
    replace: 'await sent(response, Buffer.from(piece.toString("utf8", 0, bytesRead)))',
    fails: ['bytes'],
    says: 'first difference at byte 5: want 9b, got ef',
  },
  {
    name: 'nobody catches the URIError',
    file: 'files.ts',
    find: "throw new HttpError(400, 'The target is not UTF-8 in percent-encoding.')",
    replace: 'throw new Error(name)',
    fails: ['malformed'],
    says: "malformed targets that got another status: expected [ '/%ZZ 500', '/% 500', '/%ff 500' ] to deeply equal []",
  },
  {
    name: 'sends //host on to the slash as it came: another host',
    file: 'server.ts',
    find: 'const found = await resolvePath',
    replace:
      "if (request.url?.startsWith('//')) throw new HttpError(301, '', { Location: request.url + '/' })\n  const found = await resolvePath",
    fails: ['folders'],
    says: "host that //evil.test/%2e%2e leads to: expected 'evil.test' to be 'files.test'",
  },
  {
    name: 'lists links that lead out',
    file: 'listing.ts',
    find: 'entry.isFile() || entry.isDirectory()',
    replace: 'true',
    fails: ['listing'],
    says: "files behind the links of the listing: expected [ '\"quoted\" & \\'single\\'.txt', …(6) ] to deeply equal [ '\"quoted\" & \\'single\\'.txt', …(5) ]",
  },
  {
    name: 'lets TLS 1.1 in',
    file: 'server.ts',
    find: "{ minVersion: 'TLSv1.2', ciphers: 'ECDHE+AESGCM:ECDHE+CHACHA20' }",
    replace: "{ minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }",
    fails: ['rude', 'ciphers'],
    says: "a client that has only suites with CBC: expected 'served' to be 'refused'",
  },
  {
    name: 'keeps idle connections when it closes',
    file: 'server.ts',
    find: '    protect(request, response, options)',
    replace: '    request.socket.server.closeIdleConnections = () => {}\n    protect(request, response, options)',
    fails: ['close'],
    says: 'waited 2000 ms for close() with an idle client: it did not happen',
  },
  {
    name: 'startsWith: the folder beside it has a name that begins alike',
    file: 'files.ts',
    find: 'const inside = relative(base, path)',
    replace:
      "if (!path.startsWith(base)) throw notFound()\n  const inside = relative(base, path).replace(/^\\.\\.[\\\\/]/, '')",
    fails: ['links'],
    says: 'status through a link to the folder site-secret, beside site: expected 200 to be 404',
  },
  {
    name: 'decodes before it cuts at the slashes',
    file: 'files.ts',
    find: "path.slice(1).split('/').map(decode)",
    replace: "decode(path.slice(1)).split('/')",
    fails: ['targets'],
    says: '/sub%2fpage.html is refused with 400 or 404, not 200: expected false to be true',
  },
  {
    name: 'lets backslashes and empty names through',
    file: 'files.ts',
    find: "if (name === '' || name === '.' || name === '..' || /[\\\\/]/.test(name)) throw notFound()",
    replace: "if (name === '.' || name === '..' || name.includes('/')) throw notFound()",
    fails: ['targets'],
    says: '//hello.txt is refused with 400 or 404, not 200: expected false to be true',
  },
  {
    name: 'forgets the NUL',
    file: 'files.ts',
    find: "if (name.includes('\\0'))",
    replace: "if (name.includes('%00'))",
    fails: ['malformed'],
    says: "malformed targets that got another status: expected [ '/%00 500', '/a%00.txt 500' ] to deeply equal []",
  },
  {
    name: 'serves what begins with a dot',
    file: 'files.ts',
    find: "return name.startsWith('.') && name !== '.well-known'",
    replace: 'return false',
    fails: ['dotfiles', 'listing'],
    says: 'status of /.env: expected 200 to be 404',
  },
  {
    name: 'the suffix range read as the first bytes',
    file: 'range.ts',
    find: "first === '' ? Math.max(0, size - Number(last)) : Number(first)",
    replace: 'Number(first)',
    fails: ['ranges', 'partial'],
    says: 'bytes=-5 of 12 bytes: expected { start: +0, end: 11 } to deeply equal { start: 7, end: 11 }',
  },
  {
    name: 'takes a range whose end is before its start',
    file: 'range.ts',
    find: "if (first !== '' && last !== '' && Number(last) < start) return undefined",
    replace: '',
    fails: ['ranges', 'partial'],
    says: 'bytes=5-2 of 12 bytes: expected { start: 5, end: 2 } to deeply equal undefined',
  },
  {
    name: 'counts the end of a range as the first byte behind it',
    file: 'range.ts',
    find: 'Math.min(Number(last), size - 1)',
    replace: 'Math.min(Number(last) - 1, size - 1)',
    fails: ['ranges', 'partial'],
    says: 'bytes=0-4 of 12 bytes: expected { start: +0, end: 3 } to deeply equal { start: +0, end: 4 }',
  },
  {
    name: 'ignores If-Range, and glues two versions together',
    file: 'conditional.ts',
    find: 'return version === undefined || version',
    replace: 'return true || version',
    fails: ['partial'],
    says: 'status of a Range with If-Range of another version: all of it: expected 206 to be 200',
  },
  {
    name: 'asks the date although there is an ETag',
    file: 'conditional.ts',
    find: `return tags === '*' || tags.match(/"[^"]*"/g)?.includes(etag) === true`,
    replace: `if (tags === '*' || tags.match(/"[^"]*"/g)?.includes(etag)) return true`,
    fails: ['fresh'],
    says: 'status of {"if-none-match":"\\"other\\"","if-modified-since":"Sun, 02 Feb 2020 02:02:02 GMT"}: expected 304 to be 200',
  },
  {
    name: 'a file name becomes HTML',
    file: 'listing.ts',
    find: 'escapeHtml(name)',
    replace: 'name',
    fails: ['listing'],
    says: 'a file name became an element of the page: expected true to be false',
  },
  {
    name: 'the seed: loses the query on the way to the slash',
    file: 'server.ts',
    find: 'found.query',
    replace: "''",
    fails: ['folders'],
    says: "where /a%20b?x=1&y=/ leads to: expected 'https://files.test/a%20b/' to be 'https://files.test/a%20b/?x=1&y=/'",
  },
  {
    name: 'gives files away by POST, too',
    file: 'server.ts',
    find: "request.method !== 'GET' && request.method !== 'HEAD'",
    replace: "request.method === 'TRACE'",
    fails: ['head'],
    says: 'status of POST: expected 200 to be 405',
  },
  {
    name: 'does not notice that the file became shorter',
    file: 'send.ts',
    find: 'if (bytesRead === 0) throw tooShort(end, at)',
    replace: 'if (bytesRead === 0) return',
    fails: ['shrinks'],
    says: 'waited 5000 ms for the end of a download whose file became shorter: it did not happen',
  },
  {
    name: 'leaves files open',
    file: 'server.ts',
    find: 'closeSync(file)',
    replace: '',
    fails: ['abort'],
    says: 'waited 3000 ms for the file to be closed after HEAD, 304, 416 and three clients that went away: it did not happen',
  },
  {
    name: 'allows CBC',
    file: 'server.ts',
    find: "'ECDHE+AESGCM:ECDHE+CHACHA20'",
    replace: "'ECDHE'",
    fails: ['ciphers'],
    says: "a client that has only suites with CBC: expected 'served' to be 'refused'",
  },
  {
    name: 'asks localhost for https alone, on every port',
    file: 'server.ts',
    find: " && name !== 'localhost'",
    replace: '',
    fails: ['headers'],
    says: "Strict-Transport-Security on localhost, where it would shut out every http server: expected 'max-age=31536000' to be undefined",
  },
] satisfies Wrong[]
