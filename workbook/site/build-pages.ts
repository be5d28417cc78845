// npm's `prepare`, so after npm ci: builds the pages that npm start serves, unless they are there.
import { root } from '../grade/labs/tree.ts'
import { say } from '../sentences/say.ts'
import { sentence } from '../wire/model/sentence.ts'
import { BuiltPages } from './built-pages.ts'

try {
  await new BuiltPages(root).build()
} catch (error) {
  // Labs and grader work without pages, and npm start tries again: an installation does not fail for that.
  console.error(say(sentence('pages.build-failed', { why: (error as Error).message })))
}
