import type { Wrong } from '../../../workbook/grade/wrong.ts'

export default [
  {
    name: 'one chunk is one frame',
    file: 'relay.ts',
    find: 'const data = await reader.readExactly(length)',
    replace: 'const data = (await reader.recv(Math.max(1, length))) ?? Buffer.alloc(0)',
    fails: ['pass', 'cuts'],
    says: 'bob: no reply within 2000 ms: waited for 1 byte',
  },
  {
    name: 'little-endian length',
    file: 'relay.ts',
    find: 'readUInt32BE()',
    replace: 'readUInt32LE()',
    fails: ['pass'],
    says: 'bob: no reply within 2000 ms: waited for 1 byte',
  },
  {
    name: 'delivers with the name of the receiver',
    file: 'relay.ts',
    find: 'encodeFrame(sender, data)',
    replace: 'encodeFrame(to, data)',
    fails: ['pass'],
    says: "the name in the next frame: expected 'bob' to be 'ann'",
  },
  {
    name: 'counts the characters of a name',
    file: 'relay.ts',
    find: 'Buffer.byteLength(name) > 255',
    replace: 'name.length > 255',
    fails: ['join-errors'],
    says: 'the answer to "JOIN 好好好好好好好好好好好好好好好好好好好好好好好好好好好好好好好好好好好": expected \'OK\' to match /^ERR ./',
  },
  {
    name: 'no answer when nobody has the name',
    file: 'relay.ts',
    find: "await write(socket, encodeFrame('', Buffer.from(",
    replace: "void String(encodeFrame('', Buffer.from(",
    fails: ['absent'],
    says: 'ann: no reply within 2000 ms: waited for 1 byte',
  },
  {
    name: 'no error listener: one reset ends the relay',
    edits: [
      {
        file: 'relay.ts',
        find: "    socket.on('error', () => socket.destroy())\n",
        replace: "    socket.on('error', (error) => { throw error })\n",
      },
    ],
    fails: ['leave-reset'],
    says: 'Error: read ECONNRESET',
  },
  {
    name: 'waits for drain of a receiver that has closed',
    file: 'relay.ts',
    find: 'const close = () => gone.abort()',
    replace: 'const close = () => {}',
    fails: ['stalled'],
    says: 'bob: no reply within 2000 ms: waited for 1 byte',
  },
  {
    name: 'lets a client be silent for ever',
    file: 'relay.ts',
    find: 'reader.readLine(1024, { timeout: joinTimeout })',
    replace: 'reader.readLine(1024)',
    fails: ['no-name'],
    says: 'waited 2000 ms for the end of a client that says nothing for 50 ms: it did not happen',
  },
] satisfies Wrong[]
