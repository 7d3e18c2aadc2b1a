import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Algorithm, algorithms } from '../token/algorithm.ts'
import {
  newSigningKey,
  publicJwk,
  type SigningKey,
  signingKeyIn,
  signingKeyText,
  signJwt,
} from '../token/signing-key.ts'
import type { HttpRequest, HttpResponse } from '../wire/http.ts'
import { exclusively } from './exclusive.ts'
import { writePrivately } from './private-file.ts'

/** An issuer of ID tokens for development, kept in a folder: in whose name it speaks, and its keys, the newest in front. */
export interface LocalIssuer {
  readonly url: string
  readonly keys: readonly SigningKey[]
}

/** In whose name an issuer speaks that was told no name: `.test` is nobody's (RFC 2606, 2). */
export const defaultIssuer = 'https://oidc.test'

/** So many keys of one kind are listed: more than a test needs, fewer than a verifier takes. */
const keysMax = 8

const fileOf = (directory: string): string => join(directory, 'issuer.json')

/** The issuer of a folder; `undefined` where there is none. Throws where what is there is none. */
export function readIssuer(directory: string): LocalIssuer | undefined {
  const file = fileOf(directory)
  if (!existsSync(file)) return undefined
  const damaged = () => new Error(`${file} is not a file of rolecall oidc`)
  let kept: unknown
  try {
    kept = JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    // What the parser would say repeats a part of the text, which holds secrets.
    throw damaged()
  }
  if (typeof kept !== 'object' || kept === null || !('issuer' in kept) || !('keys' in kept)) throw damaged()
  const { issuer, keys } = kept
  if (typeof issuer !== 'string' || !Array.isArray(keys)) throw damaged()
  return { url: issuer, keys: keys.map((text) => signingKeyIn(String(text))) }
}

/**
 * Changes the issuer of a folder, which is made with its first key where there is none. Several processes may do so at once: each
 * sees what the one before has made.
 */
export function changeIssuer(directory: string, change: (issuer: LocalIssuer) => LocalIssuer): LocalIssuer {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  return exclusively(join(directory, 'issuer.lock'), () => {
    const kept = readIssuer(directory)
    const issuer = change(kept ?? { url: defaultIssuer, keys: [newSigningKey(algorithmNamed('RS256'))] })
    if (issuer !== kept) {
      const text = { issuer: issuer.url, keys: issuer.keys.map(signingKeyText) }
      writePrivately(fileOf(directory), `${JSON.stringify(text, null, 2)}\n`)
    }
    return issuer
  })
}

function algorithmNamed(name: string): Algorithm {
  const algorithm = algorithms.get(name)
  if (algorithm === undefined) throw new Error(`tokens are not signed with ${name}`)
  return algorithm
}

const sameKind = (a: Pick<SigningKey, 'kty' | 'crv'>, b: Pick<SigningKey, 'kty' | 'crv'>): boolean =>
  a.kty === b.kty && a.crv === b.crv

const kindOf = ({ kty, crv }: Algorithm): Pick<SigningKey, 'kty' | 'crv'> => ({
  kty,
  ...(crv === undefined ? {} : { crv }),
})

/** In another name. */
export const renamed = (issuer: LocalIssuer, url: string): LocalIssuer =>
  issuer.url === url ? issuer : { ...issuer, url }

/** With a key that this algorithm signs with. */
export function withKeyFor(issuer: LocalIssuer, name: string): LocalIssuer {
  const algorithm = algorithmNamed(name)
  const there = issuer.keys.some((key) => sameKind(key, kindOf(algorithm)))
  return there ? issuer : { ...issuer, keys: [...issuer.keys, newSigningKey(algorithm)] }
}

/** With a fresh key of each kind that it has. The ones before go on being listed, unless they are to go. */
export function rotated(issuer: LocalIssuer, { dropOld }: { readonly dropOld: boolean }): LocalIssuer {
  const kinds = [...algorithms.values()].filter(
    (algorithm, at, all) =>
      issuer.keys.some((key) => sameKind(key, kindOf(algorithm))) &&
      // Several algorithms sign with keys of one kind.
      all.findIndex((other) => sameKind(kindOf(other), kindOf(algorithm))) === at,
  )
  const keys = kinds.flatMap((algorithm) => {
    const before = dropOld ? [] : issuer.keys.filter((key) => sameKind(key, kindOf(algorithm)))
    return [newSigningKey(algorithm), ...before].slice(0, keysMax)
  })
  return { ...issuer, keys }
}

/** A token of the issuer, by its newest key that this algorithm signs with. */
export function signedBy({ keys }: LocalIssuer, name: string, claims: object): string {
  const algorithm = algorithmNamed(name)
  const key = keys.find((candidate) => sameKind(candidate, kindOf(algorithm)))
  if (key === undefined) throw new Error(`the issuer has no key for ${name}`)
  return signJwt(claims, algorithm, key)
}

/** The JWK Set that it publishes. */
export const keySetOf = ({ keys }: LocalIssuer): object => ({ keys: keys.map(publicJwk) })

const keysPath = '/keys'

const json = (value: object): HttpResponse => ({
  status: 200,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  body: JSON.stringify(value),
})

/** What it answers: its discovery document and its keys, as they are at that moment (OpenID Connect Discovery 1.0, 4.2). */
export function answerAs(issuer: LocalIssuer, { method, path }: Pick<HttpRequest, 'method' | 'path'>): HttpResponse {
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, headers: {}, body: '' }
  if (path === keysPath) return json(keySetOf(issuer))
  if (path !== '/.well-known/openid-configuration') return { status: 404, headers: {}, body: '' }
  return json({
    issuer: issuer.url,
    jwks_uri: `${issuer.url.replace(/\/$/, '')}${keysPath}`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [...algorithms.keys()],
  })
}
