// The lab server without a grader: npx tsx workbook/server/main.ts [--port 7070] [--host localhost] [--target 8765] [--allow-host …] [--allow-origin https://…]
import { parseArgs } from 'node:util'
import { readServingLabs } from '../grade/labs/labs.ts'
import { root } from '../grade/labs/tree.ts'
import { say, sayError } from '../sentences/say.ts'
import { SentenceError, sentence } from '../wire/model/sentence.ts'
import { createLabServer } from './lab-server.ts'
import { labTargets, portTarget } from './targets.ts'

try {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '7070' },
      host: { type: 'string', default: 'localhost' },
      target: { type: 'string', multiple: true, default: [] },
      'allow-host': { type: 'string', multiple: true, default: [] },
      // where `vitepress dev` has the pages
      'allow-origin': { type: 'string', multiple: true, default: ['http://localhost:5173'] },
    },
  })
  const lab = await createLabServer({
    port: portOf(values.port),
    host: values.host,
    labs: labTargets(readServingLabs(root)),
    targets: values.target.map(portTarget),
    allowHosts: values['allow-host'],
    allowOrigins: values['allow-origin'],
    log: (words) => console.log(say(words)),
  })
  console.log(`lab server on 127.0.0.1:${lab.port}, the built-in echo on ws://127.0.0.1:${lab.targets()[0]?.tapPort}`)
  // Behind a #, it stays in the browser. Pages that come from elsewhere cannot ask for the token.
  for (const origin of values['allow-origin']) {
    console.log(`decoder: ${origin}/decoder#lab=${lab.port}&token=${lab.token}`)
  }

  const close = () => void lab.close()
  process.once('SIGINT', close)
  process.once('SIGTERM', close)
} catch (error) {
  console.error(sayError(error as Error))
  process.exitCode = 1
}

/** The port that a text names. @throws {SentenceError} */
function portOf(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65535) return port
  throw new SentenceError(sentence('start.port', { port: text }))
}
