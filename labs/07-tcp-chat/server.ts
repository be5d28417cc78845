import { createServer, type Server, type Socket } from 'node:net'
import { stripVTControlCharacters } from 'node:util'
import { LineDecoder } from '../02-tcp-vs-udp/framing.ts'
import { isMain, serve } from '../run.ts'

/** The limits of a chat room. */
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

/**
 * A chat room. The client's first line is its name; every further line is said to all others, and `/quit` leaves.
 * The server's lines are `* NAME joined`, `* NAME left`, `NAME: TEXT` and `! reason`. After a `!` for a name, the
 * next line is tried as the name.
 *
 * @returns a server that is not yet listening; its `close()` says goodbye to everybody and ends their connections
 */
export function createChatServer(options: ChatOptions = {}): Server {
  const room = new ChatRoom(options)
  // keepAlive: a peer whose machine has gone without a word is found out, although we never wait for it.
  const connections = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 }
  const server = createServer(connections, (socket) => room.welcome(socket))
  const close = server.close.bind(server)
  server.close = (callback) => {
    room.close()
    return close(callback)
  }
  return server
}

/** Who is here, and what everybody hears. */
class ChatRoom {
  readonly #options: Required<ChatOptions>
  /** everybody who is connected, with a name or without one */
  readonly #connected = new Set<Member>()
  /** who is in the room, by name */
  readonly #members = new Map<string, Member>()

  constructor(options: ChatOptions) {
    const { maxLine = 4096, maxQueue = 1024 * 1024, nameTimeout = 60_000, lingerTimeout = 2000 } = options
    this.#options = { maxLine, maxQueue, nameTimeout, lingerTimeout }
  }

  /** Takes a connection in: it will be heard, and missed when it goes. */
  welcome(socket: Socket): void {
    const { maxLine } = this.#options
    const member = new Member(socket, this.#options)
    const lines = new LineDecoder({ maxLength: maxLine })
    this.#connected.add(member)

    socket.on('data', (chunk) => {
      try {
        for (const line of lines.push(chunk)) {
          if (socket.writableEnded) return // quit, or refused: what follows does not count
          this.#hear(member, clean(line))
        }
      } catch {
        // The decoder throws when a line is too long. It stays broken, and so does the conversation.
        member.refuse(`a line has at most ${maxLine} bytes`)
      }
    })
    // TODO 3: However a member goes (end of file, reset, /quit, dropped), take it out of the room and
    // tell the others once. 'end' comes with a FIN, 'close' always, and both may come.
    socket.on('close', () => this.#connected.delete(member))
  }

  /** Says goodbye to everybody, and ends their connections. */
  close(): void {
    for (const member of this.#connected) member.refuse('the server is closing')
    // Whoever does not read the goodbye does not keep us.
    setTimeout(() => {
      for (const { socket } of this.#connected) socket.destroy()
    }, 250).unref()
  }

  #hear(member: Member, line: string): void {
    if (member.name === '') {
      this.#enter(member, line)
    } else if (line.toLowerCase() === '/quit') {
      this.#leave(member)
      member.hangUp()
    } else if (line !== '') {
      this.#tellOthers(member, `${member.name}: ${line}`)
    }
  }

  #enter(member: Member, name: string): void {
    // TODO 1: Accept a name of 1 to 32 letters, digits, - and _ that nobody in the room has. Answer any
    // other with a line that begins with `! `, and let the client try again.
    member.takeName(name)
    this.#members.set(name, member)
    this.#tellOthers(member, `* ${name} joined`)
  }

  /** Why the name cannot be had, or undefined when it can. */
  #nameProblem(name: string): string | undefined {
    if (!/^[\p{L}\p{N}_-]{1,32}$/u.test(name)) return 'a name has 1 to 32 letters, digits, - and _'
    if (this.#members.has(name)) return `${name} is taken`
    return undefined
  }

  #leave(member: Member): void {
    if (this.#members.get(member.name) !== member) return
    this.#members.delete(member.name)
    this.#tellOthers(member, `* ${member.name} left`)
  }

  #tellOthers(sender: Member, line: string): void {
    // TODO 2: Send the line to every member but the sender. Encode it once, not once for each.
    for (const member of this.#members.values()) member.send(encode(line))
    void sender
  }
}

/** One connection, and the name of whoever talks there. */
class Member {
  /** empty until the first line was accepted as the name */
  name = ''
  readonly socket: Socket
  readonly #options: Required<ChatOptions>
  /** ends the visit of whoever gives no name */
  readonly #nameTimer: NodeJS.Timeout

  constructor(socket: Socket, options: Required<ChatOptions>) {
    this.socket = socket
    this.#options = options
    // Not socket.setTimeout, which a byte now and then would put off for ever.
    this.#nameTimer = setTimeout(() => this.refuse('no name came, good bye'), options.nameTimeout)
    // Without a listener, one client that resets its connection would end the whole server.
    socket.on('error', () => socket.destroy())
    socket.on('end', () => this.#linger())
    socket.on('close', () => clearTimeout(this.#nameTimer))
  }

  /** Notes the name that was accepted. */
  takeName(name: string): void {
    this.name = name
    clearTimeout(this.#nameTimer)
  }

  /** Sends a line that is encoded already. */
  send(bytes: Buffer): void {
    const { socket } = this
    if (socket.writableEnded || socket.destroyed) return
    // One system call for all lines of this turn of the event loop, instead of one for each.
    if (socket.writableCorked === 0) {
      socket.cork()
      process.nextTick(() => socket.uncork())
    }
    socket.write(bytes)
    // TODO 4: What a member does not read waits in our memory (`socket.writableLength`). Drop the member
    // whose queue is longer than `maxQueue`, so that one sleeper cannot fill it.
  }

  /** Says why, and sends FIN. */
  refuse(reason: string): void {
    if (this.socket.writableEnded) return
    this.socket.write(encode(`! ${reason}`))
    this.hangUp()
  }

  /** Sends FIN, and waits a moment for that of the peer. */
  hangUp(): void {
    this.socket.end()
    this.#linger()
  }

  /**
   * Closes a socket whose peer keeps its side open, or does not read the rest. Not at once: to close over bytes that
   * nobody has read is a reset, and would take our last line away.
   */
  #linger(): void {
    const timer = setTimeout(() => this.socket.destroy(), this.#options.lingerTimeout)
    this.socket.once('close', () => clearTimeout(timer))
  }
}

function encode(line: string): Buffer {
  return Buffer.from(`${line}\n`)
}

/** The line without what a terminal would obey rather than show: escape sequences and control characters. */
function clean(line: string): string {
  return stripVTControlCharacters(line)
    .replace(/[\u0000-\u001f\u007f-\u009f]/g, '')
    .trim()
}

if (isMain(import.meta.url)) serve(createChatServer(), 7007)
