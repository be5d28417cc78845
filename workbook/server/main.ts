// The lab server alone: npx tsx workbook/server/main.ts [--port 7070] [--target 8765] [--allow-origin https://…]
import { parseArgs } from 'node:util'
import { readServingLabs } from '../grade/labs/labs.ts'
import { root } from '../grade/labs/tree.ts'
import { createLabServer } from './lab-server.ts'
import { labTargets, portTarget } from './targets.ts'

try {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '7070' },
      target: { type: 'string', multiple: true, default: [] },
      'allow-origin': { type: 'string', multiple: true, default: [] },
    },
  })
  const lab = await createLabServer({
    port: portOf(values.port),
    labs: labTargets(readServingLabs(root)),
    targets: values.target.map(portTarget),
    allowOrigins: values['allow-origin'],
  })
  console.log(`lab server on 127.0.0.1:${lab.port}, the built-in echo on ws://127.0.0.1:${lab.targets()[0]?.tapPort}`)
  console.log(`decoder: http://localhost:5173/decoder#lab=${lab.port}&token=${lab.token}`)

  const close = () => void lab.close()
  process.once('SIGINT', close)
  process.once('SIGTERM', close)
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}

/** The port that a text names. @throws {Error} one sentence */
function portOf(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65535) return port
  throw new Error(`--port ${text}: expected a number from 0 to 65535.`)
}
