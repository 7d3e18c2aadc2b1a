import type { Login } from '../../access/caller.ts'
import { Fault } from '../../base/fault.ts'
import { memberOf, type Node } from '../../base/json.ts'
import type { Tag } from '../../state/identity.ts'
import type { View } from '../../state/view.ts'
import { type IdToken, textOf, textsOf } from '../../token/id-token.ts'
import type { Issuer, Vouching } from '../../token/issuer.ts'
import { isIssuer, issuerOf, oidcArn } from '../iam/oidc.ts'
import { isOwnIssuer } from './issuer.ts'
import { claimsOfIssuer } from './issuer-claims.ts'
import { isSessionTag, sessionTagsMax } from './session-tags.ts'

/** An identity provider as an account takes its tokens. */
export interface Provider extends Issuer {
  /** As a `Federated` principal names it. */
  readonly principal: string
  /** Audiences that are taken; `undefined` where the trust policy alone says. */
  readonly clientIds: readonly string[] | undefined
}

/** Providers that every account has without registering them (IAM User Guide, "OIDC federation"). */
const builtIn: ReadonlySet<string> = new Set(['accounts.google.com', 'cognito-identity.amazonaws.com'])

const invalid = (message: string) => new Fault('InvalidIdentityToken', message)

/** The provider of an account that an issuer is. Throws AWS's refusals of an issuer that is none, or that the account does not have. */
export function providerOf(view: View, account: string, url: string): Provider {
  if (!isIssuer(url)) throw invalid('Issuer must be a valid URL')
  // INVARIANT: no-token-comes-back. Who has a session must not make another of it by way of a token that the session asked for.
  if (isOwnIssuer(view, url)) throw invalid('Tokens of GetWebIdentityToken cannot be used to assume a role')
  const name = issuerOf(url)
  if (builtIn.has(name)) return { url, principal: name, clientIds: undefined, thumbprints: [] }
  const provider = view.get('oidc-provider', oidcArn(account, url))
  // QUIRK: provider-of-the-role. The account of the role must have the provider, whoever asks.
  if (provider === undefined) throw invalid(`No OpenIDConnect provider found in your account for ${url}`)
  return { url, principal: provider.id, clientIds: provider.clientIds, thumbprints: provider.thumbprints }
}

/**
 * Who a token is for. QUIRK: azp-is-the-audience. Where it says to whom it was issued, that is the audience, and what it calls so is
 * told as `oaud` (IAM User Guide, "Available keys for AWS OIDC federation").
 */
function audienceOf({ audiences, authorizedParty }: IdToken, { clientIds }: Provider): string {
  const named = authorizedParty === undefined ? audiences : [authorizedParty]
  const audience = clientIds === undefined ? named[0] : named.find((one) => clientIds.includes(one))
  if (audience === undefined) throw invalid('Incorrect token audience')
  return audience
}

const tagsClaim = 'https://aws.amazon.com/tags'
const flatTag = `${tagsClaim}/principal_tags/`
const sourceClaim = 'https://aws.amazon.com/source_identity'
const rolesClaim = 'https://aws.amazon.com/roles'
/** The condition key by which policies, and records, know whether a token named the role. */
export const roleAuthorizedByIdp = 'sts:roleauthorizedbyidp'

/**
 * The login that a token is, whose signature is good. Throws AWS's refusals of a token for another audience or another role, and of
 * session tags and source identities that could not be passed otherwise either.
 */
export function loginBy(
  token: IdToken,
  provider: Provider,
  { account, role, vouched }: { account: string; role: string; vouched?: Vouching | undefined },
): Login {
  const audience = audienceOf(token, provider)
  const authorized = roleAuthorized(token, role)
  const prefix = issuerOf(token.issuer).toLowerCase()
  const lasting = {
    [`${prefix}:aud`]: [audience],
    [`${prefix}:sub`]: [token.subject],
    [`${prefix}:amr`]: token.methods,
  }
  const special = claimsOfIssuer(issuerOf(token.issuer)).map(
    (claim) => [`${prefix}:${claim}`, valuesOf(claimAt(token, claim))] as const,
  )
  const keys = [
    ...Object.entries(lasting),
    ...special,
    [`${prefix}:oaud`, token.audiences] as const,
    [`${prefix}:email`, valuesOf(token.claims.get('email'))] as const,
    [roleAuthorizedByIdp, [String(authorized)]] as const,
  ].filter(([, values]) => values.length > 0)
  const { tags, transitive } = tagsOf(token)
  const sourceIdentity = sourceIdentityOf(token)
  return {
    kind: 'web-identity',
    account,
    provider: provider.principal,
    issuer: token.issuer,
    subject: token.subject,
    audience,
    keys: Object.fromEntries(keys),
    lasting: Object.keys(lasting),
    tags,
    transitiveTagKeys: transitive,
    ...(sourceIdentity === undefined ? {} : { sourceIdentity }),
    ...(vouched === undefined ? {} : { vouched }),
  }
}

/** A claim by its name, or by the way to it. */
function claimAt({ claims }: IdToken, name: string): Node | undefined {
  const direct = claims.get(name)
  const slash = name.indexOf('/')
  if (direct !== undefined || slash < 0) return direct
  return memberOf(claims.get(name.slice(0, slash)), name.slice(slash + 1))
}

/** What conditions compare: the text of a plain value, or of each in a list. Objects are no values. */
function valuesOf(node: Node | undefined): readonly string[] {
  if (node === undefined || node.kind === 'null' || node.kind === 'object') return []
  return node.kind === 'array'
    ? node.items.flatMap((item) => (item.kind === 'array' ? [] : valuesOf(item)))
    : [node.value]
}

/**
 * Whether the token says that it is for this role. QUIRK: roles-claim-binds. One that names roles is good for no other, whatever the
 * trust policy says; one that names none leaves it to the trust policy.
 */
function roleAuthorized({ claims }: IdToken, role: string): boolean {
  const claim = claims.get(rolesClaim)
  if (claim === undefined) return false
  if (textsOf(claim)?.includes(role) === true) return true
  throw invalid('The target role ARN is not present in the roles claim of the identity token')
}

/** Session tags in a claim of their own, or flat where a provider has no nested claims (IAM User Guide, "Pass session tags in STS"). */
function tagsOf({ claims }: IdToken): { readonly tags: readonly Tag[]; readonly transitive: readonly string[] } {
  const nested = claims.get(tagsClaim)
  const principal = memberOf(nested, 'principal_tags')
  if (nested !== undefined && (nested.kind !== 'object' || (principal !== undefined && principal.kind !== 'object')))
    throw invalid(`The claim ${tagsClaim} is malformed`)
  const within = principal?.kind === 'object' ? principal.members : []
  const named: (readonly [string, Node])[] = within.map(({ key, value }) => [key.value, value])
  for (const [name, value] of claims) if (name.startsWith(flatTag)) named.push([name.slice(flatTag.length), value])

  const tags = named.map(([key, node]) => {
    const [value, ...more] = textsOf(node) ?? []
    if (value === undefined || more.length > 0 || !isSessionTag({ key, value }))
      throw invalid(`The claim ${tagsClaim} is malformed`)
    return { key, value }
  })
  const listed = [memberOf(nested, 'transitive_tag_keys'), claims.get(`${tagsClaim}/transitive_tag_keys`)]
  const transitive = listed.flatMap((node) => {
    if (node === undefined) return []
    return textsOf(node) ?? refuse(`The claim ${tagsClaim} is malformed`)
  })
  if (tags.length > sessionTagsMax || transitive.length > sessionTagsMax)
    throw invalid(`The claim ${tagsClaim} has too many tags`)
  return { tags, transitive }
}

const refuse = (message: string): never => {
  throw invalid(message)
}

/** STS API Reference, AssumeRole: SourceIdentity. */
const sourceIdentity = /^[\w+=,.@-]{2,64}$/

function sourceIdentityOf({ claims }: IdToken): string | undefined {
  const claim = claims.get(sourceClaim)
  if (claim === undefined) return undefined
  const text = textOf(claim)
  if (text === undefined || !sourceIdentity.test(text))
    throw invalid(`The claim ${sourceClaim} must match [\\w+=,.@-]{2,64}`)
  return text
}
