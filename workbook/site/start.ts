// npm start [NN] [-- --plain --port 5173 --host localhost --allow-host box.example --target 8765]: pages, lab server and grader, in one process.
import { readServingLabs } from '../grade/labs/labs.ts'
import { root } from '../grade/labs/tree.ts'
import { LiveScreen } from '../grade/report/live-screen.ts'
import { serveGrading } from '../grade/report/page-channel.ts'
import { PlainLog } from '../grade/report/plain-log.ts'
import type { Terminal } from '../grade/report/terminal.ts'
import { whenNpmEnds } from '../grade/run/parent-watch.ts'
import { Runner } from '../grade/run/runner.ts'
import { Session } from '../grade/session/session.ts'
import { sayError } from '../sentences/say.ts'
import { createLabServer } from '../server/lab-server.ts'
import { Pages } from '../server/pages.ts'
import { labTargets } from '../server/targets.ts'
import { sentence, type Words } from '../wire/model/sentence.ts'
import { forwardedHosts, isLoopback, readArguments, siteHost } from './arguments.ts'
import { BuiltPages } from './built-pages.ts'
import { openInEditor } from './open-in-editor.ts'
import { servePages } from './serve-pages.ts'

/** What was started, in this order; it is closed the other way round. */
const started: { close(): unknown }[] = []

const code = await new Promise<number>((quit) => {
  // Raw mode gives Ctrl-C as a key; these come from outside.
  for (const [signal, number] of Object.entries({ SIGHUP: 1, SIGINT: 2, SIGTERM: 15 })) {
    process.once(signal, () => quit(128 + number))
  }
  whenNpmEnds(() => quit(128 + 15))
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
  const { begin, plain, port, host, targets, allowHosts, allowOrigins, poll, dev } = readArguments()

  // The grader's process takes longest to load, so it comes first, and everything else is loaded meanwhile.
  const runner = keep(new Runner())
  const session = keep(new Session({ root, runner, begin, poll, quit: () => quit(0) }))
  const terminal = keep(openTerminal(session, plain))
  const say = (words: Words) => terminal.say(words)

  const pages = dev ? await vitePages(say) : new Pages()
  const lab = await createLabServer({
    port,
    host,
    labs: labTargets(readServingLabs(root)),
    targets,
    allowHosts,
    allowOrigins,
    pages,
    log: say,
  })
  keep(lab)
  const name = siteHost(host)
  // The address that is printed has to be let in, too.
  if (name !== 'localhost') lab.allowHost(name)
  for (const forwarded of forwardedHosts(process.env, lab.port)) lab.allowHost(forwarded)
  lab.attach('/grade', (channel) => serveGrading(session, channel, (place) => openInEditor(root, place)))
  if (!isLoopback(host)) say(sentence('start.open-to-others'))
  terminal.setSite(`http://${name}:${lab.port}`)
  // Whether they are current takes a moment to find out, in which nothing waits for it.
  if (pages instanceof Pages) void servePages(pages, new BuiltPages(root), say)
}

function openTerminal(session: Session, plain: boolean): Terminal {
  const isPlain = plain || !process.stdin.isTTY || !process.stdout.isTTY
  return new (isPlain ? PlainLog : LiveScreen)(session, process.stdin, process.stdout)
}

/** The pages as they are edited; a reader's start does not load Vite. */
async function vitePages(say: (words: Words) => void) {
  const { VitePages } = await import('./vite-pages.ts')
  const pages = keep(new VitePages(root, say))
  void pages.begin()
  return pages
}

function keep<Part extends { close(): unknown }>(part: Part): Part {
  started.push(part)
  return part
}
