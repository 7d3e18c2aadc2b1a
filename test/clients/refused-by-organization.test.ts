import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CreateServiceLinkedRoleCommand,
  ListUsersCommand,
  PutRolePolicyCommand,
  SimulateCustomPolicyCommand,
  SimulatePrincipalPolicyCommand,
} from '@aws-sdk/client-iam'
import { Organizations } from '@aws-sdk/client-organizations'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Explanation, renderExplanation } from '../../src/policy/explain.ts'
import type { Answer, Question } from '../../src/policy/question.ts'
import {
  type Actor,
  actorOf,
  allow,
  assume,
  type Document,
  denied,
  deny,
  makeAccount,
  makeRole,
  makeUser,
  type Refused,
  refusal,
  statement,
  textOf,
  trusting,
  whoIs,
} from './actor.ts'
import { call } from './call.ts'
import { recordsOf, requestOf } from './history.ts'
import { clientOf, discard, envOf, type Running, rolecall, startRolecall } from './process.ts'

/**
 * Every way in which an organization's policies refuse AssumeRole: at each level, by each kind of policy, over each side. The call, the
 * simulation in the account, `rolecall why` in every account that has a part in it, and `rolecall decide` say the same.
 */
const home = '012345678901'
const other = '987654321098'
const above = '555566667777'
const ending = '111122223333'

let running: Running
let here: Actor
let there: Actor
let boss: Actor
let doomed: { readonly administrator: Actor; readonly root: Actor }
let organizations: Organizations
let organization: string
/** From the root down, by what stands there. */
let places: Readonly<Record<Level, string>>
let holders: readonly string[]

const levels = ['root', 'unit', 'account'] as const
type Level = (typeof levels)[number]
type Type = 'SERVICE' | 'RESOURCE'

beforeAll(async () => {
  running = await startRolecall({ args: ['--account-id', home] })
  here = actorOf(await envOf(running))
  there = (await makeAccount(running, other)).administrator
  boss = (await makeAccount(running, above)).administrator
  doomed = await makeAccount(running, ending)
  organizations = new Organizations({ ...clientOf(boss.env), maxAttempts: 1 })
  organization = (await organizations.createOrganization({})).Organization?.Id ?? ''
  const [root] = (await organizations.listRoots({})).Roots ?? []
  const RootId = root?.Id ?? ''
  for (const type of ['SERVICE', 'RESOURCE'] as const)
    await organizations.enablePolicyType({ RootId, PolicyType: `${type}_CONTROL_POLICY` })
  const { OrganizationalUnit } = await organizations.createOrganizationalUnit({ ParentId: RootId, Name: 'dev' })
  const unit = OrganizationalUnit?.Id ?? ''
  for (const [actor, Id] of [
    [here, home],
    [doomed.administrator, ending],
  ] as const) {
    const { Handshake } = await organizations.inviteAccountToOrganization({ Target: { Type: 'ACCOUNT', Id } })
    const member = new Organizations({ ...clientOf(actor.env), maxAttempts: 1 })
    await member.acceptHandshake({ HandshakeId: Handshake?.Id })
  }
  await organizations.moveAccount({ AccountId: home, SourceParentId: RootId, DestinationParentId: unit })
  places = { root: RootId, unit, account: home }
  const arn = `arn:aws:organizations::${above}:`
  holders = [root?.Arn ?? '', OrganizationalUnit?.Arn ?? '', `${arn}account/${organization}/${home}`]
})
afterAll(() => discard(running))

/** What an owner sees of the newest refusal of the account, as `rolecall why --last` does. */
async function why({ env }: Actor): Promise<string> {
  const { result } = await call(running.endpoint, env, 'rolecall', 'GetDecision')
  const explanation = JSON.parse(String(result.Decision)) as Explanation
  return renderExplanation(explanation, { account: env.accountId, columns: 1_000 })
}
const because = (page: string): string | undefined => page.slice(page.indexOf('because')).split('\n')[0]

let made = 0
/** Puts a policy somewhere, in the place of the one that allows everything where it stands alone, and takes it away again. */
async function under<T>(
  { type, content, at, alone = false }: Pick<Ceiling, 'type' | 'content' | 'at' | 'alone'>,
  run: (policy: { readonly arn: string; readonly name: string }) => Promise<T>,
): Promise<T> {
  const name = `ceiling-${++made}`
  const Type = `${type}_CONTROL_POLICY` as const
  const { Policy } = await organizations.createPolicy({ Name: name, Description: '', Type, Content: textOf(content) })
  const { Id: PolicyId = '', Arn: arn = '' } = Policy?.PolicySummary ?? {}
  const everything = { PolicyId: 'p-FullAWSAccess', TargetId: places[at] }
  await organizations.attachPolicy({ PolicyId, TargetId: places[at] })
  if (alone) await organizations.detachPolicy(everything)
  try {
    return await run({ arn, name })
  } finally {
    if (alone) await organizations.attachPolicy(everything)
    await organizations.detachPolicy({ PolicyId, TargetId: places[at] })
    await organizations.deletePolicy({ PolicyId })
  }
}

/** Which accounts the caller and the role are of. */
const ways = {
  'within the account': { caller: () => here, owner: () => here },
  'out of the account': { caller: () => here, owner: () => there },
  'into the account': { caller: () => there, owner: () => here },
} as const
type Way = keyof typeof ways

interface Ceiling {
  readonly type: Type
  readonly what: string
  readonly content: Document
  readonly at: Level
  readonly way: Way
  /** Whether it stands in the place of the policy that allows everything. */
  readonly alone?: boolean
}

const noAssume = deny('sts:AssumeRole')
const forbidding = (Action: string, Condition?: object) =>
  statement({ Effect: 'Deny', Principal: '*', Action, Resource: '*', ...(Condition ? { Condition } : {}) })
/** What the members' own administrators need in these tests is left. */
const others = ['iam:*', 'organizations:*', 'rolecall:*', 'cloudtrail:*']

const ceilings: readonly Ceiling[] = [
  ...levels.flatMap((at) => [
    ...(['within the account', 'out of the account'] as const).flatMap((way) => [
      { type: 'SERVICE', what: 'a service control policy denies', content: noAssume, at, way } as const,
      {
        type: 'SERVICE',
        what: 'no service control policy allows',
        content: allow(others),
        at,
        way,
        alone: true,
      } as const,
    ]),
    ...(['within the account', 'into the account'] as const).map(
      (way) =>
        ({
          type: 'RESOURCE',
          what: 'a resource control policy denies',
          content: forbidding('sts:AssumeRole'),
          at,
          way,
        }) as const,
    ),
  ]),
  {
    type: 'RESOURCE',
    what: 'a resource control policy denies all ways of becoming a role',
    content: forbidding('sts:AssumeRole*'),
    at: 'unit',
    way: 'into the account',
  },
  {
    type: 'RESOURCE',
    what: 'a resource control policy denies whoever is of no account of the organization',
    content: forbidding('sts:*', { StringNotEqualsIfExists: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } }),
    at: 'root',
    way: 'into the account',
  },
  {
    type: 'SERVICE',
    what: 'a service control policy denies all but certain roles',
    content: statement({
      Effect: 'Deny',
      NotAction: others,
      Resource: '*',
      Condition: { StringNotLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/trusted-*' } },
    }),
    at: 'unit',
    way: 'out of the account',
  },
  {
    type: 'SERVICE',
    what: 'a service control policy allows roles of other names only',
    content: statement(...allow(others).Statement, ...allow('sts:*', 'arn:aws:iam::*:role/elsewhere-*').Statement),
    at: 'unit',
    way: 'within the account',
    alone: true,
  },
]

const untold = 'because both accounts must agree, and they do not'
const noun = { SERVICE: 'service control policy', RESOURCE: 'resource control policy' } as const
const everyAction = { name: 'everything', document: allow('*') }

describe('AssumeRole refused by an organization is told to the caller as AWS does, to the member by name, in whole to who manages it:', () => {
  const questions: { readonly question: Question; readonly answer: Refused }[] = []

  test.each(ceilings.map((ceiling, at) => [ceiling.what, ceiling.at, ceiling.way, ceiling, `o${at}`] as const))(
    '%s at the %s, %s',
    async (_what, _at, _way, ceiling, name) => {
      const { type, content, at, way, alone = false } = ceiling
      const { caller, owner } = ways[way]
      const user = await makeUser(caller(), name, allow('*'))
      const trust = trusting([home, other])
      const { arn: role } = await makeRole(owner(), name, trust)
      expect((await whoIs(await assume(user, role))).Account).toBe(owner().env.accountId)

      await under(ceiling, async (policy) => {
        const level = levels.indexOf(at)
        const words = alone
          ? `because no ${noun[type]} allows the sts:AssumeRole action`
          : `with an explicit deny in a ${noun[type]}: ${policy.arn}`
        const plain = denied(user.arn, 'sts:AssumeRole', role)
        // Between accounts nothing is told of the reason.
        const answer = way === 'within the account' ? denied(user.arn, 'sts:AssumeRole', role, words) : plain
        expect(await refusal(assume(user, role))).toEqual(answer)

        // `why`: the member is told which policy, whoever stands on the other side nothing, and who manages it everything of its own.
        const [mine, whole] = await Promise.all([why(here), why(boss)])
        const said = alone ? `because no ${noun[type]} allows it` : `because of an explicit deny in the ${noun[type]}`
        expect(because(mine)).toBe(said)
        if (!alone) expect(mine).toContain(policy.arn)
        expect(mine).not.toContain(policy.name)
        if (way !== 'within the account') {
          const theirs = await why(there)
          expect(because(theirs)).toBe(untold)
          expect(theirs).not.toContain('control policy')
          expect(theirs).not.toContain(organization)
        }
        expect(whole).toContain(
          alone
            ? `-> sts:AssumeRole must be allowed at level ${level} (${holders[level]}) too`
            : `-> remove or narrow statement 1 (line 1) of ${policy.name}, which denies it`,
        )
        expect(whole).toContain(`level ${level} (${holders[level]}): ${alone ? 'allows nothing' : 'denies'}`)
        expect(whole).not.toContain('identity-based policy')

        // The simulator, in the account that the ceiling stands over.
        const outcome = {
          EvalDecision: alone ? 'implicitDeny' : 'explicitDeny',
          OrganizationsDecisionDetail: { AllowedByOrganizations: false },
        }
        const asked = { ActionNames: ['sts:AssumeRole'], ResourceArns: [role], ResourcePolicy: textOf(trust) }
        const custom = { ...asked, CallerArn: user.arn, PolicyInputList: [textOf(allow('*'))] }
        const principal = { ...asked, PolicySourceArn: user.arn }
        const ofCustom = async (actor: Actor) =>
          (await actor.iam.send(new SimulateCustomPolicyCommand(custom))).EvaluationResults
        const ofPrincipal = async (actor: Actor) =>
          (await actor.iam.send(new SimulatePrincipalPolicyCommand(principal))).EvaluationResults
        expect(await ofCustom(here)).toMatchObject([outcome])
        if (way !== 'into the account') expect(await ofPrincipal(here)).toMatchObject([outcome])
        // own-ceilings-only: a stranger does not find out by simulating what stands over another account.
        const stranger = [await ofCustom(there), ...(way === 'into the account' ? [await ofPrincipal(there)] : [])]
        for (const [told] of stranger.map((results) => results ?? [])) {
          expect(told?.EvalDecision).toBe('allowed')
          expect(told).not.toHaveProperty('OrganizationsDecisionDetail')
        }

        const line = levels.map((_, place) => [
          ...(place === level && alone ? [] : [everyAction]),
          ...(place === level ? [{ name: policy.name, document: content }] : []),
        ])
        questions.push({
          question: {
            id: name,
            request: { principal: user.arn, action: 'sts:AssumeRole', resource: role },
            policies: {
              identity: [everyAction],
              resource: trust,
              resourceRule: 'trust',
              ...(type === 'SERVICE' ? { scp: line } : { rcp: line }),
            },
          },
          answer:
            way === 'within the account'
              ? { ...answer, message: answer.message.replace(`: ${policy.arn}`, '') }
              : answer,
        })

        // The trail: with both sides, and with who manages it; where nothing is shared with the member's records but the id.
        const requestId = await requestOf(assume(user, role))
        const records = await Promise.all([here, there, boss].map((one) => recordsOf(one, requestId)))
        expect(records.map(({ length }) => length)).toEqual([1, way === 'within the account' ? 0 : 1, 1])
        const shared = new Set(records.flat().map(({ sharedEventID }) => sharedEventID))
        expect([shared.size, shared.has(undefined)]).toEqual([1, false])
        expect(new Set(records.flat().map(({ eventID }) => eventID)).size).toBe(records.flat().length)
        const [overseen] = records[2] ?? []
        expect(overseen).toMatchObject({ errorCode: 'AccessDenied', recipientAccountId: above })
        if (way === 'into the account') {
          // Of a stranger it is told what its member is told: which account, and which unique id.
          expect(overseen?.userIdentity).toEqual({ type: 'AWSAccount', principalId: user.id, accountId: other })
          for (const hidden of [user.arn, user.env.accessKeyId]) expect(JSON.stringify(overseen)).not.toContain(hidden)
        } else expect(overseen?.userIdentity).toMatchObject({ arn: user.arn, accessKeyId: user.env.accessKeyId })
      })
      // The next call is allowed again.
      await assume(user, role)
    },
  )

  test('and `rolecall decide` says of each, from the documents alone, what the call was told', async () => {
    expect(questions.length).toBe(ceilings.length)
    const folder = mkdtempSync(join(tmpdir(), 'rolecall-decide-'))
    try {
      const file = join(folder, 'questions.jsonl')
      writeFileSync(file, questions.map(({ question }) => `${JSON.stringify(question)}\n`).join(''))
      const { code, stdout, stderr } = await rolecall(['decide', file])
      expect([code, stderr]).toEqual([0, ''])
      const answers = stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Answer)
      expect(
        answers.map((one) => ('error' in one ? one : { id: one.id, effect: one.effect, message: one.message })),
      ).toEqual(questions.map(({ question, answer }) => ({ id: question.id, effect: 'deny', message: answer.message })))
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

describe('what an organization’s policies do not hold', () => {
  const at = 'root'
  const SERVICE = { type: 'SERVICE', content: noAssume, at } as const
  const RESOURCE = { type: 'RESOURCE', content: forbidding('sts:AssumeRole*'), at } as const

  const roleOf = async (caller: Actor, owner: Actor, name: string) => {
    const user = await makeUser(caller, name, allow('*'))
    return { user, role: (await makeRole(owner, name, trusting([home, other, above]))).arn }
  }

  test.each([
    ['who is of the account that manages it', SERVICE, () => boss, () => boss],
    ['the roles of the account that manages it', RESOURCE, () => boss, () => boss],
    ['the roles of the account that manages it, whoever comes', RESOURCE, () => there, () => boss],
    ['by a service control policy, who comes from elsewhere to a role of a member', SERVICE, () => there, () => here],
    ['by a service control policy, who comes from the managing account', SERVICE, () => boss, () => here],
    ['by a resource control policy, a role elsewhere that a member assumes', RESOURCE, () => here, () => there],
  ] as const)('%s', async (what, ceiling, caller, owner) => {
    const { user, role } = await roleOf(caller(), owner(), `free-${what.replaceAll(/\W+/g, '-')}`.slice(0, 60))
    await under(ceiling, async () => {
      expect((await whoIs(await assume(user, role))).Account).toBe(owner().env.accountId)
      const asked = {
        ActionNames: ['sts:AssumeRole'],
        ResourceArns: [role],
        ResourcePolicy: textOf(trusting(user.arn)),
      }
      const { EvaluationResults } = await caller().iam.send(
        new SimulatePrincipalPolicyCommand({ PolicySourceArn: user.arn, ...asked }),
      )
      expect(EvaluationResults?.[0]?.EvalDecision).toBe('allowed')
    })
  })

  test('a service-linked role, where an ordinary one of the same policies is held', async () => {
    const { Role } = await here.iam.send(new CreateServiceLinkedRoleCommand({ AWSServiceName: 'ecs.amazonaws.com' }))
    const ordinary = await makeRole(here, 'not-linked', trusting(home))
    await here.iam.send(
      new PutRolePolicyCommand({
        RoleName: 'not-linked',
        PolicyName: 'own',
        PolicyDocument: textOf(allow('ec2:AttachNetworkInterface')),
      }),
    )
    const simulated = async (PolicySourceArn: string) => {
      const ActionNames = ['ec2:AttachNetworkInterface']
      const call = new SimulatePrincipalPolicyCommand({ PolicySourceArn, ActionNames })
      return (await here.iam.send(call)).EvaluationResults?.[0]
    }
    await under({ type: 'SERVICE', content: deny('ec2:*'), at: 'account' }, async () => {
      const free = await simulated(Role?.Arn ?? '')
      expect(free?.EvalDecision).toBe('allowed')
      expect(free).not.toHaveProperty('OrganizationsDecisionDetail')
      expect(await simulated(ordinary.arn)).toMatchObject({
        EvalDecision: 'explicitDeny',
        OrganizationsDecisionDetail: { AllowedByOrganizations: false },
      })
    })
  })

  test('root is held as everybody is, but where it manages the organization', async () => {
    await under({ type: 'SERVICE', content: deny('iam:ListUsers'), at: 'root' }, async ({ arn }) => {
      expect(await refusal(doomed.root.iam.send(new ListUsersCommand({})))).toEqual(
        denied(
          `arn:aws:iam::${ending}:root`,
          'iam:ListUsers',
          `arn:aws:iam::${ending}:user/`,
          `with an explicit deny in a service control policy: ${arn}`,
        ),
      )
      await boss.iam.send(new ListUsersCommand({}))
    })
  })
})

test('an account that was closed: nobody acts in it, its sessions are over, and its roles are as if they were not there', async () => {
  const inside = await makeUser(doomed.administrator, 'inside', allow('*'))
  const outside = await makeUser(here, 'outside', allow('*'))
  const { arn } = await makeRole(doomed.administrator, 'last', trusting([home, ending]))
  const session = await assume(outside, arn)
  await assume(inside, arn)
  await organizations.closeAccount({ AccountId: ending })

  const gone = {
    code: 'InvalidClientTokenId',
    message: 'The security token included in the request is invalid.',
    status: 403,
  }
  for (const actor of [inside, doomed.root, session]) expect(await refusal(whoIs(actor))).toEqual(gone)
  expect(await refusal(assume(inside, arn))).toEqual(gone)
  expect(await refusal(assume(outside, arn))).toEqual(denied(outside.arn, 'sts:AssumeRole', arn))
  expect(because(await why(here))).toBe(untold)
  // In the very words of a role that never was.
  const never = `arn:aws:iam::${ending}:role/never`
  expect(await refusal(assume(outside, never))).toEqual(denied(outside.arn, 'sts:AssumeRole', never))
  expect(because(await why(here))).toBe(untold)
})
