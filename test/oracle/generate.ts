// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the variables of policies.
/**
 * Questions from a seed, drawn so that the policies nearly always speak of what is asked: each entry starts as the very
 * value of the request and is then bent a little, so that it matches, just misses, or matches for another reason.
 */
import { type Dice, dice } from '../fuzz/dice.ts'
import { type Key, type Kind, keyNamed, keys, operators } from './keys.ts'
import type {
  Conditions,
  Document,
  Named,
  Policies,
  Principals,
  Question,
  Request,
  Scalar,
  Statement,
} from './question.ts'

/** The question of a seed and a number: the same two give the same question. */
export function questionOf(seed: number, number: number): Question {
  return generate(dice(Math.imul(seed, 0x9e3779b1) ^ Math.imul(number, 0x85ebca6b)), `${seed}-${number}`)
}

const derivedKeys = keys.filter((key) => key.derived)
const accounts = ['111111111111', '222222222222'] as const

/** What a call is about: its actions, things, and the rule by which the thing's own policy counts. */
interface Theme {
  readonly actions: readonly string[]
  readonly things: readonly string[]
  readonly rules: readonly ('none' | 'ordinary' | 'trust' | 'key')[]
}
const themes: readonly Theme[] = [
  {
    actions: ['s3:GetObject', 's3:PutObject', 's3:GetObjectTagging', 's3:ListBucket', 's3:GetBucketPolicy'],
    things: [
      'arn:aws:s3:::box/home/Ann/red',
      'arn:aws:s3:::box/home/Bob/blue',
      'arn:aws:s3:::box',
      'arn:aws:s3:::box/*',
      'arn:aws:s3:::box/a:b/Ann',
      'arn:aws:s3:::box/home/${aws:username}/x?y$',
    ],
    rules: ['none', 'ordinary', 'ordinary', 'ordinary'],
  },
  {
    actions: ['sqs:SendMessage', 'sqs:ReceiveMessage', 'sqs:DeleteMessage'],
    things: ['arn:aws:sqs:eu-west-1:111111111111:red', 'arn:aws:sqs:us-east-1:222222222222:Ann-jobs'],
    rules: ['none', 'ordinary', 'ordinary'],
  },
  {
    actions: ['sts:AssumeRole', 'sts:AssumeRole', 'sts:TagSession', 'sts:AssumeRoleWithWebIdentity'],
    things: ['arn:aws:iam::111111111111:role/Reader', 'arn:aws:iam::222222222222:role/team/Ops'],
    rules: ['trust'],
  },
  {
    actions: ['kms:Decrypt', 'kms:Encrypt', 'kms:DescribeKey'],
    things: ['arn:aws:kms:eu-west-1:111111111111:key/red', 'arn:aws:kms:eu-west-1:222222222222:key/blue-1'],
    rules: ['key'],
  },
  {
    actions: ['iam:GetUser', 'iam:CreateAccessKey', 'iam:ListAccessKeys', 'iam:PassRole'],
    things: ['arn:aws:iam::111111111111:user/dev/Bob', 'arn:aws:iam::111111111111:user/Ann'],
    rules: ['none'],
  },
  { actions: ['ec2:DescribeInstances', 'iam:GetAccountSummary'], things: ['*'], rules: ['none'] },
]

const words = ['Ann', 'Bob', 'red', 'blue', 'box', 'R*d', 're?', 'Red', '*', '', 'a:b'] as const
// Texts that would do harm if they were read as patterns or as variables after they had been put in place.
const hostile = ['*', 're*', '?nn', '${aws:username}', '${*}', '$', '}', "', '", '😀', 'É', 'é'] as const

class World {
  readonly d: Dice
  readonly theme: Theme
  readonly request: Request
  readonly account: string
  /** The few keys that this question is about. */
  readonly focus: readonly Key[]

  constructor(d: Dice) {
    this.d = d
    this.focus = [...new Set(Array.from({ length: 5 }, () => d.pick(keys)))]
    this.theme = d.pick(themes)
    this.account = d.pick(accounts)
    this.request = this.#request()
  }

  chance(percent: number): boolean {
    return this.d.upTo(100) < percent
  }

  some<T>(most: number, make: () => T): T[] {
    return Array.from({ length: this.d.upTo(most + 1) }, make)
  }

  /** One or more; a single one stands alone half of the time. */
  oneOrMany<T>(most: number, make: () => T): T | T[] {
    const made = Array.from({ length: 1 + this.d.upTo(most) }, make)
    const [first] = made
    return made.length === 1 && first !== undefined && this.chance(50) ? first : made
  }

  #request(): Request {
    const { d } = this
    const resource = d.pick(this.theme.things)
    const owner = resource.split(':')[4]
    const context: Record<string, string | string[] | null> = {}
    const unknown: string[] = []
    const unsure = this.chance(25)
    for (const key of this.focus) {
      const roll = d.upTo(100)
      if (unsure && roll < 40) unknown.push(this.cased(key.name))
      else if (roll < 70 && !(key.derived && roll < 60)) context[this.cased(key.name)] = this.contextValue(key)
      else if (roll < 78) context[key.name] = null
    }
    const principal = this.#principal()
    const role = typeof principal === 'string' && principal.includes(':assumed-role/')
    const user = typeof principal === 'string' && principal.includes(':user/')
    return {
      principal,
      action: d.pick(this.theme.actions),
      resource,
      ...(owner
        ? this.chance(30)
          ? { resourceAccount: owner }
          : {}
        : this.chance(85)
          ? { resourceAccount: this.chance(70) ? this.account : d.pick(accounts) }
          : {}),
      context,
      ...(unknown.length > 0 ? { unknown } : {}),
      ...((role || user) && this.chance(60)
        ? { principalId: role ? 'AROAEXAMPLE0000000001' : 'AIDAEXAMPLE0000000001' }
        : {}),
      ...(role && this.chance(60)
        ? {
            roleArn: `arn:aws:iam::${this.account}:role/${d.pick(['', 'team/', 'aws-service-role/x.amazonaws.com/'])}Reader`,
          }
        : {}),
    }
  }

  #principal(): Request['principal'] {
    const { d, account } = this
    const roll = d.upTo(100)
    if (roll < 32) return `arn:aws:iam::${account}:user/${d.pick(['Ann', 'dev/Bob'])}`
    if (roll < 66) return `arn:aws:sts::${account}:assumed-role/Reader/${d.pick(['Ann', 's-1'])}`
    if (roll < 76) return `arn:aws:sts::${account}:federated-user/Ann`
    if (roll < 84) return `arn:aws:iam::${account}:root`
    if (roll < 90) return { service: d.pick(['ec2.amazonaws.com', 'lambda.amazonaws.com']) }
    if (roll < 95) return { federated: d.pick(['accounts.google.com', `arn:aws:iam::${account}:saml-provider/red`]) }
    return 'anonymous'
  }

  contextValue(key: Key): string | string[] {
    const { d } = this
    const one = () => (key.kind === 'string' && this.chance(12) ? d.pick(hostile) : d.pick(key.values))
    // Now and then a key comes in the shape that it does not have.
    if (this.chance(3)) return key.many ? one() : [one()]
    return key.many ? this.some(3, one) : one()
  }

  cased(text: string): string {
    const roll = this.d.upTo(12)
    return roll === 0 ? text.toUpperCase() : roll === 1 ? text.toLowerCase() : text
  }

  /** What the request says of a key, where it can be known. */
  said(name: string): string | undefined {
    const { principal, context } = this.request
    for (const [key, value] of Object.entries(context))
      if (key.toLowerCase() === name.toLowerCase()) return (typeof value === 'string' ? value : value?.[0]) ?? undefined
    if (typeof principal !== 'string') return undefined
    const parts = principal.split(/[:/]/)
    switch (name) {
      case 'aws:username':
        return parts.at(-1)
      case 'aws:PrincipalAccount':
        return this.account
      case 'aws:PrincipalArn':
        return (
          this.request.roleArn ?? (parts[5] === 'assumed-role' ? `arn:aws:iam::${this.account}:role/Reader` : principal)
        )
      case 'aws:PrincipalType':
        return { user: 'User', 'assumed-role': 'AssumedRole', root: 'Account', 'federated-user': 'FederatedUser' }[
          parts[5] ?? ''
        ]
      case 'aws:userid':
        return parts[5] === 'user' ? 'AIDAEXAMPLE0000000001' : `AROAEXAMPLE0000000001:${parts.at(-1)}`
      default:
        return undefined
    }
  }

  /** A variable that may stand where a text stands: one that has its value, or another, or none. */
  variable(text: string): string {
    const { d } = this
    if (text === '*' || text === '?' || text === '$') return `\${${text}}`
    const apt = [...this.focus, ...derivedKeys].filter((key) => this.said(key.name) === text).map((key) => key.name)
    const name = this.cased(
      apt.length > 0 && this.chance(75)
        ? d.pick(apt)
        : d.pick([
            'aws:username',
            'aws:PrincipalTag/team',
            'aws:TagKeys',
            'aws:userid',
            'no:SuchKey',
            'aws:PrincipalArn',
          ]),
    )
    const roll = d.upTo(10)
    if (roll === 0) return `\${${name},'${text}'}`
    if (roll < 3) return `\${${name}, '${/[,'}]/.test(text) || roll === 2 ? d.pick(['red', 'Ann', '*', '']) : text}'}`
    return `\${${name}}`
  }

  /** A pattern made from a text by a few small changes. `variables` tells whether those may be among them. */
  bent(text: string, variables: boolean): string {
    const { d } = this
    let pattern = text
    // In an object's name these are themselves; written plainly in a pattern they would not be.
    if (variables && this.chance(50)) pattern = pattern.replace(/\$(?!\{)|[*?]/g, (char) => `\${${char}}`)
    for (let changes = d.upTo(3); changes > 0; changes--) {
      const from = d.upTo(pattern.length + 1)
      const to = from + d.upTo(pattern.length - from + 1)
      switch (d.upTo(9)) {
        case 0:
          pattern = `${pattern.slice(0, from)}*`
          break
        case 1:
          pattern = `${pattern.slice(0, from)}*${pattern.slice(to)}`
          break
        case 2:
          pattern = `${pattern.slice(0, from)}?${pattern.slice(from + 1)}`
          break
        case 3:
          pattern = `*${pattern.slice(from)}`
          break
        case 4:
          if (this.chance(30)) pattern = this.chance(50) ? pattern.toLowerCase() : pattern.toUpperCase()
          break
        case 5:
          if (this.chance(30)) pattern = `${pattern.slice(0, from)}${d.pick(words)}${pattern.slice(to)}`
          break
        default: {
          if (!variables) break
          const found = /[A-Z][a-z]+|[a-z]+|[*?$]/g
          const pieces = [...pattern.matchAll(found)]
          if (pieces.length === 0 || pattern.includes('${')) break
          const { 0: piece, index } = d.pick(pieces)
          pattern = pattern.slice(0, index) + this.variable(piece) + pattern.slice(index + piece.length)
        }
      }
    }
    // Cuts may leave half a variable, which is no policy that anyone could write.
    return /\p{Cs}|\$\{[^}]*$|\$\{[^}]*\$\{|\$\{\}/u.test(pattern) ? text.replaceAll('${', '$') : pattern
  }

  action(trust: boolean): string {
    const { d } = this
    const action = this.chance(75) ? this.request.action : d.pick(d.pick(themes).actions)
    if (trust)
      return this.chance(80)
        ? this.cased(d.pick(['sts:AssumeRole', this.theme.actions[3] ?? '', 'sts:TagSession']))
        : 'sts:*'
    const roll = d.upTo(100)
    if (roll < 22) return '*'
    const [vendor = '', name = ''] = action.split(':')
    if (roll < 40) return `${vendor}:*`
    return this.cased(roll < 70 ? `${vendor}:${this.bent(name, false) || '*'}` : action)
  }

  resource(kind: Layer): string {
    const { d } = this
    if (this.chance(22)) return '*'
    let arn = this.chance(80) ? this.request.resource : d.pick(d.pick(themes).things)
    if (!arn.startsWith('arn:')) arn = 'arn:aws:iam::111111111111:user/Ann'
    const parts = arn.split(':')
    if (this.chance(6) && kind !== 'scp' && kind !== 'rcp') return this.#short(parts)
    // The region and the account; the owner of an IAM thing stands after an empty region, which must stay empty.
    for (const index of parts[2] === 'iam' || parts[2] === 's3' ? [4] : [3, 4])
      if (this.chance(18)) parts[index] = d.pick(['*', parts[index] ?? '', '222222222222', '?*', '1*', 'eu-*'])
    const bent = this.bent(parts.slice(5).join(':'), true)
    // IAM wants to see what kind of thing is named, before any wildcard.
    const kept = parts[2] === 'iam' && !/^(user|role)\//.test(bent) ? parts.slice(5).join(':') : bent
    return [...parts.slice(0, 5), kept || '*'].join(':')
  }

  #short(parts: readonly string[]): string {
    const [, , vendor = ''] = parts
    return this.d.pick([
      `arn:aws:${vendor}`,
      `arn:aws:${vendor}:eu-*`,
      `arn:aws:${vendor}:*:1*`,
      `arn:aws:${vendor}:*`,
      `arn:aws:${vendor}:${parts[3] || '*'}:*`,
      `arn:aws:${vendor}:${parts[3] || '*'}`,
    ])
  }

  principals(kind: Layer): Principals {
    const { d, account, request } = this
    if (kind === 'rcp') return this.chance(50) ? '*' : { AWS: '*' }
    if (this.chance(kind === 'vpce' ? 60 : 15)) return kind === 'trust' || this.chance(50) ? { AWS: '*' } : '*'
    const groups: Record<string, string | string[]> = {}
    const { principal } = request
    if (typeof principal === 'object' && this.chance(80)) {
      if ('service' in principal)
        groups.Service = this.oneOrMany(2, () => (this.chance(70) ? principal.service : 'ecs-tasks.amazonaws.com'))
      else groups.Federated = this.chance(80) ? principal.federated : 'www.amazon.com'
    }
    if (this.chance(8)) groups.Service = 'ec2.amazonaws.com'
    if (this.chance(5)) groups.Federated = 'accounts.google.com'
    if (this.chance(3) && kind === 'resource') groups.CanonicalUser = 'ab'.repeat(32)
    if (this.chance(80) || Object.keys(groups).length === 0)
      groups.AWS = this.oneOrMany(2, () => {
        const other = d.pick(accounts)
        const [, , , , , thing = ''] = typeof principal === 'string' ? principal.split(':') : []
        const role = request.roleArn ?? `arn:aws:iam::${account}:role/Reader`
        const roll = d.upTo(100)
        if (roll < 24) return typeof principal === 'string' && principal !== 'anonymous' ? principal : account
        if (roll < 46) return role
        if (roll < 56) return account
        if (roll < 68) return `arn:aws:iam::${account}:root`
        if (roll < 74) return request.principalId ?? other
        if (roll < 77) return '*'
        return d.pick([
          other,
          `arn:aws:iam::${other}:root`,
          `arn:aws:iam::${other}:user/Ann`,
          `arn:aws:iam::${account}:role/Reader`,
          `arn:aws:sts::${account}:assumed-role/Reader/s-1`,
          `arn:aws:sts::${other}:${thing.includes('/') && !thing.startsWith('user') ? thing : 'federated-user/Ann'}`,
          'AROAEXAMPLE0000000002',
        ])
      })
    return groups
  }

  /** All that a denial must not touch, or nearly all of it. */
  spared(): Principals {
    const { principal, roleArn } = this.request
    const role = roleArn ?? `arn:aws:iam::${this.account}:role/Reader`
    const everything = [
      ...(typeof principal === 'string' && principal !== 'anonymous' ? [principal] : []),
      role,
      `arn:aws:iam::${this.account}:root`,
    ]
    const listed = everything.filter(() => this.chance(80))
    return listed.length > 0 && this.chance(75) ? { AWS: listed } : this.principals('resource')
  }

  conditions(): Conditions {
    const block: Record<string, Record<string, Scalar | Scalar[]>> = {}
    for (let count = 1 + this.d.upTo(2); count > 0; count--) {
      const key = this.d.pick(this.chance(92) ? this.focus : keys)
      const kind: Kind = this.chance(8) ? this.d.pick(['string', 'arn', 'boolean'] as const) : key.kind
      const operator = this.operator(kind, key)
      const entry = block[operator] ?? {}
      block[operator] = entry
      const base = operator.replace(/^For.*:|IfExists$/g, '')
      entry[this.cased(key.name)] =
        this.chance(4) && base !== 'Null' ? [] : this.oneOrMany(3, () => this.wanted(base, key))
    }
    return block
  }

  operator(kind: Kind, key: Key): string {
    if (this.chance(9)) return 'Null'
    const name = this.d.pick(this.chance(12) ? operators.string : operators[kind])
    const set = this.chance(key.many ? 75 : 12) ? this.d.pick(['ForAllValues:', 'ForAnyValue:']) : ''
    return `${set}${name}${this.chance(22) ? 'IfExists' : ''}`
  }

  wanted(operator: string, key: Key): Scalar {
    const { d } = this
    if (operator === 'Null') return this.chance(50) ? this.chance(50) : d.pick(['true', 'false', 'True'])
    if (operator.startsWith('Numeric')) return this.numeral(d.pick(keyNamed('s3:max-keys').values))
    if (operator.startsWith('Date')) return this.numeral(d.pick(keyNamed('aws:CurrentTime').values))
    if (operator === 'Bool') return this.chance(40) ? this.chance(50) : d.pick(['true', 'false', 'TRUE', 'False'])
    if (operator === 'BinaryEquals') return d.pick(keyNamed('kms:Blob').values)
    if (operator.includes('IpAddress'))
      return d.pick([
        '10.0.0.0/8',
        '10.1.2.3',
        '10.1.2.0/31',
        '0.0.0.0/0',
        '10.1.2.3/30',
        '2001:db8::/32',
        '::/0',
        '2001:DB8:0:0::1',
        '::ffff:10.1.2.3/104',
        '10.1.2.3/32',
        '2001:db8::1/127',
        '10.9.9.9/8',
        '10.1.2.3/33',
        '010.1.2.3',
        '::ffff:a01:203',
        '2001:db8::/0',
        '10.1.2.3/',
        '::',
      ])
    const value = this.chance(70) ? (this.said(key.name) ?? d.pick(key.values)) : d.pick(key.values)
    if (operator.startsWith('Arn')) return this.arn(value)
    if (this.chance(10)) return this.variable(value)
    return /^(Not)?String(Not)?Like$/.test(operator) || this.chance(25) ? this.bent(value, true) : this.numeral(value)
  }

  arn(value: string): string {
    const { d } = this
    if (this.chance(8)) return this.variable(value)
    if (this.chance(5)) return d.pick(['*', 'arn:*', 'arn:aws:iam::111111111111*', 'red', '*:*:*:*:*:*'])
    const arn = value.startsWith('arn:') ? value : d.pick(keyNamed('aws:SourceArn').values)
    const parts = arn.split(':')
    for (const index of [3, 4])
      if (this.chance(20)) parts[index] = d.pick(['*', '1*', '?*', '222222222222', this.variable(parts[index] ?? '')])
    return [...parts.slice(0, 5), this.bent(parts.slice(5).join(':'), true)].join(':')
  }

  /** A number or a truth in a policy may be written as such; a text must stay one. */
  numeral(text: string): Scalar {
    if (/^(0|-?[1-9]\d{0,14})(\.\d*[1-9])?$/.test(text) && this.chance(40)) return Number(text)
    return (text === 'true' || text === 'false') && this.chance(40) ? text === 'true' : text
  }

  statement(kind: Layer, allows: number): Statement {
    const effect = this.chance(allows) ? 'Allow' : 'Deny'
    const trust = kind === 'trust'
    const withPrincipal = trust || kind === 'resource' || kind === 'key' || kind === 'vpce' || kind === 'rcp'
    const notPrincipal = (kind === 'resource' || kind === 'key') && this.chance(effect === 'Deny' ? 25 : 3)
    // Some allow just what is asked, so that enough is allowed for the other layers to matter.
    if (effect === 'Allow' && this.chance(30))
      return {
        Effect: effect,
        ...(withPrincipal ? { Principal: this.principals(kind) } : {}),
        Action: trust ? this.request.action : this.chance(40) ? '*' : this.cased(this.request.action),
        ...(trust
          ? {}
          : { Resource: this.request.resource.startsWith('arn:') && this.chance(30) ? this.resource(kind) : '*' }),
      }
    const actions = this.oneOrMany(2, () => this.action(trust))
    const resources = this.oneOrMany(2, () => this.resource(kind))
    return {
      ...(this.chance(20) ? { Sid: '' } : {}),
      Effect: effect,
      ...(!withPrincipal ? {} : notPrincipal ? { NotPrincipal: this.spared() } : { Principal: this.principals(kind) }),
      ...(!trust && this.chance(12) ? { NotAction: actions } : { Action: actions }),
      ...(trust ? {} : this.chance(12) ? { NotResource: resources } : { Resource: resources }),
      ...(this.chance(effect === 'Allow' ? 40 : 85) ? { Condition: this.conditions() } : {}),
    }
  }

  document(kind: Layer, allows = 85): Document | string {
    const statements = this.oneOrMany(3, () => this.statement(kind, allows))
    const roll = this.d.upTo(100)
    const old = roll < 8 ? {} : { Version: '2008-10-17' as const }
    const document: Document = { ...(roll < 16 ? old : { Version: '2012-10-17' }), Statement: statements }
    return this.chance(20) ? JSON.stringify(document) : document
  }

  policies(): Policies {
    const { request } = this
    const rule = this.d.pick(this.theme.rules)
    const { principal } = request
    const root = typeof principal === 'string' && principal.endsWith(':root')
    const person = typeof principal === 'string' && principal !== 'anonymous'
    const session = person && (principal.includes(':assumed-role/') || principal.includes(':federated-user/'))
    const named = (kind: Layer, allows?: number) => (): Named => ({
      name: `p${this.d.upTo(1000)}`,
      document: this.document(kind, allows),
    })
    const levels = (kind: 'scp' | 'rcp'): Named[][] =>
      Array.from({ length: 1 + this.d.upTo(2) }, () => [
        ...(kind === 'rcp' || this.chance(75) ? [full(kind)] : []),
        ...this.some(1, named(kind, kind === 'rcp' ? 0 : 60)),
      ])
    return {
      identity: person && !root ? this.some(3, named('identity')) : [],
      ...(rule !== 'none' && this.chance(rule === 'ordinary' ? 75 : 96)
        ? { resource: this.document(rule === 'ordinary' ? 'resource' : rule) }
        : {}),
      ...(rule === 'none' || (rule === 'ordinary' && this.chance(50)) ? {} : { resourceRule: rule }),
      ...(person && !root && this.chance(25) ? { boundary: [this.document('boundary', 88)] } : {}),
      ...(session && this.chance(principal.includes(':federated-user/') ? 80 : 30)
        ? { session: [this.document('session', 88), ...this.some(1, () => this.document('session', 88))] }
        : {}),
      ...(person && this.chance(25) ? { scp: levels('scp') } : {}),
      ...(this.chance(18) ? { rcp: levels('rcp') } : {}),
      ...(this.chance(12) ? { vpce: [this.document('vpce', 85)] } : {}),
    }
  }
}

type Layer = 'identity' | 'boundary' | 'session' | 'scp' | 'resource' | 'trust' | 'key' | 'rcp' | 'vpce'

const full = (kind: 'scp' | 'rcp'): Named => ({
  name: kind === 'scp' ? 'FullAWSAccess' : 'RCPFullAWSAccess',
  document: {
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', ...(kind === 'rcp' ? { Principal: '*' } : {}), Action: '*', Resource: '*' },
  },
})

export function generate(d: Dice, id: string): Question {
  const world = new World(d)
  return { id, request: world.request, policies: world.policies() }
}
