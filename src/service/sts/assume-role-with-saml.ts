import type { Login, VerifiedLogin } from '../../access/caller.ts'
import { inAccount } from '../../state/index-keys.ts'
import { assertionDigest } from '../../token/saml-name.ts'
import { isSamlArn } from '../iam/saml.ts'
import { fail, type InputOf, operationsOf, type Scene, type Writable } from '../operation.ts'
import {
  beginRoleSession,
  checkRoleDuration,
  defaultSeconds,
  federationOf,
  grantedRole,
  loginWish,
  roleAccount,
  roleTarget,
  type Wish,
  wishNeeds,
} from './role-session.ts'
import { checkSessionPolicy } from './session-policy.ts'
import { checkSessionTags } from './session-tags.ts'

const sts = operationsOf('sts')
type Input = InputOf<'sts', 'AssumeRoleWithSAML'>

/** Who shows an assertion. That it is one is the gate's to see to. */
function asserted(caller: VerifiedLogin): Extract<Login, { readonly kind: 'saml' }>['asserted'] {
  if (caller.kind !== 'saml') throw new Error(`a ${caller.kind} login came to AssumeRoleWithSAML`)
  return caller.asserted
}

const wishOf = (input: Input, caller: VerifiedLogin): Wish => loginWish(input, caller, asserted(caller).sessionName)

/** Longer than any two nodes' clocks are apart: what one node has forgotten no other believes any more. */
const rememberedMilliseconds = 5 * 60_000
/** Each login adds one, and takes away more than one: what is over never piles up. */
const forgottenAtOnce = 8

/**
 * Uses the assertion up. INVARIANT: an assertion buys one session in an account, whichever node it is shown to and for whichever role:
 * this is a write like any other.
 */
function spend({ state, caller, now, fail }: Scene<Writable, 'InvalidIdentityToken', VerifiedLogin>): void {
  const { account, issuer } = caller
  const { assertionId, redeemableUntil } = asserted(caller)
  const until = redeemableUntil + rememberedMilliseconds
  const id = `${String(until).padStart(15, '0')}-${assertionDigest(account, issuer, assertionId)}`
  if (state.get('spent-assertion', id) !== undefined) fail('InvalidIdentityToken', 'Token has already been redeemed')
  const old = state.find('spent-assertion', inAccount(account)).slice(0, forgottenAtOnce)
  for (const spent of old) if (spent.until <= now) state.remove('spent-assertion', spent.id)
  state.put({ kind: 'spent-assertion', id, account, until })
}

/** The shortest of what the request, the provider's attribute and the provider's own session allow. */
function secondsOf(input: Input, caller: VerifiedLogin, now: number): number {
  const { secondsMax = Number.POSITIVE_INFINITY, endsAt = Number.POSITIVE_INFINITY } = asserted(caller)
  return Math.min(input.DurationSeconds ?? defaultSeconds, secondsMax, Math.floor((endsAt - now) / 1000))
}

/**
 * Temporary credentials for a role, for whom a SAML provider of the role's account vouches (STS API Reference, AssumeRoleWithSAML). The
 * request is signed by nobody.
 */
export const assumeRoleWithSAML = sts.login('AssumeRoleWithSAML', {
  level: 'write',
  becomes: true,
  presents({ RoleArn, PrincipalArn, SAMLAssertion }) {
    if (roleTarget(RoleArn) === undefined) fail('ValidationError', 'Request ARN is invalid')
    if (!isSamlArn(PrincipalArn)) fail('ValidationError', 'Principal ARN is invalid')
    return {
      kind: 'saml',
      account: roleAccount(RoleArn),
      provider: PrincipalArn,
      assertion: SAMLAssertion,
      role: RoleArn,
    }
  },
  spends: () => true,
  check(input, scene) {
    const wish = wishOf(input, scene.caller)
    checkSessionTags(scene, wish.tags, wish.transitiveTagKeys, [])
    checkSessionPolicy(scene, { policy: wish.policy, policyArns: wish.policyArns, tags: [] })
  },
  needs: (input, { state, caller }) => wishNeeds(state, 'sts:AssumeRoleWithSAML', wishOf(input, caller), {}),
  touches: ({ RoleArn }, { caller: { account, provider } }) => [
    { arn: RoleArn, account, type: 'AWS::IAM::Role' },
    { arn: provider, account, type: 'AWS::IAM::SAMLProvider' },
  ],

  run(scene, input) {
    const { caller, state, now } = scene
    const wish = wishOf(input, caller)
    const role = grantedRole(state, wish)
    checkRoleDuration(scene, role, input.DurationSeconds ?? defaultSeconds)
    const seconds = secondsOf(input, caller, now)
    if (seconds < 1) scene.fail('ExpiredTokenException', 'Token must be redeemed within 5 minutes of issuance')
    spend(scene)
    const { subjectType, nameQualifier } = asserted(caller)
    return {
      ...beginRoleSession(scene, role, wish, { seconds, federation: federationOf(caller) }),
      Subject: caller.subject,
      SubjectType: subjectType,
      Issuer: caller.issuer,
      Audience: caller.audience,
      NameQualifier: nameQualifier,
    }
  },
})
