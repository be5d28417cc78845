import { type FSWatcher, readdirSync, watch } from 'node:fs'
import { join } from 'node:path'

export interface Saves {
  close(): void
}

/**
 * Tells which lab was saved. Each folder is watched on its own: that works the same on every system, and with editors
 * that save by writing a new file and renaming it.
 *
 * @param labs folder of the labs
 * @param onSave gets the names of the folders in which something happened, 50 ms after the last of it
 * @param onTrouble gets a sentence when this folder cannot be watched
 */
export function watchSaves(
  labs: string,
  onSave: (stems: string[]) => void,
  onTrouble: (sentence: string) => void,
): Saves {
  const watchers = new Map<string, FSWatcher>()
  const touched = new Set<string>()
  let timer: NodeJS.Timeout | undefined

  add('.', labs)
  addLabs()

  return {
    close() {
      clearTimeout(timer)
      for (const watcher of watchers.values()) watcher.close()
    },
  }

  function addLabs(): void {
    for (const entry of readdirSync(labs, { withFileTypes: true })) {
      if (entry.isDirectory() && !watchers.has(entry.name)) add(entry.name, join(labs, entry.name))
    }
  }

  function add(stem: string, folder: string): void {
    try {
      const watcher = watch(folder, { persistent: true }, () => onChange(stem))
      // A folder that was removed; the labs' own watcher tells when it is there again.
      watcher.on('error', () => {
        watcher.close()
        watchers.delete(stem)
      })
      watchers.set(stem, watcher)
    } catch (error) {
      onTrouble(`Saves are not noticed here (${(error as Error).message}). Press Enter to grade.`)
    }
  }

  function onChange(stem: string): void {
    touched.add(stem)
    clearTimeout(timer)
    timer = setTimeout(() => {
      if (touched.delete('.')) addLabs()
      const stems = [...touched]
      touched.clear()
      if (stems.length > 0) onSave(stems)
    }, 50)
  }
}
