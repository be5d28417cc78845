import type { Theme } from 'vitepress'
import DefaultTheme from 'vitepress/theme'
import { type Component, defineAsyncComponent } from 'vue'
import Layout from './SiteLayout.vue'
import './style/palette.css'
import './style/text.css'
import './style/controls.css'
import './style/bytes.css'
import './style/figures.css'
import './style/lab.css'
import './style/sidebar.css'
import './style/home.css'
import './style/waiting.css'

// Every component is known to the pages by its file's name, and fetched by those that use it.
const components = import.meta.glob<Component>('./components/**/*.vue', { import: 'default' })

export default {
  extends: DefaultTheme,
  Layout,
  enhanceApp({ app }) {
    for (const [file, load] of Object.entries(components)) {
      app.component(file.replace(/^.*\/(\w+)\.vue$/, '$1'), defineAsyncComponent(load))
    }
  },
} satisfies Theme
