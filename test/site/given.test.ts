import { expect, test } from 'vitest'
import { collectChecks } from '../../.vitepress/given.ts'

test('a page knows the checks of its grader, also those written in a loop, and runs none of them', async () => {
  const checks = await collectChecks(`
    import { readFileSync } from 'node:fs'
    import { type Feed, check, expect, feeds as cuts } from '../../workbook/grade/checks/check.ts'
    import * as lab from '#lab/12-ws-frames/frame.ts'

    const rule = 'RFC 6455 §5.2'
    const recorded = JSON.parse(readFileSync('recording.json', 'utf8')).chunks.map(String)
    check('short', "it's short", { anchor: 'two-bytes', rule }, () => { throw new Error('run') })
    for (const [id, length] of [['length-16', 126], ['length-64', 65_536]] as const) {
      check(id, \`\${length} bytes\`, { todo: [1, 2], anchor: 'three-lengths', rule }, async () => expect(lab).toBe(cuts))
    }
  `)
  const rule = 'RFC 6455 §5.2'
  expect(checks).toEqual([
    { id: 'short', title: "it's short", todo: [], anchor: 'two-bytes', rule },
    { id: 'length-16', title: '126 bytes', todo: [1, 2], anchor: 'three-lengths', rule },
    { id: 'length-64', title: '65536 bytes', todo: [1, 2], anchor: 'three-lengths', rule },
  ])
})
