/** A recording that comes with the page: the name of its file without `.json`, and what the menu calls it. */
interface MenuEntry {
  id: string
  title: string
}

/** What a page shows before anyone has chosen. */
export const firstRecording = 'ws-chromium-plain'

// The order of the menu; whatever has no title here follows under its own name.
const titles: Record<string, string> = {
  'ws-chromium-plain': 'Chromium and ws',
  'hello-echo-close': 'hello, its echo, close',
  'rfc6455-examples': 'The examples of RFC 6455',
  'three-frames-one-chunk': 'Three frames in one chunk',
  'frame-cut-after-9-bytes': 'A frame cut after 9 bytes',
  'fragments-and-ping': 'Fragments, and a ping between',
  'ws-python-websocket-client': 'Python client: long frames, fragments',
  'ws-chromium-deflate': 'Chromium and ws, compressed',
  'deflate-twice': 'The same message compressed twice',
  'seed-handshake': 'The handshake of document ⑩',
  'socketio-js-websocket': 'Socket.IO: rooms, acks, binary',
  'socketio-rooms-ack-binary': 'Socket.IO: a room, an ack, a picture',
  'socketio-python-websocket': 'Socket.IO from Python',
  'socketio-js-upgrade': 'Socket.IO: polling, then WebSocket',
  'socketio-events': 'Socket.IO: events and answers, lab 15',
  'socketio-who-hears': 'Socket.IO: who hears what, lab 16',
  'socketio-namespaces': 'Socket.IO: namespaces, lab 17',
  'tcp-echo': 'TCP: ten writes to an echo, lab 02',
  'recv-exactly': 'TCP: reads of four bytes, lab 03',
  'http-by-hand': 'HTTP by hand, lab 05',
  relay: 'TCP: a relay, lab 06',
  'tcp-chat': 'TCP: a chat, lab 07',
  'redis-rooms': 'Redis: a room on two servers, lab 19',
  'tls13-curl': 'TLS 1.3 from curl',
  'tls12-openssl': 'TLS 1.2 from OpenSSL',
}

/** The menu of recordings, in groups. */
export function recordingMenu(ids: string[]): { label: string; recordings: MenuEntry[] }[] {
  return [
    { label: 'Recordings', recordings: ids.filter((id) => !/^(client|server)-/.test(id)).sort(byRank) },
    { label: 'Broken by the client', recordings: ids.filter((id) => id.startsWith('client-')).sort() },
    { label: 'Broken by the server', recordings: ids.filter((id) => id.startsWith('server-')).sort() },
  ].map(({ label, recordings }) => ({ label, recordings: recordings.map(titled) }))
}

function titled(id: string): MenuEntry {
  const words = id.replace(/^(client|server)-/, '').replaceAll('-', ' ')
  return { id, title: titles[id] ?? words.charAt(0).toUpperCase() + words.slice(1) }
}

function byRank(a: string, b: string): number {
  const rank = (id: string) => (Object.keys(titles).indexOf(id) + 1000) % 1000
  return rank(a) - rank(b) || a.localeCompare(b)
}
