import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { type Algorithm, algorithms } from '../../src/token/algorithm.ts'

/** Tokens of every kind, also such as no honest issuer makes. Parts are texts, so that what is in them is up to the test. */

export const base64url = (text: string | Uint8Array): string => Buffer.from(text).toString('base64url')

export function algorithm(name: string): Algorithm {
  const found = algorithms.get(name)
  if (found === undefined) throw new Error(`there is no algorithm ${name}`)
  return found
}

/** Header and payload exactly as written, signed as `alg` says. */
export function signedText(header: string, payload: string, alg: string, key: KeyObject): string {
  const signed = `${base64url(header)}.${base64url(payload)}`
  return `${signed}.${algorithm(alg).sign(Buffer.from(signed), key).toString('base64url')}`
}

/** With any signature at all. */
export const unsignedText = (header: string, payload: string, signature = ''): string =>
  `${base64url(header)}.${base64url(payload)}.${signature}`

export interface Pair {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

export const rsaPair = (bits = 2048): Pair => generateKeyPairSync('rsa', { modulusLength: bits })
export const ecPair = (namedCurve: string): Pair => generateKeyPairSync('ec', { namedCurve })
export const edPair = (): Pair => generateKeyPairSync('ed25519')

/** A JWK Set of public keys, each with what is said of it. */
export const keySet = (...keys: readonly (readonly [Pair, object])[]): Uint8Array =>
  Buffer.from(
    JSON.stringify({ keys: keys.map(([pair, said]) => ({ ...pair.publicKey.export({ format: 'jwk' }), ...said })) }),
  )
