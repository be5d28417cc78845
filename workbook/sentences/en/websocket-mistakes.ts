import type { Catalogue } from '../catalogue.ts'

/** What a program that has just been written probably did. */
export const websocketMistakeSentences: Catalogue = {
  'websocket.mistake.open-head':
    'The head has not ended: an empty line must follow the last header, CR LF CR LF in all.',
  'websocket.mistake.extra-line':
    'These bytes begin with 0d 0a, CR LF: the head before them ended with one empty line too many.',
  'websocket.mistake.counted-characters': ({ count, text }) =>
    `The ${count === 1 ? 'first byte' : `first ${count} bytes`} here would complete the text before, “${text}”, whose length counts its characters: a length counts bytes.`,
  'websocket.mistake.server-unframed':
    'These bytes are text, “{text}”: after the handshake a server must put a frame around everything that it sends.',
  'websocket.mistake.client-unframed':
    'These bytes are text, “{text}”: after the handshake a client must put a frame around everything that it sends.',
  'websocket.mistake.sent-back':
    'These are the very bytes that the client sent: a server takes the mask off, and builds a frame of its own.',
  'websocket.mistake.still-masked':
    'This payload is the client’s, still masked: XOR byte i with byte i % 4 of the client’s key before you use it.',
  'websocket.mistake.long-in-seven':
    'Byte 1 is {length}, and {length} bytes follow it. Seven bits hold up to 125: a longer length is 126 and two bytes, or 127 and eight.',
  'websocket.mistake.swapped-length':
    'Read from its other end, the length is {length}, and so many bytes are here: write it with the most significant byte first.',
  'websocket.mistake.swapped-long-length':
    'Read from its other end, the length is {length}: write it with the most significant byte first.',
  'websocket.mistake.swapped-code':
    'Read from its other end, the code is {code}: write it with the most significant byte first.',
  'websocket.mistake.latin1': 'The byte {byte} is “{character}” in Latin-1; in UTF-8 that is {utf8}.',
}
