import { existsSync, readFileSync } from 'node:fs'

/**
 * The port of a service, as `getservbyname` finds it.
 *
 * @param service name (`domain`), an alias, or the number itself as text
 * @param protocol transport; a name may have another port for each
 * @param table text in the format of /etc/services: `domain 53/udp`, aliases behind it, comments after #.
 *   Default: the table of this machine
 * @throws {Error} when there is no such service, or the number is not from 1 to 65535
 */
export function portOf(service: string, protocol: 'tcp' | 'udp', table = systemTable()): number {
  // TODO 5: A text of digits is the port itself. Look any other text up in the table: in a line with this protocol, the
  // name in front or an alias behind. A comment is no alias. Throw when there is none.
  return Number(service)
}

/** The few that a chapter needs, for a machine without a table. */
const fallback = `
echo     7/tcp
echo     7/udp
domain  53/tcp
domain  53/udp
tftp    69/udp
ntp    123/udp
syslog 514/udp
`

function systemTable(): string {
  const file =
    process.platform === 'win32' ? `${process.env.SystemRoot}\\System32\\drivers\\etc\\services` : '/etc/services'
  return existsSync(file) ? readFileSync(file, 'utf8') : fallback
}
