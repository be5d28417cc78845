import type { Wrong } from '../../../workbook/grade/labs/edited-programs.ts'

export default [
  {
    name: 'takes every method that begins with "on"',
    file: 'namespace.ts',
    find: '/^on([A-Z].*)$/',
    replace: '/^on(.*)$/',
    fails: ['event-names'],
    says: "the event of once: expected 'ce' to be undefined",
  },
  {
    name: 'looks at the class itself only',
    file: 'namespace.ts',
    find: 'for (let proto = Object.getPrototypeOf(client); proto !== Namespace.prototype; proto = Object.getPrototypeOf(proto)) {',
    replace: 'for (const proto of [Object.getPrototypeOf(client)]) {',
    fails: ['methods'],
    says: 'waited 2000 ms for the answer to "bye": it did not happen',
  },
  {
    name: 'the method of the superclass wins',
    file: 'namespace.ts',
    find: ' && !found.has(event)',
    replace: '',
    fails: ['methods'],
    says: "the first hello of ann: expected [ 'hello of the base' ] to deeply equal [ 'hello ann, 1' ]",
  },
  {
    name: 'loses the client in its handlers',
    file: 'namespace.ts',
    find: '(value as Handler).bind(client)',
    replace: 'value as Handler',
    fails: ['default'],
    says: 'the answer to "where am i": expected [ Array(1) ] to deeply equal [ \'/\' ]',
  },
  {
    name: 'guards "/" instead of the namespace',
    file: 'namespace.ts',
    find: 'namespace.use((socket, next) => {',
    replace: "io.of('/').use((socket, next) => {",
    fails: ['default', 'guard'],
    says: 'Error: not authorized',
  },
  {
    name: 'does not wait for the promise of a handler',
    file: 'namespace.ts',
    find: 'const value = await handle(',
    replace: 'const value = handle(',
    fails: ['answers'],
    says: "the answer of an async handler: expected [ {} ] to deeply equal [ 'later' ]",
  },
  {
    name: 'calls the handler only when somebody wants an answer',
    file: 'namespace.ts',
    find: '    const value = await handle(',
    replace: '    if (ack === undefined) return\n    const value = await handle(',
    fails: ['apart'],
    says: 'waited 2000 ms for the event "said" at a client: it did not happen',
  },
  {
    name: 'one instance for all clients, as in Python',
    edits: [
      {
        file: 'namespace.ts',
        find: '  const namespace = io.of(path)\n',
        replace: '  const namespace = io.of(path)\n  let shared: Namespace | undefined\n',
      },
      {
        file: 'namespace.ts',
        find: 'const client = new handlers(socket)',
        replace: 'shared ??= new handlers(socket)\n    const client = shared',
      },
    ],
    fails: ['methods'],
    says: "the first hello of bob: each client has an instance of its own: expected [ 'hello bob, 3' ] to deeply equal [ 'hello bob, 1' ]",
  },
] satisfies Wrong[]
