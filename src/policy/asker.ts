import { isAccountId, parseArn } from '../base/arn.ts'
import { type Members, Mistake, member, membersOf, optionalText, textOf } from './reading.ts'
import type { Principal } from './request.ts'

/** Who asks, as a question names it, with the condition keys that follow from who it is. */
export interface Asker {
  readonly principal: Principal
  /** By key in lower case. What is not in here does not follow. */
  readonly keys: ReadonlyMap<string, readonly string[]>
}

const ofService = new Set(['service'])
const ofFederated = new Set(['federated'])

/**
 * Reads `principal`, `principalId`, `roleArn` and `userArn` of a request. The keys are those of the IAM User Guide's table "Principal key
 * values"; what needs a clock or a login (`aws:CurrentTime`, `aws:MultiFactorAuthPresent`, …) does not follow from a name.
 */
export function askerOf(request: Members): Asker {
  const at = 'request.principal'
  const named = member(request, 'principal')
  const id = optionalText(member(request, 'principalId'), 'request.principalId')
  if (named === undefined) throw new Mistake('this is missing', at)
  const arn = typeof named === 'string' && named !== 'anonymous' ? named : undefined
  const behind = behindOf(request, arn)
  if (arn !== undefined) return fromArn(arn, id, behind)
  if (id !== undefined) throw new Mistake('only users and roles have a unique id', 'request.principalId')
  if (named === 'anonymous') return anonymous
  if (typeof named === 'object' && named !== null && 'federated' in named) {
    return federated(textOf(member(membersOf(named, at, ofFederated), 'federated'), `${at}.federated`))
  }
  return service(textOf(member(membersOf(named, at, ofService), 'service'), `${at}.service`))
}

/** The ARN behind a session's, where the question tells it: the role's with its path, or the federated user's user's. */
function behindOf(request: Members, arn: string | undefined): string | undefined {
  const role = optionalText(member(request, 'roleArn'), 'request.roleArn')
  const user = optionalText(member(request, 'userArn'), 'request.userArn')
  const kind = arn?.split(':')[5]?.split('/')[0]
  if (role !== undefined && kind !== 'assumed-role' && kind !== 'role') {
    throw new Mistake('only the session of a role has a role behind it', 'request.roleArn')
  }
  if (user !== undefined && kind !== 'federated-user') {
    throw new Mistake('only a federated user has a user behind it', 'request.userArn')
  }
  return role ?? user
}

const anonymous: Asker = {
  principal: { kind: 'anonymous', arns: [] },
  keys: new Map([
    ['aws:principaltype', ['Anonymous']],
    ['aws:principalaccount', ['anonymous']],
    ['aws:userid', ['anonymous']],
  ]),
}

function service(name: string): Asker {
  if (!/^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/.test(name)) {
    throw new Mistake('a service goes by a name like ec2.amazonaws.com', 'request.principal.service')
  }
  return {
    principal: { kind: 'service', arns: [], services: [name] },
    keys: new Map([
      ['aws:principalisawsservice', ['true']],
      ['aws:principalservicename', [name]],
      ['aws:principalservicenameslist', [name]],
    ]),
  }
}

/** Who brings a foreign token has no name of AWS's yet, so nothing follows: the keys of the token are the question's to tell. */
function federated(provider: string): Asker {
  const at = 'request.principal.federated'
  const resource = provider.startsWith('arn:') ? parseArn(provider)?.resource : undefined
  if (provider.startsWith('arn:') && !/^(saml|oidc)-provider\/./.test(resource ?? '')) {
    throw new Mistake('a provider is arn:aws:iam::ACCOUNT:oidc-provider/…, …:saml-provider/…, or a domain', at)
  }
  const kind = resource?.startsWith('saml-provider/') ? 'saml' : 'web-identity'
  return { principal: { kind, arns: [], federated: provider }, keys: new Map() }
}

const forms = 'a principal is :root, :user/…, :role/…, :assumed-role/ROLE/SESSION or :federated-user/NAME of an account'

function fromArn(arn: string, id: string | undefined, behind: string | undefined): Asker {
  const at = 'request.principal'
  const parsed = parseArn(arn)
  if (parsed === undefined) throw new Mistake(`${forms}, "anonymous", or an object with service or federated`, at)
  const { partition, service, region, account, resource } = parsed
  if (partition === '' || region !== '' || !isAccountId(account) || /[*?\s]/.test(arn)) throw new Mistake(forms, at)
  const names = resource.split('/')
  const [kind] = names
  const last = names[names.length - 1]
  // A path may have slashes in a row, and is not two slashes alone.
  const complete = names.length > 1 && last !== '' && !(names.length === 3 && names[1] === '')

  const keys = new Map<string, readonly string[]>([
    ['aws:principalaccount', [account]],
    ['aws:principalisawsservice', ['false']],
  ])
  const asker = (kind: Principal['kind'], arns: readonly string[], uniqueId?: string): Asker => ({
    principal: { kind, account, arns, uniqueId },
    keys,
  })
  const put = (key: string, value: string | undefined) => {
    if (value !== undefined) keys.set(key, [value])
  }

  if (service === 'iam' && resource === 'root') {
    if (id !== undefined) throw new Mistake('only users and roles have a unique id', 'request.principalId')
    put('aws:principalarn', arn)
    put('aws:principaltype', 'Account')
    put('aws:userid', account)
    return asker('root', [arn])
  }
  if (service === 'iam' && kind === 'user' && complete) {
    put('aws:principalarn', arn)
    put('aws:principaltype', 'User')
    put('aws:username', last)
    put('aws:userid', uniqueId(id, 'AIDA'))
    return asker('user', [arn], id)
  }
  if (service === 'iam' && kind === 'role' && complete) {
    if (behind !== undefined && behind !== arn) throw new Mistake('this is not the role that asks', 'request.roleArn')
    // The role itself asks as a session that nobody named, so no policy can mean the session and `aws:userid` is not known.
    put('aws:principalarn', arn)
    put('aws:principaltype', 'AssumedRole')
    return asker('role-session', [arn], uniqueId(id, 'AROA'))
  }
  if (service === 'sts' && kind === 'assumed-role' && complete && names.length === 3) {
    const role = behind ?? `arn:${partition}:iam::${account}:role/${names[1]}`
    const front = `arn:${partition}:iam::${account}:role/`
    if (!role.startsWith(front) || role.slice(role.lastIndexOf('/') + 1) !== names[1] || /[*?\s]/.test(role)) {
      throw new Mistake(`the role behind ${arn} is ${front}PATH/${names[1]}`, 'request.roleArn')
    }
    put('aws:principalarn', role)
    put('aws:principaltype', 'AssumedRole')
    put('aws:userid', uniqueId(id, 'AROA') && `${id}:${last}`)
    return asker('role-session', [arn, role], id)
  }
  if (service === 'sts' && kind === 'federated-user' && complete && names.length === 2) {
    const front = `arn:${partition}:iam::${account}:user/`
    if (behind !== undefined && !(behind.startsWith(front) && behind.length > front.length)) {
      throw new Mistake(`the user behind ${arn} is ${front}NAME`, 'request.userArn')
    }
    put('aws:principalarn', arn)
    put('aws:principaltype', 'FederatedUser')
    put('aws:userid', `${account}:${last}`)
    return asker('federated-user', behind === undefined ? [arn] : [arn, behind], uniqueId(id, 'AIDA'))
  }
  throw new Mistake(forms, at)
}

function uniqueId(id: string | undefined, prefix: 'AIDA' | 'AROA'): string | undefined {
  if (id === undefined || (id.startsWith(prefix) && /^[A-Z0-9]+$/.test(id))) return id
  throw new Mistake(
    `the unique id of a ${prefix === 'AIDA' ? 'user' : 'role'} begins with ${prefix}`,
    'request.principalId',
  )
}
