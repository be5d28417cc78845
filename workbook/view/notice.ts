import type { Target } from '../wire/formats/mirror-messages.ts'

/**
 * - `looking`: the first answer is not here yet
 * - `absent`: this site comes without a lab server: a static copy
 * - `held`: there is one, but this page came from elsewhere, and connects only when it is asked to
 * - `live`: connected
 * - `lost`: the connection ended; trying again after 1, 2, 4 and 8 s, and then when asked
 */
export type LabState = 'looking' | 'absent' | 'held' | 'live' | 'lost'

/**
 * - `denied`: the reader, or whoever set the browser up, does not let this site reach this machine
 * - `mixed`: the browser lets no page with a certificate open a connection without one
 */
export type Obstacle = 'denied' | 'mixed'

/** What stands between the reader and live bytes. */
export interface Situation {
  state: LabState
  /** milliseconds until the next try, when `lost` */
  retryIn?: number
  obstacle?: Obstacle
  /** the server speaks another version than this page */
  outdated: boolean
  /** the site is served by `npm start`, which tells it where the lab server is */
  served: boolean
  /** a live target is chosen */
  wanted: boolean
  target?: Target
  isRaw: boolean
  /** one sentence about what went wrong last */
  trouble: string
}

/** One sentence, and where there is one, the command that helps. */
interface Notice {
  text: string
  command?: string
  after?: string
  /** the text ends before the name of a button, Connect */
  again?: boolean
  bad?: boolean
}

const local = 'http://localhost:5173/decoder'

export function noticeOf(situation: Situation): Notice | undefined {
  const { outdated, state, wanted, trouble, target, isRaw } = situation
  if (outdated) return { text: 'The lab server was restarted with a newer version: reload this page.', bad: true }
  if (state === 'held')
    return { text: 'Press Connect to see live bytes: your browser will ask whether this site may reach your computer.' }
  if (state === 'lost') return lost(situation)
  if (state === 'absent')
    return {
      text: 'These bytes are a recording. To watch live ones, in the project folder run',
      command: 'npm start',
      after: 'and open the address that it prints.',
    }
  if (!wanted) return undefined
  if (trouble) return { text: trouble, bad: true }
  if (target && !target.listening) return notRunning(target)
  if (target && isRaw) return { text: `${rawText(target)} Other programs reach it at 127.0.0.1:${target.tapPort}.` }
  return undefined
}

function lost({ obstacle, served, retryIn }: Situation): Notice {
  if (obstacle === 'denied')
    return {
      text: `Your browser keeps this site from your computer. Allow “local network” in the settings of this site, or open ${local} of your own copy.`,
      bad: true,
    }
  if (obstacle === 'mixed')
    return { text: `Safari opens no ws:// from an https page: open ${local} of your own copy.`, bad: true }
  if (served) {
    const then = retryIn
      ? { after: `and wait: the next try is in ${retryIn / 1000} s.` }
      : { after: 'then press', again: true }
    return {
      text: 'The lab server is not running. In the project folder run',
      command: 'npm start',
      ...then,
      bad: true,
    }
  }
  return {
    text: 'The lab server of your link does not answer: it has stopped, or has a new token. Open the link that it printed last.',
    bad: true,
  }
}

function notRunning({ label, command, port }: Target): Notice {
  if (!command) return { text: `Nothing listens on 127.0.0.1:${port} yet. Start your server, and it appears here.` }
  return { text: `${label} is not running. Start it with`, command, after: 'and it appears here.' }
}

function rawText({ kind, protocols, stem }: Target): string {
  if (kind === 'tls') return 'What passes here is TLS: its records can be seen, and hardly anything in them.'
  if (protocols)
    return `What passes here is read as ${protocols.map((name) => spokenNames[name] ?? name).join(' or ')}.`
  return stem === undefined
    ? 'What passes here is read as far as its first bytes tell what it is.'
    : 'This tap has no frames to show, only what each read brought.'
}

const spokenNames: Record<string, string> = {
  lines: 'lines',
  'length-prefixed': 'messages behind their length',
  relay: 'lines, then frames of the relay',
}
