// node workbook/run.mjs [PROGRAM …]: what every npm script begins with. It asks whether the workbook can run with this
// Node.js and in this folder, and then runs the program, a TypeScript file; without one it only asks.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { obstacle } from './obstacle.mjs'

const folder = resolve(fileURLToPath(new URL('..', import.meta.url)))
const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
const sentence = obstacle(process.versions.node, engines.node, folder)
const program = process.argv[2] && resolve(process.argv[2])

if (sentence) {
  console.error(sentence)
  process.exitCode = 1
} else if (program) {
  // The program finds its words where they are when it is started itself.
  process.argv.splice(1, 2, program)
  const { register } = await import('tsx/esm/api')
  register()
  await import(pathToFileURL(program).href)
}
