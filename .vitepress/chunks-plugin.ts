import type { Plugin } from 'vite'

/** What is fetched together, by the folders it stands in; recordings are fetched one by one. */
const groups = [
  { name: 'wire', test: /\/workbook\/(wire|view|sentences)\/(?!.*\.json)|\/theme\/composables\/(?!recordings)/ },
  { name: 'decoder', test: /\/theme\/components\/decoder\// },
]

/** Puts what pages share into few files: a file for each of its modules would be fifty requests, one after the other. */
export function chunks(): Plugin {
  return {
    name: 'wirebook-chunks',
    apply: 'build',
    outputOptions(options) {
      const { codeSplitting } = options
      // VitePress has groups of its own, and none for the build that renders the pages.
      if (typeof codeSplitting !== 'object') return options
      return { ...options, codeSplitting: { ...codeSplitting, groups: [...(codeSplitting.groups ?? []), ...groups] } }
    },
  }
}
