import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { policyFile } from '../workbook/server/headers.ts'

/** Hashes of the inline scripts of all pages so far. */
const hashes = new Set<string>()

/**
 * Puts a content security policy into a built page: nothing is loaded from elsewhere, and the only connection out of the
 * page is to its own server, or to one on this machine. The page's own inline scripts are allowed by their hashes.
 */
export function withPolicy(html: string): string {
  const scripts = [...html.matchAll(/<script(?![^>]*\bsrc=)[^>]*>([\s\S]*?)<\/script>/g)]
  const own = scripts.map(([, code]) => `'sha256-${createHash('sha256').update(code!).digest('base64')}'`)
  for (const hash of own) hashes.add(hash)
  const meta = `<meta http-equiv="Content-Security-Policy" content="${policyFor(own)}">`
  return html.replace(/<meta charset="utf-8">/i, (charset) => `${charset}\n    ${meta}`)
}

/** Writes the policy of all pages beside them, for a server that sends it as a header. @param folder of the built pages */
export function writePolicy(folder: string): void {
  writeFileSync(join(folder, policyFile), `${policyFor([...hashes].sort())}\n`)
}

function policyFor(hashes: string[]): string {
  const policy = [
    "default-src 'self'",
    `script-src 'self' ${hashes.join(' ')}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "connect-src 'self' ws://127.0.0.1:* ws://localhost:*",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
  ]
  return policy.join('; ')
}
