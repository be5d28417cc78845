import { say } from '../sentences/say.ts'
import type { Pages } from '../server/pages.ts'
import { sentence, type Words } from '../wire/model/sentence.ts'
import type { BuiltPages } from './built-pages.ts'

/**
 * Serves the pages that are there; when they are missing or older than their sources, they are built meanwhile. Pages that
 * somebody removes while they are served are replaced in the same way.
 */
export async function servePages(pages: Pages, built: BuiltPages, tell: (words: Words) => void): Promise<void> {
  let isAtIt = false
  const renew = async () => {
    if (isAtIt) return
    isAtIt = true
    await serveNewest(pages, built, tell)
    isAtIt = false
  }
  pages.whenLost(() => void renew())
  await renew()
}

async function serveNewest(pages: Pages, built: BuiltPages, tell: (words: Words) => void): Promise<void> {
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
