import { extname } from 'node:path'

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.md': 'text/plain; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.gif': 'image/gif',
  '.ico': 'image/x-icon',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.pdf': 'application/pdf',
  '.wasm': 'application/wasm',
}

/** The Content-Type of a file, by the end of its name. */
export function contentType(path: string): string {
  // #region type
  // TODO 4: Look the extension up in any case of letters. A file of unknown type is `application/octet-stream`.
  // starter: return 'text/html; charset=utf-8'

  return types[extname(path).toLowerCase()] ?? 'application/octet-stream'
  // #endregion
}
