import { type InputOf, operationsOf, type Scene } from '../operation.ts'
import { factorContext, factorOf, offersFactor, spendFactor } from './mfa.ts'
import {
  beginRoleSession,
  checkRoleDuration,
  defaultSeconds,
  grantedRole,
  resourceOf,
  roleAccount,
  roleTarget,
  type Wish,
  wishNeeds,
} from './role-session.ts'
import { checkSessionPolicy } from './session-policy.ts'
import { checkSessionTags, inheritedTags } from './session-tags.ts'

const sts = operationsOf('sts')
type Input = InputOf<'sts', 'AssumeRole'>

/** However long the role's sessions may be, one that grows out of another lives an hour at the most. */
const chainedSeconds = 3_600

const wishOf = (input: Input, { caller }: Pick<Scene, 'caller'>): Wish => ({
  roleArn: input.RoleArn,
  sessionName: input.RoleSessionName,
  tags: (input.Tags ?? []).map((tag) => ({ key: tag.Key, value: tag.Value })),
  transitiveTagKeys: input.TransitiveTagKeys ?? [],
  inherited: inheritedTags(caller.session),
  sourceIdentity: input.SourceIdentity ?? caller.session?.sourceIdentity,
  policy: input.Policy,
  policyArns: (input.PolicyArns ?? []).map((policy) => policy.arn ?? ''),
})

/** What the request says by itself, before anybody is asked whether it may. */
function check(input: Input, scene: Scene): void {
  const { caller, fail } = scene
  const wish = wishOf(input, scene)
  if (caller.kind === 'root')
    fail('AccessDenied', 'Roles may not be assumed by root accounts.', undefined, {
      missing: [{ account: caller.account, text: 'the root user of an account can assume no role' }],
      hints: [{ account: caller.account, text: 'ask as a user or a role of the account' }],
      resource: resourceOf(wish),
    })
  if (roleTarget(input.RoleArn) === undefined) fail('ValidationError', `${input.RoleArn} is invalid`)
  if (input.ProvidedContexts !== undefined && input.ProvidedContexts.length > 0) {
    fail('ValidationError', 'ProvidedContexts is not supported by this authority.')
  }
  if (input.SourceIdentity?.startsWith('aws:')) {
    fail('ValidationError', 'SourceIdentity must not begin with "aws:".')
  }
  const held = caller.session?.sourceIdentity
  if (held !== undefined && input.SourceIdentity !== undefined && input.SourceIdentity !== held) {
    fail('ValidationError', 'The source identity is already set for this assume role session', undefined, {
      missing: [{ account: caller.account, text: `the session has the source identity ${held}, and keeps it` }],
      hints: [{ account: caller.account, text: `leave SourceIdentity out: ${held} goes on by itself` }],
      resource: resourceOf(wish),
    })
  }
  checkSessionTags(scene, wish.tags, wish.transitiveTagKeys, wish.inherited)
  checkSessionPolicy(scene, { policy: wish.policy, policyArns: wish.policyArns, tags: [] })
  factorOf(scene, input)
}

/** Temporary credentials for a role (STS API Reference, AssumeRole). Nothing is stored: the token is the session. */
export const assumeRole = sts.mint('AssumeRole', {
  level: 'write',
  takes: ['key', 'own-session', 'own-session-with-mfa', 'assumed'],
  spends: offersFactor,
  becomes: true,
  check,
  needs: (input, scene) =>
    wishNeeds(scene.state, 'sts:AssumeRole', wishOf(input, scene), {
      'sts:ExternalId': input.ExternalId === undefined ? null : [input.ExternalId],
      ...factorContext(input),
    }),
  touches: ({ RoleArn }) => [{ arn: RoleArn, account: roleAccount(RoleArn), type: 'AWS::IAM::Role' }],

  run(scene, input) {
    const { caller, state, fail } = scene
    const wish = wishOf(input, scene)
    const role = grantedRole(state, wish)
    const { DurationSeconds: seconds = defaultSeconds } = input
    // QUIRK: duration-before-chain. The role's own maximum is checked before the limit for chained sessions.
    checkRoleDuration(scene, role, seconds)
    if (caller.session !== undefined && seconds > chainedSeconds) {
      const { account } = caller
      fail(
        'ValidationError',
        'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
        undefined,
        {
          missing: [{ account, text: `a session that grows out of a session lasts ${chainedSeconds} seconds at most` }],
          hints: [{ account, text: `ask for no more, or assume the role with a user's own keys` }],
          resource: resourceOf(wish),
        },
      )
    }
    // QUIRK: assumed-without-mfa. That a factor was shown is not told of the role's session: only who assumes it is asked for one.
    spendFactor(scene, input)
    return beginRoleSession(scene, role, wish, { seconds })
  },
})
