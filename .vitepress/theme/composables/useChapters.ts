import { type DefaultTheme, useData } from 'vitepress'
import { computed } from 'vue'
import type { CheckInfo } from '../../../workbook/grade/checks/events.ts'

export interface Chapter {
  /** `12-ws-frames`, the name of the chapter, the lab, the solution and the grader */
  stem: string
  /** `12` */
  number: string
  /** address in the site, `/ws-frames` */
  path: string
  title: string
  /** one sentence */
  description: string
  /** 0–5 */
  part: number
  /** the seed documents that the chapter mirrors, `⑧` or `①②` */
  mirrors: string
}

/** `lab` in the front matter of a chapter: what is known of its lab without a lab server. */
export interface GivenLab {
  /** files that the reader completes, `labs/12-ws-frames/frame.ts` first */
  files: string[]
  checks: CheckInfo[]
}

/** What the site's configuration adds to the default theme's. */
export interface ThemeConfig extends DefaultTheme.Config {
  /** all chapters, in the order of their numbers */
  chapters: Chapter[]
  /** titles of the parts by number */
  parts: Record<number, string>
}

/** The chapters that exist, as their front matter describes them, and the parts that have one. */
export function useChapters() {
  const { theme } = useData<ThemeConfig>()
  const chapters = computed(() => theme.value.chapters)
  const parts = computed(() =>
    Object.entries(theme.value.parts)
      .map(([number, title]) => ({
        number,
        title,
        chapters: chapters.value.filter(({ part }) => part === Number(number)),
      }))
      .filter((part) => part.chapters.length > 0),
  )
  return { chapters, parts }
}
