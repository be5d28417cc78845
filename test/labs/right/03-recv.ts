import type { Right } from '../../../workbook/grade/labs/edited-programs.ts'

export default [
  {
    name: 'AbortSignal.any and timeout',
    file: 'reader.ts',
    find: `const timer =
    timeout === undefined
      ? undefined
      : setTimeout(() => giveUp(new DOMException(\`waited \${timeout} ms to read\`, 'TimeoutError')), timeout)
  const abort = (): void => giveUp(signal?.reason)
  signal?.addEventListener('abort', abort)
  return () => {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  }`,
    replace:
      "const settled = new AbortController()\n  let timer: NodeJS.Timeout | undefined\n  if (timeout !== undefined) {\n    const late = () => giveUp(new DOMException('the time is over', 'TimeoutError'))\n    timer = setTimeout(late, timeout)\n    settled.signal.addEventListener('abort', () => clearTimeout(timer))\n  }\n  if (signal) signal.addEventListener('abort', () => giveUp(signal.reason), { once: true, signal: settled.signal })\n  return () => settled.abort()",
  },
  {
    name: 'serve as a while with a copy of the head',
    file: 'reader.ts',
    find: 'for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {\n      if (first.settled()) this.#waiting.shift()\n      else if (!this.#pull()) return\n    }',
    replace:
      'while (this.#waiting.length > 0) {\n      const [head] = this.#waiting\n      while (!head!.settled()) if (!this.#pull()) return\n      this.#waiting.shift()\n    }',
  },
  {
    name: 'until byte by byte with a state of its own',
    file: 'reader.ts',
    find: `let searched = 0
    return this.#read<Buffer>(
      options,
      () => {
        // Its first bytes may have been the last ones of the search before.
        const at = this.#bytes.indexOf(wanted, Math.max(0, searched - wanted.length + 1))
        searched = this.#bytes.length
        if (at > max || (at < 0 && searched >= max + wanted.length)) {
          return new RangeError(\`expected \${JSON.stringify(String(wanted))} within \${max} bytes, received none\`)
        }
        return at < 0 ? undefined : this.#bytes.take(at + wanted.length)
      },`,
    replace:
      "let candidate = 0\n    return this.#read<Buffer>(\n      options,\n      () => {\n        const at = this.#bytes.indexOf(wanted, candidate)\n        if (at >= 0 && at <= max) return this.#bytes.take(at + wanted.length)\n        candidate = at >= 0 ? at : Math.max(candidate, this.#bytes.length - wanted.length + 1)\n        if (candidate > max) return new RangeError('no delimiter within ' + max)\n        return undefined\n      },",
  },
  {
    name: 'recv and exactly by ifs',
    edits: [
      {
        file: 'reader.ts',
        find: '() => (this.#bytes.length > 0 ? this.#bytes.take(max) : undefined),\n      () => null,',
        replace:
          '() => {\n        if (this.#bytes.length === 0) return undefined\n        return this.#bytes.take(Math.min(max, this.#bytes.length))\n      },\n      () => null,',
      },
      {
        file: 'reader.ts',
        find: '() => (this.#bytes.length >= length ? this.#bytes.take(length) : undefined),',
        replace:
          '() => {\n        if (this.#bytes.length < length) return undefined\n        return this.#bytes.take(length)\n      },',
      },
    ],
  },
] satisfies Right[]
