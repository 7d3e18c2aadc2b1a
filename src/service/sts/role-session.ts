import type { Federation, Login, Verified, VerifiedLogin } from '../../access/caller.ts'
import { overlay } from '../../access/context.ts'
import type { Need } from '../../access/need.ts'
import { isAccountId, parseArn, stsArn } from '../../base/arn.ts'
import type { Reason } from '../../base/fault.ts'
import { arnOf } from '../../state/entity.ts'
import type { Role, Tag } from '../../state/identity.ts'
import { named } from '../../state/index-keys.ts'
import type { View } from '../../state/view.ts'
import type { Failing, MintScene } from '../operation.ts'
import { mintCredentials } from './credentials.ts'
import { hopsTo } from './hops.ts'
import { checkPolicyArns, packedPercent } from './session-policy.ts'

/** How long a session of a role lasts where nobody says. Seconds, whatever the role's own maximum. */
export const defaultSeconds = 3_600

/** Where a role is, by its ARN; `undefined` where the text is no ARN of a role. */
export function roleTarget(roleArn: string): { readonly account: string; readonly name: string } | undefined {
  const arn = parseArn(roleArn)
  if (arn === undefined || arn.partition !== 'aws' || arn.service !== 'iam' || arn.region !== '') return undefined
  if (!isAccountId(arn.account) || !arn.resource.startsWith('role/')) return undefined
  const name = arn.resource.slice(arn.resource.lastIndexOf('/') + 1)
  return name === '' ? undefined : { account: arn.account, name }
}

/** The account that a role's ARN names; nothing where it is none. */
export const roleAccount = (roleArn: string): string => roleTarget(roleArn)?.account ?? ''

/** The role that an ARN means by its name: names are unique without regard to path and case. Those of a closed account are gone. */
function roleNamed(state: View, roleArn: string): Role | undefined {
  const at = roleTarget(roleArn)
  if (at === undefined || state.get('account', at.account)?.closedAt !== undefined) return undefined
  return state.one('role', named(at.account, at.name))
}

/** The role of that very ARN, path included. */
export function roleAt(state: View, roleArn: string): Role | undefined {
  const role = roleNamed(state, roleArn)
  return role !== undefined && arnOf(role) === roleArn ? role : undefined
}

/** A session of a role, as it is asked for: by request, and by the token of a login. */
export interface Wish {
  readonly roleArn: string
  readonly sessionName: string
  /** Passed with this call. */
  readonly tags: readonly Tag[]
  readonly transitiveTagKeys: readonly string[]
  /** What the calling session hands on. */
  readonly inherited: readonly Tag[]
  readonly sourceIdentity: string | undefined
  readonly policy: string | undefined
  readonly policyArns: readonly string[]
}

/** The session that a login asks for: what the request says, and what the token does. */
export const loginWish = (
  { RoleArn, Policy, PolicyArns = [] }: Asked,
  { tags, transitiveTagKeys, sourceIdentity }: Login,
  sessionName: string,
): Wish => ({
  roleArn: RoleArn,
  sessionName,
  tags,
  transitiveTagKeys,
  inherited: [],
  sourceIdentity,
  policy: Policy,
  policyArns: PolicyArns.map(({ arn = '' }) => arn),
})

interface Asked {
  readonly RoleArn: string
  readonly Policy?: string | undefined
  readonly PolicyArns?: readonly { readonly arn?: string | undefined }[] | undefined
}

/**
 * What must be allowed for it: the assuming itself, and what tagging the session or naming its source asks for besides, passed or
 * inherited. `context`: condition keys that this way of assuming bears.
 */
export function wishNeeds(state: View, action: string, wish: Wish, context: Need['context']): readonly Need[] {
  const { roleArn, tags, transitiveTagKeys, inherited, sourceIdentity } = wish
  const role = roleAt(state, roleArn)
  const need = (asked: string): Need => ({
    action: asked,
    resource: roleArn,
    assuming: {
      account: roleAccount(roleArn),
      role,
      alike: role === undefined ? roleNamed(state, roleArn) : undefined,
    },
    // Incoming transitive tags stand over the role's own for this question (IAM User Guide, "Pass session tags in STS").
    resourceTags: overlay(role?.tags ?? [], inherited),
    ...(tags.length > 0 ? { requestTags: tags } : {}),
    context: {
      'sts:RoleSessionName': [wish.sessionName],
      'sts:SourceIdentity': sourceIdentity === undefined ? null : [sourceIdentity],
      'sts:TransitiveTagKeys': transitiveTagKeys.length > 0 ? transitiveTagKeys : null,
      ...context,
    },
  })
  return [
    {
      ...need(action),
      ...(sourceIdentity === undefined
        ? {}
        : { blame: { key: 'sts:SourceIdentity', action: 'sts:SetSourceIdentity' } }),
    },
    ...(tags.length > 0 || inherited.length > 0 ? [need('sts:TagSession')] : []),
    ...(sourceIdentity === undefined ? [] : [need('sts:SetSourceIdentity')]),
  ]
}

/** The role of a wish that was granted. */
export function grantedRole(state: View, { roleArn }: Wish): Role {
  const role = roleAt(state, roleArn)
  if (role === undefined) throw new Error(`allowed to assume ${roleArn}, which does not exist`)
  return role
}

/** What a refusal of the wish is about. */
export const resourceOf = ({ roleArn }: Pick<Wish, 'roleArn'>): NonNullable<Reason['resource']> => ({
  arn: roleArn,
  account: roleAccount(roleArn),
})

/** Throws AWS's refusal of a session that is asked to be longer than the role allows. */
export function checkRoleDuration(
  { caller, fail }: Failing & { readonly caller: Pick<Verified | VerifiedLogin, 'account'> },
  role: Role,
  seconds: number,
): void {
  if (seconds <= role.maxSessionSeconds) return
  const text = `a session of the role lasts ${role.maxSessionSeconds} seconds at most, and ${seconds} were asked for`
  const accounts = [...new Set([caller.account, role.account])]
  fail(
    'ValidationError',
    'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    undefined,
    {
      missing: accounts.map((account) => ({ account, text })),
      hints: [
        { account: caller.account, text: 'ask for no more' },
        { account: role.account, text: `raise the role's MaxSessionDuration, to ${43_200} at most` },
      ],
      resource: resourceOf({ roleArn: arnOf(role) }),
    },
  )
}

/** What a login leaves in the session that it begins. */
export const federationOf = ({ provider, keys, lasting }: Login): Federation => ({
  provider,
  keys: Object.fromEntries(lasting.flatMap((key) => (keys[key] === undefined ? [] : [[key, keys[key]]]))),
})

/** Makes the session of a wish that was granted. `seconds` is what was found good. */
export function beginRoleSession(
  scene: MintScene<'PackedPolicyTooLarge', Verified | VerifiedLogin>,
  role: Role,
  wish: Wish,
  { seconds, federation }: { readonly seconds: number; readonly federation?: Federation },
) {
  const { caller } = scene
  const { sessionName, policy, policyArns, tags: passed, inherited, sourceIdentity } = wish
  checkPolicyArns(scene, role.account, policyArns)
  const tags = overlay(inherited, passed)
  // QUIRK: packed-inherited. What is inherited takes its room too, and is told also where nothing else was given.
  const given = policy !== undefined || policyArns.length > 0 || tags.length > 0
  const packed = given ? packedPercent(scene, { policy, policyArns, tags }) : undefined
  const credentials = mintCredentials(
    scene,
    {
      kind: 'role',
      account: role.account,
      principalId: role.id,
      sessionName,
      policyArns,
      tags,
      transitiveTagKeys: [...inherited.map((tag) => tag.key), ...wish.transitiveTagKeys],
      chainDepth: caller.session === undefined ? 0 : caller.session.chainDepth + 1,
      via: hopsTo(caller),
      ...(policy === undefined ? {} : { inlinePolicy: policy }),
      ...(sourceIdentity === undefined ? {} : { sourceIdentity }),
      ...(federation === undefined ? {} : { federation }),
    },
    seconds,
  )
  return {
    AssumedRoleUser: {
      AssumedRoleId: `${role.id}:${sessionName}`,
      Arn: stsArn(role.account, `assumed-role/${role.name}/${sessionName}`),
    },
    Credentials: credentials,
    ...(packed === undefined ? {} : { PackedPolicySize: packed }),
    ...(sourceIdentity === undefined ? {} : { SourceIdentity: sourceIdentity }),
  }
}
