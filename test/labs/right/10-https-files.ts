import type { Right } from '../../../workbook/grade/labs/edited-programs.ts'

export default [
  {
    name: 'bytes in lower case only',
    file: 'range.ts',
    find: '/^bytes=[ \\t]*(\\d*)-(\\d*)[ \\t]*$/i',
    replace: '/^bytes=(\\d*)-(\\d*)$/',
  },
  {
    name: 'range by split',
    file: 'range.ts',
    find: `  const [, first, last] = /^bytes=[ \\t]*(\\d*)-(\\d*)[ \\t]*$/i.exec(header ?? '') ?? []
  if (first === undefined || last === undefined || first + last === '') return undefined
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  // Numbers too large for exact arithmetic are too large for any file, and compare rightly.
  if (first !== '' && last !== '' && Number(last) < start) return undefined
  if (start >= size) return 'unsatisfiable'
  return { start, end: first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1) }
`,
    replace: `  if (!header?.startsWith('bytes=')) return undefined
  const parts = header.slice(6).trim().split('-')
  if (parts.length !== 2 || parts.some((part) => /\\D/.test(part))) return undefined
  const [from, to] = parts.map((part) => (part === '' ? undefined : Number.parseInt(part, 10)))
  if (from === undefined) {
    if (to === undefined) return undefined
    if (to === 0 || size === 0) return 'unsatisfiable'
    return to >= size ? { start: 0, end: size - 1 } : { start: size - to, end: size - 1 }
  }
  if (to !== undefined && from > to) return undefined
  if (from > size - 1) return 'unsatisfiable'
  return { start: from, end: to === undefined || to > size - 1 ? size - 1 : to }
`,
  },
  {
    name: 'names by a loop, 400 first',
    file: 'files.ts',
    find: `  const names = path.slice(1).split('/').map(decode)
  if (names.at(-1) === '') names.pop()
  for (const name of names) {
    if (name.includes('\\0')) throw new HttpError(400, 'The target has a NUL in it.')
    if (name === '' || name === '.' || name === '..' || /[\\\\/]/.test(name)) throw notFound()
    // On Windows \`name:stream\` is another way to say the same file.
    if (sep === '\\\\' && name.includes(':')) throw notFound()
  }
  return names
`,
    replace: `  const raw = path.replace(/\\/$/, '').split('/').slice(1)
  const bad = new Set(['', '.', '..'])
  const names: string[] = []
  for (const part of raw) {
    const name = decode(part)
    if (name.indexOf('\\0') >= 0) throw new HttpError(400, 'NUL')
    if (bad.has(name) || name.includes('/') || name.includes('\\\\')) throw new HttpError(404, 'no')
    names.push(name)
  }
  return names
`,
  },
  {
    name: 'confined by prefix with a separator',
    file: 'files.ts',
    find: `  const inside = relative(base, path)
  if (inside === '..' || inside.startsWith(\`..\${sep}\`) || isAbsolute(inside)) throw notFound()
  if (inside.split(sep).some(isHidden)) throw notFound()
  return path
`,
    replace: `  if (path === base) return path
  const below = base.endsWith(sep) ? base : base + sep
  if (!path.startsWith(below)) throw notFound()
  for (const name of path.slice(below.length).split(sep)) if (isHidden(name)) throw notFound()
  return path
`,
  },
  {
    name: 'a folder redirected by a relative location',
    file: 'server.ts',
    find: `Location: \`/\${path}\${found.query}\``,
    replace: `Location: \`./\${encodeURIComponent(found.names.at(-1) ?? '')}/\${found.query}\``,
  },
  {
    name: 'answers 301 by itself',
    file: 'server.ts',
    find: `if (!found.slash) throw new HttpError(301, 'It is a folder.', { Location: \`/\${path}\${found.query}\` })`,
    replace: `if (!found.slash) {\n    response.writeHead(301, { Location: \`/\${path}\${found.query}\`, 'Content-Length': 0 })\n    return void response.end()\n  }`,
  },
  {
    name: 'entities by name',
    file: 'listing.ts',
    find: `\${escapeHtml(name)}\${slash}</a>`,
    replace: `\${name.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')}\${slash}</a></li>`,
  },
  {
    name: 'item with more attributes and stricter encoding',
    file: 'listing.ts',
    find: `<a href="./\${encodeURIComponent(name)}\${slash}">`,
    replace: `<a class="entry" href='./\${encodeURIComponent(name).replace(/[!'()*]/g, (c) => \`%\${c.charCodeAt(0).toString(16)}\`)}\${slash}'>`,
  },
  {
    name: 'fresh by hand',
    file: 'conditional.ts',
    find: `  const tags = headers['if-none-match']
  // An ETag ends at its second quote: a comma may stand inside of it.
  if (tags !== undefined) return tags === '*' || tags.match(/"[^"]*"/g)?.includes(etag) === true
  const since = Date.parse(headers['if-modified-since'] ?? '')
  return Date.parse(lastModified) <= since
`,
    replace: `  const tags = headers['if-none-match']
  if (tags === undefined) {
    const asked = headers['if-modified-since']
    return asked !== undefined && new Date(asked).getTime() >= new Date(lastModified).getTime()
  }
  if (tags.trim() === '*') return true
  return tags.split(',').some((tag) => tag.trim().replace(/^W\\//, '') === etag)
`,
  },
  {
    name: 'send in pieces of 64 KiB, the last by end()',
    file: 'send.ts',
    find: `  const piece = Buffer.allocUnsafe(pieceSize)
  for (let at = start; at <= end; ) {
    const { bytesRead } = await readInto(file, piece, 0, Math.min(pieceSize, end - at + 1), at)
    if (bytesRead === 0) throw tooShort(end, at)
    await sent(response, piece.subarray(0, bytesRead))
    at += bytesRead
  }
  response.end()
`,
    replace: `  const piece = Buffer.allocUnsafe(64 * 1024)
  let left = end - start + 1
  while (left > 0) {
    const at = end - left + 1
    const { bytesRead } = await readInto(file, piece, 0, Math.min(piece.length, left), at)
    if (bytesRead < 1) throw tooShort(end, at)
    left -= bytesRead
    if (left === 0) return void response.end(piece.subarray(0, bytesRead))
    await sent(response, piece.subarray(0, bytesRead))
  }
`,
  },
  {
    name: 'type by regular expression',
    file: 'content-type.ts',
    find: "return types[extname(path).toLowerCase()] ?? 'application/octet-stream'",
    replace:
      "const [end] = /(?<=[^/\\\\])\\.[^./\\\\]+$/.exec(path) ?? ['']\n  const found = Object.entries(types).find(([key]) => key === end.toLowerCase())\n  return found ? found[1] : 'application/octet-stream'",
  },
  {
    name: 'suites by name, stricter',
    file: 'server.ts',
    find: "ciphers: 'ECDHE+AESGCM:ECDHE+CHACHA20'",
    replace:
      "ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305'",
  },
  {
    name: 'strict by URL',
    file: 'server.ts',
    find: "const name = (request.headers.host ?? '').replace(/:\\d+$/, '')",
    replace: "const name = (request.headers.host ?? '').toLowerCase().split(':')[0]",
  },
] satisfies Right[]
