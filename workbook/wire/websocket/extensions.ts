/** One element of `Sec-WebSocket-Extensions`, such as `permessage-deflate; client_max_window_bits=10`. */
export interface Extension {
  name: string
  /** `true` for a parameter without a value */
  parameters: Record<string, string | true>
}

/** Parses the list of extensions that a client offers or a server accepts (RFC 6455 §9.1). */
export function parseExtensions(value: string): Extension[] {
  return split(value, ',').flatMap((element) => {
    const [name, ...rest] = split(element, ';')
    return name ? [{ name: name.toLowerCase(), parameters: parameters(rest) }] : []
  })
}

function parameters(parts: string[]): Extension['parameters'] {
  const pairs = parts.map((part): [string, string | true] => {
    const equals = part.indexOf('=')
    if (equals < 0) return [part.toLowerCase(), true]
    return [part.slice(0, equals).trim().toLowerCase(), unquote(part.slice(equals + 1).trim())]
  })
  return Object.fromEntries(pairs)
}

function unquote(value: string): string {
  const quoted = value.length > 1 && value.startsWith('"') && value.endsWith('"')
  return quoted ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value
}

/** Splits at a separator that stands outside quotation marks, and drops what is empty. */
function split(text: string, separator: ',' | ';'): string[] {
  const parts: string[] = []
  let part = ''
  let quoted = false
  for (const character of text) {
    if (character === '"') quoted = !quoted
    if (character === separator && !quoted) {
      parts.push(part.trim())
      part = ''
    } else part += character
  }
  return [...parts, part.trim()].filter((each) => each !== '')
}
