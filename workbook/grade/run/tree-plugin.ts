import { join } from 'node:path'
import type { Plugin } from 'vite'

/**
 * Resolves `#lab/…` of a grader to the tree that is graded: the one in the grader's own address (`….test.ts?tree=PATH`),
 * or `tree`. So one process can grade many trees with the same graders.
 */
export function treePlugin(tree: string): Plugin {
  return {
    name: 'wirebook-tree',
    enforce: 'pre',
    resolveId(source, importer = '') {
      if (!source.startsWith('#lab/')) return undefined
      const own = /\?tree=([^&]+)/.exec(importer)?.[1]
      return join(own ? decodeURIComponent(own) : tree, source.slice('#lab/'.length))
    },
  }
}
