import { chapterStems, readSoundChapter } from '../workbook/grade/labs/chapter.ts'
import { partTitles } from '../workbook/grade/labs/front-matter.ts'
import { root } from '../workbook/grade/labs/tree.ts'
import type { Chapter } from './theme/composables/useChapters.ts'

/** Titles of the parts by number. */
export const parts: Record<number, string> = { ...partTitles }

/** The chapters that exist, in the order of their numbers. @throws {Error} a sentence for each mistake in a chapter */
export function readChapters(): Chapter[] {
  return chapterStems(root).map((stem) => {
    const { title, description, part, mirrors } = readSoundChapter(root, stem).frontMatter
    return { stem, number: stem.slice(0, 2), path: `/${stem.slice(3)}`, title, description, part, mirrors }
  })
}
