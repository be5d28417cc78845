import type { Right } from '../../../workbook/grade/labs/edited-programs.ts'

export default [
  {
    name: 'no regular expression',
    edits: [
      {
        file: 'namespace.ts',
        find: "  const rest = /^on([A-Z].*)$/.exec(method)?.[1]\n  return rest?.replace(/[A-Z]/g, (capital, at) => `${at === 0 ? '' : ' '}${capital.toLowerCase()}`)",
        replace:
          "  const first = method[2]\n  if (!method.startsWith('on') || first === undefined || first < 'A' || first > 'Z') return undefined\n  let event = ''\n  for (const letter of method.slice(2)) {\n    if (letter >= 'A' && letter <= 'Z') event += (event === '' ? '' : ' ') + letter.toLowerCase()\n    else event += letter\n  }\n  return event",
      },
      {
        file: 'namespace.ts',
        find: '  namespace.use((socket, next) => {\n    try {\n      handlers.guard(socket.handshake)\n      next()\n    } catch (error) {\n      next(error as Error)\n    }\n  })',
        replace:
          '  namespace.use(async (socket, next) => {\n    let refusal: Error | undefined\n    try {\n      await handlers.guard(socket.handshake)\n    } catch (error) {\n      refusal = error as Error\n    }\n    next(refusal)\n  })',
      },
    ],
  },
  {
    name: 'chain of prototypes reversed, promise chain',
    edits: [
      {
        file: 'namespace.ts',
        find: "for (let proto = Object.getPrototypeOf(client); proto !== Namespace.prototype; proto = Object.getPrototypeOf(proto)) {\n    for (const method of Object.getOwnPropertyNames(proto)) {\n      const event = eventName(method)\n      const value: unknown = Object.getOwnPropertyDescriptor(proto, method)?.value\n      if (event !== undefined && typeof value === 'function' && !found.has(event)) {\n        found.set(event, (value as Handler).bind(client))\n      }\n    }\n  }",
        replace:
          "const chain: object[] = []\n  for (let p: object | null = Object.getPrototypeOf(client); p !== null; p = Object.getPrototypeOf(p)) chain.unshift(p)\n  for (const p of chain) {\n    for (const [method, { value }] of Object.entries(Object.getOwnPropertyDescriptors(p))) {\n      const event = eventName(method)\n      if (event !== undefined && typeof value === 'function') found.set(event, (...args) => value.apply(client, args))\n    }\n  }",
      },
      {
        file: 'namespace.ts',
        find: '  try {\n    const value = await handle(...(ack === undefined ? args : args.slice(0, -1)))\n    ack?.(value)\n  } catch (error) {\n    ack?.({ error: error instanceof Error ? error.message : String(error) })\n  }',
        replace:
          '  await new Promise((resolve) => resolve(handle(...(ack ? args.slice(0, -1) : args)))).then(\n    (value) => ack?.(value),\n    (error: unknown) => ack?.({ error: error instanceof Error ? error.message : String(error) }),\n  )',
      },
    ],
  },
  {
    name: 'late binding by name',
    edits: [
      {
        file: 'namespace.ts',
        find: '(value as Handler).bind(client)',
        replace: '(...args) => (client as unknown as Record<string, Handler>)[method]!(...args)',
      },
      {
        file: 'namespace.ts',
        find: "  const rest = /^on([A-Z].*)$/.exec(method)?.[1]\n  return rest?.replace(/[A-Z]/g, (capital, at) => `${at === 0 ? '' : ' '}${capital.toLowerCase()}`)",
        replace:
          "  if (!/^on[A-Z]/.test(method)) return undefined\n  return method.slice(2).split(/(?=[A-Z])/).join(' ').replace(/[A-Z]/g, (c) => c.toLowerCase())",
      },
    ],
  },
] satisfies Right[]
