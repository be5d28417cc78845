import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { alone } from './build-lock.ts'
import { runBuild } from './run-build.ts'

/** What the pages are made of. */
const sources = ['docs', '.vitepress', 'workbook', 'solutions', 'test/labs', 'package-lock.json']
/** What a build leaves in `.vitepress`, and VitePress beside it. */
const made = ['.vitepress/cache', '.vitepress/dist', '.vitepress/pages', '.vitepress/.temp']
/** How many builds are kept: an open page still asks for parts of the one before. */
const maxKept = 2

/** The pages of a project as they were built last, `.vitepress/pages/VERSION`: a folder with that name is whole. */
export class BuiltPages {
  readonly #root: string
  readonly #folder: string
  readonly #runBuild: typeof runBuild

  /** @param root folder of the project @param build puts the pages of a project into a folder */
  constructor(root: string, build = runBuild) {
    this.#root = root
    this.#runBuild = build
    this.#folder = join(root, '.vitepress', 'pages')
  }

  /** The folder of the newest pages, which may be older than their sources; nothing when there are none. */
  newest(): string | undefined {
    return this.#kept().at(-1)
  }

  /** Whether the newest pages are those of the sources as they are now. */
  isCurrent(): boolean {
    return this.newest() === this.#current()
  }

  /**
   * Builds the pages unless they are current.
   *
   * @returns their folder
   * @throws {Error} what VitePress says, in a line, when they do not build
   */
  async build(): Promise<string> {
    const folder = this.#current()
    if (this.newest() === folder) return folder
    mkdirSync(this.#folder, { recursive: true })
    await alone(join(this.#folder, 'building'), () => this.#buildInto(folder))
    return folder
  }

  async #buildInto(folder: string): Promise<void> {
    const now = new Date()
    // Somebody else may just have built them; or they were built before, and other ones since.
    if (existsSync(folder)) return utimesSync(folder, now, now)
    const fresh = `${folder}.new`
    try {
      await this.#runBuild(this.#root, fresh)
      renameSync(fresh, folder)
    } finally {
      rmSync(fresh, { recursive: true, force: true })
    }
    for (const old of this.#kept().slice(0, -maxKept)) rmSync(old, { recursive: true, force: true })
  }

  /** Where the pages of the sources belong, as they are now. */
  #current(): string {
    return join(this.#folder, versionOf(this.#root))
  }

  /** The whole ones, oldest first. */
  #kept(): string[] {
    if (!existsSync(this.#folder)) return []
    const names = readdirSync(this.#folder).filter((name) => /^[0-9a-f]{16}$/.test(name))
    const folders = names.map((name) => join(this.#folder, name))
    return folders.sort((a, b) => statSync(a).mtimeMs - statSync(b).mtimeMs)
  }
}

/** Sixteen hex digits that differ when a file of which pages are made does. */
function versionOf(root: string): string {
  const hash = createHash('sha256')
  for (const file of sources.flatMap((source) => filesOf(root, source))) {
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(join(root, file)))
      .update('\0')
  }
  return hash.digest('hex').slice(0, 16)
}

/** The files of a folder, or the file itself, as `/`-paths in the project, always in the same order. */
function filesOf(root: string, path: string): string[] {
  if (made.includes(path) || !existsSync(join(root, path))) return []
  if (!statSync(join(root, path)).isDirectory()) return [path]
  return readdirSync(join(root, path))
    .filter((name) => !name.startsWith('.#')) // the lock of an editor
    .sort()
    .flatMap((name) => filesOf(root, `${path}/${name}`))
}
