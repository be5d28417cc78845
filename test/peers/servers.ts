import { join } from 'node:path'
import { readSoundChapter } from '../../workbook/grade/labs/chapter.ts'
import { readFolder } from '../../workbook/grade/labs/folder.ts'
import { solutionStems } from '../../workbook/grade/labs/lab-files.ts'
import { root } from '../../workbook/grade/labs/tree.ts'
import { ownScripts, type Script, scripts } from './scripts.ts'

/** A program that listens, and how its clients speak. */
export interface ServerFile {
  /** `13-ws-server/server.ts` */
  name: string
  /** from the project's folder */
  file: string
  /** behind port and host */
  args: string[]
  script: Script
  /** why it does not end its side when a client has ended the other */
  staysHalfOpen?: string
}

/** Broken on purpose, so that readers see it break. */
const isBroken = (name: string): boolean => name === '07-tcp-chat/seed.ts'

/** Each solution that listens when it is run: what it speaks stands in its chapter's front matter. */
export function solutionServers(): ServerFile[] {
  return solutionStems(root).flatMap((stem) => {
    const { target, protocols } = readSoundChapter(root, stem).frontMatter
    if (target === 'none') return []
    return [...readFolder(join(root, 'solutions', stem))].flatMap(([path, bytes]): ServerFile[] => {
      const name = `${stem}/${path}`
      const [, whenRun = ''] = String(bytes).split('if (isMain(import.meta.url))')
      const listens = /\b(serve|serveDatagrams)\(/.exec(whenRun)
      if (!listens || isBroken(name)) return []
      const spoken = listens[1] === 'serveDatagrams' ? 'udp' : (protocols[0] ?? target)
      const script = { ...scripts[spoken]!, ...ownScripts[name] }
      return [{ name, file: `solutions/${name}`, args: [], script }]
    })
  })
}

/** A tap carries what is half-open through to both sides, as long as one of them says something within five minutes. */
const throughTap = { ...scripts.websocket!, refused: undefined }

const workbookServer = 'test/peers/workbook-server.ts'

/** The workbook's own: each port of `npm start` that answers. */
export const workbookServers: ServerFile[] = [
  { name: 'the site', file: workbookServer, args: ['site'], script: scripts.http! },
  { name: 'the tap of the echo', file: workbookServer, args: ['echo'], script: throughTap },
  { name: 'the tap of the compressing echo', file: workbookServer, args: ['echo-deflate'], script: throughTap },
  {
    name: 'the tap of the silence',
    file: workbookServer,
    args: ['silence'],
    script: { ...scripts.tcp!, hello: () => [] },
    staysHalfOpen: 'the page answers in its place',
  },
]
