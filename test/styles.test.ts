import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const theme = fileURLToPath(new URL('../.vitepress/theme', import.meta.url))
/** Lines inside `<style>`, the tags included, over all lines of the components. */
const maxShareOfStyles = 0.3

test('what components repeat stands in the style sheets of the theme, not in each of them', () => {
  const files = readdirSync(theme, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.vue'))
  const texts = files.map((name) => readFileSync(join(theme, name), 'utf8'))
  const styles = texts.flatMap((text) => text.match(/^<style[\s\S]*?^<\/style>\n?/gm) ?? [])
  const share = countLines(styles) / countLines(texts)
  expect(share, `${countLines(styles)} of ${countLines(texts)} lines are styles`).toBeLessThanOrEqual(maxShareOfStyles)
})

function countLines(texts: string[]): number {
  return texts.reduce((sum, text) => sum + text.split('\n').length - 1, 0)
}
