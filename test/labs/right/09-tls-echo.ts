import type { Right } from '../../../workbook/grade/labs/edited-programs.ts'

const S = 'server.ts'
const C = 'client.ts'
const E = 'errors.ts'

export default [
  {
    name: 'echo as a Transform in a pipeline',
    edits: [
      {
        file: S,
        find: "import { isMain, serve } from '../run.ts'",
        replace: "import { Transform } from 'node:stream'\nimport { isMain, serve } from '../run.ts'",
      },
      {
        file: S,
        find: `  const decoder = new LengthPrefixedDecoder()
  socket.on('data', (chunk) => {
    try {
      for (const message of decoder.push(chunk)) socket.write(encodeLengthPrefixed(message))
    } catch {
      socket.destroy() // it announces too much, and where the next message begins nobody knows
    }
    // While the client does not read, neither do we.
    if (socket.writableNeedDrain) socket.pause()
  })
  socket.on('drain', () => socket.resume())
  socket.on('end', () => {
    try {
      decoder.end()
      // Writes close_notify, so the client knows that nothing is missing, and then FIN.
      socket.end()
    } catch {
      socket.destroy() // the end came inside a message
    }
  })
`,
        replace: `  const decoder = new LengthPrefixedDecoder()
  const turn = new Transform({
    transform(chunk, _encoding, done) {
      try {
        for (const message of decoder.push(chunk)) this.push(encodeLengthPrefixed(message))
        done()
      } catch (error) {
        done(error as Error)
      }
    },
    flush(done) {
      try {
        decoder.end()
        done()
      } catch (error) {
        done(error as Error)
      }
    },
  })
  turn.on('error', () => socket.destroy())
  socket.on('close', () => turn.destroy())
  socket.pipe(turn).pipe(socket)
`,
      },
    ],
  },
  {
    name: 'SNI by callback',
    edits: [
      {
        file: S,
        find: 'for (const [name, other] of Object.entries(options.names ?? {})) server.addContext(name, contextOf(other))',
        replace: '',
      },
      {
        file: S,
        find: 'function settings({ handshakeTimeout = 10_000 }: EchoOptions): TlsOptions {',
        replace: 'function settings({ handshakeTimeout = 10_000, names = {} }: EchoOptions): TlsOptions {',
      },
      {
        file: S,
        find: "return { minVersion: 'TLSv1.2', ",
        replace:
          "return { SNICallback: (name, done) => { const found = names[name.toLowerCase()]; done(null, found && contextOf(found)) }, minVersion: 'TLSv1.2', ",
      },
    ],
  },
  {
    name: 'connectTls with events.once and AbortController',
    edits: [
      {
        file: C,
        find: `  const socket = connect({ ...options, servername: name })
  return new Promise((resolve, reject) => {
    const fail = (cause: NodeJS.ErrnoException) => {
      clearTimeout(timer)
      socket.destroy()
      reject(new Error(explainTlsError(cause, target), { cause }))
    }
    const timer = setTimeout(() => fail(withCode('ETIMEDOUT')), timeout)
    socket.once('secureConnect', () => {
      clearTimeout(timer)
      resolve(socket)
    })
    // They stay: after the handshake the promise is settled, and an error without a listener would end the program.
    socket.on('error', fail)
    socket.on('close', () => fail(withCode('ECONNRESET')))
  })
`,
        replace: `  const socket = connect(options.port, options.host, { ...options, servername: name })
  socket.on('error', () => {})
  const timer = setTimeout(() => socket.destroy(withCode('ETIMEDOUT')), timeout)
  const over = new AbortController()
  const { signal } = over
  try {
    await Promise.race([
      once(socket, 'secureConnect', { signal }),
      once(socket, 'close', { signal }).then(() => Promise.reject(withCode('ECONNRESET'))),
    ])
    return socket
  } catch (error) {
    socket.destroy()
    throw new Error(explainTlsError(error as NodeJS.ErrnoException, target), { cause: error })
  } finally {
    clearTimeout(timer)
    over.abort()
  }
`,
      },
    ],
  },
  {
    name: 'messages by events',
    file: C,
    find: `  const decoder = new LengthPrefixedDecoder()
  for await (const chunk of socket) yield* decoder.push(chunk as Buffer)
  decoder.end()
`,
    replace: `  const decoder = new LengthPrefixedDecoder()
  const chunks = socket[Symbol.asyncIterator]()
  for (;;) {
    const { done, value } = await chunks.next()
    if (done) break
    for (const message of decoder.push(value)) yield message
  }
  return decoder.end()
`,
  },
  {
    name: 'a table of sentences',
    file: E,
    find: '  switch (error.code) {',
    replace: `  const table: Record<string, string> = { ECONNREFUSED: 'no server', ECONNRESET: 'closed', ETIMEDOUT: 'slow' }\n  const known = table[error.code ?? '']\n  if (known) return \`\${server} - \${known} (\${error.code})\`\n  switch (error.code) {`,
  },
  {
    name: 'a timer that does not hold the program',
    file: C,
    find: "const timer = setTimeout(() => fail(withCode('ETIMEDOUT')), timeout)",
    replace: "const timer = setTimeout(() => fail(withCode('ETIMEDOUT')), timeout).unref()",
  },
] satisfies Right[]
