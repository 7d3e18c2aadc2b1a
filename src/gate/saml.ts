import type { Login } from '../access/caller.ts'
import { Fault } from '../base/fault.ts'
import type { Vault } from '../base/sealed.ts'
import { samlKeysOf, samlProviderAt } from '../service/iam/saml.ts'
import { attributeKeys, namesRole, sessionIn } from '../service/sts/saml-attributes.ts'
import type { SamlProvider } from '../state/provider.ts'
import type { View } from '../state/view.ts'
import {
  type AssertionTrouble,
  readSamlAssertion,
  redeemMilliseconds,
  type SamlAssertion,
} from '../token/saml-assertion.ts'
import { nameQualifier } from '../token/saml-name.ts'
import type { PresentationOf, Prover } from './login.ts'
import { secretOf } from './safe.ts'

/** What AWS says of an assertion that is not taken, as far as it is known; and else, in the same tone, what is wrong with it. */
const told: Readonly<Record<AssertionTrouble, string>> = {
  form: 'Invalid base64 SAMLResponse',
  status: 'Response status is not success',
  issuer: 'Issuer not present in specified provider',
  signature: 'Response signature invalid',
  encryption: 'Response encryption invalid',
  audience: 'Response does not contain the required audience',
  recipient: 'Response does not contain the required recipient',
  early: 'Response is not valid yet',
  late: 'Token must be redeemed within 5 minutes of issuance',
}

const troubled = (trouble: AssertionTrouble): Fault =>
  new Fault(trouble === 'late' ? 'ExpiredTokenException' : 'InvalidIdentityToken', told[trouble])

/** Believes assertions of the providers that IAM keeps. Nothing is waited for: all that it takes is in the state. */
export const samlProver = (vault: Vault): Prover<'saml'> => ({
  async prove(presentation, { view, now }) {
    const provider = providerOf(view, presentation, now)
    const login = read(view, vault, provider, presentation, now)
    return {
      // Entities are replaced whole: the same provider vouches for the same, and one that was changed is asked anew.
      identify(at) {
        const present = providerOf(at, presentation, now)
        return present === provider ? login : read(at, vault, present, presentation, now)
      },
    }
  },
})

function providerOf(view: View, { provider: arn, account }: PresentationOf<'saml'>, now: number): SamlProvider {
  const provider = samlProviderAt(view, account, arn)
  if (provider === undefined) throw new Fault('InvalidIdentityToken', "Specified provider doesn't exist")
  if (provider.validUntil <= now) throw new Fault('InvalidIdentityToken', 'Metadata of specified provider has expired')
  return provider
}

function read(
  view: View,
  vault: Vault,
  provider: SamlProvider,
  { provider: arn, assertion: message, role }: PresentationOf<'saml'>,
  now: number,
): Login {
  const trust = {
    id: provider.id,
    issuer: provider.issuer,
    certificates: provider.certificates,
    ...(provider.encryption === undefined ? {} : { encryption: provider.encryption }),
    keys: () => samlKeysOf(view, provider).map((key) => secretOf(vault, key)),
  }
  const assertion = readSamlAssertion(message, trust, now)
  if (typeof assertion === 'string') throw troubled(assertion)
  const said = sessionIn(assertion.attributes)
  // A role that the assertion is not for is as closed as one that is not there, in the very words.
  if (!namesRole(assertion.attributes, role, arn))
    throw new Fault('AccessDenied', 'Not authorized to perform sts:AssumeRoleWithSAML', 403)
  return loginOf(provider, arn, assertion, said)
}

function loginOf(
  { account, name }: SamlProvider,
  arn: string,
  assertion: SamlAssertion,
  { sessionName, secondsMax, ...passed }: ReturnType<typeof sessionIn>,
): Login {
  const { id, issuer, issuedAt, subject, subjectType, recipient, sessionEndsAt, attributes } = assertion
  const qualifier = nameQualifier(issuer, account, name)
  return {
    kind: 'saml',
    account,
    provider: arn,
    issuer,
    subject,
    audience: recipient,
    keys: {
      ...attributeKeys(attributes),
      // QUIRK: saml-aud-is-recipient. Who the assertion was sent to, not who may read it.
      'saml:aud': [recipient],
      'saml:iss': [issuer],
      'saml:sub': [subject],
      'saml:sub_type': [subjectType],
      'saml:namequalifier': [qualifier],
      'saml:doc': [`${account}/${name}`],
    },
    lasting: ['saml:sub', 'saml:sub_type', 'saml:namequalifier'],
    ...passed,
    asserted: {
      assertionId: id,
      redeemableUntil: issuedAt + redeemMilliseconds,
      sessionName,
      subjectType,
      nameQualifier: qualifier,
      ...(secondsMax === undefined ? {} : { secondsMax }),
      ...(sessionEndsAt === undefined ? {} : { endsAt: sessionEndsAt }),
    },
  }
}
