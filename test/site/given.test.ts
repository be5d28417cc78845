import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { cachedChecks } from '../../.vitepress/given.ts'
import { root } from '../../workbook/grade/labs/tree.ts'

const source = `
  import { readFileSync } from 'node:fs'
  import { type Chunking, check, expect, chunkings as cuts } from '../../workbook/grade/checks/check.ts'
  import * as lab from '#lab/12-ws-frames/frame.ts'

  const rule = 'RFC 6455 §5.2'
  const named = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).name
  check('short', "it's short", { anchor: 'two-bytes', rule }, () => { throw new Error(named) })
  for (const [id, length] of [['length-16', 126], ['length-64', 65_536]] as const) {
    check(id, \`\${length} bytes\`, { todo: [1, 2], anchor: 'three-lengths', rule }, async () => expect(lab).toBe(cuts))
  }
`

test('a page knows the checks of its grader, also those written in a loop, and runs none of them', async () => {
  const folder = project()
  const grader = join(folder, 'a.test.ts')
  const file = join(folder, 'checks.json')
  writeFileSync(grader, source)
  const checks = (await cachedChecks([grader], file)).get(grader)
  const rule = 'RFC 6455 §5.2'
  expect(checks).toEqual([
    { id: 'short', title: "it's short", todo: [], anchor: 'two-bytes', rule },
    { id: 'length-16', title: '126 bytes', todo: [1, 2], anchor: 'three-lengths', rule },
    { id: 'length-64', title: '65536 bytes', todo: [1, 2], anchor: 'three-lengths', rule },
  ])

  // What is known is not collected again, so what stands in the file is what comes back.
  writeFileSync(file, readFileSync(file, 'utf8').replace('126 bytes', 'as it was kept'))
  const again = (await cachedChecks([grader], file)).get(grader)!
  expect(again.map(({ title }) => title)).toEqual(["it's short", 'as it was kept', '65536 bytes'])
})

test('a grader that cannot be loaded is named', async () => {
  const folder = project()
  const grader = join(folder, 'a.test.ts')
  writeFileSync(grader, "throw new Error('no grader')")
  await expect(cachedChecks([grader], join(folder, 'checks.json'))).rejects.toThrow(/a\.test\.ts: no grader/)
})

/** A folder from which a grader finds the project two levels up, as those of test/labs do. */
function project(): string {
  const parent = join(root, '.wirebook')
  mkdirSync(parent, { recursive: true })
  const folder = mkdtempSync(join(parent, 'given-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}
