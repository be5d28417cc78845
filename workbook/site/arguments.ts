import { parseArgs } from 'node:util'
import { portTarget, type TargetPlan } from '../server/targets.ts'
import { SentenceError, sentence } from '../wire/model/sentence.ts'

/** What the command line of `npm start` says. */
interface Arguments {
  /** the lab to begin with, as it was typed */
  begin: string | undefined
  plain: boolean
  port: number
  host: string
  targets: TargetPlan[]
  allowHosts: string[]
  allowOrigins: string[]
  /** saves are looked for, since no event tells of them */
  poll: boolean
  /** pages from Vite, for authors */
  dev: boolean
}

/** Reads the command line. @throws {SentenceError} when a word of it is not what it should be */
export function readArguments(words = process.argv.slice(2)): Arguments {
  const { values, positionals } = parse(words)
  if (positionals.length > 1) throw new SentenceError(sentence('start.one-lab', { words: positionals.join(' ') }))
  const port = Number(values.port)
  if (!/^\d+$/.test(values.port) || port > 65535) {
    throw new SentenceError(sentence('start.port', { port: values.port }))
  }
  return {
    begin: positionals[0],
    plain: values.plain,
    port,
    host: values.host,
    targets: values.target.map(portTarget),
    allowHosts: values['allow-host'],
    allowOrigins: values['allow-origin'],
    poll: values.poll,
    dev: values.dev,
  }
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        plain: { type: 'boolean', default: false },
        port: { type: 'string', default: '5173' },
        host: { type: 'string', default: 'localhost' },
        target: { type: 'string', multiple: true, default: [] },
        'allow-host': { type: 'string', multiple: true, default: [] },
        'allow-origin': { type: 'string', multiple: true, default: [] },
        poll: { type: 'boolean', default: false },
        dev: { type: 'boolean', default: false },
      },
    })
  } catch (error) {
    throw new SentenceError(sentence('start.words', { why: (error as Error).message.split('. ')[0]! }))
  }
}

/** Whether nothing but this machine reaches a host. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host)
}

/** What a browser on this machine calls a host that the workbook listens on. */
export function siteHost(host: string): string {
  if (['localhost', '127.0.0.1', '::1', '0.0.0.0', '::'].includes(host)) return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}

/** The public name that GitHub Codespaces gives a port of this machine. */
export function forwardedHosts(env: NodeJS.ProcessEnv, port: number): string[] {
  const { CODESPACE_NAME: name, GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN: domain } = env
  return name && domain ? [`${name}-${port}.${domain}`] : []
}
