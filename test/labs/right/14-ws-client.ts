import type { Right } from '../../../workbook/grade/labs/edited-programs.ts'

export default [
  {
    name: 'the key from web crypto',
    edits: [
      {
        file: 'handshake.ts',
        find: "randomBytes(16).toString('base64')",
        replace: "Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString('base64')",
      },
      {
        file: 'handshake.ts',
        find: "import { randomBytes } from 'node:crypto'\n",
        replace: '',
      },
    ],
  },
  {
    name: 'a timer and a controller',
    file: 'client.ts',
    find: '  const late = AbortSignal.timeout(timeout)\n  const giveUp = signal ? AbortSignal.any([signal, late]) : late\n',
    replace:
      "  const controller = new AbortController()\n  const giveUp = controller.signal\n  setTimeout(() => controller.abort(new DOMException('late', 'TimeoutError')), timeout).unref()\n  if (signal?.aborted) controller.abort(signal.reason)\n  signal?.addEventListener('abort', () => controller.abort(signal.reason), { once: true })\n",
  },
  {
    name: 'a loop of its own for expected headers',
    file: 'handshake.ts',
    find: "  expectHeader(headers, 'Connection', 'Upgrade', (value) => tokens(value.toLowerCase()).includes('upgrade'))\n",
    replace:
      "  expectHeader(headers, 'Connection', 'Upgrade', (value) => tokens(value).some((token) => /^upgrade$/i.test(token)))\n",
  },
  {
    name: 'inbox is async',
    file: 'inbox.ts',
    text: 'type Message = string | Buffer\n\n/** Messages that wait for a reader, or readers that wait for a message. */\nexport class Inbox {\n  #first: { message: Message; next?: any } | undefined\n  #last: { message: Message; next?: any } | undefined\n  #size = 0\n  #ended = false\n  #wake: (() => void)[] = []\n\n  get size(): number {\n    return this.#size\n  }\n\n  put(message: Message): void {\n    const node = { message }\n    if (this.#last) this.#last.next = node\n    else this.#first = node\n    this.#last = node\n    this.#size += message.length + 64\n    this.#wake.shift()?.()\n  }\n\n  end(): void {\n    this.#ended = true\n    for (const wake of this.#wake.splice(0)) wake()\n  }\n\n  #turn: Promise<unknown> = Promise.resolve()\n\n  take(): Promise<Message | null> {\n    const mine = this.#turn.then(() => this.#next())\n    this.#turn = mine\n    return mine\n  }\n\n  async #next(): Promise<Message | null> {\n    while (!this.#first && !this.#ended) await new Promise<void>((resolve) => this.#wake.push(resolve))\n    const node = this.#first\n    if (!node) return null\n    this.#first = node.next\n    if (!this.#first) this.#last = undefined\n    this.#size -= node.message.length + 64\n    return node.message\n  }\n}\n',
  },
  {
    name: 'limits in the order of the RFC, accept first',
    file: 'handshake.ts',
    find: "  expectHeader(headers, 'Upgrade', 'websocket', (value) => value.toLowerCase() === 'websocket')\n  expectHeader(headers, 'Connection', 'Upgrade', (value) => tokens(value.toLowerCase()).includes('upgrade'))\n  expectHeader(headers, 'Sec-WebSocket-Accept', accept, (value) => value === accept)\n",
    replace:
      "  if (headers.get('sec-websocket-accept') !== accept) throw new ConnectError('wrong accept', status)\n  if (!/^websocket$/i.test(headers.get('upgrade') ?? '')) throw new ConnectError('wrong upgrade', status)\n  if (!tokens(headers.get('connection')).some((t) => t.toLowerCase() === 'upgrade')) throw new ConnectError('wrong connection', status)\n  void expectHeader\n",
  },
] satisfies Right[]
