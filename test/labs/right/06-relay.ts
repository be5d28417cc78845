import type { Right } from '../../../workbook/grade/labs/edited-programs.ts'

export default [
  {
    name: 'wait by a promise of its own',
    file: 'relay.ts',
    find: `    if (socket.destroyed || socket.write(frame)) return
    const gone = new AbortController()
    const stalled = setTimeout(() => socket.destroy(), this.#stallTimeout)
    const close = () => gone.abort()
    socket.once('close', close)
    try {
      await once(socket, 'drain', { signal: gone.signal })
    } catch {
      // It closed instead of draining: its frames are lost with it, and the sender goes on.
    } finally {
      clearTimeout(stalled)
      socket.off('close', close)
    }`,
    replace: `    void once
    if (socket.destroyed) return
    if (socket.write(frame)) return
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer)
        socket.removeListener('drain', done).removeListener('close', done)
        resolve()
      }
      const timer = setTimeout(() => void socket.destroy(), this.#stallTimeout)
      socket.on('drain', done).on('close', done)
    })`,
  },
  {
    name: 'joins by a list of rules',
    edits: [
      {
        file: 'relay.ts',
        find: `    const problem =
      name === undefined
        ? 'expected JOIN and a name of letters, digits, _ . -'
        : Buffer.byteLength(name) > 255
          ? 'a name has at most 255 bytes'
          : this.#members.has(name)
            ? \`\${name} is taken\`
            : undefined
    if (name === undefined || problem !== undefined) {
      member.socket.write(\`ERR \${problem}\\n\`)
      return
    }`,
        replace: `    const refuse = (reason: string): void => void member.socket.end('ERR ' + reason + '\\n')
    if (!name) return refuse('who are you?')
    if (new TextEncoder().encode(name).length >= 256) return refuse('too long')
    if (this.#members.get(name)) return refuse('somebody has it')`,
      },
      {
        file: 'relay.ts',
        find: 'if (length > maxFrame) throw new RangeError(`length: expected at most ${maxFrame}, received ${length}`)',
        replace: `if (length > maxFrame) {
        sender.socket.destroy(new Error('too long'))
        return
      }`,
      },
      {
        file: 'relay.ts',
        find: 'if (member.name !== undefined) this.#members.delete(member.name)',
        replace: 'for (const [name, other] of this.#members) if (other === member) this.#members.delete(name)',
      },
    ],
  },
  {
    name: 'events, pause and resume',
    file: 'relay.ts',
    text: `import { createServer, type Server, type Socket } from 'node:net'
import { isMain, serve } from '../run.ts'
import { encodeFrame } from './frame.ts'

export interface RelayOptions {
  maxFrame?: number
  stallTimeout?: number
  joinTimeout?: number
}

export function createRelay({ maxFrame = 2 ** 20, stallTimeout = 30_000, joinTimeout = 10_000 }: RelayOptions = {}): Server {
  const members: Record<string, Socket> = Object.create(null)

  return createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    let pending = Buffer.alloc(0)
    let name = ''
    let ended = false
    let busy = false
    socket.setMaxListeners(0)
    const forget = () => {
      clearTimeout(late)
      if (name !== '' && members[name] === socket) delete members[name]
    }
    const late = setTimeout(() => socket.destroy(), joinTimeout)
    const refuse = (reason: string) => {
      forget()
      socket.removeAllListeners('data')
      socket.resume()
      socket.end('ERR ' + reason + '\\n')
      setTimeout(() => socket.destroy(), 1000).unref()
    }
    const deliver = (receiver: Socket, frame: Buffer) => {
      if (receiver.destroyed || receiver.write(frame)) return
      busy = true
      socket.pause()
      const go = () => {
        clearTimeout(stalled)
        receiver.off('drain', go)
        receiver.off('close', go)
        busy = false
        setImmediate(advance)
      }
      const stalled = setTimeout(() => receiver.destroy(), stallTimeout)
      receiver.on('drain', go)
      receiver.on('close', go)
    }
    const advance = () => {
      while (!busy && !socket.destroyed) {
        if (name === '') {
          const at = pending.indexOf('\\n')
          if (at === -1 && pending.length > 1024) return refuse('too long a line')
          if (at === -1) break
          const line = pending.toString('utf8', 0, at).replace(/\\r$/, '')
          pending = pending.subarray(at + 1)
          const wish = /^JOIN ([\\p{L}\\p{N}_.-]+)$/u.exec(line)?.[1]
          if (wish === undefined) return refuse('JOIN NAME')
          if (Buffer.byteLength(wish) > 255) return refuse('255 bytes at most')
          if (wish in members) return refuse('taken')
          clearTimeout(late)
          name = wish
          members[name] = socket
          socket.write('OK\\n')
          continue
        }
        const n = pending[0]
        if (n === undefined || pending.length < 1 + n + 4) break
        const length = pending.readUInt32BE(1 + n)
        if (length > maxFrame) return void socket.destroy()
        if (pending.length < 5 + n + length) break
        const to = pending.toString('utf8', 1, 1 + n)
        const data = Buffer.from(pending.subarray(5 + n, 5 + n + length))
        pending = pending.subarray(5 + n + length)
        const receiver = members[to]
        if (receiver === undefined) deliver(socket, encodeFrame('', Buffer.from(to + '?')))
        else deliver(receiver, encodeFrame(name, data))
      }
      if (busy || socket.destroyed) return
      if (!ended) return void socket.resume()
      if (pending.length > 0 || name === '') return void socket.destroy()
      forget()
      socket.end()
    }
    socket.on('data', (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk])
      if (!busy) advance()
    })
    socket.on('end', () => {
      ended = true
      if (!busy) advance()
    })
    socket.on('error', () => {})
    socket.on('close', forget)
  })
}

if (isMain(import.meta.url)) serve(createRelay(), 7006)
`,
  },
  {
    name: 'a loop by for await',
    file: 'relay.ts',
    find: `    const { reader } = sender
    for (;;) {
      const first = await reader.recv(1)
      if (first === null) return // FIN between two frames: a clean end
      const to = (await reader.readExactly(first[0]!)).toString()
      const length = (await reader.readExactly(4)).readUInt32BE()
      const { maxFrame } = this.#options`,
    replace: `    const { reader } = sender
    const { maxFrame } = this.#options
    while (!sender.socket.destroyed) {
      const first = await reader.recv(1)
      if (!first) break
      const head = await reader.readExactly(first.readUInt8() + 4)
      const to = new TextDecoder().decode(head.subarray(0, -4))
      const length = head.readUInt32BE(head.length - 4)`,
  },
] satisfies Right[]
