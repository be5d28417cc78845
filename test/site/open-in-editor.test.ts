import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { root } from '../../workbook/grade/labs/tree.ts'
import { openInEditor } from '../../workbook/site/open-in-editor.ts'

const launched = vi.hoisted((): string[] => [])
vi.mock('launch-editor', () => ({ default: (file: string) => launched.push(file) }))

test.each([
  { place: 'labs/12-ws-frames/frame.ts', opens: true },
  { place: 'labs/12-ws-frames/frame.ts:44', opens: true },
  { place: 'labs/12-ws-frames/none.ts', opens: false },
  { place: 'labs/../package.json', opens: false },
  { place: 'labs/12-ws-frames/../../package.json', opens: false },
  { place: 'package.json', opens: false },
  { place: '/etc/passwd', opens: false },
  { place: 'labs/12-ws-frames/frame.ts:44;rm', opens: false },
])('$place', ({ place, opens }) => {
  launched.length = 0
  openInEditor(root, place)
  expect(launched).toEqual(opens ? [join(root, place)] : [])
})
