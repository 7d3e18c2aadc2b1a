import { Buffer } from 'node:buffer'
import { createHash, createPublicKey, type KeyObject } from 'node:crypto'

/** An RSA key for SSH, both ways that it is written. */
export interface SshKey {
  /** `ssh-rsa` and base64, without a comment. */
  readonly ssh: string
  readonly pem: string
  /** MD5 of the key as SSH writes it, in pairs of hex digits with colons between (RFC 4716, 4). */
  readonly fingerprint: string
}

const bitsMin = 2048
const bitsMax = 16_384
const algorithm = 'ssh-rsa'

/** A length and so many bytes (RFC 4251, 5). */
const field = (bytes: Uint8Array): Buffer => {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

/** A positive number has no sign to tell: a zero stands before a first bit that is set. */
const number = (bytes: Buffer): Buffer =>
  field((bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes)

function fieldsOf(blob: Buffer): readonly Buffer[] | undefined {
  const fields: Buffer[] = []
  for (let at = 0; at < blob.length; ) {
    if (at + 4 > blob.length) return undefined
    const to = at + 4 + blob.readUInt32BE(at)
    if (to > blob.length) return undefined
    fields.push(blob.subarray(at + 4, to))
    at = to
  }
  return fields
}

const withoutZeros = (bytes: Buffer): Buffer => bytes.subarray(bytes.findIndex((byte) => byte !== 0))

/** `undefined` where the text after `ssh-rsa` is no RSA key. */
function fromSsh(base64: string): KeyObject | undefined {
  const blob = Buffer.from(base64, 'base64')
  if (blob.toString('base64').replace(/=+$/, '') !== base64.replace(/=+$/, '')) return undefined
  const [name, e, n, ...more] = fieldsOf(blob) ?? []
  if (name?.toString('latin1') !== algorithm || e === undefined || n === undefined || more.length > 0) return undefined
  const part = (bytes: Buffer) => withoutZeros(bytes).toString('base64url')
  return createPublicKey({ key: { kty: 'RSA', e: part(e), n: part(n) }, format: 'jwk' })
}

/**
 * A public key that SSH can be used with: RSA of 2048 bits or more, as `ssh-rsa …` or in PEM. `encoding` where it is written some
 * other way, `key` where it is no such key. Never throws.
 */
export function readSshKey(text: string): SshKey | 'encoding' | 'key' {
  const [kind, base64 = ''] = text.trim().split(/[ \t]+/, 2)
  const pem = text.trimStart().startsWith('-----BEGIN')
  if (!pem && kind !== algorithm) return 'encoding'
  let key: KeyObject | undefined
  try {
    // Of a private key there is a public one too; nobody should have to send it.
    key = pem ? (/PRIVATE/.test(text) ? undefined : createPublicKey(text)) : fromSsh(base64)
  } catch {
    return 'key'
  }
  if (key === undefined || key.asymmetricKeyType !== 'rsa') return 'key'
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  if (bits < bitsMin || bits > bitsMax) return 'key'
  const { e = '', n = '' } = key.export({ format: 'jwk' })
  const blob = Buffer.concat([
    field(Buffer.from(algorithm)),
    number(Buffer.from(e, 'base64url')),
    number(Buffer.from(n, 'base64url')),
  ])
  const digest = createHash('md5').update(blob).digest('hex')
  return {
    ssh: `${algorithm} ${blob.toString('base64')}`,
    pem: key.export({ format: 'pem', type: 'spki' }).toString().trimEnd(),
    fingerprint: (digest.match(/../g) ?? []).join(':'),
  }
}
