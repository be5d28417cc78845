/** The four steps from Sec-WebSocket-Key to Sec-WebSocket-Accept: `npx tsx labs/11-ws-handshake/main.ts [key]` */
import { createHash } from 'node:crypto'
import { isMain } from '../run.ts'
import { acceptKey, GUID } from './handshake.ts'

export function showSteps(key: string): string {
  const sha1 = createHash('sha1')
    .update(key + GUID)
    .digest('hex')
  return [
    `key        ${key}`,
    `with GUID  ${key + GUID}`,
    `SHA-1      ${sha1.replaceAll(/..(?=.)/g, '$& ')}`,
    `accept     ${acceptKey(key)}`,
  ].join('\n')
}

if (isMain(import.meta.url)) console.log(showSteps(process.argv[2] ?? 'dGhlIHNhbXBsZSBub25jZQ=='))
