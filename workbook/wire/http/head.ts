import { latin1 } from '../bytes/latin1.ts'
import type { Field } from '../model/field.ts'
import type { Problem } from '../model/problem.ts'
import { sentence } from '../model/sentence.ts'

/** One header line. Names are compared without regard to case (RFC 9110 §5.1), so `lower` stands beside `name`. */
interface HttpHeader {
  name: string
  lower: string
  value: string
  /** offset of the line in the head, in bytes */
  start: number
  /** length of the line without its CRLF, in bytes */
  length: number
}

interface HeadParts {
  /** `HTTP/1.1` */
  version: string
  /** length of the first line without its CRLF, in bytes */
  lineLength: number
  headers: HttpHeader[]
  problems: Problem[]
}

export type RequestHead = HeadParts & { type: 'request'; method: string; target: string }
export type ResponseHead = HeadParts & { type: 'response'; status: number; reason: string }
export type Head = RequestHead | ResponseHead

/**
 * Parses the head of an HTTP/1.1 message, first line to empty line (RFC 9112 §2.1). Lines that break a rule are kept
 * as problems; the rest is read on. Each byte is looked at a fixed number of times, whatever the head holds.
 *
 * @returns `undefined` when the first line is neither a request line nor a status line
 */
export function parseHead(bytes: Uint8Array): Head | undefined {
  // One character per byte, so an index in the text is an offset in the bytes.
  const [first, ...lines] = linesOf(latin1(bytes))
  const start = requestLine(first.text) ?? statusLine(first.text)
  if (!start) return undefined

  const headers: HttpHeader[] = []
  const problems: Problem[] = []
  let bare = first.end === '\n'
  for (const line of lines) {
    bare ||= line.end === '\n'
    if (line.text === '') break
    const header = fieldLine(line)
    if (header) headers.push(header)
    else problems.push({ ...broken, text: sentence('http.no-header-line', { line: JSON.stringify(line.text) }) })
  }
  if (bare) problems.push(bareLineFeed)
  return { ...start, lineLength: first.text.length, headers, problems }
}

const broken = { field: 'header', severity: 'broken', rfc: 'RFC 9112 §5', answer: 400 } as const
const bareLineFeed: Problem = { ...broken, text: sentence('http.bare-lf'), rfc: 'RFC 9112 §2.2' }

/** Whether every line is a header line. A recipient may let LF alone end one (RFC 9112 §2.2), so that is let pass. */
export function isReadable(head: Head): boolean {
  return head.problems.every((problem) => problem === bareLineFeed)
}

interface Line {
  text: string
  /** offset in the head, in bytes */
  start: number
  /** empty for what stands behind the last line end */
  end: '\r\n' | '\n' | ''
}

function linesOf(text: string): [Line, ...Line[]] {
  const lines: Line[] = []
  let start = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', start)) {
    const crlf = at > start && text[at - 1] === '\r'
    lines.push({ text: text.slice(start, crlf ? at - 1 : at), start, end: crlf ? '\r\n' : '\n' })
    start = at + 1
  }
  const last: Line = { text: text.slice(start), start, end: '' }
  return [lines[0] ?? last, ...lines.slice(1), ...(lines.length > 0 ? [last] : [])]
}

function requestLine(line: string) {
  const [method = '', target = '', version = '', ...more] = line.split(' ')
  if (more.length > 0 || !isToken(method) || !/^\S+$/.test(target) || !isVersion(version)) return undefined
  return { type: 'request', method, target, version } as const
}

function statusLine(line: string) {
  const [version, digits, reason] = [line.slice(0, 8), line.slice(9, 12), line.slice(13)]
  const blanks = line[8] === ' ' && (line.length === 12 || line[12] === ' ')
  if (!blanks || !isVersion(version) || !/^\d\d\d$/.test(digits) || reason.includes('\r')) return undefined
  return { type: 'response', version, status: Number(digits), reason } as const
}

/** A name, a colon, and a value without the blanks around it (RFC 9112 §5.1); no control character but HTAB. */
function fieldLine({ text, start }: Line): HttpHeader | undefined {
  const colon = text.indexOf(':')
  const name = text.slice(0, Math.max(0, colon))
  const value = trimBlanks(text.slice(colon + 1))
  if (!isToken(name) || hasControl(value)) return undefined
  return { name, lower: name.toLowerCase(), value, start, length: text.length }
}

function isVersion(text: string): boolean {
  return /^HTTP\/\d\.\d$/.test(text)
}

/** A token of RFC 9110 §5.6.2: what methods and names of headers are made of. */
export function isToken(text: string): boolean {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(text)
}

/** RFC 9110 §5.5 */
function hasControl(value: string): boolean {
  return /[\u0000-\u0008\u000a-\u001f\u007f]/.test(value)
}

/** The text without SP and HTAB at its ends; `trim` would take signs that HTTP does not know as blanks. */
function trimBlanks(text: string): string {
  const isBlank = (at: number) => text[at] === ' ' || text[at] === '\t'
  let start = 0
  let end = text.length
  while (start < end && isBlank(start)) start++
  while (end > start && isBlank(end - 1)) end--
  return text.slice(start, end)
}

/** The value of a header; several lines of one name are one list (RFC 9110 §5.3). @param name in lower case */
export function headerValue(head: Head, name: string): string | undefined {
  const values = head.headers.filter(({ lower }) => lower === name).map(({ value }) => value)
  return values.length > 0 ? values.join(', ') : undefined
}

/** Whether a comma-separated header holds a token, in any case: `Connection: keep-alive, Upgrade`. */
export function hasToken(head: Head, name: string, token: string): boolean {
  const tokens = (headerValue(head, name) ?? '').toLowerCase().split(',')
  return tokens.some((part) => trimBlanks(part) === token)
}

/** Yields the parts of the first line, then one field a header line, in wire order. */
export function* headFields(head: Head): Generator<Field, void> {
  const parts: [name: string, text: string][] =
    head.type === 'request'
      ? [
          ['method', head.method],
          ['requestTarget', head.target],
          ['httpVersion', head.version],
        ]
      : [
          ['httpVersion', head.version],
          ['statusCode', String(head.status)],
          ['reasonPhrase', head.reason],
        ]
  // The first problem of each name, looked up: a head may have thousands of lines, and as many problems.
  const problems = new Map(head.problems.toReversed().map((problem) => [problem.field.toLowerCase(), problem]))
  const mark = (field: Field): Field => {
    const found = problems.get(field.name.toLowerCase())
    return found ? { ...field, problem: found.text, rfc: found.rfc } : field
  }
  let at = 0
  for (const [name, value] of parts) {
    if (value !== '') yield mark({ name, start: at * 8, length: value.length * 8, value, rfc: 'RFC 9112 §3' })
    at += value.length + 1
  }
  for (const { name, value, start, length } of head.headers) {
    yield mark({ name, start: start * 8, length: length * 8, value, rfc: 'RFC 9112 §5' })
  }
}
