import { describe, expect, test } from 'vitest'
import { readRecording, writeRecording } from '../../workbook/wire/formats/recording.ts'
import { recording, recordingNames, recordingText } from './streams.ts'

test.each(recordingNames)('%s is written and read back the same', (name) => {
  const original = recording(name)
  const text = writeRecording(original)
  expect(readRecording(text)).toEqual({ recording: original })
  expect(text === recordingText(name), 'the file is as it would be written').toBe(true)
})

describe('a file from anybody', () => {
  const file = (change: object): string =>
    JSON.stringify({ version: 1, client: 'a', server: 'b', protocol: 'c', note: 'd', connections: [], ...change })
  const chunk = (change: object): string =>
    file({ connections: [{ chunks: [{ dir: 'c2s', t: 1, hex: '00', ...change }] }] })

  test.each([
    { name: 'not JSON', json: '{', error: 'not JSON' },
    { name: 'a list', json: '[]', error: 'the file: expected an object, received []' },
    { name: 'another version', json: file({ version: 2 }), error: 'version: expected 1, received 2' },
    { name: 'no connections', json: file({ connections: 1 }), error: 'connections: expected a list, received 1' },
    {
      name: 'a direction',
      json: chunk({ dir: 'up' }),
      error: 'connections[0].chunks[0].dir: expected c2s or s2c, received "up"',
    },
    { name: 'a time', json: chunk({ t: -1 }), error: 'connections[0].chunks[0].t: expected milliseconds, received -1' },
    {
      name: 'when a connection was opened',
      json: file({ connections: [{ opened: '1', chunks: [] }] }),
      error: 'connections[0].opened: expected milliseconds, received "1"',
    },
    {
      name: 'odd hex',
      json: chunk({ hex: '0' }),
      error: 'connections[0].chunks[0].hex: expected pairs of hex digits, received "0"',
    },
    {
      name: 'no hex',
      json: chunk({ hex: undefined }),
      error: 'connections[0].chunks[0].hex: expected pairs of hex digits, received nothing',
    },
    {
      name: 'a long note',
      json: file({ note: 'x'.repeat(1001) }),
      error: `note: expected a text of at most 1000 characters, received "${'x'.repeat(39)}…`,
    },
    {
      name: 'many connections',
      json: file({ connections: Array(65).fill({ chunks: [] }) }),
      error: 'connections: expected at most 64, received 65',
    },
    {
      name: 'many chunks',
      json: file({ connections: [0, 1].map(() => ({ chunks: Array(15_000).fill({ dir: 'c2s', t: 1, hex: '' }) })) }),
      error: 'connections[1].chunks: more than can be shown',
    },
    { name: 'a huge file', json: ' '.repeat(64 * 1024 * 1024 + 1), error: 'the file is too large' },
  ])('$name', ({ json, error }) => {
    expect(readRecording(json)).toEqual({ error })
  })
})
