import type { Login } from '../../access/caller.ts'
import { Fault } from '../../base/fault.ts'
import { type InputOf, operationsOf } from '../operation.ts'
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
type Input = InputOf<'sts', 'AssumeRoleWithWebIdentity'>

const wishOf = (input: Input, caller: Login): Wish => loginWish(input, caller, input.RoleSessionName)

/**
 * Temporary credentials for whoever shows the ID token of a provider that the role's account has (STS API Reference,
 * AssumeRoleWithWebIdentity). The request is not signed: who asks is in the token, and the trust policy alone says what is allowed.
 */
export const assumeRoleWithWebIdentity = sts.login('AssumeRoleWithWebIdentity', {
  level: 'write',
  becomes: true,
  presents({ RoleArn, WebIdentityToken, ProviderId }) {
    if (roleTarget(RoleArn) === undefined) throw new Fault('ValidationError', 'Request ARN is invalid')
    // It names providers whose tokens are no ID tokens; what those say only they themselves can tell.
    if (ProviderId !== undefined)
      throw new Fault('InvalidIdentityToken', `${ProviderId} gives no ID tokens: this authority takes no other ones`)
    // QUIRK: token-of-a-file. Clients send what a file holds, and a file made with `echo` ends with the end of a line.
    const token = WebIdentityToken.trim()
    return { kind: 'web-identity', account: roleAccount(RoleArn), token, role: RoleArn }
  },
  check(input, scene) {
    const wish = wishOf(input, scene.caller)
    checkSessionTags(scene, wish.tags, wish.transitiveTagKeys, [])
    checkSessionPolicy(scene, { policy: wish.policy, policyArns: wish.policyArns, tags: [] })
  },
  needs: (input, { state, caller }) =>
    wishNeeds(state, 'sts:AssumeRoleWithWebIdentity', wishOf(input, caller), undefined),
  touches: ({ RoleArn }) => [{ arn: RoleArn, account: roleAccount(RoleArn), type: 'AWS::IAM::Role' }],

  run(scene, input) {
    const { caller, state } = scene
    const wish = wishOf(input, caller)
    const role = grantedRole(state, wish)
    const { DurationSeconds: seconds = defaultSeconds } = input
    checkRoleDuration(scene, role, seconds)
    return {
      ...beginRoleSession(scene, role, wish, { seconds, federation: federationOf(caller) }),
      SubjectFromWebIdentityToken: caller.subject,
      Audience: caller.audience,
      // QUIRK: provider-by-arn. The reference promises the token's issuer; AWS answers with the provider as trust policies name it, an ARN or a domain, and records that.
      Provider: caller.provider,
    }
  },
})
