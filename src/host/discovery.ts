import { readFileSync } from 'node:fs'
import { memberOf, parseJson } from '../base/json.ts'
import { textIn } from '../token/base64url.ts'
import { type FetchKeys, type Issuer, IssuerTrouble } from '../token/issuer.ts'
import { readKeySet, type VerificationKey } from '../token/jwk.ts'
import { isLoopback, isPublic, networksOf } from './address.ts'
import { type Fetched, fetchBytes, type Guard } from './outbound.ts'

/** What the operator says of issuers: plain values, which can be handed to another process. */
export interface IssuerSettings {
  /** Networks that issuers may be in, besides the internet: `10.0.0.0/8`. */
  readonly networks: readonly string[]
  /** Issuers whose keys are had elsewhere. */
  readonly keys: readonly KeysElsewhere[]
}

export interface KeysElsewhere {
  /** As tokens write it: `https://token.actions.githubusercontent.com`. */
  readonly issuer: string
  /** A URL that stands for the issuer's own, or the path of a file with a JWK Set. */
  readonly at: string
}

export const noIssuerSettings: IssuerSettings = { networks: [], keys: [] }

export const isUrl = (text: string): boolean => /^https?:\/\//i.test(text)

/** How long all of it may take: finding the host, the discovery document, and the keys. */
const patienceMilliseconds = 2_000

const refused = (message: string) => new IssuerTrouble('refused', message)

/** For tests, which have servers of their own. */
type Reach = Pick<Guard, 'resolve' | 'authorities'> & { readonly milliseconds?: number }

/** Gets keys as OpenID Connect Discovery 1.0 has it: from the place that the issuer's own document names. */
export function discovery({ networks, keys }: IssuerSettings, reach: Reach = {}): FetchKeys {
  const { milliseconds = patienceMilliseconds, ...how } = reach
  const own = networksOf(networks)
  const elsewhere = new Map(keys.map(({ issuer, at }) => [issuer, at]))

  return async (issuer) => {
    const at = elsewhere.get(issuer.url)
    if (at !== undefined && !isUrl(at)) return { keys: keysOfFile(at) }
    const stem = withoutSlash(issuer.url)
    const base = at === undefined ? stem : withoutSlash(at)
    // What the operator names is asked wherever it is; what it answers with is not.
    const origin = at === undefined ? undefined : new URL(at).origin
    const signal = AbortSignal.timeout(milliseconds)
    const get = (url: string): Promise<Fetched> => {
      const chosen = origin !== undefined && URL.canParse(url) && new URL(url).origin === origin
      return fetchBytes(url, {
        ...how,
        signal,
        thumbprints: issuer.thumbprints,
        allows: (address) => chosen || isPublic(address) || own.has(address),
        allowsPlain: (address) => chosen && (isLoopback(address) || own.has(address)),
      })
    }
    const page = await get(`${base}/.well-known/openid-configuration`)
    const place = keysPlace(issuer, page.bytes)
    const url = place.startsWith(`${stem}/`) ? `${base}${place.slice(stem.length)}` : place
    const { bytes, vouched } = await get(url)
    // The keys may lie with somebody else, whose certificate an authority vouches for.
    const weaker = page.vouched === 'thumbprint' ? page.vouched : vouched
    return { keys: keysIn(bytes, `what ${url} answers`), vouched: weaker }
  }
}

const withoutSlash = (url: string): string => (url.endsWith('/') ? url.slice(0, -1) : url)

/** Where the issuer's document says that its keys are (OpenID Connect Discovery 1.0, 4.3). */
function keysPlace({ url }: Issuer, bytes: Uint8Array): string {
  const text = textIn(bytes)
  const parsed = text === undefined ? undefined : parseJson(text)
  if (!parsed?.ok) throw refused(`the discovery document of ${url} is no JSON`)
  const [issuer, place] = [memberOf(parsed.root, 'issuer'), memberOf(parsed.root, 'jwks_uri')]
  // INVARIANT: who speaks for another issuer than the one that was asked is not heard.
  if (issuer?.kind !== 'string' || issuer.value !== url)
    throw refused(`the discovery document of ${url} is another issuer’s`)
  if (place?.kind !== 'string') throw refused(`the discovery document of ${url} names no jwks_uri`)
  return place.value
}

function keysIn(bytes: Uint8Array, what: string): readonly VerificationKey[] {
  const keys = readKeySet(bytes)
  if (keys === undefined) throw refused(`${what} is no JWK Set`)
  return keys
}

const fileBytesMax = 64 * 1024

/** Read anew each time that an issuer would be asked, so that a file which is put there is seen. */
function keysOfFile(path: string): readonly VerificationKey[] {
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch {
    throw new IssuerTrouble('unreachable', `the key file ${path} cannot be read`)
  }
  if (bytes.length > fileBytesMax) throw refused(`the key file ${path} is too large to be one`)
  return keysIn(bytes, `the file ${path}`)
}
