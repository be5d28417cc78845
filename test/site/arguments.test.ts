import { expect, test } from 'vitest'
import { forwardedHosts, isLoopback, siteHost } from '../../workbook/site/arguments.ts'

test.each([
  { host: 'localhost', name: 'localhost', loopback: true },
  { host: '::1', name: 'localhost', loopback: true },
  { host: '127.0.0.2', name: '127.0.0.2', loopback: true },
  { host: '0.0.0.0', name: 'localhost', loopback: false },
  { host: '::', name: 'localhost', loopback: false },
  { host: '192.0.2.7', name: '192.0.2.7', loopback: false },
  { host: '2001:db8::7', name: '[2001:db8::7]', loopback: false },
])('--host $host is opened as $name', ({ host, name, loopback }) => {
  expect(siteHost(host)).toBe(name)
  expect(isLoopback(host)).toBe(loopback)
})

test('a codespace has a public name for the port, and nothing else has', () => {
  const env = { CODESPACE_NAME: 'fuzzy-adventure', GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN: 'app.github.dev' }
  expect(forwardedHosts(env, 5174)).toEqual(['fuzzy-adventure-5174.app.github.dev'])
  expect(forwardedHosts({}, 5174)).toEqual([])
})
