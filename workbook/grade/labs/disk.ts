import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'

/**
 * The few writes that everything which must not be lost is made of. A test passes a disk that is full, or that belongs
 * to a process which is killed between two writes.
 */
export interface Disk {
  /** Makes a folder and those above it. */
  makeFolder(folder: string): void
  /** Writes a new file, which is on the disk when this returns. @param like the file whose mode and owner it gets */
  create(file: string, bytes: Uint8Array, like?: Stats): void
  /** Gives a file or a folder its name in one step; a file that has the name is replaced. */
  rename(from: string, to: string): void
  /** Removes a file, or a link and not what it leads to. */
  unlink(file: string): void
  /** Removes a file or a folder with all that is in it, if it is there. */
  remove(path: string): void
}

/** The disk of this machine. */
export const systemDisk: Disk = {
  makeFolder(folder) {
    mkdirSync(folder, { recursive: true })
  },
  create(file, bytes, like) {
    const descriptor = openSync(file, 'wx', like?.mode)
    try {
      if (like) resemble(descriptor, like)
      writeFileSync(descriptor, bytes)
      sync(descriptor)
    } finally {
      closeSync(descriptor)
    }
  },
  rename(from, to) {
    if (statSync(from).isDirectory()) syncFolder(from)
    patiently(() => renameSync(from, to))
    syncFolder(dirname(to))
  },
  unlink(file) {
    patiently(() => unlinkSync(file))
  },
  remove(path) {
    rmSync(path, { recursive: true, force: true, maxRetries: 5 })
  },
}

function resemble(descriptor: number, { mode, uid, gid }: Stats): void {
  fchmodSync(descriptor, mode & 0o7777)
  if (process.getuid === undefined || process.getuid() === uid) return
  try {
    fchownSync(descriptor, uid, gid)
  } catch {
    // Only root may give a file away; for anybody else it is theirs, as with editors that save by renaming.
  }
}

/** What a file system answers that has no such thing as being synced. */
const cannotSync = ['EINVAL', 'ENOSYS', 'ENOTSUP', 'EPERM', 'EACCES', 'EISDIR', 'EBADF']

function sync(descriptor: number): void {
  try {
    fsyncSync(descriptor)
  } catch (error) {
    if (!cannotSync.includes(codeOf(error))) throw error
  }
}

/** Writes down the names in a folder. Windows opens no folder, and needs no such thing. */
function syncFolder(folder: string): void {
  let descriptor: number
  try {
    descriptor = openSync(folder, 'r')
  } catch {
    return // a folder may be written and not read; what is in it is as safe as the system makes it
  }
  try {
    sync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** How long a program on Windows may hold a file open until its reader is told, in milliseconds. */
const maxHeldMs = 500

const held = ['EPERM', 'EACCES', 'EBUSY']

/** Tries again while an editor or a virus scanner holds the file: Windows renames over no file that is open. */
export function patiently(act: () => void, isWindows = process.platform === 'win32'): void {
  const deadline = Date.now() + maxHeldMs
  for (;;) {
    try {
      return act()
    } catch (error) {
      if (!isWindows || !held.includes(codeOf(error)) || Date.now() > deadline) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20) // a sleep of 20 ms
    }
  }
}

/** The code of an error of the system, `ENOSPC`; empty for any other. */
export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException | undefined)?.code ?? ''
}
