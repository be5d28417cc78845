#!/usr/bin/env bash
# sirv 3.0.2 answers two ranges of RFC 9110 with other bytes than they ask for, and says 206 to both.
#
# The file holds the ten bytes 0123456789.
#   Range: bytes=-3    asks for the last three (a suffix range, RFC 9110 §14.1.2): 789
#   Range: bytes=0-0   asks for the first one, as clients do that try whether ranges work: 0
# Seen on Node.js 20.20.2:
#   bytes=-3   206  content-range: bytes 0-3/10   0123
#   bytes=0-0  206  content-range: bytes 0-9/10   0123456789
#   bytes=2-4  206  content-range: bytes 2-4/10   234
# A player that asks for the end of a file gets its beginning. Whoever serves whole pages can leave Range out of the request.
# Exits with 1 when it answers otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund sirv@3.0.2
mkdir files && printf 0123456789 >files/digits.txt

cat >ask.mjs <<'JS'
import { once } from 'node:events'
import { createServer } from 'node:http'
import sirv from 'sirv'

const server = createServer(sirv('files')).listen(0, '127.0.0.1')
await once(server, 'listening')
for (const range of ['bytes=-3', 'bytes=0-0', 'bytes=2-4']) {
  const response = await fetch(`http://127.0.0.1:${server.address().port}/digits.txt`, { headers: { range } })
  const text = await response.text()
  console.log(`${range.padEnd(9)}  ${response.status}  content-range: ${response.headers.get('content-range')}   ${text}`)
}
server.closeAllConnections()
server.close()
JS
node ask.mjs | tee seen
diff seen - <<'SEEN'
bytes=-3   206  content-range: bytes 0-3/10   0123
bytes=0-0  206  content-range: bytes 0-9/10   0123456789
bytes=2-4  206  content-range: bytes 2-4/10   234
SEEN
