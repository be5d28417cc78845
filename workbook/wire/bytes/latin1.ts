/** Each byte becomes the character of that number. */
export function latin1(bytes: Uint8Array): string {
  let text = ''
  // Many at once, but not more than a call takes as arguments.
  for (let at = 0; at < bytes.length; at += 1024) text += String.fromCharCode(...bytes.subarray(at, at + 1024))
  return text
}
