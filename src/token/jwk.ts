import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { memberOf, type Node, parseJson } from '../base/json.ts'
import type { Algorithm, KeyType } from './algorithm.ts'
import { bytesIn, textIn } from './base64url.ts'

/** A public key that tokens are verified with, and what its issuer says of it (RFC 7517, 4). */
export interface VerificationKey {
  readonly kty: KeyType
  readonly crv?: string
  readonly kid?: string
  /** The one algorithm that it is for, where the issuer names one. */
  readonly alg?: string
  readonly key: KeyObject
}

/** More keys than any issuer turns between. */
const keysMax = 100
const rsaBitsMin = 2048
/** What is larger costs the one who verifies more than it can be worth. */
const rsaBitsMax = 8192
const exponentMax = 0xffff_ffffn

const textAt = (node: Node, name: string): string | undefined => {
  const member = memberOf(node, name)
  return member?.kind === 'string' ? member.value : undefined
}

/** The members that make up a public key of each type, and in which the numbers are. */
const parts: Readonly<Record<KeyType, { readonly numbers: readonly string[]; readonly curves?: ReadonlySet<string> }>> =
  {
    RSA: { numbers: ['n', 'e'] },
    EC: { numbers: ['x', 'y'], curves: new Set(['P-256', 'P-384', 'P-521']) },
    OKP: { numbers: ['x'], curves: new Set(['Ed25519']) },
  }

const isKeyType = (text: string): text is KeyType => Object.hasOwn(parts, text)

/** Whether a key may be used to verify signatures with, as far as its issuer says (RFC 7517, 4.2 and 4.3). */
function verifies(node: Node): boolean {
  const use = memberOf(node, 'use')
  if (use !== undefined && !(use.kind === 'string' && use.value === 'sig')) return false
  const operations = memberOf(node, 'key_ops')
  if (operations === undefined) return true
  return (
    operations.kind === 'array' && operations.items.some((item) => item.kind === 'string' && item.value === 'verify')
  )
}

function strongEnough(key: KeyObject): boolean {
  if (key.asymmetricKeyType !== 'rsa') return true
  const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {}
  const odd = (publicExponent & 1n) === 1n
  return (
    modulusLength >= rsaBitsMin &&
    modulusLength <= rsaBitsMax &&
    odd &&
    publicExponent > 1n &&
    publicExponent <= exponentMax
  )
}

/** One key, or `undefined` where it is none that we verify with. */
function keyIn(node: Node): VerificationKey | undefined {
  const kty = textAt(node, 'kty')
  if (kty === undefined || !isKeyType(kty) || !verifies(node)) return undefined
  // A private key that was published is nobody's secret any more.
  if (memberOf(node, 'd') !== undefined) return undefined
  for (const name of ['kid', 'alg']) {
    const member = memberOf(node, name)
    if (member !== undefined && member.kind !== 'string') return undefined
  }
  const { numbers, curves } = parts[kty]
  const crv = textAt(node, 'crv')
  if (curves !== undefined && (crv === undefined || !curves.has(crv))) return undefined
  const jwk: JsonWebKey = { kty, ...(curves === undefined || crv === undefined ? {} : { crv }) }
  for (const name of numbers) {
    const number = textAt(node, name)
    if (number === undefined || bytesIn(number) === undefined) return undefined
    jwk[name] = number
  }
  const key = imported(jwk)
  if (key === undefined || !strongEnough(key)) return undefined
  const [kid, alg] = [textAt(node, 'kid'), textAt(node, 'alg')]
  return {
    kty,
    key,
    ...(curves === undefined || crv === undefined ? {} : { crv }),
    ...(kid === undefined ? {} : { kid }),
    ...(alg === undefined ? {} : { alg }),
  }
}

function imported(key: JsonWebKey): KeyObject | undefined {
  try {
    return createPublicKey({ key, format: 'jwk' })
  } catch {
    // A point that is on no curve, a number that is none.
    return undefined
  }
}

/**
 * The keys of a JWK Set (RFC 7517, 5) that tokens can be verified with; `undefined` where the bytes are no such set. Keys of other
 * kinds, for other uses, or too weak are passed over, as the RFC has it. Never throws.
 */
export function readKeySet(bytes: Uint8Array): readonly VerificationKey[] | undefined {
  const text = textIn(bytes)
  const parsed = text === undefined ? undefined : parseJson(text)
  const listed = parsed?.ok ? memberOf(parsed.root, 'keys') : undefined
  if (listed?.kind !== 'array' || listed.items.length > keysMax) return undefined
  return listed.items.flatMap((item) => keyIn(item) ?? [])
}

/** Whether a token that says that it was signed so may have been signed with this key. */
export const suits = (key: VerificationKey, algorithm: Algorithm): boolean =>
  key.kty === algorithm.kty &&
  (algorithm.crv === undefined || key.crv === algorithm.crv) &&
  (key.alg === undefined || key.alg === algorithm.name)
