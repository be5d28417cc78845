/** What a page may try against the workbook. */
export interface Attempt {
  name: string
  /** what is tried, where several attempts do the same */
  what?: string
  /** Runs in the page. @returns what it got, nothing when it got nothing; `tap` is host and port of the echo's tap */
  run: (to: { site: string; tap: string; what: string }) => Promise<string>
}

// Each function runs in the page, so it holds all that it needs.
export const attempts: Attempt[] = [
  {
    name: 'fetch of a page',
    run: async ({ site }) =>
      fetch(`${site}/ws-frames`).then(
        (r) => (r.ok ? r.text() : ''),
        () => '',
      ),
  },
  {
    name: 'fetch of the token',
    run: async ({ site }) =>
      fetch(`${site}/__lab.json`).then(
        (r) => (r.ok ? r.text() : ''),
        () => '',
      ),
  },
  {
    name: 'fetch of the token, no-cors',
    run: async ({ site }) =>
      fetch(`${site}/__lab.json`, { mode: 'no-cors', credentials: 'include' }).then(
        (r) => (r.ok ? r.text() : ''),
        () => '',
      ),
  },
  {
    name: 'a command as a simple request',
    run: async ({ site }) => {
      const body = JSON.stringify({ command: 'take', lab: '12-ws-frames' })
      return fetch(`${site}/grade`, { method: 'POST', mode: 'no-cors', body }).then(
        (r) => (r.ok ? r.text() : ''),
        () => '',
      )
    },
  },
  {
    name: 'a command with a guessed token',
    run: async ({ site }) => {
      const headers = { 'wirebook-token': '0'.repeat(32) }
      return fetch(`${site}/grade`, { method: 'POST', headers, body: '{}' }).then(
        (r) => (r.ok ? r.text() : ''),
        () => '',
      )
    },
  },
  {
    name: 'a beacon',
    run: async ({ site }) => {
      navigator.sendBeacon(`${site}/grade`, JSON.stringify({ command: 'reset', lab: '12-ws-frames' }))
      return ''
    },
  },
  ...['/grade', '/mirror', '/?wirebook=echo.x', '/?wirebook=12-ws-frames.x'].map(
    (path): Attempt => ({
      name: `a WebSocket to ${path}`,
      what: path,
      run: ({ site, what }) =>
        new Promise((resolve) => {
          const protocols = ['wirebook.tap.v1', `wirebook.token.${'0'.repeat(32)}`]
          const socket = new WebSocket(site.replace('http', 'ws') + what, protocols)
          socket.onopen = () => resolve('open')
          socket.onclose = () => resolve('')
        }),
    }),
  ),
  {
    name: 'a WebSocket to the tap',
    run: ({ tap }) =>
      new Promise((resolve) => {
        const socket = new WebSocket(`ws://${tap}/`)
        socket.onopen = () => resolve('open')
        socket.onclose = () => resolve('')
      }),
  },
  {
    name: 'server-sent events',
    run: ({ site }) =>
      new Promise((resolve) => {
        const source = new EventSource(`${site}/grade`)
        source.onmessage = ({ data }) => resolve(data)
        source.onerror = () => {
          source.close()
          resolve('')
        }
      }),
  },
  {
    name: '<script>',
    run: ({ site }) => {
      const script = document.createElement('script')
      script.src = `${site}/__lab.js`
      document.body.append(script)
      return new Promise((resolve) => {
        script.onload = () => resolve('loaded')
        script.onerror = () => resolve('')
      })
    },
  },
  {
    name: '<img>',
    run: ({ site }) => {
      const image = new Image()
      image.src = `${site}/sign.svg`
      return new Promise((resolve) => {
        image.onload = () => resolve('loaded')
        image.onerror = () => resolve('')
      })
    },
  },
  {
    name: '<link rel=stylesheet>',
    run: ({ site }) => {
      const link = document.createElement('link')
      link.rel = 'stylesheet'
      link.href = `${site}/ws-frames`
      document.head.append(link)
      return new Promise((resolve) => {
        link.onload = () => resolve('loaded')
        link.onerror = () => resolve('')
      })
    },
  },
  {
    name: 'a form',
    run: async ({ site }) => {
      document.body.innerHTML = `<iframe name="answer"></iframe><form method="post" enctype="text/plain" target="answer" action="${site}/grade"><input name='{"command":"take","lab":"12-ws-frames","x":"' value='"}'></form>`
      const frame = document.querySelector('iframe')!
      const loaded = new Promise((resolve) => frame.addEventListener('load', resolve))
      document.querySelector('form')!.submit()
      await loaded
      try {
        return document.querySelector('iframe')!.contentDocument!.body.innerText.includes('checks') ? 'read' : ''
      } catch {
        return ''
      }
    },
  },
  {
    name: 'a module',
    run: ({ site }) => {
      const script = document.createElement('script')
      script.type = 'module'
      script.src = `${site}/__lab.js`
      document.body.append(script)
      return new Promise((resolve) => {
        script.onload = () => resolve('loaded')
        script.onerror = () => resolve('')
      })
    },
  },
  {
    name: 'a worker',
    run: ({ site }) =>
      new Promise((resolve) => {
        const code = `try { importScripts('${site}/__lab.js'); postMessage('loaded') } catch { postMessage('') }`
        try {
          const worker = new Worker(URL.createObjectURL(new Blob([code])))
          worker.onmessage = ({ data }) => resolve(data)
          worker.onerror = () => resolve('')
        } catch {
          resolve('')
        }
      }),
  },
]
