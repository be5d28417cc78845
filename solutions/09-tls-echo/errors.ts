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
  // #region explain
  // TODO 5: Turn error.code into a sentence that names the server and the cause, a different one for each row of the
  // table in the chapter. Fall back to the message.
  // starter: return error.message

  switch (error.code) {
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return `${server}: its certificate is signed by an authority that this program does not know. Give that authority as \`ca\`.`
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return `${server}: its certificate is signed by itself, so anybody could have made it.`
    case 'CERT_HAS_EXPIRED':
      return `${server}: its certificate has expired. The server needs a new one, or this clock is wrong.`
    case 'CERT_NOT_YET_VALID':
      return `${server}: its certificate is not valid yet. Is this clock right?`
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `${server}: its certificate is for other names than ${servername}, so it may be another server.`
    case 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION':
      return `${server}: it wants a newer version of TLS than this program offers.`
    case 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL':
      return `${server}: it speaks none of the application protocols that this program offers (ALPN).`
    case 'EPROTO':
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
      return `${server}: what it sent is not TLS. It may be a server without TLS.`
    case 'ECONNREFUSED':
      return `${server}: nobody listens there.`
    case 'ECONNRESET':
      return `${server}: it hung up during the handshake.`
    case 'ETIMEDOUT':
      return `${server}: it took too long over the handshake. It may be a server that waits for plain text.`
    default:
      return `${server}: ${error.message}`
  }
  // #endregion
}
