import type { Right } from '../../../workbook/grade/labs/edited-programs.ts'

export default [
  {
    name: 'a set of tokens, then chains',
    edits: [
      {
        file: 'server.ts',
        find: 'if (tokens !== undefined && (token === undefined || !tokens.includes(token))) {',
        replace: "if (tokens && !(typeof token === 'string' && new Set(tokens).has(token))) {",
      },
      {
        file: 'server.ts',
        find: '      try {\n        answer(ack, { ok: true, value: await define(String(word)) })\n      } catch (error) {\n        answer(ack, { ok: false, reason: (error as Error).message })\n      }',
        replace:
          '      await define(String(word)).then(\n        (value) => answer(ack, { ok: true, value }),\n        (error: Error) => answer(ack, { ok: false, reason: error.message }),\n      )',
      },
      {
        file: 'server.ts',
        find: "socket.broadcast.emit('left', name, reason)",
        replace:
          "for (const other of io.of('/').sockets.values()) if (other !== socket) other.emit('left', name, reason)",
      },
    ],
  },
  {
    name: 'callbacks and own clock',
    edits: [
      {
        file: 'server.ts',
        find: "    try {\n      const value = await socket.timeout(questionTimeout).emitWithAck('question', question)\n      answer(ack, { ok: true, value: String(value) })\n    } catch {\n      // It rejects when no answer has come in time.\n      answer(ack, { ok: false, reason: 'no answer in time' })\n    }",
        replace:
          "    let open = true\n    const clock = setTimeout(() => {\n      open = false\n      answer(ack, { ok: false, reason: 'too slow' })\n    }, questionTimeout)\n    socket.emit('question', question, (value) => {\n      clearTimeout(clock)\n      if (open) answer(ack, { ok: true, value: String(value) })\n      open = false\n    })",
      },
      {
        file: 'server.ts',
        find: "      const ack = args.at(-1)\n      if (typeof ack === 'function') ack(...args.slice(0, -1))",
        replace: '      const ack = args.pop()\n      if (ack instanceof Function) ack.apply(undefined, args)',
      },
    ],
  },
  {
    name: 'callback of timeout',
    file: 'server.ts',
    find: "    try {\n      const value = await socket.timeout(questionTimeout).emitWithAck('question', question)\n      answer(ack, { ok: true, value: String(value) })\n    } catch {\n      // It rejects when no answer has come in time.\n      answer(ack, { ok: false, reason: 'no answer in time' })\n    }",
    replace:
      "    socket.timeout(questionTimeout).emit('question', question, (error, value) => {\n      if (error) answer(ack, { ok: false, reason: 'nothing came' })\n      else answer(ack, { ok: true, value: String(value) })\n    })",
  },
  {
    name: 'io.except, refuses by an object error',
    edits: [
      {
        file: 'server.ts',
        find: "socket.broadcast.emit('left', name, reason)",
        replace: "io.except(socket.id).emit('left', name, reason)",
      },
      {
        file: 'server.ts',
        find: "      const refusal: Error & { data?: unknown } = new Error('not authorized')\n      refusal.data = { retry: false }\n      // Without `return` the client would be refused, and let in by the `next()` below.\n      return next(refusal)\n    }",
        replace: "      next(Object.assign(new Error('no'), { data: { retry: false } }))\n      return\n    }",
      },
    ],
  },
  {
    name: 'asks with a promise that gives up',
    file: 'server.ts',
    find: "await socket.timeout(questionTimeout).emitWithAck('question', question)",
    replace:
      "await new Promise<string>((resolve, reject) => {\n        const clock = setTimeout(reject, questionTimeout)\n        socket.emit('question', question, (value) => {\n          clearTimeout(clock)\n          resolve(value)\n        })\n      })",
  },
] satisfies Right[]
