import { BitReader, Truncated } from '../bytes/bits.ts'
import { toHex } from '../bytes/hex.ts'
import { latin1 } from '../bytes/latin1.ts'
import type { Field } from '../model/field.ts'
import { sentence } from '../model/sentence.ts'
import { cipherSuites, extensionTypes, groups, handshakeTypes, nameOf, signatureSchemes, versions } from './names.ts'

/** What a hello says, picked from its fields. */
export interface Hello {
  type: 'client_hello' | 'server_hello'
  /** the name that the client wants to reach (SNI) */
  serverName?: string
  /** the application protocols, such as `h2` and `http/1.1`; offered, or the one that was chosen */
  alpn: string[]
  /** the versions that are offered, or the one that was chosen */
  versions: string[]
  cipherSuites: string[]
  groups: string[]
  keyShares: string[]
  /** the server asks for another hello (RFC 8446 §4.1.4) */
  retry: boolean
}

/** A random that is no random: SHA-256 of “HelloRetryRequest” (RFC 8446 §4.1.3). */
const retryRandom = 'cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c'

/**
 * Yields the fields of one handshake message (RFC 8446 §4), with those of a hello inside.
 *
 * @param bytes holds the message; positions are counted from its first byte
 * @param from the first byte of the message
 * @throws {Truncated} when the message ends too early
 */
export function* handshakeFields(bytes: Uint8Array, from = 0): Generator<Field, void> {
  const read = new BitReader(bytes, 'RFC 8446 §4', from)
  const type = read.uint('msgType', 8)
  yield { ...type, note: nameOf(handshakeTypes, type.value) }
  const length = read.uint('length', 24)
  yield { ...length, note: sentence('tls.length', { length: length.value }) }
  if (type.value === 1 || type.value === 2) yield* helloFields(read.part('hello', length.value), type.value === 1)
  else if (length.value > 0) yield read.raw('body', length.value)
}

function* helloFields(read: BitReader, client: boolean): Generator<Field, void> {
  yield named(read.uint('legacyVersion', 16), versions)
  yield read.raw('random', 32)
  yield* vector(read, 'legacySessionId', 8)
  if (client) {
    yield numbers(read, 'cipherSuites', 16, cipherSuites)
    yield* vector(read, 'legacyCompressionMethods', 8)
  } else {
    yield named(read.uint('cipherSuite', 16), cipherSuites)
    yield read.uint('legacyCompressionMethod', 8)
  }
  if (read.left === 0) return
  const total = read.uint('extensionsLength', 16)
  yield { ...total, note: sentence('tls.length', { length: total.value }) }
  const extensions = read.part('extensions', total.value)
  while (extensions.left > 0) yield extension(extensions, client)
}

function extension(read: BitReader, client: boolean): Field {
  const start = read.at
  const type = named(read.uint('extensionType', 16), extensionTypes)
  const length = read.uint('extensionLength', 16)
  const body = read.part('extension', length.value)
  const children = [type, length, ...(length.value > 0 ? extensionData(body, type.value as number, client) : [])]
  const value = nameOf(extensionTypes, type.value as number)
  return { name: 'extension', start, length: read.at - start, value, rfc: 'RFC 8446 §4.2', children }
}

function extensionData(read: BitReader, type: number, client: boolean): Field[] {
  switch (type) {
    case 0:
      return serverNames(read)
    case 10:
      return [numbers(read, 'supportedGroups', 16, groups)]
    case 13:
      return [numbers(read, 'signatureAlgorithms', 16, signatureSchemes)]
    case 16:
      return protocols(read)
    case 43:
      return client
        ? [numbers(read, 'supportedVersions', 8, versions)]
        : [named(read.uint('selectedVersion', 16), versions)]
    case 51:
      return keyShares(read, client)
    default:
      return [read.raw('extensionData', read.left)]
  }
}

/** RFC 6066 §3: a list of names, of which only host names exist. */
function serverNames(read: BitReader): Field[] {
  const fields: Field[] = [read.uint('serverNameListLength', 16)]
  while (read.left > 0) {
    fields.push(read.uint('nameType', 8))
    const length = read.uint('hostNameLength', 16)
    fields.push(length, asText(read.raw('hostName', length.value), 'RFC 6066 §3'))
  }
  return fields
}

/** RFC 7301 §3.1. */
function protocols(read: BitReader): Field[] {
  const fields: Field[] = [read.uint('protocolNameListLength', 16)]
  while (read.left > 0) {
    const length = read.uint('protocolNameLength', 8)
    fields.push(length, asText(read.raw('protocolName', length.value), 'RFC 7301 §3.1'))
  }
  return fields
}

/** RFC 8446 §4.2.8; a server that asks for another hello names the group alone. */
function keyShares(read: BitReader, client: boolean): Field[] {
  const fields: Field[] = client ? [read.uint('clientSharesLength', 16)] : []
  while (read.left > 0) {
    fields.push(named(read.uint('group', 16), groups))
    if (read.left === 0) break
    const length = read.uint('keyExchangeLength', 16)
    fields.push(length, read.raw('keyExchange', length.value))
  }
  return fields
}

/** A length, then so many bytes. */
function* vector(read: BitReader, name: string, lengthBits: number): Generator<Field, void> {
  const length = read.uint(`${name}Length`, lengthBits)
  yield length
  if (length.value > 0) yield read.raw(name, length.value)
}

/** A length in bytes, then 16-bit numbers: one field, with a child for each. */
function numbers(read: BitReader, name: string, lengthBits: number, names: Record<number, string>): Field {
  const start = read.at
  const length = read.uint(`${name}Length`, lengthBits)
  const list = read.part(name, length.value)
  const children: Field[] = [length]
  while (list.left > 0) children.push(named(list.uint('value', 16), names))
  const note = children.slice(1).map((child) => child.note)
  return { name, start, length: read.at - start, value: note.length, note: note.join(', '), rfc: length.rfc, children }
}

function named(field: Field & { value: number }, names: Record<number, string>): Field {
  return { ...field, note: nameOf(names, field.value) }
}

function asText(field: Field & { value: Uint8Array }, rfc: string): Field {
  return { ...field, value: latin1(field.value), rfc }
}

/** Reads a hello as far as it makes sense. @param bytes one handshake message @returns `undefined` for another message */
export function readHello(bytes: Uint8Array): Hello | undefined {
  if (bytes[0] !== 1 && bytes[0] !== 2) return undefined
  const hello: Hello = {
    type: bytes[0] === 1 ? 'client_hello' : 'server_hello',
    alpn: [],
    versions: [],
    cipherSuites: [],
    groups: [],
    keyShares: [],
    retry: false,
  }
  try {
    for (const field of handshakeFields(bytes)) pick(hello, field)
  } catch (error) {
    if (!(error instanceof Truncated)) throw error
  }
  return hello
}

function pick(hello: Hello, field: Field): void {
  const { name, value, children = [] } = field
  const note = nameIn(field)
  const notes = children.slice(1).map(nameIn)
  if (name === 'legacyVersion') hello.versions = [note]
  if (name === 'random') hello.retry = toHex(value as Uint8Array) === retryRandom
  if (name === 'cipherSuites') hello.cipherSuites = notes
  if (name === 'cipherSuite') hello.cipherSuites = [note]
  if (name === 'supportedVersions') hello.versions = notes
  if (name === 'selectedVersion') hello.versions = [note]
  if (name === 'supportedGroups') hello.groups = notes
  if (name === 'hostName') hello.serverName = String(value)
  if (name === 'protocolName') hello.alpn.push(String(value))
  if (name === 'group') hello.keyShares.push(note)
  if (name === 'extension') for (const child of children) pick(hello, child)
}

/** The name in a registry that a field has for a note. */
function nameIn({ note }: Field): string {
  return typeof note === 'string' ? note : ''
}
