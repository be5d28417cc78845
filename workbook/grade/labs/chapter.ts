import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Complaint, complaintLine } from './complaint.ts'
import { type FrontMatter, readFrontMatter } from './front-matter.ts'
import { type HintBlock, hintBlocks } from './hints.ts'

/** What a chapter's file says to the machinery, and what is wrong with it. */
export interface ChapterText {
  /** `12-ws-frames`, the name of the chapter, the lab, the solution and the grader */
  stem: string
  /** `docs/12-ws-frames.md` */
  file: string
  markdown: string
  frontMatter: FrontMatter
  hints: HintBlock[]
  complaints: Complaint[]
}

/** Stems of the chapters in the order of their numbers, also of those whose stem is not as it should be. @param root folder of the project */
export function chapterStems(root: string): string[] {
  return readdirSync(join(root, 'docs'))
    .filter((name) => /^\d\d-.+\.md$/.test(name))
    .map((name) => name.slice(0, -'.md'.length))
    .sort()
}

/** Reads one chapter, whatever is wrong with it. */
export function readChapter(root: string, stem: string): ChapterText {
  const file = `docs/${stem}.md`
  const markdown = readFileSync(join(root, file), 'utf8')
  const { frontMatter, complaints, lineOf } = readFrontMatter(file, markdown)
  const hints = hintBlocks(markdown)
  for (const { line, sentence } of hints.flatMap(({ mistakes }) => mistakes)) {
    complaints.push({ file, line: line + 1, sentence })
  }
  const stems = chapterStems(root)
  for (const other of frontMatter.buildsOn) {
    const line = lineOf('buildsOn')
    if (!stems.includes(other)) {
      complaints.push({
        file,
        line,
        sentence: `buildsOn: expected the stem of a chapter, and there is no docs/${other}.md.`,
      })
    } else if (other >= stem) {
      complaints.push({ file, line, sentence: `buildsOn: expected earlier chapters, received ${other}.` })
    }
  }
  const sentence = stemMistake(stem)
  if (sentence) complaints.unshift({ file, sentence })
  return { stem, file, markdown, frontMatter, hints, complaints }
}

/** Reads one chapter that can be shown and graded. @throws {Error} with the file, the line and a sentence for each mistake */
export function readSoundChapter(root: string, stem: string): ChapterText {
  const chapter = readChapter(root, stem)
  if (chapter.complaints.length > 0) throw new Error(chapter.complaints.map(complaintLine).join('\n'))
  return chapter
}

/** What is wrong with a stem, in a sentence. */
export function stemMistake(stem: string): string | undefined {
  if (/^\d\d-[a-z0-9]+(-[a-z0-9]+)*$/.test(stem)) return undefined
  return `expected a stem of two digits and lower-case words, such as 20-daytime; received ${stem}.`
}
