import type { Stats } from 'node:fs'
import type { IncomingHttpHeaders } from 'node:http'

/** What names one version of a file: it changes when the file does. */
export interface Validators {
  etag: string
  /** time of the last change as HTTP writes dates, with whole seconds */
  lastModified: string
}

/** The validators of a file, as it is now. */
export function validatorsOf({ size, mtimeMs }: Stats): Validators {
  return {
    etag: `"${size.toString(16)}-${Math.round(mtimeMs).toString(16)}"`,
    lastModified: new Date(mtimeMs).toUTCString(),
  }
}

/** Whether the client has this version already, so that 304 is enough (RFC 9110 §13.1). */
export function isFresh(headers: IncomingHttpHeaders, { etag, lastModified }: Validators): boolean {
  // TODO 7: With If-None-Match, a list of ETags or `*`, only the ETag decides; a `W/` before one does not matter here.
  // Without it, the file is fresh when it is not newer than the date of If-Modified-Since.
  return false
}

/** Whether a Range may be answered: without If-Range, or when it names this very version (RFC 9110 §13.1.5). */
export function isSameVersion({ 'if-range': version }: IncomingHttpHeaders, validators: Validators): boolean {
  return version === undefined || version === validators.etag || version === validators.lastModified
}
