import { isAccountId } from '../base/arn.ts'
import { compileGlob } from '../base/glob.ts'
import type { Node } from '../base/json.ts'
import type { PrincipalSpan } from './document.ts'
import { accountNamed } from './principal.ts'

/** What a trust policy may say (IAM User Guide, "AWS JSON policy elements: Principal", and the STS API reference). */

const assumeFamily = [
  'assumerole',
  'assumerolewithsaml',
  'assumerolewithwebidentity',
  'tagsession',
  'setsourceidentity',
  'setcontext',
]

/** Whether an action is one by which a role is assumed, or what goes along with it. */
export function isAssumeAction(action: string): boolean {
  const folded = action.toLowerCase()
  if (!folded.startsWith('sts:')) return false
  const glob = compileGlob(folded.slice('sts:'.length))
  return assumeFamily.some((name) => glob.matches(name))
}

/** Whether one of these actions is that of a login with an ID token. */
export const letsWebIdentityIn = (actions: readonly Node[]): boolean =>
  actions.some(
    (action) =>
      action.kind === 'string' && compileGlob(action.value.toLowerCase()).matches('sts:assumerolewithwebidentity'),
  )

/** What is known about principals outside the document. Each is asked only about names that are well formed. */
export interface Known {
  /** A user, role or unique id (`AIDA…`, `AROA…`), as written. */
  readonly principalExists?: ((name: string) => boolean) | undefined
  readonly serviceExists?: ((name: string) => boolean) | undefined
}

/** AWS's message about a principal of a trust policy, with a hint where there is one to give. */
export function principalMessage(
  { type, value }: PrincipalSpan,
  known: Known,
): { readonly message: string; readonly hint?: string } | undefined {
  switch (type) {
    case 'STAR':
      // QUIRK: star-in-trust. A bare star is refused, and the same star under "AWS" is not.
      return {
        message: `AssumeRolepolicy contained an invalid principal: "STAR":"${value}".`,
        hint: 'write { "AWS": "*" } to trust every AWS principal',
      }
    case 'AWS':
      return awsMessage(value, known)
    case 'Service':
      return isDomain(value) && known.serviceExists?.(value) !== false
        ? undefined
        : { message: `Invalid principal in policy: "SERVICE":"${value}"` }
    case 'Federated':
      return isFederated(value)
        ? undefined
        : { message: 'Federated principals must be valid domain names or SAML metadata ARNs' }
    case 'CanonicalUser':
      return {
        message: `Invalid principal in policy: "CANONICALUSER":"${value}"`,
        hint: 'canonical users are known to S3 only',
      }
  }
}

function awsMessage(value: string, known: Known): { readonly message: string; readonly hint?: string } | undefined {
  const message = `Invalid principal in policy: "AWS":"${value}"`
  if (value === '*' || accountNamed(value) !== undefined) return undefined
  if (/^A(IDA|ROA)[A-Z0-9]{12,124}$/.test(value)) {
    return known.principalExists?.(value) === false
      ? { message, hint: 'nobody has this unique id any more' }
      : undefined
  }
  const hint = misspelling(value)
  if (hint !== undefined) return { message, hint }
  // Sessions come and go; only the lasting principals can be looked up.
  if (value.includes(':sts::')) return undefined
  return known.principalExists?.(value) === false ? { message, hint: 'there is no such user or role' } : undefined
}

/** Why a text names no principal, or `undefined` where it is the ARN of a user, a role or a session. */
function misspelling(value: string): string | undefined {
  const [arn, partition, service, region, account, ...rest] = value.split(':')
  const name = rest.join(':')
  if (arn !== 'arn' || rest.length === 0) {
    return /^\d+$/.test(value) ? 'an account id has twelve digits' : 'this is no ARN, account id or unique id'
  }
  if (partition === undefined || !/^aws[a-z-]*$/.test(partition)) return 'the partition is aws'
  if (region !== '') return 'ARNs of IAM and STS name no region'
  if (account === undefined || !isAccountId(account)) return 'an account id has twelve digits'
  if (name.includes('*') || name.includes('?')) {
    return 'a principal cannot be matched in part; use "*" with a condition on aws:PrincipalArn'
  }
  const segments = name.split('/')
  const [kind = ''] = segments
  // A path may have slashes in a row, and is not two slashes alone.
  const named = segments.length > 1 && segments.at(-1) !== '' && !(segments.length === 3 && segments[1] === '')
  if (service === 'sts') {
    if (kind === 'role' || kind === 'user') return `did you mean arn:${partition}:iam::${account}:${name}?`
    if (kind === 'assumed-role' && segments.length === 3 && named) return undefined
    if (kind === 'assumed-role') return 'a session is assumed-role/ROLE/SESSION, without the path of the role'
    return kind === 'federated-user' && segments.length === 2 && named ? undefined : 'this names no session'
  }
  if (service !== 'iam') return 'principals are of IAM or STS'
  if (kind === 'group') return 'a group cannot be a principal: it has members, but never asks itself'
  if (kind === 'assumed-role') return `did you mean arn:${partition}:sts::${account}:${name}?`
  return (kind === 'user' || kind === 'role') && named ? undefined : 'this names no user or role'
}

const isDomain = (text: string): boolean => text.length <= 253 && /^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/.test(text)

/** An identity provider: its ARN, or the domain (with a path, perhaps) that a well-known one goes by. */
function isFederated(value: string): boolean {
  const [arn, partition, service, region, account, resource, ...more] = value.split(':')
  if (arn === 'arn' && resource !== undefined) {
    const isIam = partition?.startsWith('aws') === true && service === 'iam' && region === ''
    const isProvider = /^(saml|oidc)-provider\/[^*?\s]+$/.test([resource, ...more].join(':'))
    return isIam && account !== undefined && isAccountId(account) && isProvider
  }
  const slash = value.indexOf('/')
  return isDomain(slash < 0 ? value : value.slice(0, slash)) && !/[*?\s]/.test(value)
}
