import { Buffer } from 'node:buffer'
import { memberOf, type Node, type ObjectNode, parseJson } from '../base/json.ts'
import { type Algorithm, algorithms } from './algorithm.ts'
import { bytesIn, textIn } from './base64url.ts'
import { suits, type VerificationKey } from './jwk.ts'

/** A token as it was read. Nothing in it is true yet. */
export interface Jwt {
  readonly algorithm: Algorithm
  readonly kid?: string
  readonly claims: ObjectNode
  /** What was signed: header and payload as they came. */
  readonly signed: Uint8Array
  readonly signature: Uint8Array
}

/** STS API Reference, AssumeRoleWithWebIdentity: WebIdentityToken. */
const tokenCharactersMax = 20_000
/** How many keys are tried where a token does not name one. */
const triesMax = 8

/** What an ID token may say that it is, besides nothing. A token for another purpose (`logout+jwt`) is none (RFC 8725, 3.11). */
const types: ReadonlySet<string> = new Set(['jwt', 'jose'])

/**
 * Members that change how a token is to be read. Who does not understand what is critical must refuse (RFC 7515, 4.1.11); nothing is
 * understood here beyond the header that every token has.
 */
const refused = ['crit', 'b64', 'zip', 'enc']

function objectIn(part: string): ObjectNode | undefined {
  const bytes = bytesIn(part)
  const text = bytes === undefined ? undefined : textIn(bytes)
  const parsed = text === undefined ? undefined : parseJson(text)
  return parsed?.ok && parsed.root.kind === 'object' ? parsed.root : undefined
}

const isText = (node: Node | undefined): node is Extract<Node, { kind: 'string' }> => node?.kind === 'string'

/**
 * Reads a signed token in its compact form (RFC 7515, 3.1); `undefined` for every other text. Where a key may be had (`jku`, `x5u`) or
 * which it is (`jwk`, `x5c`) is not for the token to say: such members are not read at all. Never throws.
 */
export function readJwt(text: string): Jwt | undefined {
  if (text.length > tokenCharactersMax) return undefined
  const [head = '', payload = '', tail = '', ...more] = text.split('.', 4)
  const signature = bytesIn(tail)
  if (more.length > 0 || signature === undefined) return undefined
  const header = objectIn(head)
  const claims = objectIn(payload)
  if (header === undefined || claims === undefined) return undefined

  const [alg, kid, typ] = ['alg', 'kid', 'typ'].map((name) => memberOf(header, name))
  const algorithm = isText(alg) ? algorithms.get(alg.value) : undefined
  if (algorithm === undefined || refused.some((name) => memberOf(header, name) !== undefined)) return undefined
  if (kid !== undefined && !isText(kid)) return undefined
  if (typ !== undefined && !(isText(typ) && types.has(typ.value.toLowerCase()))) return undefined
  return {
    algorithm,
    ...(kid === undefined ? {} : { kid: kid.value }),
    claims,
    signed: Buffer.from(`${head}.${payload}`, 'latin1'),
    signature,
  }
}

/**
 * The keys that a token may have been signed with: those that it names and that suit its algorithm, or where it names none, those that
 * suit it.
 */
export function keysFor({ algorithm, kid }: Jwt, keys: readonly VerificationKey[]): readonly VerificationKey[] {
  const suitable = keys.filter((key) => suits(key, algorithm) && (kid === undefined || key.kid === kid))
  return suitable.slice(0, triesMax)
}

/** Whether the token was signed with one of the keys. Never throws. */
export function isSigned(jwt: Jwt, keys: readonly VerificationKey[]): boolean {
  const { algorithm, signed, signature } = jwt
  if (algorithm.signatureBytes !== undefined && signature.length !== algorithm.signatureBytes) return false
  return keysFor(jwt, keys).some(({ key }) => {
    try {
      return algorithm.verify(signed, signature, key)
    } catch {
      // A signature that OpenSSL cannot even read.
      return false
    }
  })
}
