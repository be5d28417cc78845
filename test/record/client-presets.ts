import { type Preset, presets } from '../../workbook/view/experiments.ts'
import { judgeAnswers } from '../../workbook/view/verdicts.ts'
import { isClose, noteOf } from './presets.ts'
import { RawClient } from './raw-client.ts'
import { echo } from './servers.ts'
import type { Session } from './session.ts'

/** What a client may do wrong, and what `ws` answers. */
export const clientPresets: Session[] = presets
  .filter(({ by }) => by === 'client')
  .map((preset) => ({
    id: preset.id,
    client: 'raw bytes',
    server: 'ws 8',
    protocol: 'websocket',
    listen: () => echo(false),
    async talk(tap) {
      const client = await RawClient.open(tap)
      await client.write(preset.bytes, preset.cuts)
      if (preset.end === 'fin') client.end()
      else if (preset.end === 'rst') client.reset()
      else await hearAnswer(client, preset)
      await tap.ended()
      return noteOf(preset, tap.first.said('s2c'))
    },
  }))

/** Waits for the answer; when that is no close frame, the client says one. */
async function hearAnswer(client: RawClient, { expected }: Preset): Promise<void> {
  await client.until('an answer', (said) => judgeAnswers(expected, said) !== 'open')
  if (!client.tapped.said('s2c').some(isClose)) await client.close()
}
