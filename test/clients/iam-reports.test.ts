import * as sdk from '@aws-sdk/client-iam'
import { GetDelegatedAccessTokenCommand } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Actor, actorOf, allow, denied, deny, makeUser, refusal, statement, textOf, trusting } from './actor.ts'
import { waited } from './iam/stage.ts'
import { discard, envOf, type Running, startRolecall } from './process.ts'

/** What IAM tells of itself: simulations, reports and service-linked roles, by AWS's own client. */
const home = '012345678901'
const arn = (resource: string) => `arn:aws:iam::${home}:${resource}`

let running: Running
let administrator: Actor
let iam: sdk.IAMClient
beforeAll(async () => {
  running = await startRolecall({ args: ['--account-id', home] })
  administrator = actorOf(await envOf(running))
  iam = administrator.iam
})
afterAll(() => discard(running))

describe('simulations', () => {
  test('of documents say which statements decided, and where they stand', async () => {
    const { EvaluationResults, IsTruncated } = await iam.send(
      new sdk.SimulateCustomPolicyCommand({
        PolicyInputList: [textOf(allow('s3:GetObject')), textOf(deny('s3:GetObject', 'arn:aws:s3:::box/secret'))],
        ActionNames: ['s3:GetObject', 's3:PutObject'],
        ResourceArns: ['arn:aws:s3:::box/secret'],
        ContextEntries: [{ ContextKeyName: 'aws:SourceIp', ContextKeyType: 'ip', ContextKeyValues: ['192.0.2.1'] }],
      }),
    )
    expect(IsTruncated).toBe(false)
    expect(EvaluationResults?.map(({ EvalActionName, EvalDecision }) => [EvalActionName, EvalDecision])).toEqual([
      ['s3:GetObject', 'explicitDeny'],
      ['s3:PutObject', 'implicitDeny'],
    ])
    const Statement = {
      SourcePolicyId: 'PolicyInputList.2',
      SourcePolicyType: 'IAM Policy',
      StartPosition: { Line: 1, Column: 38 },
      EndPosition: expect.objectContaining({ Line: 1 }),
    }
    expect(EvaluationResults?.[0]).toMatchObject({
      EvalResourceName: 'arn:aws:s3:::box/secret',
      MatchedStatements: [Statement],
      EvalDecisionDetails: {},
      ResourceSpecificResults: [{ EvalResourceDecision: 'explicitDeny', MatchedStatements: [Statement] }],
    })
  })

  test('of a principal say what its calls come to', async () => {
    const UserName = 'simulated'
    await iam.send(new sdk.CreateUserCommand({ UserName, Path: '/p/' }))
    const PolicyDocument = textOf({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' },
        { Effect: 'Allow', Action: 'iam:GetUser', Resource: arn(`user/p/\${aws:username}`) },
      ],
    })
    await iam.send(new sdk.PutUserPolicyCommand({ UserName, PolicyName: 'own', PolicyDocument }))
    const PolicySourceArn = arn(`user/p/${UserName}`)
    const { ContextKeyNames } = await iam.send(new sdk.GetContextKeysForPrincipalPolicyCommand({ PolicySourceArn }))
    expect(ContextKeyNames).toEqual(['aws:username'])

    const decided = async (input: Partial<sdk.SimulatePrincipalPolicyCommandInput>) => {
      const ActionNames = input.ActionNames ?? ['iam:GetUser']
      const call = new sdk.SimulatePrincipalPolicyCommand({ PolicySourceArn, ...input, ActionNames })
      return (await iam.send(call)).EvaluationResults?.map(({ EvalDecision }) => EvalDecision)
    }
    expect(await decided({ ResourceArns: [PolicySourceArn] })).toEqual(['allowed'])
    expect(await decided({ ResourceArns: [arn('user/other')] })).toEqual(['implicitDeny'])
    const elsewhere = 'arn:aws:iam::111111111111:role/r'
    const assumes = { ActionNames: ['sts:AssumeRole'], ResourceArns: [elsewhere] }
    const owner = { ResourceOwner: 'arn:aws:iam::111111111111:root' }
    expect(await decided({ ...assumes, ...owner, ResourcePolicy: textOf(trusting(home)) })).toEqual(['allowed'])
    expect(await decided({ ...assumes, ...owner, ResourcePolicy: textOf(trusting('222222222222')) })).toEqual([
      'implicitDeny',
    ])
  })

  test('go on from page to page', async () => {
    const input = { PolicyInputList: [textOf(allow('s3:*'))], ActionNames: ['s3:A', 's3:B', 's3:C'] }
    const found: (string | undefined)[] = []
    for await (const page of sdk.paginateSimulateCustomPolicy({ client: iam, pageSize: 2 }, input))
      found.push(...(page.EvaluationResults ?? []).map(({ EvalActionName }) => EvalActionName))
    expect(found).toEqual(input.ActionNames)
    const { ContextKeyNames } = await iam.send(
      new sdk.GetContextKeysForCustomPolicyCommand({ PolicyInputList: input.PolicyInputList }),
    )
    expect(ContextKeyNames).toEqual([])
  })

  test('of nobody are refused in the SDK’s own classes', async () => {
    const call = new sdk.SimulatePrincipalPolicyCommand({ PolicySourceArn: arn('user/nobody'), ActionNames: ['s3:A'] })
    await expect(iam.send(call)).rejects.toBeInstanceOf(sdk.NoSuchEntityException)
    const odd = new sdk.SimulateCustomPolicyCommand({ PolicyInputList: ['{'], ActionNames: ['s3:A'] })
    await expect(iam.send(odd)).rejects.toBeInstanceOf(sdk.InvalidInputException)
  })
})

describe('reports', () => {
  test('of credentials are asked for, waited for, and read', async () => {
    await expect(iam.send(new sdk.GetCredentialReportCommand({}))).rejects.toBeInstanceOf(
      sdk.CredentialReportNotPresentException,
    )
    expect((await iam.send(new sdk.GenerateCredentialReportCommand({}))).State).toBe('STARTED')
    await expect(iam.send(new sdk.GetCredentialReportCommand({}))).rejects.toBeInstanceOf(
      sdk.CredentialReportNotReadyException,
    )
    await waited(async () => {
      const { State } = await iam.send(new sdk.GenerateCredentialReportCommand({}))
      return State === 'COMPLETE' ? State : undefined
    })
    const { Content, ReportFormat, GeneratedTime } = await iam.send(new sdk.GetCredentialReportCommand({}))
    expect(ReportFormat).toBe('text/csv')
    expect(GeneratedTime).toBeInstanceOf(Date)
    const [head, root, ...users] = new TextDecoder().decode(Content).split('\n')
    expect(head).toMatch(/^user,arn,.*,cert_2_last_rotated$/)
    expect(root).toMatch(`<root_account>,${arn('root')},`)
    expect(users.join('\n')).toMatch(`administrator,${arn('user/administrator')},`)
  })

  test('of authorization details go on from page to page', async () => {
    await iam.send(new sdk.CreateGroupCommand({ GroupName: 'detailed' }))
    const found: (string | undefined)[] = []
    for await (const page of sdk.paginateGetAccountAuthorizationDetails({ client: iam, pageSize: 1 }, {})) {
      found.push(...(page.UserDetailList ?? []).map(({ UserName }) => UserName))
      found.push(...(page.GroupDetailList ?? []).map(({ GroupName }) => GroupName))
      found.push(...(page.Policies ?? []).map(({ PolicyName }) => PolicyName))
    }
    const groups = await iam.send(new sdk.GetAccountAuthorizationDetailsCommand({ Filter: [sdk.EntityType.Group] }))
    expect(groups.GroupDetailList?.map(({ GroupName }) => GroupName)).toEqual(['detailed'])
    expect(groups.UserDetailList).toEqual([])
    expect(found).toEqual(expect.arrayContaining(['administrator', 'detailed', 'AdministratorAccess']))
    expect(new Set(found).size).toBe(found.length)
  })

  test('of last accesses tell what was really done', async () => {
    const Arn = arn('user/administrator')
    const done = await waited(async () => {
      const { JobId } = await iam.send(
        new sdk.GenerateServiceLastAccessedDetailsCommand({ Arn, Granularity: 'ACTION_LEVEL' }),
      )
      const job = await waited(async () => {
        const answer = await iam.send(new sdk.GetServiceLastAccessedDetailsCommand({ JobId, MaxItems: 1000 }))
        return answer.JobStatus === 'COMPLETED' ? { ...answer, JobId } : undefined
      })
      const used = job.ServicesLastAccessed?.find(({ ServiceNamespace }) => ServiceNamespace === 'iam')
      // What was done is written down in a moment.
      const group = used?.TrackedActionsLastAccessed?.find(({ ActionName }) => ActionName === 'CreateGroup')
      return group?.LastAccessedEntity === Arn ? { job, used } : undefined
    })
    expect(done.used).toMatchObject({ LastAuthenticatedEntity: Arn, TotalAuthenticatedEntities: 1 })
    const actions = done.used?.TrackedActionsLastAccessed ?? []
    expect(actions.find(({ ActionName }) => ActionName === 'DeleteRole')).toEqual({ ActionName: 'DeleteRole' })

    const { EntityDetailsList } = await iam.send(
      new sdk.GetServiceLastAccessedDetailsWithEntitiesCommand({ JobId: done.job.JobId, ServiceNamespace: 'iam' }),
    )
    expect(EntityDetailsList).toMatchObject([
      { EntityInfo: { Name: 'administrator', Type: 'USER' }, LastAuthenticated: done.used?.LastAuthenticated },
    ])
    const { PoliciesGrantingServiceAccess } = await iam.send(
      new sdk.ListPoliciesGrantingServiceAccessCommand({ Arn, ServiceNamespaces: ['s3'] }),
    )
    expect(PoliciesGrantingServiceAccess?.[0]).toMatchObject({
      ServiceNamespace: 's3',
      Policies: [{ PolicyName: 'AdministratorAccess', PolicyType: 'MANAGED' }],
    })
  })
})

test('service-linked roles are made, kept as they are, and deleted by a task', async () => {
  const { Role } = await iam.send(
    new sdk.CreateServiceLinkedRoleCommand({ AWSServiceName: 'ecs.amazonaws.com', Description: 'for tasks' }),
  )
  const RoleName = 'AWSServiceRoleForECS'
  expect(Role?.Arn).toBe(arn(`role/aws-service-role/ecs.amazonaws.com/${RoleName}`))
  await expect(iam.send(new sdk.DeleteRoleCommand({ RoleName }))).rejects.toBeInstanceOf(
    sdk.UnmodifiableEntityException,
  )
  const again = new sdk.CreateServiceLinkedRoleCommand({ AWSServiceName: 'ecs.amazonaws.com' })
  await expect(iam.send(again)).rejects.toBeInstanceOf(sdk.InvalidInputException)

  const { DeletionTaskId } = await iam.send(new sdk.DeleteServiceLinkedRoleCommand({ RoleName }))
  const status = await waited(async () => {
    const answer = await iam.send(new sdk.GetServiceLinkedRoleDeletionStatusCommand({ DeletionTaskId }))
    return answer.Status === 'IN_PROGRESS' ? undefined : answer.Status
  })
  expect(status).toBe('SUCCEEDED')
  await expect(iam.send(new sdk.GetRoleCommand({ RoleName }))).rejects.toBeInstanceOf(sdk.NoSuchEntityException)
})

describe('what an account chose', () => {
  test('of outbound federation is told, with an issuer that stays', async () => {
    const info = () => iam.send(new sdk.GetOutboundWebIdentityFederationInfoCommand({}))
    await expect(info()).rejects.toBeInstanceOf(sdk.FeatureDisabledException)
    const { IssuerIdentifier } = await iam.send(new sdk.EnableOutboundWebIdentityFederationCommand({}))
    expect(await info()).toMatchObject({ IssuerIdentifier, JwtVendingEnabled: true })
    const again = iam.send(new sdk.EnableOutboundWebIdentityFederationCommand({}))
    await expect(again).rejects.toBeInstanceOf(sdk.FeatureEnabledException)
    await iam.send(new sdk.DisableOutboundWebIdentityFederationCommand({}))
    await expect(info()).rejects.toBeInstanceOf(sdk.FeatureDisabledException)
  })

  test('of the global endpoint’s tokens shows in the summary', async () => {
    await iam.send(new sdk.SetSecurityTokenServicePreferencesCommand({ GlobalEndpointTokenVersion: 'v2Token' }))
    const { SummaryMap } = await iam.send(new sdk.GetAccountSummaryCommand({}))
    expect(SummaryMap?.GlobalEndpointTokenVersion).toBe(2)
  })
})

describe('without an organization', () => {
  test('root access is refused', async () => {
    for (const call of [
      () => iam.send(new sdk.ListOrganizationsFeaturesCommand({})),
      () => iam.send(new sdk.EnableOrganizationsRootCredentialsManagementCommand({})),
      () => iam.send(new sdk.DisableOrganizationsRootCredentialsManagementCommand({})),
      () => iam.send(new sdk.EnableOrganizationsRootSessionsCommand({})),
      () => iam.send(new sdk.DisableOrganizationsRootSessionsCommand({})),
    ])
      await expect(call()).rejects.toBeInstanceOf(sdk.OrganizationNotFoundException)
  })

  test('a report fails', async () => {
    const EntityPath = 'o-a1b2c3d4e5/r-f6g7h8i9j0'
    const { JobId } = await iam.send(new sdk.GenerateOrganizationsAccessReportCommand({ EntityPath }))
    const { JobStatus, ErrorDetails } = await iam.send(new sdk.GetOrganizationsAccessReportCommand({ JobId }))
    expect(JobStatus).toBe('FAILED')
    expect(ErrorDetails?.Message).toMatch(/^No organization/)
  })
})

test('there are no delegation requests', async () => {
  expect((await iam.send(new sdk.ListDelegationRequestsCommand({}))).DelegationRequests).toEqual([])
  const input = { DelegationRequestId: '0123456789abcdef' }
  for (const call of [
    () => iam.send(new sdk.AcceptDelegationRequestCommand(input)),
    () => iam.send(new sdk.AssociateDelegationRequestCommand(input)),
    () => iam.send(new sdk.GetDelegationRequestCommand(input)),
    () => iam.send(new sdk.RejectDelegationRequestCommand(input)),
    () => iam.send(new sdk.SendDelegationTokenCommand(input)),
    () => iam.send(new sdk.UpdateDelegationRequestCommand(input)),
    () => iam.send(new sdk.GetHumanReadableSummaryCommand({ EntityArn: arn('delegation-request/0123456789abcdef') })),
  ])
    await expect(call()).rejects.toBeInstanceOf(sdk.NoSuchEntityException)
})

describe('what AWS’s partners ask for', () => {
  const PolicyTemplateArn = 'arn:aws:iam::aws:delegation-template/t'
  const create = (more: Partial<sdk.CreateDelegationRequestCommandInput> = {}) =>
    new sdk.CreateDelegationRequestCommand({
      Description: 'words',
      Permissions: { PolicyTemplateArn },
      RequestorWorkflowId: '12345',
      NotificationChannel: `arn:aws:sns:us-east-1:${home}:t`,
      SessionDuration: 3600,
      ...more,
    })

  test('is granted to nobody: no template of theirs is registered here', async () => {
    const call = iam.send(create({ OwnerAccountId: '111111111111' }))
    await expect(call).rejects.toBeInstanceOf(sdk.InvalidInputException)
    await expect(call).rejects.toThrow(`Policy template ${PolicyTemplateArn} is not registered for account ${home}.`)
  })

  test('is for those to ask whom a policy lets, template by template and for as long as it says', async () => {
    const asking = (Condition: object) =>
      statement({
        Effect: 'Allow',
        Action: 'iam:CreateDelegationRequest',
        Resource: arn('delegation-request/*'),
        Condition,
      })
    const partner = await makeUser(
      administrator,
      'partner',
      asking({
        ArnEquals: { 'iam:TemplateArn': PolicyTemplateArn },
        NumericLessThanEquals: { 'iam:DelegationDuration': '3600' },
        StringEquals: { 'iam:NotificationChannel': `arn:aws:sns:us-east-1:${home}:t` },
        Null: { 'iam:DelegationRequestOwner': 'true' },
      }),
    )
    const told = async (more?: Partial<sdk.CreateDelegationRequestCommandInput>) =>
      (await refusal(partner.iam.send(create(more)))).code
    expect(await told()).toBe('InvalidInput')
    expect(await told({ SessionDuration: 3601 })).toBe('AccessDenied')
    expect(await told({ Permissions: { PolicyTemplateArn: `${PolicyTemplateArn}2` } })).toBe('AccessDenied')
    expect(await told({ Permissions: { Parameters: [{ Name: 'bucket', Values: ['b'], Type: 'string' }] } })).toBe(
      'AccessDenied',
    )
    expect(await told({ NotificationChannel: `arn:aws:sns:us-east-1:${home}:u` })).toBe('AccessDenied')
  })

  test('cannot be traded in: no token for it was ever given out', async () => {
    const TradeInToken = 'a-token-that-nobody-gave-out'
    const trade = (actor: Actor) => refusal(actor.sts.send(new GetDelegatedAccessTokenCommand({ TradeInToken })))
    expect(await trade(administrator)).toEqual({
      code: 'ValidationError',
      message: 'The trade-in token is not valid.',
      status: 400,
    })
    const trader = await makeUser(administrator, 'trader')
    expect(await trade(trader)).toEqual(
      denied(
        trader.arn,
        'sts:GetDelegatedAccessToken',
        '*',
        'because no identity-based policy allows the sts:GetDelegatedAccessToken action',
      ),
    )
  })
})
