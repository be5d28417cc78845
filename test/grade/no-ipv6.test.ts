import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { root } from '../../workbook/grade/labs/tree.ts'
import type { LabResult } from '../../workbook/grade/report/result.ts'
import { proofFolder, removeProofs } from './proof/trees.ts'

afterAll(removeProofs)

const graders = join(root, 'test', 'labs')
const stems = readdirSync(graders).flatMap((file) => {
  const asks = file.endsWith('.test.ts') && /\bhasIPv6\b/.test(readFileSync(join(graders, file), 'utf8'))
  return asks ? [file.slice(0, -'.test.ts'.length)] : []
})

/** Runs in a network of its own: only loopback, and no IPv6, as in most containers. */
const withoutIPv6 = `
  ip link set lo up &&
  { sysctl -qw net.ipv6.conf.all.disable_ipv6=1 2>/dev/null || ip -6 address flush dev lo; } &&
  exec "$@"`

test('right labs pass on a machine without IPv6, and the checks say what was not shown', { timeout: 120_000 }, async ({
  skip,
}) => {
  expect(stems).toContain('01-where-to-listen')
  const why = await whyNone()
  if (why) return skip(why)
  const report = proofFolder('no-ipv6.json')
  const main = join(root, 'workbook/grade/main.ts')
  await apart(process.execPath, '--import', 'tsx', main, ...stems, '--labs', 'solutions', '--json', report)
  const { labs } = JSON.parse(readFileSync(report, 'utf8')) as { labs: LabResult[] }
  const failures = labs.flatMap(({ lab, checks, problem }) => [
    ...checks.filter(({ state }) => state !== 'passed').map(({ id, failure }) => ({ lab, id, failure })),
    ...(problem ? [{ lab, problem }] : []),
  ])
  expect(failures).toEqual([])
  for (const { lab, checks } of labs) {
    expect(checks.flatMap(({ notes = [] }) => notes).join(), lab).toContain('this machine has no IPv6')
  }
})

test('the one server is there without IPv6', { timeout: 60_000 }, async ({ skip }) => {
  const why = await whyNone()
  if (why) return skip(why)
  const program = `
    const { createLabServer } = await import(${JSON.stringify(pathToFileURL(join(root, 'workbook/server/lab-server.ts')).href)})
    const lab = await createLabServer({ port: 0 })
    const { status } = await fetch('http://127.0.0.1:' + lab.port + '/__lab.json')
    const six = await fetch('http://[::1]:' + lab.port + '/__lab.json').catch(() => 'refused')
    console.log(status, six)
    await lab.close()`
  const { output } = await apart(process.execPath, '--import', 'tsx', '--input-type=module', '-e', program)
  expect(output).toBe('200 refused\n')
})

/** Why there is no network namespace here; with CI set that is a failure. */
async function whyNone(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'network namespaces are a thing of Linux'
  const { failed, output } = await apart('true')
  if (failed && !process.env.CI) return `no network namespace: ${output.trim()}`
  expect(output, 'a network namespace').toBe('')
  return undefined
}

function apart(...command: string[]): Promise<{ failed: boolean; output: string }> {
  const user = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']
  return run('unshare', '--net', ...user, 'sh', '-c', withoutIPv6, 'sh', ...command)
}

function run(file: string, ...args: string[]): Promise<{ failed: boolean; output: string }> {
  return new Promise((resolve) => {
    execFile(file, args, { cwd: root }, (error, stdout, stderr) => {
      resolve({ failed: error !== null, output: stdout + stderr })
    })
  })
}
