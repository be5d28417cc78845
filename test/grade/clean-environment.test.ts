import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { cleanEnvironment } from '../../workbook/grade/checks/clean-environment.ts'
import { closeAll } from '../../workbook/grade/checks/lifetime.ts'
import { runFile } from '../../workbook/grade/checks/program.ts'

/** What a reader's shell may hold that changes what a right lab does. */
const disturbing = {
  NODE_TLS_REJECT_UNAUTHORIZED: '0',
  NODE_USE_ENV_PROXY: '1',
  NODE_EXTRA_CA_CERTS: '/nowhere.pem',
  NODE_OPTIONS: '--throw-deprecation',
  NODE_ENV: 'production',
  HTTP_PROXY: 'http://127.0.0.1:1',
  https_proxy: 'http://127.0.0.1:1',
  SSL_CERT_FILE: '/nowhere.pem',
  DEBUG: '*',
  FORCE_COLOR: '3',
  TZ: 'Asia/Tokyo',
  CI: 'true',
  npm_config_loglevel: 'silent',
}

test('only what a program needs to start is kept, however Windows writes it', () => {
  const needed = { PATH: '/bin', HOME: '/root', TMPDIR: '/tmp', LANG: 'C.UTF-8', WIREBOOK_REDIS: 'redis://127.0.0.1' }
  const windows = { Path: 'C:\\bin', SystemRoot: 'C:\\Windows', Temp: 'C:\\Temp' }
  expect(cleanEnvironment({ ...needed, ...windows, ...disturbing })).toEqual({ ...needed, ...windows })
})

const before = { ...process.env }
beforeEach(
  () =>
    void Object.assign(process.env, disturbing, { WIREBOOK_TREE: fileURLToPath(new URL('fixtures', import.meta.url)) }),
)
afterEach(async () => {
  process.env = { ...before }
  await closeAll()
})

test('a program of the reader’s that a check runs sees nothing else either', async () => {
  const program = runFile('environment.ts', [], { env: { GIVEN: 'by the check' } })
  const [, names] = await program.line(/^sees (.*)$/)
  const seen = names!.split(' ')
  expect(seen).toContain('GIVEN')
  expect(Object.keys(disturbing).filter((name) => seen.includes(name))).toEqual([])
})
