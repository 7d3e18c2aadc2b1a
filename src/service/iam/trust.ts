import { isAccountId, parseArn } from '../../base/arn.ts'
import { isServicePrincipal } from '../../model/principal.ts'
import { checkDocument, policySize } from '../../policy/check.ts'
import { parseDocument, principalSpans } from '../../policy/document.ts'
import { accountNamed } from '../../policy/principal.ts'
import { arnOf, type Role, type TrustPolicy, type User } from '../../state/entity.ts'
import { named } from '../../state/index-keys.ts'
import type { View } from '../../state/view.ts'
import type { Failing } from '../operation.ts'
import { within } from './quota.ts'

/**
 * A trust policy as it is kept: its text as it came, and whom its principals meant when it came (IAM User Guide, "Principal":
 * "how IAM transforms ARNs to unique ids"). Users and roles must exist, in whichever account of this authority they are.
 */
export function pinnedTrust(
  scene: Failing<'MalformedPolicyDocument' | 'LimitExceeded'> & { readonly state: View },
  document: string,
): TrustPolicy {
  const finding = checkDocument('trust', document, {
    knownPrincipal: (principal: string) => meaningOf(scene.state, principal) !== undefined,
    knownService: isServicePrincipal,
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
    const meaning = type === 'AWS' ? meaningOf(state, value) : undefined
    if (meaning !== undefined && meaning !== 'by name') pins.set(value, meaning.id)
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

/** Whom an AWS principal means: the user or role that is to be pinned, whoever has the name at the time, or nobody. */
type Meaning = User | Role | 'by name' | undefined

function meaningOf(state: View, principal: string): Meaning {
  // Any account may be trusted as a whole, also one that is not here: nobody can come from it, and vendors' accounts stand in many
  // policies. A user or role of such an account cannot be told from none, and is refused as none.
  if (principal === '*' || accountNamed(principal) !== undefined) return 'by name'
  const arn = parseArn(principal)
  if (arn === undefined) return holderOf(state, principal)
  if (arn.partition !== 'aws' || arn.region !== '' || !isAccountId(arn.account)) return undefined
  return arn.service === 'iam'
    ? identityAt(state, principal, arn.account, arn.resource)
    : arn.service === 'sts'
      ? sessionAt(state, arn.account, arn.resource)
      : undefined
}

function identityAt(state: View, principal: string, account: string, resource: string): Meaning {
  const key = named(account, resource.slice(resource.lastIndexOf('/') + 1))
  const holder = resource.startsWith('user/')
    ? state.one('user', key)
    : resource.startsWith('role/')
      ? state.one('role', key)
      : undefined
  return holder !== undefined && arnOf(holder) === principal ? holder : undefined
}

/** Sessions are not pinned: `assumed-role/ROLE/SESSION` means whatever session has that name, of a role that must exist. */
function sessionAt(state: View, account: string, resource: string): Meaning {
  const [kind, name = '', session = '', ...rest] = resource.split('/')
  if (rest.length > 0) return undefined
  if (kind === 'federated-user') return isSessionName(name) && session === '' ? 'by name' : undefined
  if (kind !== 'assumed-role' || !isSessionName(session)) return undefined
  return state.one('role', named(account, name))?.name === name ? 'by name' : undefined
}

const isSessionName = (text: string): boolean => /^[\w+=,.@-]{2,64}$/.test(text)
