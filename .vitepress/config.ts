import { defineConfig, postcssIsolateStyles } from 'vitepress'
import { parts, readChapters } from './chapters.ts'
import { chunks } from './chunks-plugin.ts'
import { readGivenLab } from './given.ts'
import { hints } from './hints-plugin.ts'
import { withPolicy, writePolicy } from './policy.ts'
import { sidebarOf } from './sidebar.ts'
import type { ThemeConfig } from './theme/composables/useChapters.ts'

const chapters = readChapters()

export default defineConfig<ThemeConfig>({
  srcDir: 'docs',
  lang: 'en',
  title: 'Wirebook',
  description:
    'Network programming in TypeScript, where you see every byte: real sockets on your own machine, chapters with labs, and a live frame decoder.',
  head: [
    ['link', { rel: 'icon', type: 'image/svg+xml', href: '/sign.svg' }],
    ['meta', { name: 'theme-color', content: '#0b5cad' }],
    ['script', { src: '/__lab.js' }],
  ],
  // The number orders the files; the address does without it.
  rewrites: Object.fromEntries(chapters.map(({ stem, path }) => [`${stem}.md`, `${path.slice(1)}.md`])),
  cleanUrls: true,
  markdown: { config: hints },

  async transformPageData(page) {
    page.frontmatter.lab = await readGivenLab(page.filePath.slice(0, -3))
  },
  transformHtml: withPolicy,
  buildEnd: ({ outDir }) => writePolicy(outDir),

  // Pages come from this machine: fetching them before they are wanted only delays the one that is.
  router: { prefetchLinks: false },
  vite: {
    plugins: [chunks()],
    // What stands in `vp-raw` is a tool, not text: the text's styles end where it begins.
    css: { postcss: { plugins: [postcssIsolateStyles({ includeFiles: [/vp-doc\.css/] })] } },
    optimizeDeps: { include: ['@vueuse/core', 'socket.io-client'] },
    // A component that pages use by name may also be part of another one.
    build: { rolldownOptions: { checks: { ineffectiveDynamicImport: false } } },
  },

  themeConfig: {
    chapters,
    parts,
    logo: { src: '/sign.svg', alt: '' },
    nav: [
      {
        text: 'Chapters',
        link: chapters[0]?.path ?? '/',
        activeMatch: `^(${chapters.map(({ path }) => path).join('|')})$`,
      },
      { text: 'Decoder', link: '/decoder' },
    ],
    sidebar: sidebarOf(chapters),
    outline: { level: 2, label: 'In this chapter' },
    docFooter: { prev: 'Before', next: 'Next' },
    search: { provider: 'local', options: { detailedView: true } },
    externalLinkIcon: true,
    notFound: {
      title: 'Not found',
      quote: 'The request was well formed, and nothing is served at this path (RFC 9110 §15.5.5).',
      linkText: 'To the first page',
    },
  },
})
