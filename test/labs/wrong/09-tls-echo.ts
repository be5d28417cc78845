import type { Wrong } from '../../../workbook/grade/labs/edited-programs.ts'

export default [
  {
    name: 'the seed: loads the certificate on every connection',
    file: 'server.ts',
    find: 'contexts.get(credentials) ?? createSecureContext',
    replace: 'createSecureContext',
    fails: ['one-context'],
    says: 'session resumed on the second visit: expected false to be true',
  },
  {
    name: 'the seed: serves one client, then closes',
    file: 'server.ts',
    find: '(socket) => echo(wrapSocket(socket, credentials))',
    replace: 'function (socket) { this.close(); echo(wrapSocket(socket, credentials)) }',
    fails: ['one-context', 'silent'],
    says: 'the TLS handshake failed',
  },
  {
    name: 'the seed: a handshake in handle(), so a client who says nothing blocks everybody',
    file: 'server.ts',
    find: 'return createTcpServer({ noDelay: true }, (socket) => echo(wrapSocket(socket, credentials)))',
    replace: `let turn: Promise<unknown> = Promise.resolve()
  return createTcpServer({ noDelay: true, pauseOnConnect: true }, (socket) => {
    turn = turn.then(() => {
      const wrapped = wrapSocket(socket, credentials)
      echo(wrapped)
      return new Promise((done) => wrapped.once('secure', done).once('close', done))
    })
  })`,
    fails: ['silent'],
    says: 'the TLS handshake failed',
  },
  {
    name: 'the seed: plain HTTP is an exception that nobody expects',
    file: 'server.ts',
    find: "server.on('tlsClientError', (_, socket) => socket.destroy())",
    replace: `server.on('tlsClientError', (error, socket) => {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SSL_HTTP_REQUEST') throw new Error('[SSL: HTTP_REQUEST] http request')
    socket.destroy()
  })`,
    fails: ['rude'],
    says: 'Error: [SSL: HTTP_REQUEST] http request',
  },
  {
    name: 'lets TLS 1.1 in',
    file: 'server.ts',
    find: "{ minVersion: 'TLSv1.2', ALPNProtocols",
    replace: "{ minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0', ALPNProtocols",
    fails: ['rude'],
    says: "a client of TLS 1.1: expected 'served' to be 'refused'",
  },
  {
    name: 'the seed: PROTOCOL_SSLv23, by its name in Node',
    file: 'server.ts',
    find: "createSecureContext({ ...credentials, minVersion: 'TLSv1.2' })",
    replace: "createSecureContext({ ...credentials, secureProtocol: 'SSLv23_method' })",
    fails: ['wrapped'],
    says: "the version agreed on with a client of today: expected 'TLSv1.2' to be 'TLSv1.3'",
  },
  {
    name: 'the seed: one recv is one message',
    file: 'server.ts',
    find: 'of decoder.push(chunk)',
    replace: 'of new LengthPrefixedDecoder().push(chunk)',
    fails: ['whole-messages'],
    says: 'no reply within 2000 ms: waited for 9 bytes',
  },
  {
    name: 'the seed: no close_notify',
    file: 'server.ts',
    find: '      socket.end()\n',
    replace: '      socket.destroy()\n',
    fails: ['close-notify'],
    says: 'close_notify, an alert, came before FIN: expected false to be true',
  },
  {
    name: 'says that all is well after half a message',
    file: 'server.ts',
    find: '      decoder.end()\n',
    replace: '',
    fails: ['cut'],
    says: 'close_notify, an alert, came after half a message: expected true to be false',
  },
  {
    name: 'offers a protocol that it does not speak',
    file: 'server.ts',
    find: 'ALPNProtocols: [protocol]',
    replace: "ALPNProtocols: ['h2', protocol]",
    fails: ['alpn'],
    says: "protocol for a client that offers h2 and echo: expected 'h2' to be 'echo'",
  },
  {
    name: 'hears of a handshake that takes too long, and leaves it open',
    file: 'server.ts',
    find: "server.on('tlsClientError', (_, socket) => socket.destroy())",
    replace: "server.on('tlsClientError', () => {})",
    fails: ['slow-handshake'],
    says: 'waited 2000 ms for the server to hang up on a silent client after 100 ms: it did not happen',
  },
  {
    name: 'trusts everybody: rejectUnauthorized: false',
    file: 'client.ts',
    find: 'connect({ ...options, servername: name })',
    replace: 'connect({ ...options, servername: name, rejectUnauthorized: false })',
    fails: ['refuses', 'explains'],
    says: 'connectTls accepts a certificate: an authority that is not known',
  },
  {
    name: 'does not say which name it wants',
    file: 'client.ts',
    find: 'connect({ ...options, servername: name })',
    replace: 'connect({ ...options })',
    fails: ['connects'],
    says: "names that the server was asked for: localhost, and none for an address: expected [ false, false ] to deeply equal [ 'localhost', false ]",
  },
  {
    name: 'takes the TCP connection for the handshake',
    file: 'client.ts',
    find: "socket.once('secureConnect'",
    replace: "socket.once('connect'",
    fails: ['connects', 'refuses'],
    says: 'authorized, once connectTls has resolved: expected false to be true',
  },
  {
    name: 'waits for a silent server for ever',
    file: 'client.ts',
    find: "setTimeout(() => fail(withCode('ETIMEDOUT')), timeout)",
    replace: 'setTimeout(() => {}, timeout)',
    fails: ['in-time'],
    says: 'waited 2000 ms for connectTls to reject a server that says nothing, with a timeout of 100 ms: it did not happen',
  },
  {
    name: 'one sentence for two causes',
    file: 'errors.ts',
    find: 'its certificate has expired. The server needs a new one, or this clock is wrong.',
    replace: 'its certificate is signed by itself, so anybody could have made it.',
    fails: ['explains'],
    says: "the error for expired is one of its own: expected 'signed by itself' to be undefined",
  },
  {
    name: 'takes FIN for the end of all messages',
    file: 'client.ts',
    find: '  decoder.end()\n',
    replace: '',
    fails: ['truncation'],
    says: "an error that names the 2 bytes that are missing: expected 'no error' to match /error: .*\\b2\\b/",
  },
] satisfies Wrong[]
