import { parseArn } from '../../base/arn.ts'
import { isServicePrincipal } from '../../model/principal.ts'
import { checkDocument, policySize } from '../../policy/check.ts'
import { parseDocument, principalSpans } from '../../policy/document.ts'
import { arnOf } from '../../state/entity.ts'
import type { Role, TrustPolicy, User } from '../../state/identity.ts'
import { named } from '../../state/index-keys.ts'
import type { View } from '../../state/view.ts'
import type { Failing } from '../operation.ts'
import type { Place } from './lookup.ts'
import { within } from './quota.ts'

/**
 * A trust policy as it is kept: its text as it came, and whom its principals meant when it came (IAM User Guide, "Principal":
 * "how IAM transforms ARNs to unique ids"). Users and roles must exist, in whichever account of this authority they are.
 */
export function pinnedTrust(
  scene: Place & Failing<'MalformedPolicyDocument' | 'LimitExceeded'>,
  document: string,
): TrustPolicy {
  const finding = checkDocument('trust', document, {
    principalExists: (name) => principalNamed(scene.state, name) !== undefined,
    serviceExists: isServicePrincipal,
  })
  if (finding !== undefined) scene.fail('MalformedPolicyDocument', finding.message)
  within(scene, 'AssumeRolePolicySizeQuota', policySize(document))
  return { document, pins: pinsOf(scene.state, document) }
}

function pinsOf(state: View, document: string): TrustPolicy['pins'] {
  const parsed = parseDocument(document)
  if (!parsed.ok) return {}
  const pins = new Map<string, string>()
  for (const { type, value } of principalSpans(parsed.document)) {
    const principal = type === 'AWS' ? principalNamed(state, value) : undefined
    if (principal !== undefined) pins.set(value, principal.id)
  }
  return Object.fromEntries(pins)
}

/**
 * The text as it is read: where a pinned user or role was renamed or moved, its ARN of today stands in it, and where it is gone,
 * the unique id that it had. Every other byte is as it came.
 */
export function trustAsRead(state: View, { document, pins }: TrustPolicy): string {
  const changed = new Map<string, string>()
  for (const [written, id] of Object.entries(pins)) {
    const holder = holderOf(state, id)
    const today = holder === undefined ? id : arnOf(holder)
    if (today !== written) changed.set(written, today)
  }
  const parsed = changed.size === 0 ? undefined : parseDocument(document)
  if (!parsed?.ok) return document

  let text = ''
  let from = 0
  for (const { type, value, span } of principalSpans(parsed.document)) {
    const today = type === 'AWS' ? changed.get(value) : undefined
    if (today === undefined) continue
    text += document.slice(from, span.start) + JSON.stringify(today)
    from = span.end
  }
  return text + document.slice(from)
}

const holderOf = (state: View, id: string): User | Role | undefined => state.get('user', id) ?? state.get('role', id)

/**
 * The user or role that a principal names by ARN or unique id, in any account of this authority; `undefined` where it names none,
 * or an account or a session. Those are not pinned: any account may be trusted as a whole, also one that is not here (nobody can
 * come from it, and vendors' accounts stand in many policies), and a session goes by its name.
 */
function principalNamed(state: View, principal: string): User | Role | undefined {
  const arn = parseArn(principal)
  if (arn === undefined) return holderOf(state, principal)
  const key = named(arn.account, arn.resource.slice(arn.resource.lastIndexOf('/') + 1))
  const holder = arn.resource.startsWith('user/') ? state.one('user', key) : state.one('role', key)
  return holder !== undefined && arnOf(holder) === principal ? holder : undefined
}
