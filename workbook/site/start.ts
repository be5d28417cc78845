// npm start [NN] [-- --plain --port 5173 --host localhost --target 8765 --allow-origin https://…]: the site, the lab server and the grader, in one process.
import { parseArgs } from 'node:util'
import { readServingLabs } from '../grade/labs/labs.ts'
import { root } from '../grade/labs/tree.ts'
import { LiveScreen } from '../grade/report/live-screen.ts'
import { serveGrading } from '../grade/report/page-channel.ts'
import { PlainLog } from '../grade/report/plain-log.ts'
import { Runner } from '../grade/run/runner.ts'
import { Session } from '../grade/session/session.ts'
import { sayError } from '../sentences/say.ts'
import { createLabServer } from '../server/lab-server.ts'
import { labTargets, portTarget } from '../server/targets.ts'
import { SentenceError, sentence, type Words } from '../wire/model/sentence.ts'
import { announceLab } from './lab-address-plugin.ts'

/** What was started, in this order; it is closed the other way round. */
const started: { close(): unknown }[] = []

const code = await new Promise<number>((quit) => {
  // Raw mode gives Ctrl-C as a key; these come from outside.
  for (const [signal, number] of Object.entries({ SIGHUP: 1, SIGINT: 2, SIGTERM: 15 })) {
    process.once(signal, () => quit(128 + number))
  }
  endWithNpm(quit)
  start(quit).catch((error: Error) => {
    console.error(sayError(error))
    quit(1)
  })
})
// Nothing that hangs may keep the terminal from its owner.
setTimeout(() => process.exit(code), 3000).unref()
for (const part of started.reverse()) await part.close()
process.exit(code)

async function start(quit: (code: number) => void): Promise<void> {
  const { begin, plain, port, host, targets, allowOrigins } = readArguments()

  // The grader's process takes longest to load, so it comes first, and the site is loaded meanwhile.
  const runner = keep(new Runner())
  const session = keep(new Session({ root, runner, begin, quit: () => quit(0) }))
  const isPlain = plain || !process.stdin.isTTY || !process.stdout.isTTY
  const terminal = keep(new (isPlain ? PlainLog : LiveScreen)(session, process.stdin, process.stdout))
  const say = (words: Words) => terminal.say(words)

  // With any port for the site, as tests want it, any port will do for the rest.
  const labs = labTargets(readServingLabs(root))
  const lab = keep(await createLabServer({ port: port === 0 ? 0 : 7070, labs, targets, allowOrigins, log: say }))
  lab.attach('/grade', (socket) => serveGrading(session, socket))
  announceLab(lab)

  const { startSite } = await import('./vite-site.ts')
  const site = keep(await startSite({ root, port, host, say }))
  lab.allowSite(site.port)
  if (!['localhost', '127.0.0.1', '::1'].includes(host)) {
    say(sentence('start.open-to-others'))
  }
  terminal.setSite(site.address)
}

/** npm does not pass on the SIGTERM that ends it, so whoever was started by it looks whether it is still there. */
function endWithNpm(quit: (code: number) => void): void {
  if (process.env.npm_lifecycle_event !== 'start') return
  const parent = process.ppid
  setInterval(() => {
    if (process.ppid !== parent) quit(128 + 15)
  }, 500).unref()
}

function keep<Part extends { close(): unknown }>(part: Part): Part {
  started.push(part)
  return part
}

/** @throws {SentenceError} when a word of the command line is not what it should be */
function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      plain: { type: 'boolean', default: false },
      port: { type: 'string', default: '5173' },
      host: { type: 'string', default: 'localhost' },
      target: { type: 'string', multiple: true, default: [] },
      'allow-origin': { type: 'string', multiple: true, default: [] },
    },
  })
  if (positionals.length > 1) throw new SentenceError(sentence('start.one-lab', { words: positionals.join(' ') }))
  const port = Number(values.port)
  if (!/^\d+$/.test(values.port) || port > 65535) {
    throw new SentenceError(sentence('start.port', { port: values.port }))
  }
  return {
    begin: positionals[0],
    plain: values.plain,
    port,
    host: values.host,
    targets: values.target.map(portTarget),
    allowOrigins: values['allow-origin'],
  }
}
