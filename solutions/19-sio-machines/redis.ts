import { createClient } from '@redis/client'
import { createAdapter } from '@socket.io/redis-adapter'
import type { Bus } from './bus.ts'
import { busStatus } from './bus-status.ts'

/** What we need of a client; its own type depends on all its options. */
interface RedisClient {
  isReady: boolean
  on(event: 'connect', listener: () => void): unknown
  connect(): Promise<unknown>
  close(): Promise<unknown>
  destroy(): void
}

/**
 * The same rooms over Redis, with the adapter of the Socket.IO project.
 *
 * @param url `redis://[user:password@]host:port`
 * @param tell function that gets what a person should know, a sentence each
 */
export function redisBus(url: string, tell: (sentence: string) => void): Bus {
  const status = busStatus(url, tell)
  // Commands wait while Redis is away, but not any number of them, and it is asked for at least twice a second.
  const options = {
    url,
    commandsQueueMaxLength: 10_000,
    socket: { reconnectStrategy: (tries: number) => Math.min(500, 50 * 2 ** tries) },
  }
  // #region redis
  // TODO 5: Make two clients, one to publish and one to subscribe: `createClient(options)` and its
  // `duplicate()`. Listen to 'error' (`status.down`) and 'ready' (`status.up`) of both before you `open` them. Return what
  // `createAdapter` makes of both, each `forgiving`, as `adapter`, and a `close` that shuts both (`shut`).
  // starter: void options
  // starter: status.down(new Error('TODO 5: no client connects to it'))
  // starter: return { close: async () => {} }

  const pub = createClient(options)
  const sub = pub.duplicate()
  for (const client of [pub, sub]) {
    client.on('error', status.down) // without a listener, the first failure would end the process
    client.on('ready', status.up)
    open(client)
  }
  return {
    adapter: createAdapter(forgiving(pub), forgiving(sub)),
    close: async () => {
      await Promise.all([shut(pub), shut(sub)])
    },
  }
  // #endregion
}

/** Connects, as often as it takes. */
function open(client: RedisClient): void {
  client.connect().catch(() => {}) // each failure is an 'error' event as well, and it rejects only when it is shut
}

/** Lets a client finish what it has begun, if there is a Redis that can answer. */
async function shut(client: RedisClient): Promise<void> {
  const end = () => client.destroy()
  // `destroy` misses a connection that is just being made; that one is ended as soon as it is there.
  client.on('connect', end)
  if (!client.isReady) return end()
  // A Redis that does not answer does not keep us.
  const timer = setTimeout(end, 500)
  await client.close()
  clearTimeout(timer)
}

/**
 * The adapter drops the promises of its commands. One that is under way when Redis goes rejects; nobody has asked, and
 * Node ends the process. So each promise is asked here; the failure is an 'error' event of the client as well.
 */
function forgiving<Client extends object>(client: Client): Client {
  return new Proxy(client, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => {
        const result: unknown = value.apply(target, args)
        if (result instanceof Promise) result.catch(() => {}) // told by the 'error' event
        return result
      }
    },
  })
}
