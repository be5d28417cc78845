/**
 * What a program needs to be found, to start and to write its temporary files, by name. All else stays outside: a
 * reader's NODE_TLS_REJECT_UNAUTHORIZED, NODE_OPTIONS, proxies, DEBUG or TZ would change what a right lab does.
 */
const needed = new Set([
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'TMPDIR', 'TMP', 'TEMP'],
  // Where a Node that was not installed by the system finds its libraries.
  ...['LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH'],
  // Windows: without these neither sockets nor `spawn` work.
  ...['SYSTEMROOT', 'SYSTEMDRIVE', 'WINDIR', 'COMSPEC', 'PATHEXT', 'USERPROFILE', 'APPDATA', 'LOCALAPPDATA'],
  ...['HOMEDRIVE', 'HOMEPATH', 'USERNAME', 'PROGRAMFILES', 'PROGRAMDATA', 'NUMBER_OF_PROCESSORS'],
])

/** The environment in which a lab is graded: the same in every shell. Variables named `WIREBOOK_…` are our own. */
export function cleanEnvironment(from: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  // Windows writes `Path`, and takes either.
  const kept = Object.entries(from).filter(([name]) => needed.has(name.toUpperCase()) || name.startsWith('WIREBOOK_'))
  return Object.fromEntries(kept)
}
