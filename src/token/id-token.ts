import { Buffer } from 'node:buffer'
import type { Node, ObjectNode } from '../base/json.ts'
import type { Jwt } from './jwt.ts'

/** What an ID token says of itself (OpenID Connect Core 1.0, 2). Times are seconds since the epoch, as the token has them. */
export interface IdToken {
  readonly issuer: string
  readonly subject: string
  /** In the order of the token; at least one. */
  readonly audiences: readonly string[]
  /** Who it was issued to, where that is told apart from who it is for. */
  readonly authorizedParty?: string
  /** How the subject was known to be the one (`amr`): `pwd`, `mfa`, `authenticated`. */
  readonly methods: readonly string[]
  readonly expiresAt: number
  readonly issuedAt: number
  readonly notBefore?: number
  /** Every claim, by name. */
  readonly claims: ReadonlyMap<string, Node>
}

/** What is wrong with the claims of a token: one is missing that every token has, or says what it cannot. */
export type ClaimProblem =
  | { readonly kind: 'missing'; readonly claim: string }
  | { readonly kind: 'malformed'; readonly claim: string }

const required = ['iss', 'sub', 'aud', 'exp', 'iat']
/**
 * OpenID Connect Core 1.0, 2: a subject has at most 255 characters of ASCII. Whatever a session keeps of a token is held to as many
 * bytes, so that it has room in the session's own.
 */
const bytesMax = 255
const audiencesMax = 100
const methodsMax = 10

/** A NumericDate (RFC 7519, 2) as it is written: no sign, no exponent. A fraction of a second is allowed. */
const numericDate = /^(?:0|[1-9]\d{0,11})(?:\.\d{1,9})?$/
/** The end of the year 9999: what is later is no time, but a way to say never. */
const secondsMax = 253_402_300_799

export const textOf = (node: Node | undefined): string | undefined => (node?.kind === 'string' ? node.value : undefined)

/** One text for a list of one, as claims have it; `undefined` where anything else is in it. */
export function textsOf(node: Node | undefined): readonly string[] | undefined {
  if (node?.kind === 'string') return [node.value]
  if (node?.kind !== 'array') return undefined
  const texts = node.items.map(textOf).filter((text) => text !== undefined)
  return texts.length === node.items.length ? texts : undefined
}

function timeOf(node: Node | undefined): number | undefined {
  if (node?.kind !== 'number' || !numericDate.test(node.value)) return undefined
  const seconds = Number(node.value)
  return seconds <= secondsMax ? seconds : undefined
}

const fits = (text: string | undefined): text is string =>
  text !== undefined && text !== '' && Buffer.byteLength(text) <= bytesMax

const claimsOf = (root: ObjectNode): ReadonlyMap<string, Node> =>
  new Map(root.members.map(({ key, value }) => [key.value, value]))

/** Reads the claims of a token, strictly: of the ones that count each is of its type and of a sane size. Never throws. */
export function readIdToken({ claims: root }: Pick<Jwt, 'claims'>): IdToken | ClaimProblem {
  const claims = claimsOf(root)
  const missing = required.find((claim) => !claims.has(claim))
  if (missing !== undefined) return { kind: 'missing', claim: missing }
  const malformed = (claim: string): ClaimProblem => ({ kind: 'malformed', claim })

  const issuer = textOf(claims.get('iss'))
  if (!fits(issuer)) return malformed('iss')
  const subject = textOf(claims.get('sub'))
  if (!fits(subject)) return malformed('sub')
  const audiences = textsOf(claims.get('aud')) ?? []
  if (audiences.length === 0 || audiences.length > audiencesMax || !audiences.every(fits)) return malformed('aud')
  const authorizedParty = textOf(claims.get('azp'))
  if (claims.has('azp') && !fits(authorizedParty)) return malformed('azp')
  const methods = textsOf(claims.get('amr')) ?? []
  if (claims.has('amr') && (methods.length > methodsMax || !fits(methods.join(',')))) return malformed('amr')
  const expiresAt = timeOf(claims.get('exp'))
  if (expiresAt === undefined) return malformed('exp')
  const issuedAt = timeOf(claims.get('iat'))
  if (issuedAt === undefined) return malformed('iat')
  const notBefore = timeOf(claims.get('nbf'))
  if (claims.has('nbf') && notBefore === undefined) return malformed('nbf')
  return {
    issuer,
    subject,
    audiences,
    ...(authorizedParty === undefined ? {} : { authorizedParty }),
    methods,
    expiresAt,
    issuedAt,
    ...(notBefore === undefined ? {} : { notBefore }),
    claims,
  }
}

/** By how much an issuer's clock may be ahead of ours. A token that has ended has ended. */
const skewSeconds = 60

/** Whether a token is good at a time (milliseconds since the epoch): `expired`, or not yet. */
export function timeliness({ expiresAt, issuedAt, notBefore }: IdToken, now: number): 'good' | 'expired' | 'early' {
  const seconds = now / 1000
  if (seconds >= expiresAt) return 'expired'
  const latest = seconds + skewSeconds
  return issuedAt > latest || (notBefore !== undefined && notBefore > latest) ? 'early' : 'good'
}
