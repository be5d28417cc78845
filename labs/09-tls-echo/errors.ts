/** Where a client wanted to go. */
export interface Target {
  host: string
  port: number
  /** the name that the certificate must be good for; default `host` */
  servername?: string
}

/**
 * Why a TLS connection did not come about, in a sentence that names the server and the cause.
 *
 * @param error as Node gives it: its `code` tells the cause, its message is OpenSSL's
 */
export function explainTlsError(error: NodeJS.ErrnoException, { host, port, servername = host }: Target): string {
  const server = `${host}:${port}`
  // TODO 5: Turn error.code into a sentence that names the server and the cause, a different one for each row of the
  // table in the chapter. Fall back to the message.
  return error.message
}
