import { type Answered, type Inside, type Keys, openInside } from '../matrix/inside.ts'
import { documentText, type Members } from './document.ts'

type Documents = Readonly<Record<string, unknown>>
type Tags = Readonly<Record<string, string>>

interface Holder {
  readonly path?: string
  /** Inline policies by name. */
  readonly policies?: Documents
  /** Names of the account's managed policies, or ARNs. */
  readonly attached?: readonly string[]
}
interface Bearer extends Holder {
  readonly boundary?: string
  readonly tags?: Tags
}
interface UserPart extends Bearer {
  readonly groups?: readonly string[]
}
interface RolePart extends Bearer {
  /** Left out: the role trusts its account. */
  readonly trust?: unknown
  readonly maxSessionSeconds?: number
}
export interface AccountPart {
  readonly policies?: Documents
  readonly groups?: Readonly<Record<string, Holder>>
  readonly users?: Readonly<Record<string, UserPart>>
  readonly roles?: Readonly<Record<string, RolePart>>
  /** Instance profiles, each with its role or with none. */
  readonly profiles?: Readonly<Record<string, string | null>>
}

/** Parameters of the AssumeRole that makes a session; `by` is who calls it, and the account's administrator where it is left out. */
export type SessionPart = Members & { readonly by?: string }

export interface Step {
  readonly as: string
  readonly session?: SessionPart
  readonly call: string
  readonly with?: Members
}

export interface Told {
  readonly because?: string
  readonly blocking?: string
  /** The Sid of the statement that denies. */
  readonly statement?: string
  /** The condition key that an Allow failed on. */
  readonly nearKey?: string
}

export interface Ask extends Step {
  readonly says?: string
  readonly expect: Told & {
    readonly effect: 'allow' | 'deny'
    /** Of the refusal, or of what failed although it was allowed. */
    readonly code?: string
    readonly message?: string
    /** What the owner of the other side is told. */
    readonly there?: Told
    /** Elements of the answer by name. */
    readonly fields?: Readonly<Record<string, string>>
  }
}

export interface WorldCase {
  readonly world: Readonly<Record<string, AccountPart>>
  /** What happens before anybody asks. */
  readonly after?: readonly Step[]
  readonly asks: readonly Ask[]
}

export interface World {
  readonly call: (step: Step) => Promise<Answered>
  /** The authority behind it, and a step's parameters as it is sent them. */
  readonly inside: Inside
  readonly sent: (step: Step) => Record<string, string>
  readonly administrator: (account: string) => Keys
  readonly accounts: readonly string[]
}

const services = { iam: 'iam', sts: 'sts', rolecall: 'rolecall' } as const

const ok = (answered: Answered, what: string): Answered => {
  if (answered.code !== undefined) throw new Error(`${what}: ${answered.code}: ${answered.message}`)
  return answered
}
const keysIn = (answered: Answered): Keys => ({
  accessKeyId: answered.field('AccessKeyId'),
  secretAccessKey: answered.field('SecretAccessKey'),
  sessionToken: answered.text.includes('<SessionToken>') ? answered.field('SessionToken') : undefined,
})

/** An authority of its own, filled with what the case names, through the calls that a client would make. */
export async function openWorld({ world, after = [] }: WorldCase): Promise<World> {
  const accounts = Object.keys(world)
  const [home = ''] = accounts
  const inside = await openInside(home)
  const founded = new Map([[home, pairs(inside.keys)]])
  for (const account of accounts.slice(1)) {
    const made = ok(await inside.call(inside.keys, 'rolecall', 'CreateAccount', { AccountId: account }), account)
    founded.set(account, {
      administrator: keysIn(made),
      root: { accessKeyId: made.field('RootAccessKeyId'), secretAccessKey: made.field('RootSecretAccessKey') },
    })
  }
  const opened = new Opened(inside, founded, accounts)
  await opened.fill(world)
  for (const step of after) ok(await opened.call(step), `${step.as} ${step.call}`)
  return opened
}

interface Founded {
  readonly administrator: Keys
  readonly root: Keys
}

const pairs = (keys: Inside['keys']): Founded => ({
  administrator: keys,
  root: { accessKeyId: keys.rootAccessKeyId, secretAccessKey: keys.rootSecretAccessKey },
})

class Opened implements World {
  readonly inside: Inside
  private readonly founded: ReadonlyMap<string, Founded>
  readonly accounts: readonly string[]
  /** Unique ids by `user NAME` and `role NAME`. */
  private readonly ids = new Map<string, string>()
  private readonly keys = new Map<string, Keys>()

  constructor(inside: Inside, founded: ReadonlyMap<string, Founded>, accounts: readonly string[]) {
    this.inside = inside
    this.founded = founded
    this.accounts = accounts
  }

  administrator(account: string): Keys {
    const found = this.founded.get(account)
    if (found === undefined) throw new Error(`there is no account ${account}`)
    return found.administrator
  }

  async call(step: Step): Promise<Answered> {
    const [service = '', operation = ''] = step.call.split(':')
    const known = services[service as keyof typeof services]
    if (known === undefined) throw new Error(`there is no service ${service}`)
    const keys = await this.keysOf(step.as, step.session)
    return this.inside.call(keys, known, operation, this.parametersOf(step.with))
  }

  sent(step: Step): Record<string, string> {
    return this.parametersOf(step.with)
  }

  private async iam(account: string, operation: string, parameters: Members): Promise<Answered> {
    const keys = this.administrator(account)
    return ok(
      await this.inside.call(keys, 'iam', operation, this.parametersOf(parameters)),
      `${operation} ${JSON.stringify(parameters)}`,
    )
  }

  /** Everybody first, so that policies may name anybody; then what they may do, and whom they trust. */
  async fill(world: WorldCase['world']): Promise<void> {
    for (const [account, part] of Object.entries(world)) {
      for (const [name, { path, tags }] of Object.entries(part.users ?? {})) {
        const made = await this.iam(account, 'CreateUser', { UserName: name, Path: path, Tags: tags })
        this.ids.set(`user ${name}`, made.field('UserId'))
      }
      for (const [name, { path }] of Object.entries(part.groups ?? {}))
        await this.iam(account, 'CreateGroup', { GroupName: name, Path: path })
      for (const [name, { path, tags, maxSessionSeconds }] of Object.entries(part.roles ?? {})) {
        const made = await this.iam(account, 'CreateRole', {
          RoleName: name,
          Path: path,
          Tags: tags,
          MaxSessionDuration: maxSessionSeconds,
          AssumeRolePolicyDocument: trusting(account),
        })
        this.ids.set(`role ${name}`, made.field('RoleId'))
      }
      for (const [name, document] of Object.entries(part.policies ?? {}))
        await this.iam(account, 'CreatePolicy', { PolicyName: name, PolicyDocument: document })
    }
    for (const [account, part] of Object.entries(world)) {
      for (const [name, group] of Object.entries(part.groups ?? {})) await this.endow(account, 'Group', name, group)
      for (const [name, user] of Object.entries(part.users ?? {})) {
        await this.endow(account, 'User', name, user)
        for (const group of user.groups ?? [])
          await this.iam(account, 'AddUserToGroup', { UserName: name, GroupName: group })
      }
      for (const [name, role] of Object.entries(part.roles ?? {})) {
        await this.endow(account, 'Role', name, role)
        if (role.trust !== undefined)
          await this.iam(account, 'UpdateAssumeRolePolicy', { RoleName: name, PolicyDocument: role.trust })
      }
      for (const [name, role] of Object.entries(part.profiles ?? {})) {
        await this.iam(account, 'CreateInstanceProfile', { InstanceProfileName: name })
        if (role !== null)
          await this.iam(account, 'AddRoleToInstanceProfile', { InstanceProfileName: name, RoleName: role })
      }
    }
  }

  private async endow(account: string, kind: 'User' | 'Group' | 'Role', name: string, holder: Bearer): Promise<void> {
    const arnOf = (policy: string) => (policy.startsWith('arn:') ? policy : `arn:aws:iam::${account}:policy/${policy}`)
    const who = { [`${kind}Name`]: name }
    for (const [policy, document] of Object.entries(holder.policies ?? {}))
      await this.iam(account, `Put${kind}Policy`, { ...who, PolicyName: policy, PolicyDocument: document })
    for (const policy of holder.attached ?? [])
      await this.iam(account, `Attach${kind}Policy`, { ...who, PolicyArn: arnOf(policy) })
    if (holder.boundary !== undefined)
      await this.iam(account, `Put${kind}PermissionsBoundary`, { ...who, PermissionsBoundary: arnOf(holder.boundary) })
  }

  /** The credentials of who is named; `nobody` has none. Users get a key, and sessions begin, when they are first asked for. */
  async keysOf(as: string, session?: SessionPart): Promise<Keys | undefined> {
    const { who, account } = this.place(as)
    if (who === 'nobody') return undefined
    const found = this.founded.get(account)
    if (who === 'root') return found?.root
    if (who === 'administrator') return found?.administrator
    const name = `${who} of ${account} ${JSON.stringify(session)}`
    const known = this.keys.get(name)
    if (known !== undefined) return known
    const fresh = keysIn(await this.credentials(who, account, session))
    this.keys.set(name, fresh)
    return fresh
  }

  private place(as: string): { readonly who: string; readonly account: string } {
    const [who = '', account = this.accounts[0] ?? ''] = as.split(' of ')
    return { who, account }
  }

  private async credentials(who: string, account: string, session: SessionPart = {}): Promise<Answered> {
    const [kind, name = '', ...more] = who.split(' ')
    if (kind === 'user' && more.length === 0) return this.iam(account, 'CreateAccessKey', { UserName: name })
    if (kind === 'user' && more.join(' ') === 'with a session token') {
      const keys = await this.keysOf(`user ${name} of ${account}`)
      return ok(await this.inside.call(keys, 'sts', 'GetSessionToken'), who)
    }
    if (kind !== 'role' || more[0] !== 'session') throw new Error(`who is ${who}?`)
    const { by = `administrator of ${account}`, path = '/', ...parameters } = session
    const RoleArn = `arn:aws:iam::${account}:role${String(path)}${name}`
    return ok(
      await this.call({ as: by, call: 'sts:AssumeRole', with: { RoleArn, RoleSessionName: more[1], ...parameters } }),
      `a session of ${name}`,
    )
  }

  /** The parameters as the query protocol writes them. `<id of user NAME>` stands for the unique id of a user or role. */
  private parametersOf(members: Members = {}): Record<string, string> {
    const flat: Record<string, string> = {}
    const walk = (name: string, value: unknown): void => {
      const last = name.slice(name.lastIndexOf('.') + 1)
      if (value === undefined) return
      if (last === 'Policy' || last.endsWith('PolicyDocument')) flat[name] = this.named(documentText(value))
      else if (last === 'Tags' && !Array.isArray(value)) {
        for (const [index, [Key, Value]] of Object.entries(value as Members).entries())
          walk(`${name}.member.${index + 1}`, { Key, Value })
      } else if (Array.isArray(value)) {
        for (const [index, item] of value.entries())
          walk(`${name}.member.${index + 1}${last === 'PolicyArns' ? '.arn' : ''}`, item)
      } else if (typeof value === 'object' && value !== null) {
        for (const [member, item] of Object.entries(value)) walk(`${name}.${member}`, item)
      } else flat[name] = this.named(String(value))
    }
    for (const [name, value] of Object.entries(members)) walk(name, value)
    return flat
  }

  private named(text: string): string {
    let named = text
    for (const [who, id] of this.ids) named = named.replaceAll(`<id of ${who}>`, id)
    return named
  }
}

const trusting = (account: string): object => ({
  Effect: 'Allow',
  Principal: { AWS: account },
  Action: ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'],
})
