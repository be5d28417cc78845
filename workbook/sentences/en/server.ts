import type { Catalogue } from '../catalogue.ts'

/** What the one server of the workbook says to the person at the terminal, in English. */
export const serverSentences: Catalogue = {
  'server.port-taken': 'Port {port} is taken, so the workbook is on {now}.',
  'server.port-reserved': 'The system lets no program listen on port {port}, so the workbook is on {now}.',
  'server.no-port': '127.0.0.1: expected a free port, but there is none. End a program that listens.',
  'server.no-address':
    '--host {host}: expected localhost, or an address of this machine such as 0.0.0.0 for all of them ({code}).',
  'server.host-name': '--allow-host {name}: expected the name of a host, such as box.example or box.example:8443.',
  'server.origin': '--allow-origin {origin}: expected an origin as https://example.org, without a path.',

  'pages.being-built': 'The pages are being built. They open here as soon as they are ready; the grader works already.',
  'pages.build-begins': 'The pages are not built yet: building them now. The grader works already.',
  'pages.build-renews': 'The pages are older than the project: building them anew. Until then you see the old ones.',
  'pages.build-ready': 'The pages are ready.',
  'pages.build-renewed': 'The pages are built anew: reload them in the browser.',
  'pages.build-failed':
    'The pages could not be built ({why}). The grader works without them, and npm run build shows more.',
}
