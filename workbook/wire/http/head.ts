import type { Field } from '../model/field.ts'
import type { Problem } from '../model/problem.ts'
import { sentence } from '../model/sentence.ts'

/** One header line. Names are compared without regard to case (RFC 9110 §5.1), so `lower` stands beside `name`. */
export interface HttpHeader {
  name: string
  lower: string
  value: string
  /** offset of the line in the head, in bytes */
  start: number
  /** of the line without its CRLF, in bytes */
  length: number
}

interface HeadParts {
  /** `HTTP/1.1` */
  version: string
  /** of the first line without its CRLF, in bytes */
  lineLength: number
  headers: HttpHeader[]
  problems: Problem[]
}

export type RequestHead = HeadParts & { type: 'request'; method: string; target: string }
export type ResponseHead = HeadParts & { type: 'response'; status: number; reason: string }
export type Head = RequestHead | ResponseHead

const requestLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) (\S+) (HTTP\/\d\.\d)$/
const statusLine = /^(HTTP\/\d\.\d) (\d{3})(?: (.*))?$/
const fieldLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/

/**
 * Parses the head of an HTTP/1.1 message, first line to empty line (RFC 9112 §2.1). Lines that break a rule are kept
 * as problems; the rest is read on.
 *
 * @returns `undefined` when the first line is neither a request line nor a status line
 */
export function parseHead(bytes: Uint8Array): Head | undefined {
  // One character per byte, so an index in the text is an offset in the bytes.
  const text = latin1(bytes)
  const [first = '', ...lines] = text.split(/\r?\n/)
  const request = requestLine.exec(first)
  const response = statusLine.exec(first)
  if (!request && !response) return undefined

  const headers: HttpHeader[] = []
  const problems: Problem[] = []
  let start = lineEnd(text, first.length)
  for (const line of lines) {
    if (line === '') break
    const match = fieldLine.exec(line)
    if (match) headers.push(header(match[1]!, match[2]!, start, line.length))
    else
      problems.push({
        ...broken,
        field: 'header',
        text: sentence('http.no-header-line', { line: JSON.stringify(line) }),
      })
    start = lineEnd(text, start + line.length)
  }
  if (/[^\r]\n/.test(text))
    problems.push({ ...broken, field: 'header', text: sentence('http.bare-lf'), rfc: 'RFC 9112 §2.2' })

  const shared = { lineLength: first.length, headers, problems }
  if (request) return { type: 'request', method: request[1]!, target: request[2]!, version: request[3]!, ...shared }
  return {
    type: 'response',
    version: response![1]!,
    status: Number(response![2]),
    reason: response![3] ?? '',
    ...shared,
  }
}

const broken = { severity: 'broken', rfc: 'RFC 9112 §5', answer: 400 } as const

function header(name: string, value: string, start: number, length: number): HttpHeader {
  return { name, lower: name.toLowerCase(), value, start, length }
}

function lineEnd(text: string, at: number): number {
  return text[at] === '\r' ? at + 2 : at + 1
}

/** The value of a header; several lines of one name are one list (RFC 9110 §5.3). @param name in lower case */
export function headerValue(head: Head, name: string): string | undefined {
  const values = head.headers.filter(({ lower }) => lower === name).map(({ value }) => value)
  return values.length > 0 ? values.join(', ') : undefined
}

/** Whether a comma-separated header holds a token, in any case: `Connection: keep-alive, Upgrade`. */
export function hasToken(head: Head, name: string, token: string): boolean {
  const tokens = (headerValue(head, name) ?? '').toLowerCase().split(',')
  return tokens.some((part) => part.trim() === token)
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
  let at = 0
  for (const [name, value] of parts) {
    if (value !== '') yield mark(head, { name, start: at * 8, length: value.length * 8, value, rfc: 'RFC 9112 §3' })
    at += value.length + 1
  }
  for (const { name, value, start, length } of head.headers) {
    yield mark(head, { name, start: start * 8, length: length * 8, value, rfc: 'RFC 9112 §5' })
  }
}

function mark(head: Head, field: Field): Field {
  const found = head.problems.find((problem) => problem.field.toLowerCase() === field.name.toLowerCase())
  return found ? { ...field, problem: found.text, rfc: found.rfc } : field
}

/** Each byte becomes the character of that number. */
export function latin1(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}
