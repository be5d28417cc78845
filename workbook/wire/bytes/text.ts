// A byte order mark is a character like any other here, so it is kept.
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })

/** UTF-8 to text; what is not UTF-8 becomes U+FFFD. */
export function decodeText(bytes: Uint8Array): string {
  return utf8.decode(bytes)
}

/** Bytes as text for people: invalid UTF-8 becomes U+FFFD, control and direction characters become visible. */
export function showText(bytes: Uint8Array): string {
  return showControls(decodeText(bytes))
}

/** Writes control characters as their pictures (`␊` for a newline) and direction overrides as `\u202e`. */
export function showControls(text: string): string {
  return text
    .replace(/[\u0000-\u001f]/g, (character) => String.fromCharCode(0x2400 + character.charCodeAt(0)))
    .replace(/\u007f/g, '␡')
    .replace(/[\u0080-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, escapeCharacter)
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
