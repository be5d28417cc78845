import { useRoute } from 'vitepress'
import { nextTick, watch } from 'vue'
import type { LabProgress } from '../../../workbook/grade/session/views.ts'
import { useGrading } from './useGrading.ts'

/**
 * Marks each chapter in the sidebar with how far its lab is. The default theme takes a sidebar item as text,
 * so the marks are written into the empty elements that the text ends with.
 */
export function useLabMarks(): void {
  const { labs } = useGrading()
  const route = useRoute()
  watch([labs, () => route.path], () => nextTick(() => labs.value.forEach(mark)), { immediate: true })
}

function mark(lab: LabProgress): void {
  for (const element of document.querySelectorAll(`.wb-mark[data-stem="${lab.stem}"]`)) {
    element.classList.toggle('done', lab.done)
    element.textContent = wordsFor(lab)
  }
}

function wordsFor({ done, passed, checks }: LabProgress): string {
  if (done) return '✓ done'
  return passed > 0 ? `${passed}/${checks}` : ''
}
