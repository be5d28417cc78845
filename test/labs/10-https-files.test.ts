import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { Agent, request as httpsRequest, type RequestOptions } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { afterAll } from 'vitest'
import { makeCertificates } from '#lab/09-tls-echo/certificates.ts'
import { contentType, parseRange, resolvePath } from '#lab/10-https-files/files.ts'
import { createFileServer } from '#lab/10-https-files/server.ts'
import {
  check,
  cleanup,
  deadline,
  expect,
  fail,
  listen,
  misbehave,
  note,
  runFile,
  tcp,
} from '../../workbook/grade/checks/check.ts'

const { authority, localhost } = await makeCertificates()
const MiB = 1024 * 1024
const windows = process.platform === 'win32'
// A prime number of bytes again and again: pieces in the wrong order show.
const binary = Buffer.alloc(
  3 * MiB,
  new Uint8Array(65_521).map((_, i) => (i * 31 + (i >> 8)) & 0xff),
)
const hostile = [
  "a&b'c.txt",
  '100%25.txt',
  'a&lt;b.txt',
  'a+b;c=d.txt',
  '你好.txt',
  ...(windows
    ? []
    : [
        '<img src=x onerror=alert(1)>.txt',
        '<b><img src=x onerror=alert(2)>.txt',
        `"quoted" & 'single'.txt`,
        'javascript:alert(1)',
        'what?.txt',
        'a#b.txt',
      ]),
]
/** A folder whose name has a meaning in a URL, where names may have that. */
const odd = windows ? 'c+d e' : 'c+d? e#%2f'

// A folder `site`, and beside it what must never be seen.
const parent = realpathSync(mkdtempSync(join(tmpdir(), 'wirebook-')))
const site = join(parent, 'site')
const past = new Date('2020-02-02T02:02:02Z')
for (const [path, content] of Object.entries({
  'secret.txt': 'secret',
  'site-secret/key.txt': 'secret',
  'site/index.html': '<!doctype html><title>index</title>',
  'site/hello.txt': 'hello, world',
  'site/empty.txt': '',
  'site/你 好.txt': '你好',
  'site/binary': binary,
  'site/sub/page.html': 'page',
  'site/a b/page.html': 'page',
  [`site/${odd}/page.html`]: 'page',
  'site/a b/deep/page.html': 'page',
  'site/indexed/index.html': '<!doctype html><title>indexed</title>',
  'site/leads-out/page.html': 'page',
  'site/a+b.txt': 'plus',
  'site/A;b=c.TXT': 'semicolon',
  'site/c..d.txt': 'dots',
  'site/ blank': 'blank',
  'site/sub/.git/config': 'secret',
  'site/sub/.git/deep/config': 'secret',
  'site/.well-known/.env': 'secret',
  '.dotted/site/hello.txt': 'hello',
  'site/.git/config': 'secret',
  'site/.env': 'secret',
  'site/.well-known/security.txt': 'hello',
  'site/names/.hidden': 'secret',
  ...Object.fromEntries(hostile.map((name) => [`site/names/${name}`, name])),
})) {
  mkdirSync(join(parent, path, '..'), { recursive: true })
  writeFileSync(join(parent, path), content)
}
utimesSync(join(site, 'hello.txt'), past, past)
const linked = link('secret.txt', 'link.txt') && link('site-secret', 'linked') && link('site/hello.txt', 'inside.txt')
link('site/.git', 'git')
link('secret.txt', 'names/out.txt')
link('site/sub/page.html', 'names/inside.html')
link('site/sub', 'names/folder')
link('secret.txt', 'leads-out/index.html')
link('site', 'again')
afterAll(() => rmSync(parent, { recursive: true, force: true }))

check(
  'types',
  'names the type of a file, and octet-stream for what it does not know',
  { todo: 4, anchor: 'the-type-of-a-file', rule: 'RFC 9110 §8.3' },
  () => {
    for (const [name, wanted] of [
      ['a.html', /^text\/html; ?charset=utf-8$/i],
      ['a.CSS', /^text\/css; ?charset=utf-8$/i],
      ['a.js', /^text\/javascript; ?charset=utf-8$/i],
      ['a.txt', /^text\/plain; ?charset=utf-8$/i],
      ['a.b.html', /^text\/html; ?charset=utf-8$/i],
      ['/srv/site.d/a.min.Js', /^text\/javascript; ?charset=utf-8$/i],
      ['a.html.zip', /^application\/octet-stream$/],
      ['/srv/site.html/readme', /^application\/octet-stream$/],
      ['html', /^application\/octet-stream$/],
      ['a.constructor', /^application\/octet-stream$/],
      ['a.json', /^application\/json/],
      ['a.svg', /^image\/svg\+xml/],
      ['a.wasm', /^application\/wasm/],
      ['noext', /^application\/octet-stream$/],
      ['.html/a', /^application\/octet-stream$/],
    ] as const) {
      expect(contentType(name), `type of ${name}`).toMatch(wanted)
    }
  },
)

check(
  'bytes',
  'sends files as they are: 3 MiB of binary, an empty one, one with a name in Chinese',
  { anchor: 'one-request', rule: 'RFC 9110 §9.3.1' },
  async () => {
    const port = await serving()
    for (const [path, wanted] of [
      ['/binary', binary],
      ['/empty.txt', Buffer.alloc(0)],
      ['/%E4%BD%A0%20%E5%A5%BD.txt', Buffer.from('你好')],
      ['/hello.txt?version=2', Buffer.from('hello, world')],
    ] as const) {
      const { status, headers, body } = await ask(port, path)
      expect(status, `status of ${path}`).toBe(200)
      expect(headers['content-length'], `Content-Length of ${path}`).toBe(String(wanted.length))
      expect(body).toBeBytes(wanted, { action: `GET ${path}` })
    }
    await pieces(port)
  },
)

check(
  'head',
  'answers HEAD with the headers of GET and no body, and other methods with 405',
  { anchor: 'one-request', rule: 'RFC 9110 §9.3.2' },
  async () => {
    const port = await serving()
    const { headers: got } = await ask(port, '/hello.txt')
    const head = await ask(port, '/hello.txt', {}, 'HEAD')
    expect(head.body.length, 'bytes of body after HEAD').toBe(0)
    for (const name of ['content-length', 'content-type', 'etag', 'last-modified']) {
      expect(head.headers[name], `${name} after HEAD, as after GET`).toBe(got[name])
    }
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      const { status, headers } = await ask(port, '/hello.txt', {}, method)
      expect(status, `status of ${method}`).toBe(405)
      expect(headers.allow, `Allow after ${method}`).toMatch(/GET.*HEAD/)
    }
  },
)

check(
  'targets',
  'resolvePath refuses every spelling of “one up”, even one that would come back inside',
  { todo: 1, anchor: 'the-target', rule: 'RFC 9110 §17.3' },
  async () => {
    for (const target of [
      '/../site/hello.txt',
      '/%2e%2e/site/hello.txt',
      '/%2E./site/hello.txt',
      '/..%2fsite/hello.txt',
      '/sub/../hello.txt',
      '/sub/%2e%2e/hello.txt',
      '/sub%2fpage.html',
      '/./hello.txt',
      '//hello.txt',
      '/sub//page.html',
      '/sub//',
      '/sub/page.html//',
      '/..%5csite%5chello.txt',
    ]) {
      const status = await statusOf(target)
      expect(isRefusal(status) ? '400 or 404' : status, `status of ${target}`).toBe('400 or 404')
    }
    for (const target of ['/sub/page.html?q=/../', '/a+b.txt', '/A;b=c.TXT', '/c..d.txt', '/%20blank', '/sub/']) {
      expect(await statusOf(target), `status of ${target}`).toBe(200)
    }
    const { names } = await resolvePath(site, '/%61%20b/deep/')
    expect(names, 'names of /%61%20b/deep/').toEqual(['a b', 'deep'])
    const port = await serving()
    for (const target of ['/../secret.txt', '/%2e%2e/site-secret/key.txt', '/..%2fsecret.txt', '/..%5csecret.txt']) {
      const { status } = await ask(port, target)
      expect(isRefusal(status) ? '400 or 404' : status, `status of GET ${target}`).toBe('400 or 404')
    }
  },
)

check(
  'malformed',
  'answers 400 to what is no path, 404 to a path that is too long, and lives',
  { todo: 1, anchor: 'the-target', rule: 'RFC 9112 §3.2' },
  async () => {
    const port = await serving()
    const statuses: string[] = []
    for (const target of [
      '/%00',
      '/a%00.txt',
      '/sub%00/page.html',
      '/sub/%fe/page.html',
      '/%ZZ',
      '/%',
      '/%ff',
      '*',
      'http://files.test/hello.txt',
    ]) {
      statuses.push(`${target} ${(await ask(port, target)).status}`)
    }
    const others = statuses.filter((line) => !line.endsWith(' 400'))
    expect(others.join(', '), 'malformed targets that got another status than 400').toBe('')
    expect((await ask(port, `/${'x'.repeat(9000)}`)).status, 'status of a path of 9000 characters').toBe(404)
    expect((await ask(port, '/hello.txt')).status, 'status of /hello.txt after all of them').toBe(200)
  },
)

check(
  'links',
  'follows no link out of the folder, not even into one whose name begins alike',
  { todo: 2, anchor: 'the-folder', rule: 'Node.js: fs' },
  async () => {
    if (!linked) return skipLinks()
    expect(await statusOf('/linked/key.txt'), 'status through a link to the folder site-secret, beside site').toBe(404)
    expect(await statusOf('/link.txt'), 'status of a link to ../secret.txt').toBe(404)
    expect(await statusOf('/inside.txt'), 'status of a link that stays inside').toBe(200)
    expect(await statusOf('/names/folder/page.html'), 'status through a link to a folder inside').toBe(200)
    expect(await statusOf('/again/sub/page.html'), 'status through a link to the root itself').toBe(200)
    expect(await statusOf('/'), 'status of the root').toBe(200)
    const other = await statusOf('/sub/page.html', join(site, 'again'))
    expect(other, 'status of a file when the root is given as a link').toBe(200)
  },
)

check(
  'dotfiles',
  'hides names that begin with a dot, behind a link too, but for .well-known',
  { todo: 2, anchor: 'the-folder', rule: 'RFC 8615 §3' },
  async () => {
    const deep = ['/sub/.git/config', '/sub/.git/deep/config', '/.well-known/.env']
    for (const target of ['/.env', '/.git/config', '/.git/', ...deep, ...(linked ? ['/git/config', '/git/'] : [])]) {
      expect(await statusOf(target), `status of ${target}`).toBe(404)
    }
    expect(await statusOf('/.well-known/security.txt'), 'status of /.well-known/security.txt').toBe(200)
    const below = await statusOf('/hello.txt', join(parent, '.dotted', 'site'))
    expect(below, 'status of /hello.txt when the root itself lies below a folder .dotted').toBe(200)
  },
)

check(
  'folders',
  'gives index.html of a folder, and sends who left the slash out to the right place',
  { todo: 5, anchor: 'folders', rule: 'RFC 9110 §15.4.2' },
  async () => {
    const port = await serving()
    const index = await ask(port, '/')
    expect(index.status, 'status of /').toBe(200)
    expect(index.headers['content-type'], 'type of /').toMatch(/^text\/html; ?charset=utf-8$/i)
    expect(String(index.body), 'body of /').toContain('<title>index</title>')
    for (const [target, wanted] of [
      ['/a%20b?x=1&y=/', '/a%20b/?x=1&y=/'],
      ['/sub', '/sub/'],
      ['/indexed?', '/indexed/'],
      ['/a%20b/deep?a=%2F?b', '/a%20b/deep/?a=%2F?b'],
    ] as const) {
      const { status, headers } = await ask(port, target)
      expect(status, `status of ${target}, a folder without its slash`).toBe(301)
      const to = new URL(headers.location ?? '', `https://files.test${target}`)
      expect(to.pathname + to.search, `where ${target} leads to`).toBe(wanted)
    }
    const target = `/${encodeURIComponent(odd)}`
    const { location } = (await ask(port, target)).headers
    const to = new URL(location ?? '', `https://files.test${target}`)
    expect(decodeURIComponent(to.pathname), `where ${target} leads to, decoded`).toBe(`/${odd}/`)
    const indexed = await ask(port, '/indexed/')
    expect(String(indexed.body), 'body of /indexed/, which has an index.html of its own').toContain('<title>indexed')
    if (linked) {
      const { status, body } = await ask(port, '/leads-out/')
      expect(status, 'status of a folder whose index.html is a link that leads out').toBe(200)
      expect(String(body), 'body of a folder whose index.html leads out: a listing').toMatch(/<a /)
    }
    const head = await ask(port, '/a%20b/', {}, 'HEAD')
    expect(head.body.length, 'bytes of body after HEAD of a listing').toBe(0)
    expect((await ask(port, '/hello.txt/')).status, 'status of a file with a slash behind it').toBe(404)
    for (const target of ['//evil.test/%2e%2e', '//evil.test/sub', '/%2f%2fevil.test/..', '/%5cevil.test/sub/..']) {
      const { location } = (await ask(port, target)).headers
      const host = new URL(location ?? '/', 'https://files.test').host
      expect(host, `host that ${target} leads to`).toBe('files.test')
    }
  },
)

check(
  'listing',
  'lists a folder; a name is text, never HTML, and every link works',
  { todo: [2, 5, 6], anchor: 'listings', rule: 'RFC 3986 §2.1' },
  async () => {
    const port = await serving()
    const { status, headers, body } = await ask(port, '/names/')
    expect(status, 'status of a folder without index.html').toBe(200)
    expect(headers['content-type'], 'type of a listing').toMatch(/^text\/html; ?charset=utf-8$/i)
    const html = String(body)
    expect(/<img[^>]*>/.exec(html)?.[0] ?? 'none', 'the element of the page that a file name became').toBe('none')
    expect(/[^<>]*\.hidden/.exec(html)?.[0] ?? 'none', 'a hidden name in the listing').toBe('none')
    const [texts, found]: [string[], string[]] = [[], []]
    for (const [, attributes, text] of html.matchAll(/<a\s((?:"[^"]*"|'[^']*'|[^"'>])*)>(.*?)<\/a>/gs)) {
      const [, quoted, single, bare] = /(?:^|\s)href\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/i.exec(attributes!) ?? []
      const url = new URL(plainText(quoted ?? single ?? bare ?? '/'), 'https://files.test/names/')
      if (url.host !== 'files.test' || !/^\/names\/./.test(url.pathname)) continue
      texts.push(plainText(text!).trim().replace(/\/$/, ''))
      found.push(await bodyOf(port, url.pathname))
    }
    const links = linked ? ['inside.html'] : []
    const folders = linked ? ['folder/'] : []
    const names = [...hostile, ...links, ...folders.map(() => 'folder')]
    expect(beside(texts, names), 'what the listing shows, and is no name of the folder').toBe('')
    expect(beside(names, texts), 'names of the folder that the listing does not show').toBe('')
    const files = [...hostile, ...links.map(() => 'page'), ...folders.map(() => 'a folder')]
    expect(beside(found, files), 'what links of the listing lead to, and is not in the folder').toBe('')
    expect(beside(files, found), 'what is in the folder, and no link of the listing leads to').toBe('')
  },
)

check(
  'ranges',
  'parseRange reads one range, cuts it to the file, and ignores what it does not understand',
  { todo: 3, anchor: 'ranges', rule: 'RFC 9110 §14.1.2' },
  () => {
    for (const [header, wanted] of [
      ['bytes=0-4', '0-4'],
      ['bytes=0-0', '0-0'],
      ['bytes=3-3', '3-3'],
      ['bytes=9-10', '9-10'],
      ['bytes=0-11', '0-11'],
      ['bytes=0-12', '0-11'],
      ['bytes=11-11', '11-11'],
      ['bytes=11-', '11-11'],
      ['bytes=11-12', '11-11'],
      ['bytes=0-', '0-11'],
      ['bytes=-1', '11-11'],
      ['bytes=-12', '0-11'],
      ['bytes=-13', '0-11'],
      ['bytes=7-', '7-11'],
      ['bytes=-5', '7-11'],
      ['bytes=-99', '0-11'],
      ['bytes=0-99999999999999999999', '0-11'],
      ['bytes=12-', 'unsatisfiable'],
      ['bytes=12-20', 'unsatisfiable'],
      ['bytes=99999999999999999999-', 'unsatisfiable'],
      ['bytes=-0', 'unsatisfiable'],
      ['bytes=5-2', undefined],
      ['bytes=10-9', undefined],
      ['bytes=20-15', undefined],
      ['abc', undefined],
      ['', undefined],
      ['items=0-4', undefined],
      ['kilobytes=0-4', undefined],
      ['bytes 0-4', undefined],
      ['bytes=0-4x', undefined],
      ['bytes=x0-4', undefined],
      ['bytes=4', undefined],
      ['bytes=1-2-3', undefined],
      ['bytes=-5-3', undefined],
      ['bytes=--5', undefined],
      ['bytes=+1-4', undefined],
      ['bytes=0.5-4', undefined],
      ['bytes=1e1-', undefined],
      ['bytes=', undefined],
      ['bytes=-', undefined],
      ['bytes=0x0-0x4', undefined],
      ['bytes=0-1,3-4', undefined],
      [undefined, undefined],
    ] as const) {
      expect(shown(header, 12), `${header} of 12 bytes`).toBe(wanted ?? 'the whole file')
    }
    const size = 2 ** 33
    const inside = 'bytes=5000000000-5000000001'
    expect(shown(inside, size), `${inside} of 8 GiB`).toBe('5000000000-5000000001')
    expect(shown('bytes=-5000000000', size), 'bytes=-5000000000 of 8 GiB').toBe('3589934592-8589934591')
    expect(shown('bytes=0-', 0), 'bytes=0- of an empty file').toBe('unsatisfiable')
    expect(shown('bytes=-5', 0), 'bytes=-5 of an empty file').toBe('unsatisfiable')
  },
)

check(
  'partial',
  'answers 206 with the part, 416 with the size, 200 to nonsense, and a resumed download is the whole file',
  { todo: 3, anchor: 'ranges', rule: 'RFC 9110 §15.3.7' },
  async () => {
    const port = await serving()
    for (const [range, status, contentRange, text] of [
      ['bytes=-5', 206, 'bytes 7-11/12', 'world'],
      ['bytes=0-9', 206, 'bytes 0-9/12', 'hello, wor'],
      ['bytes=0-9007199254740993', 206, 'bytes 0-11/12', 'hello, world'],
      ['bytes=12-', 416, 'bytes */12', undefined],
      ['bytes=5-2', 200, undefined, 'hello, world'],
      ['abc', 200, undefined, 'hello, world'],
    ] as const) {
      const answer = await ask(port, '/hello.txt', { range })
      expect(answer.status, `status of ${range}`).toBe(status)
      expect(answer.headers['content-range'], `Content-Range of ${range}`).toBe(contentRange)
      if (text) expect(answer.body).toBeBytes(text, { text: true, action: `GET /hello.txt with Range: ${range}` })
    }
    const part = await ask(port, '/hello.txt', { range: 'bytes=-5' })
    const rest = await ask(port, '/binary', { range: 'bytes=1000001-' })
    expect(rest.body).toBeBytes(binary.subarray(1_000_001), { action: 'resumed /binary at byte 1000001' })
    const { etag = '' } = rest.headers
    const same = await ask(port, '/hello.txt', { range: 'bytes=0-4', 'if-range': part.headers.etag ?? '' })
    expect(same.status, 'status of a Range with If-Range of this version').toBe(206)
    const other = await ask(port, '/hello.txt', { range: 'bytes=0-4', 'if-range': etag })
    expect(other.status, 'status of a Range with If-Range of another version: all of it').toBe(200)
  },
)

check(
  'fresh',
  'answers 304 to a client that has this version; the ETag wins over the date',
  { todo: 7, anchor: 'have-you-changed', rule: 'RFC 9110 §13.2.2' },
  async () => {
    const port = await serving()
    const { etag = '', 'last-modified': date = '' } = (await ask(port, '/hello.txt')).headers
    expect(date, 'Last-Modified of hello.txt').toBe(past.toUTCString())
    const before = new Date(past.getTime() - 1000).toUTCString()
    for (const [headers, wanted] of [
      [{ 'if-none-match': etag }, 304],
      [{ 'if-none-match': `"other", W/${etag}` }, 304],
      [{ 'if-none-match': `"a,b",${etag} , "other"` }, 304],
      [{ 'if-none-match': `W/${etag}, "other"` }, 304],
      [{ 'if-none-match': '*' }, 304],
      [{ 'if-none-match': '"*"' }, 200],
      [{ 'if-none-match': `${etag.slice(0, -1)}0"` }, 200],
      [{ 'if-none-match': `"0${etag.slice(1)}` }, 200],
      [{ 'if-none-match': '"other", W/"another"' }, 200],
      [{ 'if-none-match': '"other"' }, 200],
      [{ 'if-modified-since': date }, 304],
      [{ 'if-modified-since': before }, 200],
      [{ 'if-modified-since': new Date(past.getTime() + 1000).toUTCString() }, 304],
      [{ 'if-modified-since': new Date(past.getTime() + 86_400_000).toUTCString() }, 304],
      [{ 'if-modified-since': 'yesterday' }, 200],
      [{ 'if-none-match': '"other"', 'if-modified-since': date }, 200],
      [{ 'if-none-match': etag, 'if-modified-since': before }, 304],
    ] as const) {
      const shown = JSON.stringify(headers).replaceAll(JSON.stringify(etag).slice(1, -1), 'ETAG')
      const { status, body } = await ask(port, '/hello.txt', headers)
      expect(status, `status of ${shown}`).toBe(wanted)
      expect(body.length, `bytes of body of ${shown}`).toBe(wanted === 304 ? 0 : 12)
    }
    writeFileSync(join(site, 'changing.txt'), 'one')
    const first = (await ask(port, '/changing.txt')).headers.etag ?? ''
    writeFileSync(join(site, 'changing.txt'), 'three')
    const { status } = await ask(port, '/changing.txt', { 'if-none-match': first })
    expect(status, 'status of the old ETag after the file has changed').toBe(200)
    const second = (await ask(port, '/changing.txt')).headers.etag ?? ''
    writeFileSync(join(site, 'changing.txt'), 'seven')
    utimesSync(join(site, 'changing.txt'), past, past)
    const again = await ask(port, '/changing.txt', { 'if-none-match': second })
    expect(again.status, 'status of the old ETag after the file has changed, and is as long').toBe(200)
  },
)

check(
  'slow-readers',
  'keeps little in memory for clients that do not read',
  { todo: 8, anchor: 'small-files-and-large-ones', rule: 'Node.js: stream' },
  async () => {
    sparse('slow.bin', 16 * MiB)
    const port = await serving()
    const before = process.memoryUsage().arrayBuffers
    for (let i = 0; i < 10; i++) await begin(port, '/slow.bin')
    const grown = (process.memoryUsage().arrayBuffers - before) / MiB
    const summary = `expected less than 64 MiB for 10 clients that each wait for 16 MiB, got ${Math.round(grown)} MiB`
    if (grown >= 64) fail.state('asked 10 times for 16 MiB and read nothing', `${Math.round(grown)} MiB`, summary)
  },
)

check(
  'abort',
  'closes the file when a client goes away in the middle, and after an answer without a body',
  { anchor: 'small-files-and-large-ones', rule: 'Node.js: fs' },
  async () => {
    const file = sparse('aborted.bin', 32 * MiB)
    const port = await serving()
    await ask(port, '/aborted.bin', {}, 'HEAD')
    await ask(port, '/aborted.bin', { 'if-none-match': '*' })
    await ask(port, '/aborted.bin', { range: `bytes=${32 * MiB}-` }, 'HEAD')
    for (let i = 0; i < 3; i++) (await begin(port, '/aborted.bin')).destroy()
    if (process.platform === 'linux') {
      const closed = until(() => !openFiles().includes(file))
      await deadline(closed, 3000, 'the file to be closed after HEAD, 304, 416 and three clients that went away')
    } else {
      note('open files can be counted on Linux only, not shown')
    }
    expect((await ask(port, '/hello.txt')).status, 'status of /hello.txt afterwards').toBe(200)
  },
)

check(
  'shrinks',
  'ends the connection when a file becomes shorter while it is sent, and lives when one is deleted',
  { anchor: 'small-files-and-large-ones', rule: 'RFC 9112 §8' },
  async () => {
    const file = sparse('shrinks.bin', 48 * MiB - 1)
    const mark = 0x21
    appendFileSync(file, Buffer.of(mark))
    const gone = sparse('deleted.bin', 16 * MiB)
    const port = await serving()
    const response = await begin(port, '/shrinks.bin')
    truncateSync(file, MiB)
    let last: number | undefined
    response.on('data', (chunk: Buffer) => {
      last = chunk.at(-1)
    })
    await readToEnd(response, 'the end of a download whose file became shorter')
    // All of it may have been read before, or not all of it comes; but nothing may stand in for what is gone.
    const end = response.complete && last !== mark ? 'filled up with something else' : 'the bytes of the file, or less'
    expect(end, 'a download whose file became shorter').toBe('the bytes of the file, or less')
    if (!windows) {
      const deleted = await begin(port, '/deleted.bin')
      rmSync(gone)
      await readToEnd(deleted, 'the end of a download whose file was deleted')
      expect((await ask(port, '/deleted.bin')).status, 'status of the deleted file').toBe(404)
    }
    expect((await ask(port, '/hello.txt')).status, 'status of /hello.txt afterwards').toBe(200)
  },
)

check(
  'headers',
  'asks for https for a year, though not on localhost, and lets no browser guess a type',
  { todo: 9, anchor: 'what-a-scanner-looks-for', rule: 'RFC 6797 §8.1' },
  async () => {
    const port = await serving()
    const agent = keepAlive({ checkServerIdentity: () => undefined })
    for (const [target, method, host] of [
      ['/hello.txt', 'GET', 'files.test'],
      ['/missing', 'GET', 'files.test'],
      ['/sub', 'GET', 'files.test:7010'],
      ['/hello.txt', 'POST', 'localhost.files.test'],
      ['/hello.txt', 'HEAD', 'notlocalhost'],
    ] as const) {
      const { headers } = await ask(port, target, { host }, method, agent)
      const what = `of ${method} ${target} on ${host}`
      expect(headers['strict-transport-security'] ?? 'none', `Strict-Transport-Security ${what}`).toMatch(
        /^max-age="?31536000"?\s*(?:;|$)/i,
      )
      expect(headers['x-content-type-options'], `X-Content-Type-Options ${what}`).toBe('nosniff')
    }
    for (const host of ['localhost', `localhost:${port}`]) {
      const own = (await ask(port, '/hello.txt', { host }, 'GET', agent)).headers['strict-transport-security']
      expect(own, 'Strict-Transport-Security on localhost, where it would shut out every http server').toBeUndefined()
    }
    for (const [strictTransport, wanted] of [
      [60, /^max-age="?60"?\s*(?:;|$)/i],
      [0, /^none$/],
    ] as const) {
      const other = await listen(createFileServer(site, localhost, { strictTransport }))
      const { headers } = await ask(other, '/hello.txt', { host: 'files.test' }, 'GET', agent)
      const sent = headers['strict-transport-security'] ?? 'none'
      expect(sent, `Strict-Transport-Security with strictTransport ${strictTransport}`).toMatch(wanted)
    }
  },
)

check(
  'ciphers',
  'speaks TLS 1.3, and TLS 1.2 only with authenticated encryption',
  { todo: 9, anchor: 'what-a-scanner-looks-for', rule: 'RFC 9325 §4.2' },
  async () => {
    const port = await serving()
    expect((await handshake(port, {})).getProtocol(), 'version with a client of today').toBe('TLSv1.3')
    for (const [ciphers, wanted] of [
      ['ECDHE-ECDSA-AES128-GCM-SHA256', 'served'],
      ['ECDHE-ECDSA-AES256-GCM-SHA384', 'served'],
      ['ECDHE-ECDSA-CHACHA20-POLY1305', 'served'],
      ['ECDHE-ECDSA-AES128-SHA', 'refused'],
      ['ECDHE-ECDSA-AES128-SHA256', 'refused'],
      ['ECDHE-ECDSA-AES256-SHA384', 'refused'],
    ] as const) {
      const end = await outcome(handshake(port, { maxVersion: 'TLSv1.2', ciphers }))
      expect(end, `a client of TLS 1.2 that has only the suite ${ciphers}`).toBe(wanted)
    }
  },
)

check(
  'rude',
  'serves others beside silent clients, plain HTTP, TLS 1.1, an unknown name and a reset',
  { anchor: 'others', rule: 'Node.js: https' },
  async () => {
    const port = await serving()
    await misbehave.silent(port)
    expect((await ask(port, '/hello.txt')).status, 'status of /hello.txt beside a client that says nothing').toBe(200)
    await misbehave.reset(port, Buffer.from('160301', 'hex'))
    const http = await tcp(port, { name: 'a client that speaks plain HTTP' })
    await http.send('GET / HTTP/1.1\r\n\r\n')
    await http.expectEnd({ orReset: true })
    const old = handshake(port, { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' })
    expect(await outcome(old), 'a client of TLS 1.1').toBe('refused')
    await handshake(port, { servername: 'stranger.test', rejectUnauthorized: false })
    ;(await handshake(port, {})).write('GET /hello.txt HTTP/1.1\r\nHo')
    expect((await ask(port, '/hello.txt')).status, 'status of /hello.txt beside all of them').toBe(200)
  },
)

check(
  'close',
  'close() is done at once, though a client keeps its connection alive',
  { anchor: 'others', rule: 'Node.js: http' },
  async () => {
    const server = createFileServer(site, localhost)
    const port = await listen(server)
    const agent = keepAlive()
    expect((await ask(port, '/hello.txt', {}, 'GET', agent)).status, 'status of /hello.txt').toBe(200)
    const closed = new Promise((resolve) => server.close(resolve))
    await deadline(closed, 2000, 'close() with an idle client')
  },
)

check(
  'by-hand',
  'server.ts serves the folder that it is given',
  { anchor: 'your-turn', rule: 'Node.js: https' },
  async () => {
    const server = runFile('10-https-files/server.ts', [0, '127.0.0.1', site])
    const port = await server.port()
    const { body } = await ask(port, '/hello.txt', {}, 'GET', keepAlive({ rejectUnauthorized: false }))
    expect(String(body), 'body of /hello.txt').toBe('hello, world')
  },
)

/** What `parseRange` returns: `0-4`, `unsatisfiable`, or `the whole file` */
function shown(header: string | undefined, size: number): string {
  const range = parseRange(header, size)
  if (range === undefined) return 'the whole file'
  return typeof range === 'object' && range ? `${range.start}-${range.end}` : String(range)
}

/** Starts the lab's server for the folder. @returns its port */
function serving(): Promise<number> {
  return listen(createFileServer(site, localhost))
}

interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
}

/** Sends one request, its target as it stands, and reads all of the answer. */
async function ask(port: number, path: string, headers = {}, method = 'GET', agent = keepAlive()): Promise<Answer> {
  const response = await responseTo({ port, path, headers, method, agent })
  const chunks: Buffer[] = []
  const over = new Promise<void>((resolve) => {
    response.on('data', (chunk) => chunks.push(chunk))
    response.on('error', () => resolve())
    response.on('close', () => resolve())
  })
  await deadline(over, 3000, `the whole answer to ${method} ${path.slice(0, 40)}`)
  if (!response.complete) fail.state(`${method} ${path}`, 'the connection ended too early', 'half an answer')
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }
}

/** What a link of a listing leads to. */
async function bodyOf(port: number, path: string): Promise<string> {
  const { status, body } = await ask(port, path)
  if (path.endsWith('/')) return status === 200 ? 'a folder' : `${path} gets ${status}`
  return status === 200 ? String(body) : `${path} gets ${status}`
}

/** Reads the head of an answer and none of its body. The client goes away at the end of the check. */
async function begin(port: number, path: string): Promise<IncomingMessage> {
  const response = await responseTo({ port, path, agent: keepAlive() })
  response.on('error', () => {})
  cleanup(() => response.destroy())
  return response
}

/** Reads an answer, and throws it away. Settles however it ends. */
function readToEnd(response: IncomingMessage, what: string): Promise<unknown> {
  const over = new Promise((resolve) => response.on('error', resolve).on('close', resolve).on('end', resolve))
  response.resume()
  return deadline(over, 5000, what)
}

async function responseTo(options: RequestOptions & { path: string }): Promise<IncomingMessage> {
  const request = httpsRequest({ ...options, host: '127.0.0.1' })
  const response = new Promise<IncomingMessage>((resolve, reject) => {
    request.on('response', resolve)
    request.on('error', reject)
  })
  request.end()
  const what = `${options.method ?? 'GET'} ${options.path.slice(0, 40)}`
  try {
    return await deadline(response, 3000, `the answer to ${what}`)
  } catch (error) {
    if ((error as Error).message.startsWith('waited')) throw error
    return fail.state(what, (error as Error).message, `no answer to ${what}`)
  }
}

function keepAlive(options: ConnectionOptions = {}): Agent {
  const agent = new Agent({ keepAlive: true, ca: authority, ...options } as object)
  cleanup(() => agent.destroy())
  return agent
}

/** A TLS connection whose options are the check's own. */
async function handshake(port: number, options: ConnectionOptions): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port, ca: authority, ...options })
  cleanup(() => socket.destroy())
  const done = new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', resolve)
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('closed during the handshake')))
  })
  await deadline(done, 2000, 'a TLS handshake with your server')
  return socket
}

/** Whether a client was served or refused. @throws when neither happened in time */
function outcome(attempt: Promise<TLSSocket>): Promise<'served' | 'refused'> {
  return attempt.then(
    () => 'served' as const,
    (error: Error) => {
      if (error.message.startsWith('waited')) throw error
      return 'refused' as const
    },
  )
}

/** Files around the sizes at which a program cuts them, one behind the other on one connection, and two at once. */
async function pieces(port: number): Promise<void> {
  const piece = 256 * 1024
  const sizes = [piece, piece + 1, 2 * piece + 1]
  for (const size of sizes) writeFileSync(join(site, `${size}.bin`), binary.subarray(0, size))
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: authority })
  cleanup(() => agent.destroy())
  for (const size of sizes) {
    const { body } = await ask(port, `/${size}.bin`, {}, 'GET', agent)
    expect(body).toBeBytes(binary.subarray(0, size), { action: `GET a file of ${size} bytes, on the same connection` })
  }
  // Of bytes behind the promised ones a client of HTTP says nothing, so they are counted without one.
  const raw = await handshake(port, {})
  const chunks: Buffer[] = []
  const over = new Promise((resolve) => raw.on('data', (chunk) => chunks.push(chunk)).on('close', resolve))
  raw.write(`GET /${piece + 1}.bin HTTP/1.1\r\nHost: files.test\r\nConnection: close\r\n\r\n`)
  await deadline(over, 3000, `the end of the connection after GET /${piece + 1}.bin with Connection: close`)
  const answer = Buffer.concat(chunks)
  const length = answer.length - answer.indexOf('\r\n\r\n') - 4
  expect(length, `bytes that came for a file of ${piece + 1} bytes`).toBe(piece + 1)
  writeFileSync(join(site, 'reversed.bin'), Buffer.from(binary.subarray(0, MiB)).reverse())
  const [forwards, backwards] = await Promise.all([ask(port, '/binary'), ask(port, '/reversed.bin')])
  expect(forwards.body).toBeBytes(binary, { action: 'GET /binary, while another client reads another file' })
  expect(backwards.body.reverse()).toBeBytes(binary.subarray(0, MiB), {
    action: 'GET a file that is written backwards, while another client reads another file',
  })
}

/** What is in the first list and not in the second, as a sentence shows it. */
function beside(list: string[], other: string[]): string {
  return list.filter((text) => !other.includes(text)).join('  ')
}

function isRefusal(status: unknown): boolean {
  return status === 400 || status === 404
}

/** 200 when `resolvePath` finds something in the folder, or the status of its error. */
async function statusOf(target: string, root = site): Promise<unknown> {
  try {
    await resolvePath(root, target)
    return 200
  } catch (error) {
    return (error as { status?: number }).status ?? error
  }
}

/** A file that takes no room on most disks. @returns its path */
function sparse(name: string, size: number): string {
  const file = join(site, name)
  writeFileSync(file, '')
  truncateSync(file, size)
  return file
}

/** Links `site/name` to a path beside `site`. @returns whether this user may */
function link(target: string, name: string): boolean {
  try {
    symlinkSync(join(parent, target), join(site, name))
    return true
  } catch {
    return false
  }
}

function skipLinks(): void {
  note('this user may not make symbolic links, not shown')
}

/** What the files of this process are, by Linux. */
function openFiles(): string[] {
  return readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`)
    } catch {
      return ''
    }
  })
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10))
}

function plainText(html: string): string {
  const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
  // In one go: of `&#38;lt;` a browser makes `&lt;`, and leaves it at that.
  return html.replaceAll(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (entity, hex, decimal, name) => {
    if (name) return named[name] ?? entity
    return String.fromCodePoint(hex ? Number.parseInt(hex, 16) : Number(decimal))
  })
}
