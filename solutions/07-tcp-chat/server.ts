import { createServer, type Server, type Socket } from 'node:net'
import { stripVTControlCharacters } from 'node:util'
import { LineDecoder } from '../02-tcp-vs-udp/framing.ts'
import { isMain, serve } from '../run.ts'

export interface ChatOptions {
  /** longest line in bytes, line feed not counted; whoever sends a longer one is disconnected. Default 4096 */
  maxLine?: number
  /** bytes that may wait in our memory for a member who does not read; then that member is dropped. Default 1 MiB */
  maxQueue?: number
  /** milliseconds in which a connection must give its name. Default 60,000 */
  nameTimeout?: number
  /** milliseconds that a peer has to end its side once we have ended ours, and to read what is left. Default 2000 */
  lingerTimeout?: number
}

interface Member {
  socket: Socket
  /** empty until the first line was accepted as the name */
  name: string
  /** ends the visit of who gives no name */
  nameTimer: NodeJS.Timeout
}

/**
 * A chat room. The client's first line is its name; every further line is said to all others, and `/quit` leaves.
 * The server's lines are `* NAME joined`, `* NAME left`, `NAME: TEXT` and `! reason`. After a `!` for a name, the
 * next line is tried as the name.
 *
 * @returns a server that is not yet listening; its `close()` says goodbye to everybody and ends their connections
 */
export function createChatServer(options: ChatOptions = {}): Server {
  const { maxLine = 4096, maxQueue = 1024 * 1024, nameTimeout = 60_000, lingerTimeout = 2000 } = options
  const members = new Map<string, Member>()
  const connections = new Set<Socket>()
  // keepAlive: a peer whose machine has gone without a word is found out, although we never wait for it.
  const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 }, welcome)

  function welcome(socket: Socket): void {
    // Not socket.setTimeout, which a byte now and then would put off for ever.
    const nameTimer = setTimeout(() => refuse(socket, 'no name came, good bye'), nameTimeout)
    const member: Member = { socket, name: '', nameTimer }
    const lines = new LineDecoder({ maxLength: maxLine })
    connections.add(socket)

    socket.on('data', (chunk) => {
      try {
        for (const line of lines.push(chunk)) {
          if (socket.writableEnded) return // quit, or refused: what follows does not count
          hear(member, clean(line))
        }
      } catch {
        refuse(socket, `a line has at most ${maxLine} bytes`)
      }
    })
    // Without a listener, one client that resets its connection would end the whole server.
    socket.on('error', () => socket.destroy())
    socket.on('end', () => linger(socket))
    socket.on('close', () => clearTimeout(nameTimer))
    // #region leave
    // TODO 3: However a member goes (end of file, reset, /quit, dropped), take it out of the room and
    // tell the others once. 'end' comes with a FIN, 'close' always, and both may come.
    // starter: socket.on('close', () => connections.delete(socket))

    socket.on('end', () => leave(member))
    socket.on('close', () => {
      connections.delete(socket)
      leave(member)
    })
    // #endregion
  }

  function hear(member: Member, line: string): void {
    if (member.name === '') {
      enter(member, line)
    } else if (line.toLowerCase() === '/quit') {
      leave(member)
      member.socket.end()
      linger(member.socket)
    } else if (line !== '') {
      tellOthers(member, `${member.name}: ${line}`)
    }
  }

  function enter(member: Member, name: string): void {
    // #region enter
    // TODO 1: Accept a name of 1 to 32 letters, digits, - and _ that nobody in the room has. Answer any
    // other with a line that begins with `! `, and let the client try again.
    // starter:

    const problem = nameProblem(name)
    if (problem !== undefined) {
      send(member, encode(`! ${problem}`))
      return
    }
    // #endregion
    member.name = name
    clearTimeout(member.nameTimer)
    members.set(name, member)
    tellOthers(member, `* ${name} joined`)
  }

  function nameProblem(name: string): string | undefined {
    if (!/^[\p{L}\p{N}_-]{1,32}$/u.test(name)) return 'a name has 1 to 32 letters, digits, - and _'
    if (members.has(name)) return `${name} is taken`
    return undefined
  }

  function leave(member: Member): void {
    if (members.get(member.name) !== member) return
    members.delete(member.name)
    tellOthers(member, `* ${member.name} left`)
  }

  function tellOthers(sender: Member, line: string): void {
    // #region tell
    // TODO 2: Send the line to every member but the sender. Encode it once, not once for each.
    // starter: for (const member of members.values()) send(member, encode(line))
    // starter: void sender

    const bytes = encode(line)
    for (const member of members.values()) {
      if (member !== sender) send(member, bytes)
    }
    // #endregion
  }

  function send({ socket }: Member, bytes: Buffer): void {
    if (socket.writableEnded || socket.destroyed) return
    // One system call for all lines of this turn of the event loop, instead of one for each.
    if (socket.writableCorked === 0) {
      socket.cork()
      process.nextTick(() => socket.uncork())
    }
    socket.write(bytes)
    // #region slow
    // TODO 4: What a member does not read waits in our memory (`socket.writableLength`). Drop the member
    // whose queue is longer than `maxQueue`, so that one sleeper cannot fill it.
    // starter:

    if (socket.writableLength > maxQueue) socket.destroy()
    // #endregion
  }

  /** Says why, and sends FIN. */
  function refuse(socket: Socket, reason: string): void {
    if (socket.writableEnded) return
    socket.end(encode(`! ${reason}`))
    linger(socket)
  }

  /**
   * Closes a socket whose peer keeps its side open, or does not read the rest. Not at once: to close over bytes that
   * nobody has read is a reset, and would take our last line away.
   */
  function linger(socket: Socket): void {
    const timer = setTimeout(() => socket.destroy(), lingerTimeout)
    socket.once('close', () => clearTimeout(timer))
  }

  const close = server.close.bind(server)
  server.close = (callback) => {
    for (const socket of connections) refuse(socket, 'the server is closing')
    // Whoever does not read the goodbye does not keep us.
    setTimeout(() => {
      for (const socket of connections) socket.destroy()
    }, 250).unref()
    return close(callback)
  }
  return server
}

function encode(line: string): Buffer {
  return Buffer.from(`${line}\n`)
}

/** What a terminal would obey rather than show: escape sequences and control characters. */
function clean(line: string): string {
  return stripVTControlCharacters(line)
    .replace(/[\u0000-\u001f\u007f-\u009f]/g, '')
    .trim()
}

if (isMain(import.meta.url)) serve(createChatServer(), 7007)
