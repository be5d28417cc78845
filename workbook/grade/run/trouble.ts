import { say } from '../../sentences/say.ts'
import { sentence } from '../../wire/model/sentence.ts'
import type { CheckInfo } from '../checks/events.ts'
import type { Silence } from './silence-watch.ts'

/** Why a run could not go on, in the parts of a failure. */
export interface Trouble {
  action: string
  received: string
  summary: string
  details?: string
  rule?: string
}

/** The lab does not come back. @param lab `labs/12-ws-frames` @param check the one that was announced last */
export function troubleOfSilence({ means }: Silence, lab: string, check: CheckInfo | undefined): Trouble {
  const place = check ? sentence('run.in-check', { check: check.title }) : sentence('run.while-loading')
  return {
    action: check ? check.title : say(sentence('run.loaded', { lab })),
    received: say(received[means]),
    summary: say(sentence(summaries[means], { lab, place })),
    rule: check?.rule,
  }
}

const received = {
  loops: sentence('run.stands-still'),
  sleeps: sentence('run.sleeps'),
  unknown: sentence('run.is-silent'),
}

const summaries = { loops: 'run.loop', sleeps: 'run.sleep', unknown: 'run.silence' } as const

/** The child has ended while it graded. */
export function troubleOfEnd(why: string): Trouble {
  const [received = '', ...more] = why.split('\n')
  return { action: say(sentence('run.ended')), received, summary: received, details: more.join('\n') || undefined }
}

/** No child can be started. @param why what the last one said */
export function troubleOfStart(why: string): Trouble {
  const action = say(sentence('run.started'))
  const received = say(sentence('run.not-started'))
  return { action, received, summary: say(sentence('run.start-again')), details: why }
}
