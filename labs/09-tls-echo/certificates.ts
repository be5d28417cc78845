// Given: an authority and the certificates that it signs, made on this machine. Nothing here is yours to write.
import { X509Certificate as NodeCertificate } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'

/** A certificate and its private key, both in PEM: what `tls.createServer` takes. */
export interface Credentials {
  cert: string
  key: string
}

/** `authority` is the certificate that clients trust; the others are for servers. */
export interface Certificates {
  authority: string
  /** good for localhost, 127.0.0.1 and ::1, signed by the authority */
  localhost: Credentials
  /** the same, but its time has been over since yesterday */
  expired: Credentials
  /** good for other.test alone */
  otherName: Credentials
  /** its common name is localhost, and the names that count are other.test alone */
  commonName: Credentials
  /** good for localhost, signed by nobody but itself */
  selfSigned: Credentials
}

const names = ['localhost', 'expired', 'otherName', 'commonName', 'selfSigned'] as const
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const day = 24 * 60 * 60 * 1000
/** Days that a certificate is valid. */
const lifetime = 90

/**
 * The certificates in a folder. They are made when they are not there yet, or have less than a day left.
 *
 * @param folder where they are kept. Default: `.wirebook/certificates`, which git ignores
 * @throws {Error} when they cannot be written there
 */
export async function certificates(folder = defaultFolder()): Promise<Certificates> {
  const found = read(folder)
  if (found && isFresh(found)) return found
  const made = await makeCertificates()
  const parent = dirname(folder)
  mkdirSync(parent, { recursive: true })
  const draft = mkdtempSync(join(parent, 'new-certificates-'))
  write(draft, made)
  if (found) rmSync(folder, { recursive: true, force: true })
  try {
    renameSync(draft, folder)
    return made
  } catch (error) {
    // Another program was quicker: both must use the same authority.
    rmSync(draft, { recursive: true, force: true })
    const theirs = read(folder)
    if (theirs) return theirs
    throw error
  }
}

/**
 * Makes the certificates in memory. The authority's key is gone when this returns, so nobody can sign anything more
 * with it, and to trust this authority is to trust these five certificates.
 */
export async function makeCertificates(now = new Date()): Promise<Certificates> {
  const keys = await keyPair()
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=Wirebook authority of this machine',
    keys,
    signingAlgorithm: algorithm,
    ...validity(now),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, crypto),
    ],
  })
  const here = ['localhost', '127.0.0.1', '::1']
  const by = { authority, key: keys.privateKey }
  return {
    authority: `${authority.toString('pem')}\n`,
    localhost: await leaf('localhost', here, validity(now), by),
    expired: await leaf('localhost', here, { notBefore: daysFrom(now, -lifetime), notAfter: daysFrom(now, -1) }, by),
    otherName: await leaf('other.test', ['other.test'], validity(now), by),
    commonName: await leaf('localhost', ['other.test'], validity(now), by),
    selfSigned: await leaf('localhost', here, validity(now)),
  }
}

interface Validity {
  notBefore: Date
  notAfter: Date
}

/** The time of a new certificate. It begins an hour ago, since clocks differ. */
function validity(now: Date): Validity {
  return { notBefore: new Date(now.getTime() - day / 24), notAfter: daysFrom(now, lifetime) }
}

function daysFrom(now: Date, days: number): Date {
  return new Date(now.getTime() + days * day)
}

function keyPair(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
}

/**
 * A certificate that signs no others, and its key.
 *
 * @param commonName name for people to read; no client compares it with anything (RFC 9525 §2)
 * @param hosts names and addresses that the certificate is good for (subjectAltName)
 * @param by who signs; without it the leaf signs itself
 */
async function leaf(
  commonName: string,
  hosts: string[],
  validity: Validity,
  by?: { authority: x509.X509Certificate; key: CryptoKey },
): Promise<Credentials> {
  const keys = await keyPair()
  const certificate = await x509.X509CertificateGenerator.create({
    subject: `CN=${commonName}`,
    issuer: by?.authority.subject ?? `CN=${commonName}`,
    publicKey: keys.publicKey,
    signingKey: by?.key ?? keys.privateKey,
    signingAlgorithm: algorithm,
    ...validity,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        hosts.map((value): x509.JsonGeneralName => ({ type: isIP(value) ? 'ip' : 'dns', value })),
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, crypto),
      await x509.AuthorityKeyIdentifierExtension.create(by?.authority.publicKey ?? keys.publicKey, false, crypto),
    ],
  })
  const pkcs8 = await crypto.subtle.exportKey('pkcs8', keys.privateKey)
  return { cert: `${certificate.toString('pem')}\n`, key: `${x509.PemConverter.encode(pkcs8, 'PRIVATE KEY')}\n` }
}

function defaultFolder(): string {
  return fileURLToPath(new URL('../../.wirebook/certificates', import.meta.url))
}

/** What stands in the folder, or undefined when something is missing. */
function read(folder: string): Certificates | undefined {
  const text = (file: string) => readFileSync(join(folder, file), 'utf8')
  try {
    const leaves = names.map((name) => [name, { cert: text(`${name}.pem`), key: text(`${name}-key.pem`) }])
    return { authority: text('authority.pem'), ...Object.fromEntries(leaves) }
  } catch {
    return undefined // not all of them are there: they are made anew
  }
}

function write(folder: string, made: Certificates): void {
  // Only this user may read a private key.
  const save = (file: string, text: string) => writeFileSync(join(folder, file), text, { mode: 0o600 })
  save('authority.pem', made.authority)
  for (const name of names) {
    save(`${name}.pem`, made[name].cert)
    save(`${name}-key.pem`, made[name].key)
  }
}

function isFresh({ authority, localhost }: Certificates): boolean {
  const left = (pem: string) => Date.parse(new NodeCertificate(pem).validTo) - Date.now()
  try {
    return left(authority) > day && left(localhost.cert) > day
  } catch {
    return false // a file that is no certificate any more is made anew
  }
}
