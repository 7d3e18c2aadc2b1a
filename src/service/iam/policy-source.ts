import { boundaryPolicy, identityPolicies, policiesHeldBy } from '../../access/layers.ts'
import type { Need } from '../../access/need.ts'
import { isAccountId, parseArn } from '../../base/arn.ts'
import type { AttachedPolicy } from '../../policy/decide.ts'
import { arnOf } from '../../state/entity.ts'
import type { Group, Role, User } from '../../state/identity.ts'
import type { View } from '../../state/view.ts'
import type { Failing } from '../operation.ts'
import { type Place, seek } from './lookup.ts'

/** Who has the policies that somebody asks about. */
export type Holder = User | Group | Role

interface Named {
  readonly kind: 'user' | 'group' | 'role'
  readonly name: string
}

const kinds: ReadonlySet<string> = new Set(['user', 'group', 'role'])

/** The kind and the name in the ARN of a user, group or role of this account; `undefined` where it is none, or another account's. */
function named({ caller }: Pick<Place, 'caller'>, arn: string): Named | undefined {
  const parsed = parseArn(arn)
  if (parsed?.service !== 'iam' || parsed.region !== '' || parsed.account !== caller.account) return undefined
  const [kind = '', ...rest] = parsed.resource.split('/')
  const name = rest.at(-1) ?? ''
  // The set holds the three kinds and nothing else.
  return kinds.has(kind) && name !== '' ? { kind: kind as Named['kind'], name } : undefined
}

/** For operations that name whose policies they are about by ARN: says what is none before anybody is asked for permission. */
export function mustBePolicySource(
  { PolicySourceArn }: { readonly PolicySourceArn: string },
  scene: Pick<Place, 'caller'> & Failing<'InvalidInput'>,
): void {
  if (named(scene, PolicySourceArn) !== undefined) return
  const parsed = parseArn(PolicySourceArn)
  const kind = parsed?.resource.split('/')[0] ?? ''
  const account = parsed?.account ?? ''
  const elsewhere = parsed?.service === 'iam' && kinds.has(kind) && isAccountId(account)
  scene.fail(
    'InvalidInput',
    elsewhere && account !== scene.caller.account
      ? `Invalid Policy Source Arn: caller's account ${scene.caller.account} does not have access to policies in account ${account}.`
      : `Invalid ARN provided in the request: ${PolicySourceArn}`,
  )
}

/** QUIRK: source-by-name. The name finds it, whatever path the ARN has. */
export function seekSource(place: Place, arn: string): Holder | undefined {
  const source = named(place, arn)
  return source === undefined ? undefined : seek(place, source.kind, source.name)
}

export const findSource = (place: Place & Failing<'NoSuchEntity'>, arn: string): Holder =>
  seekSource(place, arn) ?? place.fail('NoSuchEntity', 'Unable to retrieve specified IAM entity.')

/** The need of an operation on it: the ARN that it has, and the one that was named where there is none. */
export function onSource(place: Place, action: string, arn: string): Need {
  const holder = seekSource(place, arn)
  const need = { action: `iam:${action}`, resource: holder === undefined ? arn : arnOf(holder) }
  return holder !== undefined && 'tags' in holder ? { ...need, resourceTags: holder.tags } : need
}

export interface Held {
  readonly identity: readonly AttachedPolicy[]
  readonly boundary: AttachedPolicy | undefined
}

/** Every policy that stands over a holder, as the gate would find them for a request of its. A managed policy comes once. */
export function policiesOver(state: View, holder: Holder): Held {
  if (holder.kind === 'group') return { identity: policiesHeldBy(state, holder), boundary: undefined }
  const arn = arnOf(holder)
  const anyone = { account: holder.account, arn, userId: holder.id, accessKeyId: '' }
  // A caller in name only: what it holds does not depend on how it came in.
  const caller =
    holder.kind === 'user'
      ? { ...anyone, kind: 'user' as const, user: holder }
      : { ...anyone, kind: 'role-session' as const, role: holder, sessionName: '', session: noSession }
  const seen = new Set<string>()
  const identity = identityPolicies(state, caller).filter(({ source }) => {
    if (source.arn === undefined) return true
    const first = !seen.has(source.arn)
    seen.add(source.arn)
    return first
  })
  return { identity, boundary: boundaryPolicy(state, caller) }
}

const noSession = { issuedAt: 0, expiresAt: 0, policyArns: [], tags: [], transitiveTagKeys: [], chainDepth: 0, via: [] }
