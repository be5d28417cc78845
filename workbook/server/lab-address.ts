import type { ServerResponse } from 'node:http'
import { mirrorVersion } from '../wire/formats/mirror-messages.ts'

/** Where a page of this origin learns the token of this start; nobody else may read it. */
export const labAddressPath = '/__lab.json'

/** Tells a page of this origin what it needs to open a channel. */
export function answerLabAddress(response: ServerResponse, port: number, token: string): void {
  const headers = { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store' }
  response.writeHead(200, headers).end(JSON.stringify({ port, token, version: mirrorVersion }))
}

/** The script that every page loads before it is drawn: it leaves a mark where a lab server is, so nothing moves later. */
export const labMarkPath = '/__lab.js'

/** Marks the page; with what stands behind `#`, since a link to bytes wants no live ones. */
export function answerLabMark(response: ServerResponse): void {
  const headers = { 'Content-Type': 'text/javascript; charset=utf-8', 'Cache-Control': 'no-store' }
  response.writeHead(200, headers).end('document.documentElement.dataset.lab = location.hash\n')
}
