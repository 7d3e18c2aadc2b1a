import { timeOf } from './saml-metadata.ts'
import { assertionNamespace, provenAssertion, type SamlTrouble, type SamlTrust } from './saml-response.ts'
import { attributeOf, childNamed, childrenNamed, childrenOf, is, textOf, type XmlNode } from './xml-node.ts'

/** What an identity provider says of one login, proven and in its time. Times are milliseconds since the epoch. */
export interface SamlAssertion {
  readonly id: string
  readonly issuer: string
  readonly issuedAt: number
  /** The name of who logged in. */
  readonly subject: string
  /** The format of the name: `persistent`, `transient`, or the whole URI of any other. */
  readonly subjectType: string
  /** The sign-in endpoint that it was made out for. */
  readonly recipient: string
  /** When the provider's own session of who logged in ends, where it says so. */
  readonly sessionEndsAt: number | undefined
  /** Values by the name of the attribute. Those of one that comes several times are taken together. */
  readonly attributes: ReadonlyMap<string, readonly string[]>
}

export interface SamlProviderTrust extends SamlTrust {
  /** `SAMLSP…`: it stands in the sign-in endpoint that is the provider's alone. */
  readonly id: string
}

/** One that is `late` may have been good once, and one that is `early` may be yet. */
export type AssertionTrouble = SamlTrouble | 'audience' | 'recipient' | 'late' | 'early'

/** How long an assertion is good for, whatever it says itself (IAM User Guide, "Troubleshoot SAML federation with IAM"). */
export const redeemMilliseconds = 5 * 60_000
/** How far a provider's clock may be off where it says itself from when on and until when. */
const skewMilliseconds = 60_000

const nameFormats = 'urn:oasis:names:tc:SAML:2.0:nameid-format:'
/** What a name without a format has (SAML V2.0 Core, 2.2.2). */
const unspecified = 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified'
const bearer = 'urn:oasis:names:tc:SAML:2.0:cm:bearer'
const known: ReadonlySet<string> = new Set(['AudienceRestriction', 'OneTimeUse', 'ProxyRestriction'])

/** What goes into a session's token must fit there. */
const subjectMax = 256
const formatMax = 128
const idMax = 256

/** What a base64 response says, where it is a provider's word, meant for us, and now ("Configure SAML assertions", IAM User Guide). */
export function readSamlAssertion(
  message: string,
  trust: SamlProviderTrust,
  now: number,
): SamlAssertion | AssertionTrouble {
  const proven = provenAssertion(message, trust)
  if (typeof proven === 'string') return proven
  const read = factsOf(proven)
  if (read === undefined) return 'form'
  const { facts, limits } = read
  if (facts.issuer !== trust.issuer) return 'issuer'
  if (!limits.audiences.every((audiences) => audiences.some((audience) => isAudience(audience, trust))))
    return 'audience'
  if (!isEndpoint(facts.recipient, trust)) return 'recipient'
  if (limits.from.some((from) => from > now + skewMilliseconds)) return 'early'
  if (now >= facts.issuedAt + redeemMilliseconds) return 'late'
  if (limits.until.some((until) => until <= now - skewMilliseconds)) return 'late'
  return facts
}

interface Limits {
  /** Of each restriction, who may be told. At least one restriction. */
  readonly audiences: readonly (readonly string[])[]
  readonly from: readonly number[]
  readonly until: readonly number[]
}

/** `undefined` where anything is missing, there twice, or not of its form. */
function factsOf(assertion: XmlNode): { readonly facts: SamlAssertion; readonly limits: Limits } | undefined {
  const own = (node: XmlNode | undefined, name: string) => node && childNamed(node, assertionNamespace, name)
  const all = (name: string) => childrenNamed(assertion, assertionNamespace, name)
  const subject = own(assertion, 'Subject')
  const name = own(subject, 'NameID')
  const confirmation = own(subject, 'SubjectConfirmation')
  const data = own(confirmation, 'SubjectConfirmationData')
  const conditions = own(assertion, 'Conditions')
  const issuer = own(assertion, 'Issuer')
  const logins = all('AuthnStatement')
  if (!is(assertion, assertionNamespace, 'Assertion') || attributeOf(assertion, 'Version') !== '2.0') return undefined
  if (issuer === undefined || name === undefined || data === undefined || conditions === undefined) return undefined
  if (confirmation === undefined || attributeOf(confirmation, 'Method') !== bearer || logins.length === 0)
    return undefined
  // A condition that is not understood is one that may not be met (SAML V2.0 Core, 2.5.1).
  if (childrenOf(conditions).some((node) => node.namespace !== assertionNamespace || !known.has(node.name)))
    return undefined

  const id = attributeOf(assertion, 'ID') ?? ''
  const text = textOf(name) ?? ''
  const format = attributeOf(name, 'Format') ?? unspecified
  const recipient = attributeOf(data, 'Recipient')
  const issuedAt = timeIn(assertion, 'IssueInstant')
  const confirmedUntil = timeIn(data, 'NotOnOrAfter')
  const audiences = audiencesIn(conditions)
  const attributes = attributesIn(all('AttributeStatement'))
  if (id === '' || id.length > idMax || text.trim() === '' || [...text].length > subjectMax) return undefined
  if (format.length > formatMax || recipient === undefined) return undefined
  if (issuedAt === undefined || confirmedUntil === undefined) return undefined
  if (attributes === undefined) return undefined

  const from = [issuedAt, timeIn(data, 'NotBefore'), timeIn(conditions, 'NotBefore')].filter((at) => at !== undefined)
  const ends = logins.map((login) => timeIn(login, 'SessionNotOnOrAfter')).filter((at) => at !== undefined)
  const until = [confirmedUntil, timeIn(conditions, 'NotOnOrAfter'), ...ends].filter((at) => at !== undefined)
  if ([...from, ...until].some(Number.isNaN)) return undefined
  return {
    facts: {
      id,
      issuer: textOf(issuer)?.trim() ?? '',
      issuedAt,
      subject: text,
      subjectType: format.startsWith(nameFormats) ? format.slice(nameFormats.length) : format,
      recipient,
      sessionEndsAt: ends.length === 0 ? undefined : Math.min(...ends),
      attributes,
    },
    limits: { audiences, from, until },
  }
}

/** `undefined` where there is none; not a number where there is one that cannot be read. */
function timeIn(node: XmlNode, name: string): number | undefined {
  const text = attributeOf(node, name)
  return text === undefined ? undefined : timeOf(text)
}

function audiencesIn(conditions: XmlNode): Limits['audiences'] {
  const restrictions = childrenNamed(conditions, assertionNamespace, 'AudienceRestriction').map((restriction) =>
    childrenNamed(restriction, assertionNamespace, 'Audience').map((audience) => textOf(audience)?.trim() ?? ''),
  )
  // An assertion that is restricted to nobody is for everybody, and so for nobody here.
  return restrictions.length === 0 ? [[]] : restrictions
}

function attributesIn(statements: readonly XmlNode[]): SamlAssertion['attributes'] | undefined {
  const attributes = new Map<string, string[]>()
  for (const statement of statements)
    for (const attribute of childrenNamed(statement, assertionNamespace, 'Attribute')) {
      const name = attributeOf(attribute, 'Name') ?? ''
      const values = childrenNamed(attribute, assertionNamespace, 'AttributeValue').map(valueIn)
      if (name === '' || values.includes(undefined)) return undefined
      const all = attributes.get(name) ?? []
      for (const value of values) if (value !== undefined) all.push(value)
      attributes.set(name, all)
    }
  return attributes
}

/** A text, or the name of somebody (`eduPersonTargetedID` has one inside). */
function valueIn(node: XmlNode): string | undefined {
  const text = textOf(node)
  if (text !== undefined) return text
  const name = childNamed(node, assertionNamespace, 'NameID')
  return name === undefined ? '' : textOf(name)
}

const region = '(?:[a-z]{2,4}(?:-[a-z]{2,16}){1,3}-\\d{1,2}\\.)?'
const endpoint = new RegExp(`^https://${region}signin\\.aws\\.amazon\\.com/saml(?:/acs/([A-Z0-9]{1,64}))?$`)

/**
 * The sign-in endpoint, AWS-wide or of a region. One that names a provider is that provider's; where assertions must be encrypted, no
 * other will do.
 */
function isEndpoint(url: string, { id, encryption }: SamlProviderTrust): boolean {
  const found = endpoint.exec(url)
  if (found === null) return false
  return found[1] === undefined ? encryption !== 'Required' : found[1] === id
}

/** An endpoint, too; Entra ID counts its applications behind it, because it wants a name of its own for each. */
const isAudience = (audience: string, trust: SamlProviderTrust): boolean =>
  audience === 'urn:amazon:webservices' ||
  isEndpoint(audience.replace(/#\d{1,4}$/, ''), { ...trust, encryption: 'Allowed' })
