import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Caller, Session, Verified } from '../../src/access/caller.ts'
import { authorize, Refusal } from '../../src/gate/authorize.ts'
import { answerQuestion } from '../../src/policy/question.ts'
import { loadCatalog } from '../../src/service/catalog.ts'
import { policiesOver } from '../../src/service/iam/policy-source.ts'
import { fail, type Scene } from '../../src/service/operation.ts'
import { arnOf } from '../../src/state/entity.ts'
import { needSimulation, reasons, simulated, simulationOf } from '../cases/simulated.ts'
import { questionOf } from '../oracle/generate.ts'
import { Authority, here, noon, there, trusting } from '../service/iam/authority.ts'
import { glassSafe } from '../token/keys.ts'

const { operations } = loadCatalog()
const connection = { sourceIp: '192.0.2.7', secure: true, region: 'us-east-1', userAgent: 'aws-cli' }

const actions = [
  ...['*', 'iam:*', 'iam:Get*', 'iam:GetUser', 'iam:CreateUser', 'iam:TagUser', 'iam:*User*', 'iam:AttachUserPolicy'],
  ...['iam:PassRole', 'iam:AddRoleToInstanceProfile', 'iam:UpdateUser', 'iam:ListUsers', 'iam:GetAccountSummary'],
  ...['sts:AssumeRole', 'sts:*', 'sts:TagSession', 's3:GetObject'],
]
const variable = (key: string) => `\${${key}}`
const resources = [
  ...['*', '*', 'user/*', 'user/p/*', 'user/p/ann', 'user/bob', 'role/*', 'role/r', 'instance-profile/*'].map((name) =>
    name === '*' ? name : `arn:aws:iam::${here}:${name}`,
  ),
  `arn:aws:iam::${here}:user/p/${variable('aws:username')}`,
  `arn:aws:iam::${here}:user/${variable("aws:PrincipalTag/team, 'none'")}/*`,
  `arn:aws:iam::*:role/*`,
]
const conditions: readonly object[] = [
  { StringEquals: { 'aws:PrincipalTag/Team': ['red', 'p'] } },
  { StringEquals: { 'aws:ResourceTag/team': variable('aws:PrincipalTag/team') } },
  { StringEqualsIfExists: { 'iam:ResourceTag/team': 'blue' } },
  { ArnLike: { 'iam:PolicyARN': 'arn:aws:iam::aws:policy/*' } },
  { Null: { 'aws:TagKeys': 'true' } },
  { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['team', 'cost'] } },
  { 'ForAnyValue:StringLike': { 'aws:TagKeys': 't*' } },
  { StringNotEquals: { 'aws:RequestTag/team': 'red' } },
  { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'true' } },
  { Bool: { 'aws:MultiFactorAuthPresent': 'false' } },
  { NumericLessThan: { 'aws:MultiFactorAuthAge': '60' } },
  { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } },
  { Bool: { 'aws:SecureTransport': 'true' } },
  { StringLike: { 'aws:userid': ['AIDA*', '*:s1'] } },
  { StringEquals: { 'aws:username': 'ann' } },
  { ArnLike: { 'aws:PrincipalArn': `arn:aws:iam::${here}:*/r` } },
  { DateGreaterThan: { 'aws:CurrentTime': '2030-01-01T00:00:00Z' } },
  { DateLessThan: { 'aws:TokenIssueTime': '2030-01-01T00:00:00Z' } },
  { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } },
  { StringLike: { 'sts:RoleSessionName': `${variable('aws:username')}*` } },
  { StringEquals: { 'sts:ExternalId': 'secret' } },
  { StringEquals: { 'aws:ResourceAccount': here } },
  { Null: { 'iam:PermissionsBoundary': 'false' } },
]

const few = <T>(values: readonly T[], most = 2) =>
  fc.array(fc.constantFrom(...values), { minLength: 1, maxLength: most })
const condition = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  {
    weight: 2,
    arbitrary: few(conditions).map((blocks) => ({ Condition: Object.assign({}, ...blocks) as object })),
  },
)
const about = fc.oneof(
  { weight: 6, arbitrary: few(actions, 3).map((Action) => ({ Action })) },
  { weight: 1, arbitrary: few(actions).map((NotAction) => ({ NotAction })) },
)
const onWhat = fc.oneof(
  { weight: 6, arbitrary: few(resources).map((Resource) => ({ Resource })) },
  { weight: 1, arbitrary: few(resources).map((NotResource) => ({ NotResource })) },
)
const effect = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ Effect: 'Allow' }) },
  { weight: 1, arbitrary: fc.constant({ Effect: 'Deny' }) },
)
const statement = fc.tuple(effect, about, onWhat, condition).map((parts): object => Object.assign({}, ...parts))
const policy = fc
  .array(statement, { minLength: 1, maxLength: 3 })
  .map((Statement) => JSON.stringify({ Version: '2012-10-17', Statement }))

const trusted = [
  { AWS: here },
  { AWS: '*' },
  { AWS: `arn:aws:iam::${here}:user/p/ann` },
  { AWS: [`arn:aws:iam::${here}:role/r`, `arn:aws:iam::${here}:user/bob`] },
  { Service: 'ec2.amazonaws.com' },
]
const trust = fc
  .array(
    fc.tuple(
      effect,
      fc.constantFrom(...trusted),
      fc.constantFrom('sts:AssumeRole', 'sts:TagSession', 'sts:*'),
      condition,
    ),
    { minLength: 1, maxLength: 2 },
  )
  .map((statements) =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: statements.map(([how, Principal, Action, when]) => ({ ...how, Principal, Action, ...when })),
    }),
  )

const readOnly = 'arn:aws:iam::aws:policy/ReadOnlyAccess'
const calls: readonly (readonly [operation: string, input: object])[] = [
  ['iam:GetUser', { UserName: 'ann' }],
  ['iam:ListUsers', { PathPrefix: '/p/' }],
  ['iam:GetAccountSummary', {}],
  ['iam:CreateUser', { UserName: 'new', Path: '/p/', Tags: [{ Key: 'team', Value: 'red' }] }],
  ['iam:CreateUser', { UserName: 'new', PermissionsBoundary: readOnly }],
  ['iam:TagUser', { UserName: 'bob', Tags: [{ Key: 'cost', Value: '1' }] }],
  ['iam:UntagUser', { UserName: 'ann', TagKeys: ['team'] }],
  ['iam:UpdateUser', { UserName: 'bob', NewPath: '/p/' }],
  ['iam:AttachUserPolicy', { UserName: 'ann', PolicyArn: readOnly }],
  ['iam:AddRoleToInstanceProfile', { InstanceProfileName: 'i', RoleName: 'r' }],
  ['sts:AssumeRole', { RoleArn: `arn:aws:iam::${here}:role/q`, RoleSessionName: 'ann-1' }],
  [
    'sts:AssumeRole',
    { RoleArn: `arn:aws:iam::${here}:role/q`, RoleSessionName: 'x1', Tags: [{ Key: 'team', Value: 'red' }] },
  ],
  ['sts:AssumeRole', { RoleArn: `arn:aws:iam::${there}:role/f`, RoleSessionName: 'x1', ExternalId: 'secret' }],
]

const session: Session = {
  issuedAt: noon - 120_000,
  expiresAt: noon + 3_600_000,
  policyArns: [],
  tags: [{ key: 'TEAM', value: 'p' }],
  transitiveTagKeys: [],
  chainDepth: 0,
  via: [],
}

interface Situation {
  readonly own: string
  readonly shared: string
  readonly boundary: string | undefined
  readonly trust: string
  readonly caller: 'user' | 'user with a second factor' | 'role'
}
const situation = fc.record({
  own: policy,
  shared: policy,
  boundary: fc.option(policy, { nil: undefined }),
  trust,
  caller: fc.constantFrom('user', 'user with a second factor', 'role' as const),
})

function founded({ own, shared, boundary, trust }: Situation): Authority {
  const iam = new Authority()
  const Tags = [{ Key: 'Team', Value: 'red' }]
  iam.do('CreateUser', { UserName: 'ann', Path: '/p/', Tags })
  iam.do('CreateUser', { UserName: 'bob' })
  iam.do('CreateGroup', { GroupName: 'g' })
  iam.do('AddUserToGroup', { GroupName: 'g', UserName: 'ann' })
  const here = trusting({ AWS: '111122223333' })
  iam.do('CreateRole', { RoleName: 'r', AssumeRolePolicyDocument: here, Tags })
  iam.do('CreateRole', { RoleName: 'q', AssumeRolePolicyDocument: trust })
  iam.do('CreateRole', { RoleName: 'f', AssumeRolePolicyDocument: trust }, iam.root(there))
  iam.do('CreateInstanceProfile', { InstanceProfileName: 'i' })
  iam.do('PutUserPolicy', { UserName: 'ann', PolicyName: 'own', PolicyDocument: own })
  iam.do('PutRolePolicy', { RoleName: 'r', PolicyName: 'own', PolicyDocument: own })
  iam.do('PutGroupPolicy', { GroupName: 'g', PolicyName: 'shared', PolicyDocument: shared })
  const { Policy } = iam.do('CreatePolicy', { PolicyName: 'shared', PolicyDocument: shared })
  iam.do('AttachRolePolicy', { RoleName: 'r', PolicyArn: Policy?.Arn ?? '' })
  if (boundary === undefined) return iam
  iam.do('CreatePolicy', { PolicyName: 'fence', PolicyDocument: boundary })
  const fence = { PermissionsBoundary: 'arn:aws:iam::111122223333:policy/fence' }
  iam.do('PutUserPermissionsBoundary', { UserName: 'ann', ...fence })
  iam.do('PutRolePermissionsBoundary', { RoleName: 'r', ...fence })
  return iam
}

function callerIn(iam: Authority, { caller }: Situation): Exclude<Caller, { kind: 'root' }> {
  if (caller === 'role') {
    const role = iam.entity('role', 'r')
    if (role.kind !== 'role') throw new Error('not a role')
    const arn = `arn:aws:sts::${here}:assumed-role/r/s1`
    const userId = `${role.id}:s1`
    return { kind: 'role-session', account: here, arn, userId, accessKeyId: 'ASIA', role, sessionName: 's1', session }
  }
  const user = iam.entity('user', 'ann')
  if (user.kind !== 'user') throw new Error('no user')
  const plain = { kind: 'user', account: here, arn: arnOf(user), userId: user.id, accessKeyId: 'AKIA', user } as const
  return caller === 'user' ? plain : { ...plain, session: { ...session, tags: [], mfaAt: noon - 30_000 } }
}

/** Whether the gate lets the call through, and the first action that it does not. */
function live(scene: Scene, [name, input]: (typeof calls)[number]): string {
  const operation = operations.get(name)
  if (operation === undefined) throw new Error(`${name} is not built`)
  try {
    authorize(operation, input, scene, { connection })
    return 'allowed'
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const { because, action, resource } = error.explanation
    return `${action} on ${resource}: ${because === 'explicit-deny' ? 'explicitDeny' : 'implicitDeny'}`
  }
}

/** The same, of the simulation: every need of the call in turn. */
function simulatedCall(iam: Authority, scene: Scene, caller: Caller, [name, input]: (typeof calls)[number]): string {
  if (caller.kind !== 'user' && caller.kind !== 'role-session') throw new Error('nobody that could be simulated')
  const over = policiesOver(iam.state, caller.kind === 'user' ? caller.user : caller.role)
  const documents = [...over.identity, ...(over.boundary ? [over.boundary] : [])].map(
    ({ policy }) => policy.document.text,
  )
  for (const need of operations.get(name)?.needs(input, scene) ?? []) {
    const asked = needSimulation(caller, need, connection, scene.now, documents, need.assuming?.role?.trust.document)
    if (asked === undefined) return 'cannot be asked'
    const [result] = iam.do('SimulatePrincipalPolicy', asked).EvaluationResults ?? []
    if (result?.EvalDecision !== 'allowed') return `${need.action} on ${need.resource}: ${result?.EvalDecision}`
  }
  return 'allowed'
}

describe('a simulation says what the gate does', () => {
  test('for any policies, callers and calls', () => {
    const seen = new Map<string, number>()
    fc.assert(
      fc.property(situation, (drawn) => {
        const iam = founded(drawn)
        const caller = callerIn(iam, drawn)
        const scene: Scene = {
          state: iam.state,
          // Stands for the gate, which alone makes verified callers of requests.
          caller: caller as Verified,
          now: noon,
          random: { bytes: (count) => new Uint8Array(count) },
          vault: glassSafe,
          decoded: () => undefined,
          fail,
        }
        for (const call of calls) {
          const is = live(scene, call)
          const would = simulatedCall(iam, scene, caller, call)
          const kind = is.slice(is.lastIndexOf(' ') + 1)
          seen.set(kind, (seen.get(kind) ?? 0) + 1)
          if (would !== 'cannot be asked') expect(would, `${drawn.caller}: ${call[0]}`).toBe(is)
          else seen.set(would, (seen.get(would) ?? 0) + 1)
        }
      }),
      { numRuns: 150 },
    )
    // All three ends were met, often.
    for (const kind of ['allowed', 'explicitDeny', 'implicitDeny']) expect(seen.get(kind), kind).toBeGreaterThan(100)
    expect(seen.get('cannot be asked') ?? 0).toBeLessThan(800)
  })

  const anew = Math.floor(Math.random() * 1e6)
  test.each([
    ['a fixed seed', 7],
    [`the seed ${anew}`, anew],
  ])('and what the engine says of questions, from %s', (_, seed) => {
    const iam = new Authority()
    const seen = new Map<string, number>()
    for (let number = 0; number < 5_000; number++) {
      const question = questionOf(seed, number)
      const answer = answerQuestion(question)
      const asked = 'error' in answer ? undefined : simulationOf(question)
      const outcome = asked === undefined ? undefined : simulated(iam, asked)
      if (outcome === undefined || 'error' in answer) continue
      const expected = answer.effect === 'allow' ? 'granted' : answer.because
      expect(reasons[outcome], JSON.stringify(question)).toBe(expected)
      seen.set(expected, (seen.get(expected) ?? 0) + 1)
    }
    // The rarest comes some forty times: on a seed that nobody chose, fewer by chance.
    for (const reason of Object.values(reasons)) expect(seen.get(reason), reason).toBeGreaterThan(seed === 7 ? 25 : 5)
  })
})
