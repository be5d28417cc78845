import { createSharedComposable } from '@vueuse/core'
import { shallowReactive, shallowRef } from 'vue'
import type { LabProgress, LabView, PageCommand, PageMessage } from '../../../workbook/grade/session/views.ts'
import { useLab } from './useLab.ts'

/** What the grader of this `npm start` tells. All parts of a page share one channel. */
export const useGrading = createSharedComposable(() => {
  const labs = shallowRef<LabProgress[]>([])
  /** the view of each lab by its stem; none of a lab that was not graded yet */
  const views = shallowReactive<Record<string, LabView>>({})
  const { state, connect, send } = useLab('/grade', (data) => receive(JSON.parse(String(data))))

  function receive(message: PageMessage): void {
    if (message.type === 'overview') labs.value = message.labs
    else views[message.lab.stem] = message.lab
  }

  function command(name: Exclude<PageCommand['command'], 'open'>, lab: string): boolean {
    return send(JSON.stringify({ command: name, lab } satisfies PageCommand))
  }

  /** @param place a file, or `FILE:LINE` */
  function openEditor(place: string): void {
    send(JSON.stringify({ command: 'open', place } satisfies PageCommand))
  }

  return { state, connect, labs, views, command, openEditor }
})
