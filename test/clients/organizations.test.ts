import * as iam from '@aws-sdk/client-iam'
import * as sdk from '@aws-sdk/client-organizations'
import * as sts from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadService } from '../../src/model/service.ts'
import { type Explanation, renderExplanation } from '../../src/policy/explain.ts'
import {
  type Actor,
  actorOf,
  allow,
  assume,
  deny,
  makeAccount,
  makeRole,
  makeUser,
  refusal,
  statement,
  textOf,
  trusting,
  withKeys,
} from './actor.ts'
import { call } from './call.ts'
import { pathsOf, seenInJson } from './json-shape.ts'
import { clientOf, discard, type Env, envOf, type Running, rolecall, startRolecall } from './process.ts'

/**
 * Every operation of Organizations, driven by AWS's own client, with every body held against AWS's model on its way; and what
 * organizations put over accounts, as those who run into it are told.
 */
const home = '012345678901'
const guest = '987654321098'
const loner = '555566667777'
const model = loadService('organizations')

let running: Running
let manager: Actor
let boss: sdk.Organizations
let invited: { readonly administrator: Actor; readonly root: Actor }
let alone: Actor
let root: string
let organization: string
/** A member that was created, and its administrator by the role that it came with. */
let member: string
let inside: Actor
let dev: string

const answered = new Set<string>()
const seen = new Map<string, Set<string>>()

interface Response {
  readonly statusCode: number
  body: unknown
}

/** A client of which every body is looked at before the SDK reads it. */
function organizationsOf(env: Env): sdk.Organizations {
  const client = new sdk.Organizations({ ...clientOf(env), maxAttempts: 1 })
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const result = await next(args)
      // Node's handler hands out a status and a stream.
      const response = result.response as Response
      const chunks: Uint8Array[] = []
      for await (const chunk of response.body as AsyncIterable<Uint8Array>) chunks.push(chunk)
      const body = Buffer.concat(chunks)
      response.body = body
      const name = String(context.commandName).replace(/Command$/, '')
      const { wrong, members, code } = seenInJson(model, name, response.statusCode, body.toString())
      if (wrong.length > 0) throw new Error(`${name} is not answered in its shape: ${wrong.join('; ')}`)
      if (code === undefined) {
        answered.add(name)
        const known = seen.get(name) ?? new Set()
        for (const path of members) known.add(path)
        seen.set(name, known)
      }
      return result
    },
    { step: 'deserialize', priority: 'low', name: 'seen' },
  )
  return client
}

/** Code, reason and words of a refusal. */
async function told(asked: Promise<unknown>): Promise<readonly (string | undefined)[]> {
  const error = await asked.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof sdk.OrganizationsServiceException)) throw error ?? new Error('the call was allowed')
  expect(error.$metadata.httpStatusCode).toBe(400)
  const { Reason } = error as { readonly Reason?: string }
  return Reason === undefined ? [error.name, error.message] : [error.name, Reason, error.message]
}

async function created(AccountName: string, more: Partial<sdk.CreateAccountCommandInput> = {}): Promise<string> {
  const asked = { AccountName, Email: `${AccountName}@example.com`, ...more }
  const { CreateAccountStatus } = await boss.createAccount(asked)
  const CreateAccountRequestId = CreateAccountStatus?.Id ?? ''
  let ended: sdk.CreateAccountStatus | undefined
  await expect
    .poll(async () => {
      ended = (await boss.describeCreateAccountStatus({ CreateAccountRequestId })).CreateAccountStatus
      return ended?.State
    })
    .toBe('SUCCEEDED')
  return ended?.AccountId ?? ''
}

async function policy(
  Name: string,
  content: string | object,
  Type: sdk.PolicyType = 'SERVICE_CONTROL_POLICY',
): Promise<string> {
  const { Policy } = await boss.createPolicy({ Name, Description: '', Type, Content: textOf(content) })
  return Policy?.PolicySummary?.Id ?? ''
}

/** The page that an account's owner sees of its newest refusal. */
async function why(owner: Actor): Promise<string> {
  const { result } = await call(running.endpoint, owner.env, 'rolecall', 'GetDecision')
  const explanation = JSON.parse(String(result.Decision)) as Explanation
  return renderExplanation(explanation, { account: owner.env.accountId, columns: 1_000 })
}

const adminOf = (account: string) => assume(manager, `arn:aws:iam::${account}:role/OrganizationAccountAccessRole`)

beforeAll(async () => {
  running = await startRolecall({ args: ['--account-id', home] })
  manager = actorOf(await envOf(running))
  boss = organizationsOf(manager.env)
  invited = await makeAccount(running, guest)
  alone = (await makeAccount(running, loner)).administrator
})
afterAll(() => discard(running))

describe('an organization', () => {
  test('is not there until it is founded', async () => {
    expect(await told(boss.describeOrganization({}))).toEqual([
      'AWSOrganizationsNotInUseException',
      'Your account is not a member of an organization.',
    ])
  })

  test('is founded, and told of', async () => {
    const { Organization } = await boss.createOrganization({ FeatureSet: 'ALL' })
    organization = Organization?.Id ?? ''
    expect(Organization).toMatchObject({ MasterAccountId: home, FeatureSet: 'ALL' })
    expect((await boss.describeOrganization({})).Organization).toEqual(Organization)
    expect(await told(boss.createOrganization({}))).toEqual([
      'AlreadyInOrganizationException',
      'The AWS account is already a member of an organization.',
    ])
    root = (await boss.listRoots({})).Roots?.[0]?.Id ?? ''
    for (const PolicyType of ['SERVICE_CONTROL_POLICY', 'RESOURCE_CONTROL_POLICY', 'TAG_POLICY'] as const)
      await boss.enablePolicyType({ RootId: root, PolicyType })
    expect((await boss.listRoots({})).Roots?.[0]?.PolicyTypes).toHaveLength(3)
    const { Root } = await boss.disablePolicyType({ RootId: root, PolicyType: 'TAG_POLICY' })
    expect(Root?.PolicyTypes).toHaveLength(2)
  })

  test('has units', async () => {
    const Tags = [{ Key: 'team', Value: 'blå' }]
    const { OrganizationalUnit } = await boss.createOrganizationalUnit({ ParentId: root, Name: 'dev', Tags })
    dev = OrganizationalUnit?.Id ?? ''
    expect(OrganizationalUnit?.Path).toBe(`${organization}/${root}/${dev}/`)
    expect((await boss.describeOrganizationalUnit({ OrganizationalUnitId: dev })).OrganizationalUnit).toEqual(
      OrganizationalUnit,
    )
    expect((await boss.listTagsForResource({ ResourceId: dev })).Tags).toEqual(Tags)
    await boss.tagResource({ ResourceId: dev, Tags: [{ Key: 'a', Value: '1' }] })
    await boss.untagResource({ ResourceId: dev, TagKeys: ['team'] })
    expect((await boss.listTagsForResource({ ResourceId: dev })).Tags).toEqual([{ Key: 'a', Value: '1' }])
    const gone = await boss.createOrganizationalUnit({ ParentId: dev, Name: 'gone' })
    const OrganizationalUnitId = gone.OrganizationalUnit?.Id ?? ''
    expect((await boss.updateOrganizationalUnit({ OrganizationalUnitId, Name: 'Gone' })).OrganizationalUnit?.Name).toBe(
      'Gone',
    )
    const units = await boss.listOrganizationalUnitsForParent({ ParentId: dev, MaxResults: 1 })
    expect(units.OrganizationalUnits).toHaveLength(1)
    await boss.deleteOrganizationalUnit({ OrganizationalUnitId })
    await boss.createOrganizationalUnit({ ParentId: root, Name: 'other' })
    const page = await boss.listOrganizationalUnitsForParent({ ParentId: root, MaxResults: 1 })
    expect(page.NextToken).toBeDefined()
    expect(await told(boss.describeOrganizationalUnit({ OrganizationalUnitId }))).toEqual([
      'OrganizationalUnitNotFoundException',
      "You specified an organizational unit that doesn't exist.",
    ])
    expect(await told(boss.describeOrganizationalUnit({ OrganizationalUnitId: 'x' }))).toEqual([
      'InvalidInputException',
      'INVALID_PATTERN',
      'You provided a value that does not match the required pattern.',
    ])
  })

  test('makes accounts, which their role alone opens', async () => {
    member = await created('Alpha', { Tags: [{ Key: 'stage', Value: 'test' }] })
    await boss.moveAccount({ AccountId: member, SourceParentId: root, DestinationParentId: dev })
    expect((await boss.listParents({ ChildId: member })).Parents).toEqual([{ Id: dev, Type: 'ORGANIZATIONAL_UNIT' }])
    inside = await adminOf(member)
    const { Arn, Account } = await inside.sts.send(new sts.GetCallerIdentityCommand({}))
    expect([Arn, Account]).toEqual([
      `arn:aws:sts::${member}:assumed-role/OrganizationAccountAccessRole/session`,
      member,
    ])
    expect((await inside.iam.send(new iam.ListUsersCommand({}))).Users).toEqual([])
    expect((await boss.describeAccount({ AccountId: member })).Account).toMatchObject({
      Name: 'Alpha',
      Email: 'Alpha@example.com',
      State: 'ACTIVE',
      Paths: [`${organization}/${root}/${dev}/${member}/`],
    })
    expect((await boss.listAccounts({})).Accounts).toHaveLength(2)
    expect((await boss.listAccounts({ MaxResults: 1 })).NextToken).toBeDefined()
    expect((await boss.listAccountsForParent({ ParentId: dev })).Accounts).toMatchObject([{ Id: member }])
    expect((await boss.listChildren({ ParentId: dev, ChildType: 'ACCOUNT' })).Children).toEqual([
      { Id: member, Type: 'ACCOUNT' },
    ])
    expect((await boss.listCreateAccountStatus({})).CreateAccountStatuses).toMatchObject([{ AccountId: member }])
  })

  test('invites others, who accept, decline or are no longer asked', async () => {
    const theirs = organizationsOf(invited.administrator.env)
    const Target = { Type: 'ACCOUNT' as const, Id: guest }
    const ask = async (more = {}) => {
      const { Handshake } = await boss.inviteAccountToOrganization({ Target, Notes: 'come in', ...more })
      return Handshake?.Id ?? ''
    }
    const first = await ask()
    expect(await told(boss.inviteAccountToOrganization({ Target }))).toEqual([
      'DuplicateHandshakeException',
      'A handshake with the same action and target already exists.',
    ])
    expect((await theirs.describeHandshake({ HandshakeId: first })).Handshake).toMatchObject({
      Id: first,
      Action: 'INVITE',
      State: 'OPEN',
      Parties: [
        { Id: organization, Type: 'ORGANIZATION' },
        { Id: guest, Type: 'ACCOUNT' },
      ],
    })
    expect((await theirs.declineHandshake({ HandshakeId: first })).Handshake?.State).toBe('DECLINED')
    const second = await ask()
    expect((await boss.cancelHandshake({ HandshakeId: second })).Handshake?.State).toBe('CANCELED')
    expect((await told(theirs.acceptHandshake({ HandshakeId: second })))[0]).toBe('InvalidHandshakeTransitionException')
    const third = await ask({ Tags: [{ Key: 'by', Value: 'invitation' }] })
    expect(await told(organizationsOf(alone.env).describeHandshake({ HandshakeId: third }))).toEqual([
      'HandshakeNotFoundException',
      "You specified a handshake that doesn't exist.",
    ])
    expect((await theirs.listHandshakesForAccount({ MaxResults: 1 })).NextToken).toBeDefined()
    expect((await theirs.acceptHandshake({ HandshakeId: third })).Handshake?.State).toBe('ACCEPTED')
    expect((await boss.listHandshakesForOrganization({ MaxResults: 1 })).NextToken).toBeDefined()
    expect((await boss.describeAccount({ AccountId: guest })).Account?.JoinedMethod).toBe('INVITED')
    expect((await boss.listTagsForResource({ ResourceId: guest })).Tags).toEqual([{ Key: 'by', Value: 'invitation' }])
  })

  test('is for who manages it, and tells its members about itself only', async () => {
    const theirs = organizationsOf(inside.env)
    expect((await theirs.describeOrganization({})).Organization?.Id).toBe(organization)
    const noAccess = ['AccessDeniedException', "You don't have permissions to access this resource."]
    expect(await told(theirs.listAccounts({}))).toEqual(noAccess)
    expect(await told(theirs.createOrganizationalUnit({ ParentId: root, Name: 'x' }))).toEqual(noAccess)
    expect(await told(theirs.createPolicy({ Name: 'x', Description: '', Type: 'TAG_POLICY', Content: '{}' }))).toEqual(
      noAccess,
    )
  })

  test('asks the law about every call, with its own condition keys', async () => {
    const clerk = await makeUser(
      manager,
      'clerk',
      statement(
        {
          Effect: 'Allow',
          Action: 'organizations:ListPolicies',
          Resource: '*',
          Condition: { StringEquals: { 'organizations:PolicyType': 'TAG_POLICY' } },
        },
        {
          Effect: 'Allow',
          Action: 'organizations:DescribeAccount',
          Resource: `arn:aws:organizations::${home}:account/${organization}/${member}`,
        },
        {
          Effect: 'Allow',
          Action: 'organizations:DescribeOrganizationalUnit',
          Resource: '*',
          Condition: { StringEquals: { 'aws:ResourceTag/a': '1' } },
        },
        {
          Effect: 'Allow',
          Action: ['organizations:EnableAWSServiceAccess'],
          Resource: '*',
          Condition: { StringEquals: { 'organizations:ServicePrincipal': 'config.amazonaws.com' } },
        },
      ),
    )
    const clerks = organizationsOf(clerk.env)
    await clerks.listPolicies({ Filter: 'TAG_POLICY' })
    await clerks.describeAccount({ AccountId: member })
    await clerks.describeOrganizationalUnit({ OrganizationalUnitId: dev })
    await clerks.enableAWSServiceAccess({ ServicePrincipal: 'config.amazonaws.com' })
    expect(await told(clerks.listPolicies({ Filter: 'BACKUP_POLICY' }))).toEqual([
      'AccessDeniedException',
      `User: ${clerk.arn} is not authorized to perform: organizations:ListPolicies on resource: * because no identity-based policy allows the organizations:ListPolicies action`,
    ])
    expect((await told(clerks.describeAccount({ AccountId: home })))[1]).toBe(
      `User: ${clerk.arn} is not authorized to perform: organizations:DescribeAccount on resource: arn:aws:organizations::${home}:account/${organization}/${home} because no identity-based policy allows the organizations:DescribeAccount action`,
    )
    expect((await told(clerks.enableAWSServiceAccess({ ServicePrincipal: 'iam.amazonaws.com' })))[0]).toBe(
      'AccessDeniedException',
    )
    await boss.disableAWSServiceAccess({ ServicePrincipal: 'config.amazonaws.com' })
    const founder = await makeUser(alone, 'founder', allow('organizations:*'))
    expect(await told(organizationsOf(founder.env).createOrganization({}))).toEqual([
      'AccessDeniedForDependencyException',
      'ACCESS_DENIED_DURING_CREATE_SERVICE_LINKED_ROLE',
      'The request failed because your credentials do not have permission to create the service-linked role required by AWS Organizations.',
    ])
  })
})

describe('lists', () => {
  test('come in pages', async () => {
    expect((await boss.listAccountsForParent({ ParentId: root, MaxResults: 1 })).NextToken).toBeDefined()
    const children = { ParentId: root, ChildType: 'ACCOUNT' as const, MaxResults: 1 }
    expect((await boss.listChildren(children)).NextToken).toBeDefined()
    const Tags = Array.from({ length: 25 }, (_, at) => ({ Key: `key-${at}`, Value: '' }))
    await boss.tagResource({ ResourceId: root, Tags })
    const first = await boss.listTagsForResource({ ResourceId: root })
    const second = await boss.listTagsForResource({ ResourceId: root, NextToken: first.NextToken })
    expect([...(first.Tags ?? []), ...(second.Tags ?? [])]).toHaveLength(25)
  })

  test('tell of accounts that did not come to be', async () => {
    const { CreateAccountStatus } = await boss.createAccount({ AccountName: 'Again', Email: 'alpha@EXAMPLE.com' })
    const CreateAccountRequestId = CreateAccountStatus?.Id ?? ''
    await expect
      .poll(async () => (await boss.describeCreateAccountStatus({ CreateAccountRequestId })).CreateAccountStatus)
      .toMatchObject({ State: 'FAILED', FailureReason: 'EMAIL_ALREADY_EXISTS' })
    expect((await boss.listCreateAccountStatus({ States: ['FAILED'] })).CreateAccountStatuses).toHaveLength(1)
    expect((await boss.listCreateAccountStatus({ MaxResults: 1 })).NextToken).toBeDefined()
  })
})

describe('policies', () => {
  test('are made, changed, attached, listed and deleted', async () => {
    const PolicyId = await policy('some', deny('s3:*'))
    await boss.updatePolicy({ PolicyId, Name: 'any', Description: 'why' })
    expect((await boss.describePolicy({ PolicyId })).Policy).toMatchObject({
      PolicySummary: { Name: 'any', Description: 'why', Type: 'SERVICE_CONTROL_POLICY' },
      Content: textOf(deny('s3:*')),
    })
    await boss.attachPolicy({ PolicyId, TargetId: dev })
    expect(await told(boss.attachPolicy({ PolicyId, TargetId: dev }))).toEqual([
      'DuplicatePolicyAttachmentException',
      'A policy with the specified name and type already exists.',
    ])
    const Filter = 'SERVICE_CONTROL_POLICY'
    expect((await boss.listPoliciesForTarget({ TargetId: dev, Filter, MaxResults: 1 })).NextToken).toBeDefined()
    expect((await boss.listPolicies({ Filter, MaxResults: 1 })).NextToken).toBeDefined()
    expect((await boss.listTargetsForPolicy({ PolicyId })).Targets).toMatchObject([{ TargetId: dev, Name: 'dev' }])
    expect((await boss.listTargetsForPolicy({ PolicyId: 'p-FullAWSAccess', MaxResults: 1 })).NextToken).toBeDefined()
    expect((await told(boss.deletePolicy({ PolicyId })))[0]).toBe('PolicyInUseException')
    await boss.detachPolicy({ PolicyId, TargetId: dev })
    await boss.deletePolicy({ PolicyId })
    expect(await told(boss.detachPolicy({ PolicyId: 'p-FullAWSAccess', TargetId: dev }))).toEqual([
      'ConstraintViolationException',
      'MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED',
      'You cannot remove the last policy attached to the specified target. You must have at least one attached at all times.',
    ])
    expect(
      await told(boss.createPolicy({ Name: 'x', Description: '', Type: Filter, Content: '{"Version":"2012-10-17"}' })),
    ).toEqual([
      'MalformedPolicyDocumentException',
      'The provided policy document does not meet the requirements of the specified policy type.',
    ])
  })

  test('for managing are inherited', async () => {
    await boss.enablePolicyType({ RootId: root, PolicyType: 'TAG_POLICY' })
    const tags = (team: object) => ({ tags: { team: { tag_key: { '@@assign': 'Team' }, tag_value: team } } })
    const above = await policy('tags above', tags({ '@@assign': ['a', 'b'] }), 'TAG_POLICY')
    const below = await policy('tags below', tags({ '@@append': ['c'] }), 'TAG_POLICY')
    await boss.attachPolicy({ PolicyId: above, TargetId: root })
    await boss.attachPolicy({ PolicyId: below, TargetId: member })
    const { EffectivePolicy } = await organizationsOf(inside.env).describeEffectivePolicy({ PolicyType: 'TAG_POLICY' })
    expect(JSON.parse(EffectivePolicy?.PolicyContent ?? '')).toEqual({
      tags: { team: { tag_key: 'Team', tag_value: ['a', 'b', 'c'] } },
    })
    expect(EffectivePolicy?.TargetId).toBe(member)
    expect((await told(boss.describeEffectivePolicy({ PolicyType: 'BACKUP_POLICY' })))[0]).toBe(
      'EffectivePolicyNotFoundException',
    )
    expect(await boss.listAccountsWithInvalidEffectivePolicy({ PolicyType: 'TAG_POLICY' })).toMatchObject({
      Accounts: [],
    })
    expect(
      await boss.listEffectivePolicyValidationErrors({ PolicyType: 'TAG_POLICY', AccountId: member }),
    ).toMatchObject({ AccountId: member, EffectivePolicyValidationErrors: [] })
  })
})

describe('delegation', () => {
  test('of a service lets a member read', async () => {
    await boss.enableAWSServiceAccess({ ServicePrincipal: 'config.amazonaws.com' })
    await boss.enableAWSServiceAccess({ ServicePrincipal: 'access-analyzer.amazonaws.com' })
    expect((await boss.listAWSServiceAccessForOrganization({ MaxResults: 1 })).NextToken).toBeDefined()
    const registered = { AccountId: member, ServicePrincipal: 'config.amazonaws.com' }
    await boss.registerDelegatedAdministrator(registered)
    await boss.registerDelegatedAdministrator({ ...registered, ServicePrincipal: 'access-analyzer.amazonaws.com' })
    await boss.registerDelegatedAdministrator({ ...registered, AccountId: guest })
    expect(await told(boss.registerDelegatedAdministrator(registered))).toEqual([
      'AccountAlreadyRegisteredException',
      'The provided account is already a delegated administrator for your organization.',
    ])
    expect((await boss.listDelegatedAdministrators({ MaxResults: 1 })).NextToken).toBeDefined()
    expect((await boss.listDelegatedServicesForAccount({ AccountId: member, MaxResults: 1 })).NextToken).toBeDefined()
    const theirs = organizationsOf(inside.env)
    expect((await theirs.listAccounts({})).Accounts).toHaveLength(3)
    expect((await told(theirs.deleteOrganizationalUnit({ OrganizationalUnitId: dev })))[1]).toBe(
      "You don't have permissions to access this resource.",
    )
    await boss.deregisterDelegatedAdministrator({ ...registered, AccountId: guest })
    await boss.deregisterDelegatedAdministrator(registered)
    await boss.disableAWSServiceAccess({ ServicePrincipal: 'access-analyzer.amazonaws.com' })
    expect((await told(theirs.listAccounts({})))[0]).toBe('AccessDeniedException')
    expect((await told(boss.listDelegatedServicesForAccount({ AccountId: member })))[0]).toBe(
      'AccountNotRegisteredException',
    )
  })

  test('of policies is by the organization’s resource policy, which both sides must agree with', async () => {
    const theirs = organizationsOf(inside.env)
    const Content = textOf(
      statement({
        Effect: 'Allow',
        Principal: { AWS: member },
        Action: ['organizations:ListPolicies', 'organizations:CreatePolicy', 'organizations:DescribeResourcePolicy'],
        Resource: '*',
        Condition: { StringLikeIfExists: { 'organizations:PolicyType': ['TAG_POLICY'] } },
      }),
    )
    const { ResourcePolicy } = await boss.putResourcePolicy({ Content, Tags: [{ Key: 'a', Value: 'b' }] })
    expect((await theirs.describeResourcePolicy({})).ResourcePolicy).toEqual(ResourcePolicy)
    expect((await boss.listTagsForResource({ ResourceId: ResourcePolicy?.ResourcePolicySummary?.Id })).Tags).toEqual([
      { Key: 'a', Value: 'b' },
    ])
    expect((await theirs.listPolicies({ Filter: 'TAG_POLICY' })).Policies).toHaveLength(2)
    await theirs.createPolicy({ Name: 'theirs', Description: '', Type: 'TAG_POLICY', Content: '{"tags":{}}' })
    expect((await told(theirs.listPolicies({ Filter: 'SERVICE_CONTROL_POLICY' })))[1]).toBe(
      `User: arn:aws:sts::${member}:assumed-role/OrganizationAccountAccessRole/session is not authorized to perform: organizations:ListPolicies on resource: * because no resource-based policy allows the organizations:ListPolicies action`,
    )
    expect((await told(theirs.listAccounts({})))[0]).toBe('AccessDeniedException')
    await makeRole(inside, 'nothing', trusting(member))
    const nothing = await assume(inside, `arn:aws:iam::${member}:role/nothing`)
    expect((await told(organizationsOf(nothing.env).listPolicies({ Filter: 'TAG_POLICY' })))[1]).toContain(
      'because no identity-based policy allows',
    )
    await boss.deleteResourcePolicy({})
    expect((await told(boss.describeResourcePolicy({})))[0]).toBe('ResourcePolicyNotFoundException')
  })
})

describe('service control policies', () => {
  let noUsers: string
  const listUsers = (actor: Actor) => actor.iam.send(new iam.ListUsersCommand({}))
  const arnOf = (id: string) => `arn:aws:organizations::${home}:policy/${organization}/service_control_policy/${id}`
  const attach = (PolicyId: string, TargetId: string) => boss.attachPolicy({ PolicyId, TargetId })
  const detach = (PolicyId: string, TargetId: string) => boss.detachPolicy({ PolicyId, TargetId })

  beforeAll(async () => {
    noUsers = await policy('no users', {
      ...deny('iam:ListUsers'),
      Statement: [{ Sid: 'HideUsers', Effect: 'Deny', Action: 'iam:ListUsers', Resource: '*' }],
    })
  })

  test.each([
    ['the root', () => root],
    ['a unit', () => dev],
    ['the account', () => member],
  ])('deny from %s down, from the next request on', async (_where, target) => {
    await listUsers(inside)
    await attach(noUsers, target())
    expect(await refusal(listUsers(inside))).toEqual({
      code: 'AccessDenied',
      status: 403,
      message: `User: arn:aws:sts::${member}:assumed-role/OrganizationAccountAccessRole/session is not authorized to perform: iam:ListUsers on resource: arn:aws:iam::${member}:user/ with an explicit deny in a service control policy: ${arnOf(noUsers)}`,
    })
    await detach(noUsers, target())
    await listUsers(inside)
  })

  test('must allow at every level, also for the root user of a member', async () => {
    const onlySts = await policy('only sts', allow('sts:*'))
    await attach(onlySts, guest)
    await detach('p-FullAWSAccess', guest)
    for (const actor of [invited.administrator, invited.root])
      expect((await refusal(listUsers(actor))).message).toContain(
        'because no service control policy allows the iam:ListUsers action',
      )
    await attach('p-FullAWSAccess', guest)
    await detach(onlySts, guest)
    await listUsers(invited.root)
  })

  test('do not hold for who manages the organization, and others are none of its business', async () => {
    await attach(noUsers, root)
    await listUsers(manager)
    await listUsers(alone)
    expect((await refusal(listUsers(inside))).code).toBe('AccessDenied')
    await detach(noUsers, root)
  })

  test('are explained by the keys of the environment, where no others are kept of an account', async () => {
    await attach(noUsers, dev)
    await refusal(listUsers(inside))
    const { env } = inside
    const told = await rolecall(['why', '--last', '--data', running.data], {
      AWS_ACCESS_KEY_ID: env.accessKeyId,
      AWS_SECRET_ACCESS_KEY: env.secretAccessKey,
      AWS_SESSION_TOKEN: env.sessionToken ?? '',
    })
    expect(told).toMatchObject({ code: 0, stderr: '' })
    expect(told.stdout).toContain('because of an explicit deny in the service control policy')
    expect(told.stdout).toContain(`service_control_policy/${noUsers}`)
    expect(told.stdout).not.toContain('HideUsers')
    const { stdout } = await rolecall(['why', '--last', '--data', running.data])
    expect(stdout).toContain('applies: Deny, statement HideUsers of no users')
    await detach(noUsers, dev)
  })

  test('are explained: to a member by name, to who manages the organization in whole', async () => {
    await attach(noUsers, dev)
    await refusal(listUsers(inside))
    const seenInside = await why(inside)
    expect(seenInside).toContain('because of an explicit deny in the service control policy')
    expect(seenInside).toContain(`service control policy: denies\n  ${arnOf(noUsers)}`)
    expect(seenInside).not.toMatch(/HideUsers|ou-|no users/)
    const seenAbove = await why(manager)
    expect(seenAbove).toContain(`level 1 (arn:aws:organizations::${home}:ou/${organization}/${dev}): denies`)
    expect(seenAbove).toContain('applies: Deny, statement HideUsers of no users')
    expect(seenAbove).toContain('-> remove or narrow statement HideUsers')
    expect(seenAbove).not.toContain('identity-based policy')
    await detach(noUsers, dev)
  })

  test('are simulated as they hold', async () => {
    const PolicySourceArn = `arn:aws:iam::${member}:role/OrganizationAccountAccessRole`
    const simulate = async (ActionName: string) => {
      const { EvaluationResults } = await inside.iam.send(
        new iam.SimulatePrincipalPolicyCommand({ PolicySourceArn, ActionNames: [ActionName] }),
      )
      return EvaluationResults?.[0]
    }
    await attach(noUsers, dev)
    expect(await simulate('iam:ListUsers')).toMatchObject({
      EvalDecision: 'explicitDeny',
      MatchedStatements: [],
      OrganizationsDecisionDetail: { AllowedByOrganizations: false },
    })
    expect(await simulate('iam:ListRoles')).toMatchObject({
      EvalDecision: 'allowed',
      MatchedStatements: [{ SourcePolicyId: 'AdministratorAccess' }],
      OrganizationsDecisionDetail: { AllowedByOrganizations: true },
    })
    const custom = await inside.iam.send(
      new iam.SimulateCustomPolicyCommand({
        PolicyInputList: [textOf(allow('*'))],
        ActionNames: ['iam:ListUsers'],
        ResourceArns: [`arn:aws:iam::${member}:user/x`],
      }),
    )
    expect(custom.EvaluationResults).toMatchObject([
      { EvalDecision: 'explicitDeny', OrganizationsDecisionDetail: { AllowedByOrganizations: false } },
    ])
    await detach(noUsers, dev)
    const outside = await alone.iam.send(
      new iam.SimulateCustomPolicyCommand({ PolicyInputList: [textOf(allow('*'))], ActionNames: ['iam:ListUsers'] }),
    )
    expect(outside.EvaluationResults?.[0]?.OrganizationsDecisionDetail).toBeUndefined()
  })

  test('may ask for the organization, and trust policies too', async () => {
    const trust = (value: string, key = 'aws:PrincipalOrgID') =>
      statement({
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: 'sts:AssumeRole',
        Condition: { StringLike: { [key]: value } },
      })
    const { arn } = await makeRole(alone, 'for-members', trust(organization))
    await assume(inside, arn)
    expect((await refusal(assume(await makeUser(alone, 'same', allow('*')), arn))).code).toBe('AccessDenied')
    const paths = statement({
      Effect: 'Allow',
      Principal: { AWS: '*' },
      Action: 'sts:AssumeRole',
      Condition: { 'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': `${organization}/${root}/${dev}/*` } },
    })
    const { arn: forDev } = await makeRole(alone, 'for-dev', paths)
    await assume(inside, forDev)
    expect((await refusal(assume(invited.administrator, forDev))).code).toBe('AccessDenied')
    const away = await policy(
      'stay inside',
      statement({
        Effect: 'Deny',
        Action: 'sts:AssumeRole',
        Resource: '*',
        Condition: { StringNotEqualsIfExists: { 'aws:ResourceOrgID': organization } },
      }),
    )
    await attach(away, dev)
    expect((await refusal(assume(inside, arn))).message).not.toContain('service control policy')
    expect(await why(inside)).toContain('because of an explicit deny in the service control policy')
    await detach(away, dev)
  })
})

test('a token for others says which organization its account is in, and where', async () => {
  await inside.iam.send(new iam.EnableOutboundWebIdentityFederationCommand({}))
  const { WebIdentityToken = '' } = await inside.sts.send(
    new sts.GetWebIdentityTokenCommand({ Audience: ['test'], SigningAlgorithm: 'RS256' }),
  )
  const claims = JSON.parse(Buffer.from(WebIdentityToken.split('.')[1] ?? '', 'base64url').toString())
  expect(claims['https://sts.amazonaws.com/']).toMatchObject({
    aws_account: member,
    org_id: organization,
    ou_path: [`${organization}/${root}/${dev}/`],
  })
})

describe('resource control policies', () => {
  test('close the roles of members to strangers, whatever the roles trust', async () => {
    const { arn } = await makeRole(inside, 'open', trusting([loner, guest]))
    await assume(alone, arn)
    const insiders = await policy(
      'insiders only',
      statement({
        Effect: 'Deny',
        Principal: '*',
        Action: 'sts:AssumeRole',
        Resource: '*',
        Condition: { StringNotEqualsIfExists: { 'aws:PrincipalOrgID': organization } },
      }),
      'RESOURCE_CONTROL_POLICY',
    )
    await boss.attachPolicy({ PolicyId: insiders, TargetId: dev })
    const { message } = await refusal(assume(alone, arn))
    expect(message).toBe(
      `User: arn:aws:iam::${loner}:user/administrator is not authorized to perform: sts:AssumeRole on resource: ${arn}`,
    )
    await assume(invited.administrator, arn)
    const owners = await why(inside)
    expect(owners).toContain('because of an explicit deny in the resource control policy')
    expect(owners).toContain(`resource_control_policy/${insiders}`)
    expect(await why(alone)).not.toContain('resource control policy')
    expect(await why(manager)).toContain('statement 1 of insiders only')
    await boss.detachPolicy({ PolicyId: insiders, TargetId: dev })
    await assume(alone, arn)
  })
})

describe('root access', () => {
  const audit = { arn: 'arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials' }
  const remove = { arn: 'arn:aws:iam::aws:policy/root-task/IAMDeleteRootUserCredentials' }
  const lent = async (actor: Actor, TargetPrincipal: string, TaskPolicyArn = audit) => {
    const { Credentials } = await actor.sts.send(new sts.AssumeRootCommand({ TargetPrincipal, TaskPolicyArn }))
    return withKeys(actor, {
      accountId: TargetPrincipal,
      accessKeyId: Credentials?.AccessKeyId ?? '',
      secretAccessKey: Credentials?.SecretAccessKey ?? '',
      sessionToken: Credentials?.SessionToken ?? '',
    })
  }

  test('is switched by who manages the organization, where IAM has access to it', async () => {
    const features = () => manager.iam.send(new iam.ListOrganizationsFeaturesCommand({}))
    expect((await refusal(alone.iam.send(new iam.ListOrganizationsFeaturesCommand({})))).code).toBe(
      'OrganizationNotFoundException',
    )
    expect((await refusal(inside.iam.send(new iam.ListOrganizationsFeaturesCommand({})))).code).toBe(
      'AccountNotManagementOrDelegatedAdministratorException',
    )
    expect((await refusal(features())).code).toBe('ServiceAccessNotEnabledException')
    expect((await refusal(lent(manager, guest))).code).toBe('AccessDenied')
    await boss.enableAWSServiceAccess({ ServicePrincipal: 'iam.amazonaws.com' })
    expect(await features()).toMatchObject({ OrganizationId: organization, EnabledFeatures: [] })
    await manager.iam.send(new iam.EnableOrganizationsRootCredentialsManagementCommand({}))
    const enabled = await manager.iam.send(new iam.EnableOrganizationsRootSessionsCommand({}))
    expect(enabled.EnabledFeatures).toEqual(['RootCredentialsManagement', 'RootSessions'])
    const less = await manager.iam.send(new iam.DisableOrganizationsRootCredentialsManagementCommand({}))
    expect(less.EnabledFeatures).toEqual(['RootSessions'])
  })

  test('lends root out for a task, and for nothing else; QUIRK: root-task-denies', async () => {
    const auditor = await lent(manager, guest)
    const { Arn } = await auditor.sts.send(new sts.GetCallerIdentityCommand({}))
    expect(Arn).toBe(`arn:aws:iam::${guest}:root`)
    const { AccessKeyMetadata } = await auditor.iam.send(new iam.ListAccessKeysCommand({}))
    expect(AccessKeyMetadata?.map(({ AccessKeyId }) => AccessKeyId)).toEqual([invited.root.env.accessKeyId])
    expect((await refusal(auditor.iam.send(new iam.ListUsersCommand({})))).message).toContain(
      'with an explicit deny in a session policy',
    )
    const AccessKeyId = invited.root.env.accessKeyId
    expect((await refusal(auditor.iam.send(new iam.DeleteAccessKeyCommand({ AccessKeyId })))).code).toBe('AccessDenied')
    const cleaner = await lent(manager, guest, remove)
    await cleaner.iam.send(new iam.DeleteAccessKeyCommand({ AccessKeyId }))
    expect((await refusal(invited.root.sts.send(new sts.GetCallerIdentityCommand({})))).code).toBe(
      'InvalidClientTokenId',
    )
  })

  test('lets root have a password again, and takes it away', async () => {
    const creator = await lent(manager, guest, { arn: 'arn:aws:iam::aws:policy/root-task/IAMCreateRootUserPassword' })
    const auditor = await lent(manager, guest)
    const present = async () => {
      const { SummaryMap } = await auditor.iam.send(new iam.GetAccountSummaryCommand({}))
      return SummaryMap?.AccountPasswordPresent
    }
    expect((await refusal(auditor.iam.send(new iam.GetLoginProfileCommand({})))).code).toBe('NoSuchEntity')
    expect(await present()).toBe(0)
    const chosen = creator.iam.send(new iam.CreateLoginProfileCommand({ Password: 'Correct-Horse-7' }))
    expect((await refusal(chosen)).code).toBe('ValidationError')
    await creator.iam.send(new iam.CreateLoginProfileCommand({}))
    expect((await refusal(creator.iam.send(new iam.CreateLoginProfileCommand({})))).code).toBe('EntityAlreadyExists')
    const { LoginProfile } = await auditor.iam.send(new iam.GetLoginProfileCommand({}))
    expect(LoginProfile).toMatchObject({ UserName: 'root', CreateDate: expect.any(Date), PasswordResetRequired: false })
    expect(await present()).toBe(1)
    expect((await refusal(auditor.iam.send(new iam.DeleteLoginProfileCommand({})))).code).toBe('AccessDenied')
    const cleaner = await lent(manager, guest, remove)
    await cleaner.iam.send(new iam.DeleteLoginProfileCommand({}))
    expect(await present()).toBe(0)
  })

  test('is nobody else’s: not of members, not over who manages, not over strangers, and held by ceilings', async () => {
    for (const [actor, target] of [
      [inside, guest],
      [alone, guest],
      [manager, home],
      [manager, loner],
      [manager, '000000000000'],
    ] as const)
      expect((await refusal(lent(actor, target))).code).toBe('AccessDenied')
    const nobody = await makeUser(manager, 'nobody')
    expect((await refusal(lent(nobody, guest))).message).toContain('because no identity-based policy allows')
    await boss.registerDelegatedAdministrator({ AccountId: member, ServicePrincipal: 'iam.amazonaws.com' })
    await lent(inside, guest)
    await boss.deregisterDelegatedAdministrator({ AccountId: member, ServicePrincipal: 'iam.amazonaws.com' })
    const noRoot = await policy(
      'no root',
      statement({ Effect: 'Deny', Action: 'iam:*', Resource: '*', Condition: { Bool: { 'aws:AssumedRoot': 'true' } } }),
    )
    await boss.attachPolicy({ PolicyId: noRoot, TargetId: guest })
    const held = await lent(manager, guest)
    expect((await refusal(held.iam.send(new iam.ListAccessKeysCommand({})))).message).toContain(
      'service control policy',
    )
    await boss.detachPolicy({ PolicyId: noRoot, TargetId: guest })
    await boss.disableAWSServiceAccess({ ServicePrincipal: 'iam.amazonaws.com' })
    expect((await refusal(lent(manager, guest))).code).toBe('AccessDenied')
  })

  test('is not all that IAM has for organizations: it reports on what their policies leave open', async () => {
    const report = async (EntityPath: string) => {
      const { JobId = '' } = await manager.iam.send(new iam.GenerateOrganizationsAccessReportCommand({ EntityPath }))
      let ended: iam.GetOrganizationsAccessReportCommandOutput | undefined
      await expect
        .poll(async () => {
          ended = await manager.iam.send(new iam.GetOrganizationsAccessReportCommand({ JobId }))
          return ended.JobStatus
        })
        .not.toBe('IN_PROGRESS')
      return ended
    }
    const onlyIam = await policy('only IAM and STS', allow(['iam:*', 'sts:*']))
    await boss.attachPolicy({ PolicyId: onlyIam, TargetId: dev })
    await boss.detachPolicy({ PolicyId: 'p-FullAWSAccess', TargetId: dev })
    const path = `${organization}/${root}/${dev}`
    await expect.poll(async () => (await report(path))?.NumberOfServicesNotAccessed).toBe(0)
    expect(await report(`${path}/${member}`)).toMatchObject({
      JobStatus: 'COMPLETED',
      NumberOfServicesAccessible: 2,
      AccessDetails: [
        {
          ServiceNamespace: 'iam',
          EntityPath: `${path}/${member}`,
          TotalAuthenticatedEntities: 1,
          Region: 'us-east-1',
        },
        { ServiceNamespace: 'sts', EntityPath: `${path}/${member}` },
      ],
    })
    expect((await report(`${organization}/${root}`))?.NumberOfServicesAccessible).toBeGreaterThan(100)
    expect(await report(`${organization}/${root}/${member}`)).toMatchObject({
      JobStatus: 'FAILED',
      ErrorDetails: { Code: 'NoSuchEntity' },
    })
    await boss.attachPolicy({ PolicyId: 'p-FullAWSAccess', TargetId: dev })
    await boss.detachPolicy({ PolicyId: onlyIam, TargetId: dev })
  })
})

describe('accounts end', () => {
  test('when they are closed: nobody acts in them, and nobody gets in', async () => {
    const AccountId = await created('Doomed')
    const last = await adminOf(AccountId)
    const user = await makeUser(last, 'someone', allow('*'))
    const { arn } = await makeRole(last, 'open', trusting('*'))
    await boss.closeAccount({ AccountId })
    for (const actor of [last, user])
      expect((await refusal(actor.sts.send(new sts.GetCallerIdentityCommand({})))).code).toBe('InvalidClientTokenId')
    expect((await refusal(assume(manager, arn))).code).toBe('AccessDenied')
    await expect.poll(async () => (await boss.describeAccount({ AccountId })).Account?.State).toBe('SUSPENDED')
  })

  test('for the organization, when they are removed or leave', async () => {
    const theirs = organizationsOf(invited.administrator.env)
    await theirs.leaveOrganization({})
    expect((await told(theirs.describeOrganization({})))[0]).toBe('AWSOrganizationsNotInUseException')
    await boss.removeAccountFromOrganization({ AccountId: member })
    await inside.iam.send(new iam.ListUsersCommand({}))
    expect((await told(boss.deleteOrganization({})))[0]).toBe('OrganizationNotEmptyException')
  })
})

describe('an organization that only shares a bill', () => {
  test('enables all features once everybody who was invited agrees', async () => {
    const loners = organizationsOf(alone.env)
    await loners.createOrganization({ FeatureSet: 'CONSOLIDATED_BILLING' })
    const { Handshake } = await loners.inviteAccountToOrganization({
      Target: { Type: 'EMAIL', Id: `${guest}@account.invalid` },
    })
    const theirs = organizationsOf(invited.administrator.env)
    await theirs.acceptHandshake({ HandshakeId: Handshake?.Id })
    const { Handshake: request } = await loners.enableAllFeatures({})
    expect((await told(loners.acceptHandshake({ HandshakeId: request?.Id })))[0]).toBe(
      'InvalidHandshakeTransitionException',
    )
    const { Handshakes } = await theirs.listHandshakesForAccount({ Filter: { ParentHandshakeId: request?.Id } })
    await theirs.acceptHandshake({ HandshakeId: Handshakes?.[0]?.Id })
    expect((await loners.acceptHandshake({ HandshakeId: request?.Id })).Handshake?.State).toBe('ACCEPTED')
    expect((await loners.describeOrganization({})).Organization?.FeatureSet).toBe('ALL')
    await theirs.leaveOrganization({})
    await loners.deleteOrganization({})
  })
})

describe('what there is none of', () => {
  test('is refused as AWS would refuse it', async () => {
    expect((await told(boss.createGovCloudAccount({ AccountName: 'x', Email: 'x@example.com' })))[1]).toBe(
      'MASTER_ACCOUNT_NOT_GOVCLOUD_ENABLED',
    )
    const Id = 'rt-0123456789'
    for (const asked of [
      boss.describeResponsibilityTransfer({ Id }),
      boss.updateResponsibilityTransfer({ Id, Name: 'x' }),
      boss.terminateResponsibilityTransfer({ Id }),
    ])
      expect((await told(asked))[0]).toBe('ResponsibilityTransferNotFoundException')
    const Target = { Type: 'ACCOUNT' as const, Id: guest }
    const asked = { Type: 'BILLING' as const, Target, StartTimestamp: new Date(), SourceName: 'x' }
    expect((await told(boss.inviteOrganizationToTransferResponsibility(asked)))[0]).toBe(
      'UnsupportedAPIEndpointException',
    )
    expect((await boss.listInboundResponsibilityTransfers({ Type: 'BILLING' })).ResponsibilityTransfers).toEqual([])
    expect((await boss.listOutboundResponsibilityTransfers({ Type: 'BILLING' })).ResponsibilityTransfers).toEqual([])
  })
})

/** What an answer could hold by AWS's model and never does, and why. A path stands for all that is below it. */
const never: Readonly<Record<string, readonly string[]>> = {
  'there is no GovCloud': [
    'CreateAccount CreateAccountStatus.GovCloudAccountId',
    'DescribeCreateAccountStatus CreateAccountStatus.GovCloudAccountId',
    'ListCreateAccountStatus CreateAccountStatuses[].GovCloudAccountId',
  ],
  'what begins has not ended': [
    'CreateAccount CreateAccountStatus.CompletedTimestamp',
    'CreateAccount CreateAccountStatus.AccountId',
    'CreateAccount CreateAccountStatus.FailureReason',
  ],
  'bills are not transferred': [
    'ListInboundResponsibilityTransfers ResponsibilityTransfers[]',
    'ListInboundResponsibilityTransfers NextToken',
    'ListOutboundResponsibilityTransfers ResponsibilityTransfers[]',
    'ListOutboundResponsibilityTransfers NextToken',
  ],
  'what was found good stays good': [
    'ListAccountsWithInvalidEffectivePolicy Accounts[]',
    'ListAccountsWithInvalidEffectivePolicy NextToken',
    'ListEffectivePolicyValidationErrors EffectivePolicyValidationErrors[]',
    'ListEffectivePolicyValidationErrors NextToken',
  ],
  'an organization has one root, and everything in it one parent': ['ListRoots NextToken', 'ListParents NextToken'],
  'whoever is a member knows its organization': ['EnableAllFeatures Handshake.Resources[].Resources'],
}

describe('at the end', () => {
  const refused = [
    'CreateGovCloudAccount',
    'DescribeResponsibilityTransfer',
    'InviteOrganizationToTransferResponsibility',
    'TerminateResponsibilityTransfer',
    'UpdateResponsibilityTransfer',
  ]
  const beneath = (path: string, top: string): boolean =>
    path === top || (path.startsWith(top) && /^[.[]/.test(path.slice(top.length)))

  test('every operation was answered, or refused for good', () => {
    expect([...model.operations.keys()].filter((name) => !answered.has(name)).sort()).toEqual(refused)
  })

  test('whatever an answer can hold was seen in one, or has a reason', () => {
    const reasoned = Object.values(never).flat()
    const missing: string[] = []
    const found: string[] = []
    for (const name of answered) {
      const output = model.operation(name)?.output
      for (const path of output === undefined ? [] : pathsOf(output)) {
        const whole = `${name} ${path}`
        const known = reasoned.some((top) => beneath(whole, top))
        if (seen.get(name)?.has(path) === true) {
          if (known) found.push(whole)
        } else if (!known) missing.push(whole)
      }
    }
    expect(found).toEqual([])
    expect(missing).toEqual([])
  })
})
