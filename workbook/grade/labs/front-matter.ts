import * as v from 'valibot'
import { isMap, isScalar, LineCounter, parseDocument } from 'yaml'
import type { Complaint } from './complaint.ts'

/** Titles of the parts; a chapter's front matter holds the number. */
export const partTitles = [
  'First bytes',
  'TCP vs UDP',
  'HTTPS',
  'WebSocket frames',
  'Socket.IO rooms',
  'Beneath and beyond',
]

/** What a lab's server speaks, and so what its tap is: UDP has no connection to tap, and `none` has no server. */
const labProtocols = ['tcp', 'udp', 'http', 'tls', 'websocket', 'socket.io', 'none'] as const

const lastPart = partTitles.length - 1
const maxMinutes = 120
const stems = v.array(v.pipe(v.string(), v.regex(/^\d\d-[a-z0-9-]+$/)))

/** What the front matter of a chapter may hold. The description of a key is what a complaint says was expected. */
const schema = v.object({
  title: v.pipe(v.string(), v.trim(), v.nonEmpty(), v.description('the title in words')),
  description: v.pipe(v.optional(v.string(), ''), v.description('one sentence')),
  part: v.pipe(
    v.number(),
    v.integer(),
    v.minValue(0),
    v.maxValue(lastPart),
    v.description(
      `a whole number from 0 to ${lastPart} (${partTitles.map((title, part) => `${part} ${title}`).join(', ')})`,
    ),
  ),
  mirrors: v.pipe(v.optional(v.string(), ''), v.description('documents of the seed, such as ⑧, or nothing')),
  buildsOn: v.pipe(v.optional(stems, []), v.description('a list of stems, such as [12-ws-frames], or []')),
  target: v.pipe(v.picklist(labProtocols), v.description(`one of ${labProtocols.join(', ')}`)),
  protocols: v.pipe(
    v.optional(v.array(v.pipe(v.string(), v.regex(/^[a-z-]+$/))), []),
    v.description('a list of protocols that are spoken over TCP, such as [lines], or []'),
  ),
  packages: v.pipe(
    v.optional(v.array(v.pipe(v.string(), v.nonEmpty())), []),
    v.description('a list of npm packages, such as [ws], or []'),
  ),
  minutes: v.pipe(
    v.number(),
    v.integer(),
    v.minValue(1),
    v.maxValue(maxMinutes),
    v.description(`a whole number from 1 to ${maxMinutes}, what a reader needs`),
  ),
})

/** What a chapter says of itself and of its lab. Nothing else registers a lab. */
export type FrontMatter = v.InferOutput<typeof schema>

const defaults: FrontMatter = {
  title: '',
  description: '',
  part: 0,
  mirrors: '',
  buildsOn: [],
  target: 'none',
  protocols: [],
  packages: [],
  minutes: 1,
}

/**
 * Reads the YAML between the first two `---` of a chapter. A value that cannot be is complained of, and its default
 * stands in the place of it.
 *
 * @param file what complaints call the page, `docs/12-ws-frames.md`
 */
export function readFrontMatter(
  file: string,
  markdown: string,
): { frontMatter: FrontMatter; complaints: Complaint[]; lineOf(key: keyof FrontMatter): number } {
  const block = /^---[ \t]*\r?\n([\s\S]*?)^---[ \t]*$/m.exec(markdown)
  if (!block || block.index > 0) {
    const sentence =
      'expected front matter on the first lines: `---`, then title, part, target and minutes, then `---`.'
    return { frontMatter: defaults, complaints: [{ file, line: 1, sentence }], lineOf: () => 1 }
  }
  // The first line of the block is the second of the file, which the line break before it makes up for.
  const lines = new LineCounter()
  const document = parseDocument(`\n${block[1]}`, { lineCounter: lines, prettyErrors: false })
  const [error] = document.errors
  if (error) {
    const sentence = `this is not YAML: ${error.message.split('\n')[0]}. A value with a colon or a bracket stands in quotes.`
    const line = lines.linePos(error.pos[0]).line
    return { frontMatter: defaults, complaints: [{ file, line, sentence }], lineOf: () => line }
  }

  const pairs = isMap(document.contents) ? document.contents.items : []
  const lineOf = (key: string) => {
    const found = pairs.map((pair) => pair.key).find((name) => isScalar(name) && name.value === key)
    return isScalar(found) && found.range ? lines.linePos(found.range[0]).line : 1
  }
  const values = { ...document.toJS() } as Record<string, unknown>
  const complaints: Complaint[] = []
  const frontMatter = Object.entries(schema.entries).map(([key, rule]) => {
    const { success, output } = v.safeParse(rule, values[key])
    if (success) return [key, output]
    const received = key in values ? JSON.stringify(values[key]) : 'none'
    const sentence = `${key}: expected ${v.getDescription(rule)}; received ${received}.`
    complaints.push({ file, line: lineOf(key), sentence })
    return [key, defaults[key as keyof FrontMatter]]
  })
  return { frontMatter: Object.fromEntries(frontMatter) as FrontMatter, complaints, lineOf }
}
