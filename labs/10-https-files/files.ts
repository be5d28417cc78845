import { realpathSync, type Stats, statSync } from 'node:fs'
import { isAbsolute, join, relative, sep } from 'node:path'
import { HttpError } from './http-error.ts'

export { contentType } from './content-type.ts'
export { type ByteRange, parseRange } from './range.ts'

/** What a request asks for: a file or a folder that is really there, inside the root. */
export interface Resolved {
  /** its real path, links followed */
  path: string
  stats: Stats
  /** the path of the target, decoded and cut at its slashes */
  names: string[]
  /** the path of the target ends with a slash, as that of a folder does */
  slash: boolean
  /** the target from `?` on, or empty */
  query: string
}

/**
 * Finds what a request target names, and never anything outside of `root`. What the file system has in memory it tells
 * at once, sooner than a thread could be asked; so nothing here waits for one.
 *
 * @param root path of the folder
 * @param target path and query as they stand in the request line
 * @throws {HttpError} 400 for a target that is malformed; 404 for everything that is not there, or not to be seen
 */
export async function resolvePath(root: string, target: string): Promise<Resolved> {
  const at = target.indexOf('?')
  const path = at < 0 ? target : target.slice(0, at)
  const names = namesOf(path)
  const slash = path.endsWith('/')
  try {
    const found = confined(root, names)
    const stats = statSync(found)
    // A device or a pipe could be read for ever.
    if (!stats.isDirectory() && !(stats.isFile() && !slash)) throw notFound()
    return { path: found, stats, names, slash, query: target.slice(path.length) }
  } catch (error) {
    throw httpErrorOf(error)
  }
}

/** What the file system says of a path that leads to nothing for us. */
const absent = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP', 'EINVAL', 'EACCES', 'EPERM'])

/** The error as it came, or 404 when the file system says that nothing is there for us. */
export function httpErrorOf(error: unknown): unknown {
  return absent.has((error as NodeJS.ErrnoException).code ?? '') ? notFound() : error
}

function notFound(): HttpError {
  return new HttpError(404, 'There is nothing here under that name.')
}

/** The names in the path of a target, decoded: `/a%20b/c` is `a b` and `c`. */
function namesOf(path: string): string[] {
  // TODO 1: Refuse with 400 what does not begin with `/`, cannot be decoded, or has a NUL in it. Decode each name by
  // itself, after cutting at the slashes. Refuse with 404 an empty name before the last, `.`, `..`, and a name that
  // has a slash or backslash in it once it is decoded.
  return decodeURIComponent(path).split('/').filter((name) => name !== '')
}

function decode(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    throw new HttpError(400, 'The target is not UTF-8 in percent-encoding.')
  }
}

/** The real path of the names below `root`. @throws {HttpError} 404 when it is outside, or hidden */
function confined(root: string, names: string[]): string {
  // TODO 2: Follow the links of both the root and the path (realpath), then compare: 404 when the real path is not
  // below the real root, or when a name on the way from there begins with a dot (`.well-known` may be seen).
  return join(root, ...names)
}

/** Whether a name is not for visitors, such as `.git` and `.env` (RFC 8615 is about the exception). */
export function isHidden(name: string): boolean {
  return name.startsWith('.') && name !== '.well-known'
}
