import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { isMain } from '../run.ts'
import { createAckClient } from './client.ts'
import { createAckServer } from './server.ts'

/** What a bad network does with each datagram, in order; when the list is used up, it behaves. */
type Fate = 'deliver' | 'lose' | 'double'

/** A network between one client and a server, for datagrams in both directions. */
async function badNetwork(server: Socket, there: Fate[], back: Fate[]): Promise<Socket> {
  const network = createSocket('udp4')
  let client = 0
  network.on('message', (datagram, from) => {
    const toServer = from.port !== server.address().port
    if (toServer) client = from.port
    const fate = (toServer ? there : back).shift() ?? 'deliver'
    console.log(`  ${toServer ? 'request' : 'reply  '} of ${datagram.length} bytes: ${fate}`)
    const copies = { lose: 0, deliver: 1, double: 2 }[fate]
    for (let i = 0; i < copies; i++) network.send(datagram, toServer ? server.address().port : client, '127.0.0.1')
  })
  network.bind(0, '127.0.0.1')
  await once(network, 'listening')
  return network
}

async function send(what: string, there: Fate[], back: Fate[]): Promise<void> {
  console.log(what)
  let received = 0
  const server = createAckServer({ onData: () => received++ })
  server.bind(0, '127.0.0.1')
  await once(server, 'listening')
  const network = await badNetwork(server, there, back)
  const client = createAckClient({ host: '127.0.0.1', port: network.address().port })
  // A client that never gives up is closed by us.
  const enough = setTimeout(() => client.close(), 2000)

  const outcome = await client.send('hello').then(
    ({ attempts, time }) => `acknowledged, ${attempts} attempt(s), ${time.toFixed(0)} ms`,
    (error: Error) => error.message.replace(/:\d+/, ''),
  )
  console.log(`  ${outcome}; the server took the data ${received} time(s)`)
  clearTimeout(enough)
  client.close()
  network.close()
  server.close()
}

if (isMain(import.meta.url)) {
  await send('a good network', [], [])
  await send('the request is lost, twice', ['lose', 'lose'], [])
  await send('the reply is lost', [], ['lose'])
  await send('everything arrives twice', ['double'], ['double', 'double'])
  await send('everything is lost', Array(10).fill('lose'), [])
}
