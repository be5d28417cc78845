import type { Right } from '../../../workbook/grade/labs/edited-programs.ts'

export default [
  {
    name: 'own loop over sockets',
    edits: [
      {
        file: 'server.ts',
        find: "    socket.to(room).emit('said', socket.id, room, String(text))",
        replace:
          "    for (const other of this.#io.of('/').sockets.values()) {\n      if (other !== socket && other.rooms.has(room)) other.emit('said', socket.id, room, String(text))\n    }",
      },
      {
        file: 'server.ts',
        find: "this.#io.to(list).emit('said', socket.id, list.join(','), String(text))",
        replace:
          "const wanted = new Set(list as string[])\n    for (const s of this.#io.of('/').sockets.values()) if ([...s.rooms].some((r) => wanted.has(r))) s.emit('said', socket.id, [...(list as string[])].join(), String(text))",
      },
      {
        file: 'server.ts',
        find: "    socket.on('disconnecting', () => {\n      for (const room of socket.rooms) {\n        if (this.#isRoom(room)) socket.to(room).emit('left', socket.id, room)\n      }\n    })",
        replace:
          "    socket.on('disconnecting', () => {\n      this.#rooms.filter((room) => socket.rooms.has(room)).forEach((room) => void this.#io.to(room).except(socket.id).emit('left', socket.id, room))\n    })",
      },
    ],
  },
  {
    name: 'poll by each socket',
    edits: [
      {
        file: 'server.ts',
        find: '    const asked = (await this.#io.in(room).fetchSockets()).length',
        replace:
          "    const members = [...this.#io.of('/').sockets.values()].filter((s) => s.rooms.has(room))\n    const asked = members.length",
      },
      {
        file: 'server.ts',
        find: "await new Promise<unknown[]>((resolve) => {\n      this.#io\n        .to(room)\n        .timeout(this.#pollTimeout)\n        .emit('question', String(question), (_: Error | null, came: unknown[]) => resolve(came))\n    })",
        replace:
          "(await Promise.allSettled(members.map((s) => s.timeout(this.#pollTimeout).emitWithAck('question', String(question))))).flatMap((r) => (r.status === 'fulfilled' ? [r.value] : []))",
      },
    ],
  },
  {
    name: 'told before joined; own list for goodbye',
    edits: [
      {
        file: 'server.ts',
        find: "      void socket.join(room) // the adapter in memory joins at once\n      socket.to(room).emit('joined', socket.id, room)",
        replace: "      socket.to(room).emit('joined', socket.id, room)\n      void socket.join(room)",
      },
      {
        file: 'server.ts',
        find: "    socket.on('disconnecting', () => {\n      for (const room of socket.rooms) {\n        if (this.#isRoom(room)) socket.to(room).emit('left', socket.id, room)\n      }\n    })",
        replace:
          "    let rooms: string[] = []\n    socket.on('disconnecting', () => {\n      rooms = [...socket.rooms]\n    })\n    socket.on('disconnect', () => {\n      for (const room of rooms) if (this.#isRoom(room)) this.#io.to(room).emit('left', socket.id, room)\n    })",
      },
    ],
  },
] satisfies Right[]
