import { connect, createServer } from 'node:net'
import { isMain } from '../run.ts'
import { explainListenError, type ListenOptions, listenOn } from './listen.ts'

/** Tries to listen, hangs up again, and returns what to tell a person. */
export async function attempt(options: ListenOptions): Promise<string> {
  const server = createServer()
  try {
    const { url } = await listenOn(server, options)
    return `ok, ${url}`
  } catch (error) {
    return explainListenError(error)
  } finally {
    server.close()
  }
}

/** Connects to a name with two addresses; nobody listens on either. */
function twoRefusals(port: number): Promise<Error> {
  return new Promise((resolve) => {
    const socket = connect({
      port,
      host: 'two.test',
      autoSelectFamily: true,
      lookup: (_name, _options, done) =>
        done(null, [
          { address: '127.0.0.1', family: 4 },
          { address: '::1', family: 6 },
        ]),
    })
    socket.once('error', resolve)
  })
}

if (isMain(import.meta.url)) {
  const taken = createServer()
  const { port } = await listenOn(taken)

  for (const [what, options] of [
    ['port 0', {}],
    ['port 0 again', {}],
    ['port 80', { port: 80 }],
    ['port 70000', { port: 70_000 }],
    ['a taken port', { port }],
    ['everywhere', { port, host: '0.0.0.0', public: true }],
    ['the router', { host: '203.0.113.7', public: true }],
    ['a wrong name', { host: 'lcoalhost.invalid' }],
    ['not public', { host: '0.0.0.0' }],
  ] satisfies [string, ListenOptions][]) {
    console.log(`${what}: ${await attempt(options)}`)
  }
  taken.close()

  const error = await twoRefusals(port)
  console.log(`two refusals: ${error.name} with the message ${JSON.stringify(error.message)}`)
  console.log(explainListenError(error))
}
