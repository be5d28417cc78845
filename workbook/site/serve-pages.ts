import { say } from '../sentences/say.ts'
import type { Pages } from '../server/pages.ts'
import { sentence, type Words } from '../wire/model/sentence.ts'
import type { BuiltPages } from './built-pages.ts'

/** Serves the pages that are there, and when they are missing or older than their sources, builds them meanwhile. */
export async function servePages(pages: Pages, built: BuiltPages, tell: (words: Words) => void): Promise<void> {
  const old = built.newest()
  if (old) pages.use(old)
  if (old && built.isCurrent()) return
  tell(sentence(old ? 'pages.build-renews' : 'pages.build-begins'))
  try {
    pages.use(await built.build())
    tell(sentence(old ? 'pages.build-renewed' : 'pages.build-ready'))
  } catch (error) {
    const failed = sentence('pages.build-failed', { why: (error as Error).message })
    pages.failed(say(failed))
    tell(failed)
  }
}
