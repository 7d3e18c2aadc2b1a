import type { AssertedSession, Login } from '../../access/caller.ts'
import type { Tag } from '../../state/identity.ts'
import type { SamlAssertion } from '../../token/saml-assertion.ts'
import { fail } from '../operation.ts'
import { isSessionTag, sessionTagsMax } from './session-tags.ts'

/** AWS's own attributes ("Configure SAML assertions for the authentication response", IAM User Guide). Case matters. */
const prefix = 'https://aws.amazon.com/SAML/Attributes/'
const tagPrefix = `${prefix}PrincipalTag:`

type Attributes = SamlAssertion['attributes']

const refuse = (message: string): never => fail('InvalidIdentityToken', message)

/** The one value of an attribute; `undefined` where it is not there. Several are none that could be told from one another. */
function one(attributes: Attributes, name: string): string | undefined {
  const values = attributes.get(name) ?? []
  if (values.length > 1) refuse(`${name.slice(prefix.length)} in AuthnResponse must have one value`)
  return values[0]
}

/** Whether the provider says of this login that it may become that role by way of itself. The pair is written in either order. */
export const namesRole = (attributes: Attributes, role: string, provider: string): boolean =>
  (attributes.get(`${prefix}Role`) ?? []).some((value) => {
    const [first = '', second = '', ...more] = value.split(',').map((arn) => arn.trim())
    if (more.length > 0) return false
    return (first === role && second === provider) || (first === provider && second === role)
  })

const nameForm = /^[a-zA-Z_0-9+=,.@-]{2,64}$/
const secondsForm = /^\d{3,5}$/
const [secondsLeast, secondsMost] = [900, 43_200]

/** What the attributes settle of the session. Throws AWS's refusals of those that are missing or malformed. */
export function sessionIn(
  attributes: Attributes,
): Pick<AssertedSession, 'sessionName' | 'secondsMax'> & Pick<Login, 'tags' | 'transitiveTagKeys' | 'sourceIdentity'> {
  const sessionName =
    one(attributes, `${prefix}RoleSessionName`) || refuse('RoleSessionName is required in AuthnResponse')
  if (!nameForm.test(sessionName)) refuse('RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}')
  const sourceIdentity = one(attributes, `${prefix}SourceIdentity`)
  // A colon is none of the characters, so what begins with "aws:" is refused by the pattern.
  if (sourceIdentity !== undefined && !nameForm.test(sourceIdentity))
    refuse('Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"')
  const seconds = one(attributes, `${prefix}SessionDuration`)
  const secondsMax = seconds === undefined ? undefined : secondsForm.test(seconds) ? Number(seconds) : 0
  if (secondsMax !== undefined && (secondsMax < secondsLeast || secondsMax > secondsMost))
    refuse(`SessionDuration in AuthnResponse must be an integer between ${secondsLeast} and ${secondsMost}`)
  return {
    sessionName,
    tags: tagsIn(attributes),
    transitiveTagKeys: attributes.get(`${prefix}TransitiveTagKeys`) ?? [],
    ...(secondsMax === undefined ? {} : { secondsMax }),
    ...(sourceIdentity === undefined ? {} : { sourceIdentity }),
  }
}

/** Session tags have the form that they have in AssumeRole, where the model holds them to it. */
function tagsIn(attributes: Attributes): readonly Tag[] {
  const names = [...attributes.keys()].filter((name) => name.startsWith(tagPrefix))
  if (names.length > sessionTagsMax)
    refuse(`AuthnResponse must not have more than ${sessionTagsMax} PrincipalTag attributes`)
  return names.map((name) => {
    const key = name.slice(tagPrefix.length)
    const value = one(attributes, name) ?? ''
    if (!isSessionTag({ key, value }))
      refuse('PrincipalTag in AuthnResponse must have a key and a value of the form of session tags')
    return { key, value }
  })
}

const eduPerson = 'urn:oid:1.3.6.1.4.1.5923.1.1.1.'
const eduOrg = 'urn:oid:1.3.6.1.4.1.5923.1.2.1.'
const soap = 'http://schemas.xmlsoap.org/'
/** X.500's attributes are named by their bare numbers in the guide, and as URNs by everybody who sends them. */
const x500 = (number: string): readonly string[] => [number, `urn:oid:${number}`]

/**
 * The attributes that trust policies may ask about, by the key that they are asked as (IAM User Guide, "Mapping SAML attributes to
 * AWS trust policy context keys"). QUIRK: one-claim-per-key. Of several that would be one key, the first of these is.
 */
const mapped: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ['saml:edupersonaffiliation', [`${eduPerson}1`]],
  ['saml:edupersonnickname', [`${eduPerson}2`]],
  ['saml:edupersonorgdn', [`${eduPerson}3`]],
  ['saml:edupersonorgunitdn', [`${eduPerson}4`]],
  ['saml:edupersonprimaryaffiliation', [`${eduPerson}5`]],
  ['saml:edupersonprincipalname', [`${eduPerson}6`]],
  ['saml:edupersonentitlement', [`${eduPerson}7`]],
  ['saml:edupersonprimaryorgunitdn', [`${eduPerson}8`]],
  ['saml:edupersonscopedaffiliation', [`${eduPerson}9`]],
  ['saml:edupersontargetedid', [`${eduPerson}10`]],
  ['saml:edupersonassurance', [`${eduPerson}11`]],
  ['saml:eduorghomepageuri', [`${eduOrg}2`]],
  ['saml:eduorgidentityauthnpolicyuri', [`${eduOrg}3`]],
  ['saml:eduorglegalname', [`${eduOrg}4`]],
  ['saml:eduorgsuperioruri', [`${eduOrg}5`]],
  ['saml:eduorgwhitepagesuri', [`${eduOrg}6`]],
  ['saml:cn', ['urn:oid:2.5.4.3']],
  ['saml:name', [`${soap}ws/2005/05/identity/claims/name`]],
  ['saml:commonname', [`${soap}claims/CommonName`, '2.5.4.3']],
  // The guide has two of X.500's numbers the wrong way round, and may be taken at its word.
  ['saml:givenname', [`${soap}ws/2005/05/identity/claims/givenname`, ...x500('2.5.4.42'), '2.4.5.42']],
  ['saml:surname', [`${soap}ws/2005/05/identity/claims/surname`, ...x500('2.5.4.4')]],
  ['saml:mail', [`${soap}ws/2005/05/identity/claims/emailaddress`, ...x500('0.9.2342.19200300.100.1.3')]],
  ['saml:uid', x500('0.9.2342.19200300.100.1.1')],
  ['saml:x500uniqueidentifier', x500('2.5.4.45')],
  ['saml:organizationstatus', x500('0.9.2342.19200300.100.1.45')],
  ['saml:primarygroupsid', ['http://schemas.microsoft.com/ws/2008/06/identity/claims/primarygroupsid']],
])

/** What a trust policy may ask of the attributes. */
export function attributeKeys(attributes: Attributes): Readonly<Record<string, readonly string[]>> {
  const keys: Record<string, readonly string[]> = {}
  for (const [key, names] of mapped) {
    const values = names.map((name) => attributes.get(name) ?? []).find((all) => all.length > 0)
    if (values !== undefined) keys[key] = values
  }
  return keys
}
