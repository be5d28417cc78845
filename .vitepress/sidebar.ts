import type { DefaultTheme } from 'vitepress'
import { parts } from './chapters.ts'
import type { Chapter } from './theme/composables/useChapters.ts'

/** Chapters under their parts, then the pages that are not chapters. A part without a chapter is left out. */
export function sidebarOf(chapters: Chapter[]): DefaultTheme.SidebarItem[] {
  const groups = Object.entries(parts).map(([part, title]) => ({
    text: title,
    items: chapters.filter((chapter) => chapter.part === Number(part)).map(chapterItem),
  }))
  return [...groups.filter((group) => group.items.length > 0), more]
}

// The empty mark is filled by useLabMarks when a lab server tells how far the reader is.
function chapterItem({ stem, number, title, path }: Chapter): DefaultTheme.SidebarItem {
  const text = `<span class="wb-number">${number}</span>${title}<span class="wb-mark" data-stem="${stem}"></span>`
  return { text, link: path, docFooterText: `${number} ${title}` }
}

const more: DefaultTheme.SidebarItem = {
  text: 'More',
  items: [
    { text: 'Frame decoder', link: '/decoder' },
    { text: 'Where it runs', link: '/where-it-runs' },
    { text: 'Teaching with Wirebook', link: '/teaching' },
    { text: 'Adding a chapter', link: '/contributing' },
  ],
}
