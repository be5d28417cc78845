import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** The variable whose value every process of one run carries, however it was started. */
export const runVariable = 'WIREBOOK_RUN'

interface ProcessEntry {
  pid: number
  parent: number
}

/**
 * The processes that belong to a run: all that descend from `pid`, and on Linux all that carry the run's mark, which
 * also finds what has left its group and whose parent has ended.
 *
 * @returns their numbers, without `pid` and ourselves
 */
export function processesOf(pid: number | undefined, mark: string): number[] {
  const all = process.platform === 'linux' ? readProc() : readPs()
  const found = new Set(all.filter((entry) => carries(entry.pid, mark)).map((entry) => entry.pid))
  if (pid !== undefined) found.add(pid)
  // A set may grow while it is walked, and every new entry is visited.
  for (const known of found) {
    for (const entry of all) if (entry.parent === known) found.add(entry.pid)
  }
  return [...found].filter((one) => one !== pid && one !== process.pid)
}

function readProc(): ProcessEntry[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    // `1234 (name with any characters) S 1230 …`; Z and X have ended, and only wait to be asked for their exit code.
    const [state, parent] = readOrNothing(`/proc/${name}/stat`).split(') ').at(-1)!.split(' ')
    if (!parent || state === 'Z' || state === 'X') return []
    return [{ pid: Number(name), parent: Number(parent) }]
  })
}

function readPs(): ProcessEntry[] {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid=']).toString().trim().split('\n')
  return rows.map((row) => {
    const [pid = 0, parent = 0] = row.trim().split(/\s+/).map(Number)
    return { pid, parent }
  })
}

function carries(pid: number, mark: string): boolean {
  if (process.platform !== 'linux') return false
  return readOrNothing(`/proc/${pid}/environ`).split('\0').includes(`${runVariable}=${mark}`)
}

function readOrNothing(file: string): string {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    // It has ended since the list was read, or belongs to somebody else.
    return ''
  }
}
