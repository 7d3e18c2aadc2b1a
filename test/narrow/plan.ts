import fc from 'fast-check'
import { home, roleArn } from '../gate/scene.ts'
import { type Conditions, type Document, list, type Statement } from '../oracle/question.ts'

/** A small world, so that policies meet requests often, and a way through it from one credential to the next. */
export interface Plan {
  readonly user: Held & { readonly group: Document | undefined }
  readonly roles: readonly (Held & { readonly trust: Document })[]
  /** Managed policies that narrow sessions. */
  readonly managed: readonly Document[]
  readonly start: 'user' | 'root'
  readonly steps: readonly Step[]
}

interface Held {
  readonly team: Team | undefined
  readonly policies: readonly Document[]
  readonly boundary: Document | undefined
}

export type Team = 'red' | 'blue'

/** How the next credential is asked for. Whatever an operation has no parameter for is left out. */
export interface Step {
  /** Which of the operations that make credentials, by its place among them. */
  readonly operation: number
  readonly role: number
  readonly policy: Document | undefined
  /** Places in `managed`. */
  readonly arns: readonly number[]
  readonly team: Team | undefined
  readonly transitive: boolean
  readonly sourceIdentity: 'hal' | 'eve' | undefined
  readonly name: 'one' | 'two'
}

const roleCount = 3
export const oidcHost = 'login.example.com'
export const oidcProvider = `arn:aws:iam::${home}:oidc-provider/${oidcHost}`
export const samlProvider = `arn:aws:iam::${home}:saml-provider/corp`
export const userArn = `arn:aws:iam::${home}:user/ann`

const document = (Statement: readonly Statement[]): Document => ({ Version: '2012-10-17', Statement })
const oneToThree = <T>(one: fc.Arbitrary<T>) => fc.uniqueArray(one, { minLength: 1, maxLength: 3 })
const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined, freq: 2 })
const team = fc.constantFrom<Team>('red', 'blue')

const action = fc.constantFrom(
  ...[
    '*',
    'sts:*',
    'rolecall:*',
    'iam:*',
    'iam:Get*',
    'iam:GetRole',
    'iam:ListUsers',
    'sts:AssumeRole',
    'sts:TagSession',
  ],
  ...['sts:SetSourceIdentity', 'sts:GetFederationToken', 'sts:Get*', 'rolecall:List*', 'rolecall:ListSessions'],
)
const resource = fc.constantFrom(
  ...['*', '*', roleArn('r0'), roleArn('r*'), roleArn('r?'), `arn:aws:sts::${home}:federated-user/*`],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of policies.
  ...[roleArn('${aws:PrincipalTag/team}'), `arn:aws:iam::${home}:user/*`],
)
const when = (operator: string, key: string, ...values: readonly string[]): Conditions => ({
  [operator]: { [key]: values },
})
const condition = fc.constantFrom<Conditions>(
  when('StringEquals', 'aws:PrincipalTag/team', 'red'),
  when('StringNotEquals', 'aws:PrincipalTag/team', 'red'),
  when('StringEquals', 'aws:ResourceTag/team', 'red'),
  when('Null', 'aws:username', 'true'),
  when('StringEquals', 'aws:username', 'ann'),
  when('StringEquals', 'aws:PrincipalType', 'User', 'FederatedUser'),
  when('ArnLike', 'aws:PrincipalArn', roleArn('r*')),
  when('StringLike', 'aws:userid', '*:one', 'AIDA*'),
  when('StringEquals', 'aws:SourceIdentity', 'hal'),
  when('Bool', 'aws:MultiFactorAuthPresent', 'false'),
  when('IpAddress', 'aws:SourceIp', '127.0.0.0/8'),
)
const effect = fc.constantFrom<'Allow' | 'Deny'>('Allow', 'Allow', 'Allow', 'Allow', 'Deny')
const statement: fc.Arbitrary<Statement> = fc
  .record({
    Effect: effect,
    Action: oneToThree(action),
    Resource: oneToThree(resource),
    Condition: maybe(condition),
  })
  .map(({ Condition, ...rest }) => (Condition === undefined ? rest : { ...rest, Condition }))
const everything = document([{ Effect: 'Allow', Action: '*', Resource: '*' }])
const policy: fc.Arbitrary<Document> = fc.oneof(
  { weight: 2, arbitrary: fc.array(statement, { minLength: 1, maxLength: 2 }).map(document) },
  { weight: 2, arbitrary: fc.constant(everything) },
)

const trustCondition = fc.constantFrom<Conditions>(
  when('StringEquals', 'aws:RequestTag/team', 'red'),
  when('StringEquals', 'aws:PrincipalTag/team', 'red'),
  when('StringEquals', 'aws:ResourceTag/team', 'red', 'blue'),
  when('StringEquals', 'sts:SourceIdentity', 'hal'),
  when('StringEqualsIfExists', 'sts:SourceIdentity', 'hal'),
  when('StringEquals', 'sts:RoleSessionName', 'one'),
  when('StringLike', `${oidcHost}:sub`, 'repo:*'),
  when('StringEquals', 'saml:sub', 'alice'),
)
const besides = ['sts:TagSession', 'sts:SetSourceIdentity']
/** Whom a role trusts, and with what: each way in has an action of its own. */
const ways = fc.constantFrom<Pick<Statement, 'Principal' | 'Action'>>(
  { Principal: { AWS: home }, Action: 'sts:*' },
  {
    Principal: { AWS: [userArn, roleArn('r0'), roleArn('r1'), roleArn('r2')] },
    Action: ['sts:AssumeRole', ...besides],
  },
  { Principal: { AWS: home }, Action: ['sts:AssumeRole'] },
  { Principal: { AWS: userArn }, Action: ['sts:AssumeRole', ...besides] },
  { Principal: { AWS: roleArn('r0') }, Action: ['sts:AssumeRole', ...besides] },
  { Principal: { AWS: [roleArn('r1'), roleArn('r2')] }, Action: ['sts:AssumeRole', 'sts:TagSession'] },
  { Principal: { Federated: oidcProvider }, Action: ['sts:AssumeRoleWithWebIdentity', ...besides] },
  { Principal: { Federated: oidcProvider }, Action: ['sts:AssumeRoleWithWebIdentity'] },
  { Principal: { Federated: samlProvider }, Action: ['sts:AssumeRoleWithSAML', ...besides] },
)
const trust: fc.Arbitrary<Document> = fc
  .array(
    fc
      .record({ Effect: effect, way: ways, Condition: maybe(trustCondition) })
      .map(({ Effect, way, Condition }) => ({ Effect, ...way, ...(Condition === undefined ? {} : { Condition }) })),
    { minLength: 1, maxLength: 3 },
  )
  .map(document)

const held = {
  team: maybe(team),
  policies: fc.array(policy, { minLength: 1, maxLength: 2 }),
  boundary: maybe(policy),
}

const step: fc.Arbitrary<Step> = fc.record({
  operation: fc.nat(),
  role: fc.nat(roleCount - 1),
  policy: maybe(policy),
  arns: fc.uniqueArray(fc.nat(1), { maxLength: 2 }),
  team: maybe(team),
  transitive: fc.boolean(),
  sourceIdentity: maybe(fc.constantFrom('hal', 'hal', 'eve')),
  name: fc.constantFrom('one', 'two'),
})

const drawn: fc.Arbitrary<Plan> = fc.record({
  user: fc.record({ ...held, group: maybe(policy) }),
  roles: fc.array(fc.record({ ...held, trust }), { minLength: roleCount, maxLength: roleCount }),
  managed: fc.array(policy, { minLength: 2, maxLength: 2 }),
  start: fc.constantFrom('user', 'user', 'user', 'root'),
  steps: fc.array(step, { minLength: 4, maxLength: 4 }),
})

/**
 * Whoever may be anybody, as long as nothing denies it: long chains come of that, and denials on the way. Of some roles sessions may
 * neither be tagged nor say where they come from.
 */
const open = ({ user, roles, steps, ...rest }: Plan): Plan => {
  const trusting = [
    [{ AWS: home }, 'sts:AssumeRole'],
    [{ Federated: oidcProvider }, 'sts:AssumeRoleWithWebIdentity'],
    [{ Federated: samlProvider }, 'sts:AssumeRoleWithSAML'],
  ] as const
  const statements = (more: readonly string[]) =>
    trusting.map(([Principal, way]): Statement => ({ Effect: 'Allow', Principal, Action: [way, ...more] }))
  const becoming: Statement = { Effect: 'Allow', Action: 'sts:*', Resource: '*' }
  const still = (own: Document | undefined) => own && document([becoming, ...list(own.Statement)])
  return {
    ...rest,
    start: 'user',
    steps: steps.map((each, at) => ({
      ...each,
      policy: still(each.policy),
      team: at === 0 ? each.team : undefined,
      // Tags or a source identity: roles that let neither come with a session would end nearly every chain.
      sourceIdentity: steps[0]?.transitive ? undefined : each.sourceIdentity,
    })),
    user: {
      ...user,
      policies: [everything, ...user.policies],
      boundary: user.boundary && document([becoming, ...list(user.boundary.Statement)]),
    },
    roles: roles.map(({ policies, trust: own, boundary, ...role }) => ({
      ...role,
      boundary: still(boundary),
      policies: [everything, ...policies],
      trust: document(statements(list(own.Statement).length === 1 ? [] : besides)),
    })),
  }
}

export const plan: fc.Arbitrary<Plan> = fc.oneof(
  { weight: 1, arbitrary: drawn },
  { weight: 1, arbitrary: drawn.map(open) },
)
