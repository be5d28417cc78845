import type { Right } from '../../../workbook/grade/labs/edited-programs.ts'

export default [
  {
    name: 'pick filters everybody',
    file: 'rooms.ts',
    find: 'for (const id of rooms.size === 0\n      ? this.joined.keys()\n      : [...rooms].flatMap((room) => [...(this.members.get(room) ?? [])])) {\n      picked.add(id)\n    }\n    for (const room of except) for (const id of this.members.get(room) ?? []) picked.delete(id)',
    replace:
      'for (const [id, own] of this.joined) {\n      const wanted = rooms.size === 0 || [...own].some((room) => rooms.has(room))\n      if (wanted && ![...own].some((room) => except.has(room))) picked.add(id)\n    }',
  },
  {
    name: 'bytes are taken out always, then counted',
    file: 'packet.ts',
    find: 'if (hasBytes(data)) {\n    body = takeOut(data, attachments)\n    head = ',
    replace:
      'if (type === EVENT || type === ACK) body = takeOut(data, attachments)\n  if (attachments.length > 0) {\n    head = ',
  },
  {
    name: 'middlewares as a chain of callbacks',
    file: 'namespace.ts',
    find: 'for (const middleware of this.#middlewares) {\n      const refusal = await new Promise<(Error & { data?: unknown }) | undefined>((resolve) => {\n        try {\n          middleware(socket, resolve)\n        } catch (error) {\n          resolve(error as Error)\n        }\n      })\n      if (refusal !== undefined) return refusal\n    }',
    replace:
      'type Refusal = (Error & { data?: unknown }) | undefined\n    const chain = this.#middlewares.reduceRight<() => Promise<Refusal>>(\n      (rest, middleware) => async () => {\n        try {\n          const refusal = await new Promise<Refusal>((resolve) => middleware(socket, resolve))\n          return refusal ?? rest()\n        } catch (error) {\n          return error as Error\n        }\n      },\n      async () => undefined,\n    )\n    return chain()',
  },
  {
    name: 'two timers, ping and deadline, from the start',
    file: 'session.ts',
    find: "clearTimeout(this.#timer)\n    this.#timer = setTimeout(() => {\n      this.transport.send('2')\n      this.#timer = setTimeout(() => this.close('ping timeout'), this.#options.pingTimeout)\n    }, this.#options.pingInterval)",
    replace:
      "const { pingInterval, pingTimeout } = this.#options\n    clearTimeout(this.#timer)\n    const step = (left: (() => number)[]): void => {\n      const next = left[0]\n      if (next === undefined) return this.close('ping timeout')\n      this.#timer = setTimeout(() => step(left.slice(1)), next())\n      if (left.length === 1) this.transport.send('2')\n    }\n    step([() => pingInterval, () => pingTimeout])",
  },
  {
    name: 'upgrade with a phase',
    file: 'session.ts',
    find: "this.#upgrading = true\n    const old = this.transport\n    const goOn = () => {\n      this.#upgrading = false\n      old.drain?.(false)\n    }\n    candidate.once('close', goOn)\n    candidate.on('packet', (packet) => {\n      if (this.transport === candidate) return // `#receive` has it\n      if (packet === '2probe') {\n        candidate.send('3probe')\n        old.drain?.(true)\n      } else if (packet === '5') {\n        candidate.off('close', goOn)\n        this.transport = candidate\n        this.#listen(candidate)\n        old.removeAllListeners()\n        for (const kept of old.takeQueue?.() ?? []) candidate.send(kept)\n      } else {\n        candidate.close()\n      }\n    })",
    replace:
      "this.#upgrading = true\n    const old = this.transport\n    let phase: 'open' | 'probed' | 'over' = 'open'\n    const finish = (won: boolean) => {\n      if (phase === 'over') return\n      phase = 'over'\n      clearTimeout(timer)\n      this.removeListener('close', lost)\n      candidate.removeListener('close', lost)\n      candidate.removeListener('packet', hear)\n      this.#upgrading = false\n      if (!won) {\n        old.drain?.(false)\n        candidate.close()\n        return\n      }\n      old.removeAllListeners()\n      this.transport = candidate\n      const kept = old.takeQueue?.() ?? []\n      while (kept.length > 0) candidate.send(kept.shift()!)\n      this.#listen(candidate)\n    }\n    const lost = () => finish(false)\n    const hear = (packet: string | Buffer) => {\n      if (phase === 'open' && packet === '2probe') {\n        phase = 'probed'\n        old.drain?.(true)\n        candidate.send('3probe')\n      } else finish(phase === 'probed' && packet === '5')\n    }\n    const timer = setTimeout(lost, this.#options.pingTimeout)\n    this.on('close', lost)\n    candidate.on('close', lost)\n    candidate.on('packet', hear)",
  },
  {
    name: 'gone in another order, rooms as arrays of pairs',
    edits: [
      {
        file: 'socket.ts',
        find: "this.namespace.rooms.leaveAll(this.id)\n    this.namespace.sockets.delete(this.id)\n    this.#acks.clear()\n    this.#call('disconnect', [reason])",
        replace:
          "this.#acks.clear()\n    this.namespace.sockets.delete(this.id)\n    for (const room of this.rooms) this.leave(room)\n    this.namespace.rooms.leaveAll(this.id)\n    this.#call('disconnect', [reason])",
      },
      {
        file: 'socket.ts',
        find: 'let answered = false\n      args.push((...values: unknown[]) => {\n        if (!answered) this.#transmit({ type: ACK, namespace: this.namespace.name, id, data: values })\n        answered = true\n      })',
        replace:
          'const open = new Set([id])\n      args.push((...data: unknown[]) => {\n        if (open.delete(id)) this.#transmit({ id, data, type: ACK, namespace: this.namespace.name })\n      })',
      },
    ],
  },
  {
    name: 'an upgrade that listens to the end of the session, and keeps a clock of its own',
    file: 'session.ts',
    find: "this.#upgrading = true\n    const old = this.transport\n    const goOn = () => {\n      this.#upgrading = false\n      old.drain?.(false)\n    }\n    candidate.once('close', goOn)\n    candidate.on('packet', (packet) => {\n      if (this.transport === candidate) return // `#receive` has it\n      if (packet === '2probe') {\n        candidate.send('3probe')\n        old.drain?.(true)\n      } else if (packet === '5') {\n        candidate.off('close', goOn)\n        this.transport = candidate\n        this.#listen(candidate)\n        old.removeAllListeners()\n        for (const kept of old.takeQueue?.() ?? []) candidate.send(kept)\n      } else {\n        candidate.close()\n      }\n    })",
    replace:
      "this.#upgrading = true\n    const old = this.transport\n    const giveUp = () => {\n      this.#upgrading = false\n      clearTimeout(later)\n      old.drain?.(false)\n      candidate.close()\n    }\n    const later = setTimeout(giveUp, this.#options.pingTimeout)\n    this.once('close', giveUp)\n    candidate.once('close', giveUp)\n    candidate.on('packet', (packet) => {\n      if (this.transport === candidate || this.#closed) return\n      if (packet === '2probe') {\n        candidate.send('3probe')\n        old.drain?.(true)\n      } else if (packet === '5') {\n        clearTimeout(later)\n        this.off('close', giveUp)\n        candidate.off('close', giveUp)\n        this.transport = candidate\n        this.#listen(candidate)\n        old.removeAllListeners()\n        for (const kept of old.takeQueue?.() ?? []) candidate.send(kept)\n      } else {\n        giveUp()\n      }\n    })",
  },
] satisfies Right[]
