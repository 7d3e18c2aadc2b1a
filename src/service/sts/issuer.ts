import { type TokenAlgorithm, tokenAlgorithms } from '../../base/key-pair.ts'
import type { Safe } from '../../base/sealed.ts'
import type { AccountSettings } from '../../state/account.ts'
import { bindingOf } from '../../state/entity.ts'
import { everywhere, inAccount, issuing } from '../../state/index-keys.ts'
import type { JwtKey } from '../../state/key.ts'
import type { View } from '../../state/view.ts'
import { publicJwk, signingKeyIn } from '../../token/signing-key.ts'
import type { Writable } from '../operation.ts'

const hour = 60 * 60_000
/** How long a key signs before the next one is made. */
const signingMilliseconds = 90 * 24 * hour
/** How long a key is published before it signs, where another can: whoever keeps key sets has it by then. */
const publishedAheadMilliseconds = hour
/** How long a key is published after another signs in its place. Tokens live an hour; the rest is for clocks that disagree. */
const publishedAfterMilliseconds = 24 * hour

/** Newest in front. */
const keysOf = (state: View, account: string, algorithm: TokenAlgorithm): readonly JwtKey[] =>
  state
    .find('jwt-key', inAccount(account))
    .filter((key) => key.algorithm === algorithm)
    .toSorted((a, b) => b.createdAt - a.createdAt)

/** The key that an account signs with now: the newest that has been published for a while, and where none has, the oldest. */
export function signingKeyOf(state: View, account: string, algorithm: TokenAlgorithm, now: number): JwtKey | undefined {
  const keys = keysOf(state, account, algorithm)
  return keys.find(({ createdAt }) => createdAt + publishedAheadMilliseconds <= now) ?? keys.at(-1)
}

/** Whether an account that gives out tokens needs a new key. */
export function lacksKey(state: View, account: string, algorithm: TokenAlgorithm, now: number): boolean {
  if (state.get('account-settings', account)?.outbound?.enabled !== true) return false
  const [newest] = keysOf(state, account, algorithm)
  return newest === undefined || now - newest.createdAt >= signingMilliseconds
}

/** What is lacking in all accounts. */
export const lackingKeys = (state: View, now: number): readonly (readonly [account: string, TokenAlgorithm])[] =>
  state
    .find('account-settings', everywhere)
    .flatMap(({ account }) =>
      tokenAlgorithms.flatMap((algorithm) =>
        lacksKey(state, account, algorithm, now) ? [[account, algorithm] as const] : [],
      ),
    )

interface Keeping {
  readonly state: Writable
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly vault: Pick<Safe, 'seal'>
}

/** Takes up a new key, and lets go of those whose tokens have all ended. */
export function addKey({ state, now, vault }: Keeping, account: string, algorithm: TokenAlgorithm, text: string): void {
  const key = signingKeyIn(text)
  const row = { kind: 'jwt-key', id: key.kid, account } as const
  // A public key's members are texts.
  const publicKey = publicJwk(key) as Record<string, string>
  const secret = vault.seal(text, bindingOf(row))
  state.put({ ...row, algorithm, publicKey: { ...publicKey, alg: algorithm }, secret, createdAt: now })
  const keys = keysOf(state, account, algorithm)
  for (const [at, old] of keys.entries()) {
    const next = keys[at - 1]
    const since = next === undefined ? now : next.createdAt + publishedAheadMilliseconds
    if (now - since >= publishedAfterMilliseconds) state.remove('jwt-key', old.id)
  }
}

/** Whose tokens name this issuer, by the UUID in it. Also an issuer that was switched off: what it signed is still true. */
export const issuerAt = (state: View, id: string): AccountSettings | undefined =>
  state.one('account-settings', issuing(id))

/** Whether tokens that name this issuer are an account's of this very authority. */
export const isOwnIssuer = (state: View, url: string): boolean =>
  issuerAt(state, url.slice(url.lastIndexOf('/') + 1))?.outbound?.issuer === url

/** Where the keys of an issuer are. */
export const keySetPath = '/.well-known/jwks.json'

/** What an issuer says of itself (OpenID Connect Discovery 1.0, 3; members and order as AWS has them). */
export const configurationOf = (issuer: string): object => ({
  claims_supported: ['sub', 'iss', 'aud', 'exp', 'iat', 'jti', 'https://sts.amazonaws.com/'],
  id_token_signing_alg_values_supported: tokenAlgorithms,
  issuer,
  jwks_uri: `${issuer}${keySetPath}`,
  response_types_supported: ['id_token'],
  subject_types_supported: ['public'],
})

/** Every key that a living token may have been signed with, or will be soon (RFC 7517, 5). */
export const keySetOf = (state: View, account: string): object => ({
  keys: tokenAlgorithms.flatMap((algorithm) => keysOf(state, account, algorithm).map(({ publicKey }) => publicKey)),
})
