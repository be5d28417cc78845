/** An end in the middle of a message leaves it incomplete (RFC 9112 §8). */
export const cutShort = { field: 'data', rfc: 'RFC 9112 §8' }
