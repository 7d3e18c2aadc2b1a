import { overlay } from '../../access/context.ts'
import type { Need } from '../../access/need.ts'
import { isAccountId, parseArn, stsArn } from '../../base/arn.ts'
import { arnOf, type Role, type Tag } from '../../state/entity.ts'
import { named } from '../../state/index-keys.ts'
import type { View } from '../../state/view.ts'
import { type InputOf, operationsOf, type Scene } from '../operation.ts'
import { mintCredentials } from './credentials.ts'
import { factorContext, factorOf, offersFactor, spendFactor } from './mfa.ts'
import { checkPolicyArns, checkSessionPolicy, packedPercent } from './session-policy.ts'
import { checkSessionTags, inheritedTags } from './session-tags.ts'

const sts = operationsOf('sts')
type Input = InputOf<'sts', 'AssumeRole'>

const defaultSeconds = 3_600
/** However long the role's sessions may be, one that grows out of another lives an hour at the most. */
const chainedSeconds = 3_600

/** The parts of a role's ARN, or `undefined` where the text is no such ARN. */
function target(roleArn: string): { readonly account: string; readonly name: string } | undefined {
  const arn = parseArn(roleArn)
  if (arn === undefined || arn.partition !== 'aws' || arn.service !== 'iam' || arn.region !== '') return undefined
  if (!isAccountId(arn.account) || !arn.resource.startsWith('role/')) return undefined
  const name = arn.resource.slice(arn.resource.lastIndexOf('/') + 1)
  return name === '' ? undefined : { account: arn.account, name }
}

/** The role of that very ARN, path included. */
function roleAt(state: View, roleArn: string): Role | undefined {
  const at = target(roleArn)
  const role = at === undefined ? undefined : state.one('role', named(at.account, at.name))
  return role !== undefined && arnOf(role) === roleArn ? role : undefined
}

const tagsOf = (input: Input): readonly Tag[] => (input.Tags ?? []).map((tag) => ({ key: tag.Key, value: tag.Value }))
const arnsOf = (input: Input): readonly string[] => (input.PolicyArns ?? []).map((policy) => policy.arn ?? '')

/** What the request says by itself, before anybody is asked whether it may. */
function check(input: Input, scene: Scene): void {
  const { caller, fail } = scene
  if (caller.kind === 'root') fail('AccessDenied', 'Roles may not be assumed by root accounts.')
  if (target(input.RoleArn) === undefined) fail('ValidationError', `${input.RoleArn} is invalid`)
  if (input.ProvidedContexts !== undefined && input.ProvidedContexts.length > 0) {
    fail('ValidationError', 'ProvidedContexts is not supported by this authority.')
  }
  if (input.SourceIdentity?.startsWith('aws:')) {
    fail('ValidationError', 'SourceIdentity must not begin with "aws:".')
  }
  const held = caller.session?.sourceIdentity
  if (held !== undefined && input.SourceIdentity !== undefined && input.SourceIdentity !== held) {
    fail('ValidationError', 'The source identity is already set for this assume role session')
  }
  checkSessionTags(scene, tagsOf(input), input.TransitiveTagKeys ?? [], inheritedTags(caller.session))
  checkSessionPolicy(scene, { policy: input.Policy, policyArns: arnsOf(input), tags: [] })
  factorOf(scene, input)
}

/** AssumeRole itself, and what tagging the session or naming its source asks for besides, passed or inherited. */
function needs(input: Input, { caller, state }: Scene): readonly Need[] {
  const role = roleAt(state, input.RoleArn)
  const tags = tagsOf(input)
  const inherited = inheritedTags(caller.session)
  const sourceIdentity = input.SourceIdentity ?? caller.session?.sourceIdentity
  const transitive = input.TransitiveTagKeys ?? []
  const need = (action: string): Need => ({
    action,
    resource: input.RoleArn,
    assuming: { account: target(input.RoleArn)?.account ?? '', role },
    // Incoming transitive tags stand over the role's own for this question (IAM User Guide, "Pass session tags in STS").
    resourceTags: overlay(role?.tags ?? [], inherited),
    ...(tags.length > 0 ? { requestTags: tags } : {}),
    context: {
      'sts:RoleSessionName': [input.RoleSessionName],
      'sts:ExternalId': input.ExternalId === undefined ? null : [input.ExternalId],
      'sts:SourceIdentity': sourceIdentity === undefined ? null : [sourceIdentity],
      'sts:TransitiveTagKeys': transitive.length > 0 ? transitive : null,
      ...factorContext(input),
    },
  })
  return [
    {
      ...need('sts:AssumeRole'),
      ...(sourceIdentity === undefined
        ? {}
        : { blame: { key: 'sts:SourceIdentity', action: 'sts:SetSourceIdentity' } }),
    },
    ...(tags.length > 0 || inherited.length > 0 ? [need('sts:TagSession')] : []),
    ...(sourceIdentity === undefined ? [] : [need('sts:SetSourceIdentity')]),
  ]
}

/** Temporary credentials for a role (STS API Reference, AssumeRole). Nothing is stored: the token is the session. */
export const assumeRole = sts.mint('AssumeRole', {
  level: 'write',
  spends: offersFactor,
  check,
  needs,
  touches: (input) => [{ arn: input.RoleArn, account: target(input.RoleArn)?.account ?? '', type: 'AWS::IAM::Role' }],

  run(scene, input) {
    const { caller, state, fail } = scene
    const role = roleAt(state, input.RoleArn)
    if (role === undefined) throw new Error(`allowed to assume ${input.RoleArn}, which does not exist`)

    const { DurationSeconds = defaultSeconds } = input
    // QUIRK: duration-before-chain. The role's own maximum is checked before the limit for chained sessions.
    if (DurationSeconds > role.maxSessionSeconds) {
      fail('ValidationError', 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.')
    }
    if (caller.session !== undefined && DurationSeconds > chainedSeconds) {
      fail(
        'ValidationError',
        'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
      )
    }
    const policyArns = arnsOf(input)
    checkPolicyArns(scene, role.account, policyArns)

    const passed = tagsOf(input)
    const inherited = inheritedTags(caller.session)
    const tags = overlay(inherited, passed)
    const given = input.Policy !== undefined || policyArns.length > 0 || passed.length > 0
    // What is inherited takes its room too; but who gives nothing is told nothing of it.
    const packed = given ? packedPercent(scene, { policy: input.Policy, policyArns, tags }) : undefined
    const sourceIdentity = input.SourceIdentity ?? caller.session?.sourceIdentity
    // QUIRK: assumed-without-mfa. That a factor was shown is not told of the role's session: only who assumes it is asked for one.
    spendFactor(scene, input)
    const credentials = mintCredentials(
      scene,
      {
        kind: 'role',
        account: role.account,
        principalId: role.id,
        sessionName: input.RoleSessionName,
        ...(input.Policy === undefined ? {} : { inlinePolicy: input.Policy }),
        policyArns,
        tags,
        transitiveTagKeys: [...inherited.map((tag) => tag.key), ...(input.TransitiveTagKeys ?? [])],
        ...(sourceIdentity === undefined ? {} : { sourceIdentity }),
        chainDepth: caller.session === undefined ? 0 : caller.session.chainDepth + 1,
      },
      DurationSeconds,
    )
    return {
      AssumedRoleUser: {
        AssumedRoleId: `${role.id}:${input.RoleSessionName}`,
        Arn: stsArn(role.account, `assumed-role/${role.name}/${input.RoleSessionName}`),
      },
      Credentials: credentials,
      ...(packed === undefined ? {} : { PackedPolicySize: packed }),
      ...(sourceIdentity === undefined ? {} : { SourceIdentity: sourceIdentity }),
    }
  },
})
