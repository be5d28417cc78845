import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { root } from '../workbook/grade/labs/tree.ts'
import { obstacle } from '../workbook/obstacle.mjs'
import { answerHeaders } from '../workbook/server/headers.ts'
import { readArguments } from '../workbook/site/arguments.ts'

const { engines } = JSON.parse(text('package.json')) as { engines: { node: string } }
const page = text('docs/where-it-runs.md')

function text(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}

describe('docs/where-it-runs.md', () => {
  const commands = [...page.matchAll(/npm start -- ([^'`\n]+)/g)].map(([, words]) => words!.trim().split(/\s+/))

  test.each(commands.map((words) => [words.join(' ')]))('npm start takes %s', (words) => {
    expect(() => readArguments(words.split(' '))).not.toThrow()
  })

  test('has a command for each thing that a place may ask for', () => {
    const flags = new Set(commands.flat().filter((word) => word.startsWith('--')))
    expect([...flags].sort()).toEqual(['--allow-host', '--host', '--poll', '--port'])
  })

  test('shows what an old Node.js is told', () => {
    expect(page).toContain(obstacle('18.20.8', engines.node, '/home/ann/wirebook'))
  })
})

test('a container in an editor forwards the port of npm start, and needs no editing', () => {
  const container = JSON.parse(text('.devcontainer/devcontainer.json'))
  const { port } = readArguments([])
  expect(container).toMatchObject({ postCreateCommand: 'npm ci', forwardPorts: [port] })
  expect(container.portsAttributes[port]).toMatchObject({ label: 'Wirebook' })
  const version = /javascript-node:(\d+)/.exec(container.image)![1]
  expect(obstacle(`${version}.99.0`, engines.node, '/workspaces/wirebook')).toBeUndefined()
})

test('the workflow runs the README’s test command on three systems and every Node.js that readers have', () => {
  const { on, jobs } = parse(text('.github/workflows/test.yml')) as {
    on: Record<string, unknown>
    jobs: Record<
      string,
      { strategy: { matrix: { system: string[]; node: number[] } }; steps: { run?: string; uses?: string }[] }
    >
  }
  expect(Object.keys(on)).toEqual(['push', 'pull_request'])
  const [{ strategy, steps }] = Object.values(jobs) as [(typeof jobs)[string]]
  const readme = /## Tests\n+```\n(.+)\n```/.exec(text('README.md'))![1]
  expect(steps.flatMap(({ run }) => run ?? [])).toEqual([readme])
  expect(steps.flatMap(({ uses }) => uses ?? [])).toEqual(['actions/checkout@v4', 'actions/setup-node@v4'])
  expect(strategy.matrix.system.map((system) => system.split('-')[0])).toEqual(['ubuntu', 'macos', 'windows'])
  expect(strategy.matrix.node).toEqual([20, 22, 24, 26])
  for (const node of strategy.matrix.node) {
    expect(obstacle(`${node}.99.0`, engines.node, '/home/runner')).toBeUndefined()
  }
})

test('SECURITY.md names what every answer says', () => {
  const security = text('SECURITY.md')
  for (const [name, value] of Object.entries(answerHeaders)) expect(security, name).toContain(value)
})
