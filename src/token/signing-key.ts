import { Buffer } from 'node:buffer'
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto'
import { type Algorithm, algorithms, type KeyType } from './algorithm.ts'

/** A key that tokens are signed with, by whoever issues them for tests and development. */
export interface SigningKey {
  /** The thumbprint of the public key (RFC 7638): the same key has the same id wherever it is kept. */
  readonly kid: string
  readonly kty: KeyType
  readonly crv?: string
  readonly key: KeyObject
}

/** The members that a thumbprint is made of, in its order (RFC 7638, 3.2; RFC 8037, 2). */
const members: Readonly<Record<KeyType, readonly (keyof JsonWebKey & string)[]>> = {
  RSA: ['e', 'kty', 'n'],
  EC: ['crv', 'kty', 'x', 'y'],
  OKP: ['crv', 'kty', 'x'],
}

function signingKey(key: KeyObject): SigningKey {
  const jwk = createPublicKey(key).export({ format: 'jwk' })
  const kty = jwk.kty
  if (kty !== 'RSA' && kty !== 'EC' && kty !== 'OKP') throw new Error(`tokens are not signed with keys of type ${kty}`)
  const said = JSON.stringify(Object.fromEntries(members[kty].map((name) => [name, jwk[name]])))
  const kid = createHash('sha256').update(said).digest('base64url')
  return { kid, kty, ...(jwk.crv === undefined ? {} : { crv: jwk.crv }), key }
}

function made({ kty, crv = '' }: Algorithm): KeyObject {
  switch (kty) {
    case 'RSA':
      return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    case 'EC':
      return generateKeyPairSync('ec', { namedCurve: crv }).privateKey
    case 'OKP':
      return generateKeyPairSync('ed25519').privateKey
  }
}

export const newSigningKey = (algorithm: Algorithm): SigningKey => signingKey(made(algorithm))

/** The private key as text: PKCS #8 in PEM. */
export const signingKeyText = ({ key }: SigningKey): string => key.export({ format: 'pem', type: 'pkcs8' }).toString()

/** A key from such a text. Throws where it is none that tokens are signed with. */
export function signingKeyIn(text: string): SigningKey {
  const found = signingKey(createPrivateKey(text))
  const used = [...algorithms.values()].some(
    ({ kty, crv }) => kty === found.kty && (crv === undefined || crv === found.crv),
  )
  if (!used) throw new Error(`no algorithm signs tokens with a key on the curve ${found.crv}`)
  return found
}

/** The public half, as a JWK Set lists it. */
export const publicJwk = ({ kid, key }: SigningKey): JsonWebKey => ({
  ...createPublicKey(key).export({ format: 'jwk' }),
  kid,
  use: 'sig',
})

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A signed token in its compact form (RFC 7515, 3.1). The key must be of the algorithm's type. */
export function signJwt(claims: object, algorithm: Algorithm, { kid, key }: SigningKey): string {
  const signed = `${part({ alg: algorithm.name, typ: 'JWT', kid })}.${part(claims)}`
  return `${signed}.${algorithm.sign(Buffer.from(signed, 'latin1'), key).toString('base64url')}`
}
