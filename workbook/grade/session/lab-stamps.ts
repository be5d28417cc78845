import type { Dirent } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { holdsSources, isSource } from '../labs/source-names.ts'

/**
 * What can be seen of the sources of each lab without reading them, by name of its folder: another text has another
 * stamp. Folders inside a lab are left out, as events in them are. On a network each file may take a millisecond, so
 * nothing waits for it.
 *
 * @param labs folder of the labs; an absent one has none
 */
export async function readStamps(labs: string): Promise<Map<string, string>> {
  const folders = (await entriesOf(labs)).filter(({ name }) => holdsSources(name) && !isSource(name))
  return new Map(await Promise.all(folders.map(async ({ name }) => [name, await stampOf(join(labs, name))] as const)))
}

async function stampOf(lab: string): Promise<string> {
  const names = (await entriesOf(lab)).filter((entry) => !entry.isDirectory() && isSource(entry.name))
  const stamps = await Promise.all(names.map(({ name }) => stampOfFile(join(lab, name))))
  return stamps.sort().join()
}

async function stampOfFile(file: string): Promise<string> {
  try {
    const { size, mtimeNs, ino } = await stat(file, { bigint: true })
    return `${file} ${size} ${mtimeNs} ${ino}`
  } catch {
    return '' // removed while we looked, or a link that leads nowhere
  }
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true })
  } catch {
    return [] // a file, or a folder that is not there
  }
}
