import type { ServiceLastAccessed } from '@aws-sdk/client-iam'
import { expect } from 'vitest'
import { awsServices } from '../../../src/model/aws-service.ts'
import { allow, refusal, statement, textOf, trusting } from '../actor.ts'
import { arn, document, encoded, home, type Row, type Rows, type Stage, Tags, waited } from './stage.ts'

/** A report of last accesses, once there is one. */
async function job(stage: Stage, Arn: string): Promise<string> {
  const { JobId = '' } = await stage.iam.generateServiceLastAccessedDetails({ Arn, Granularity: 'ACTION_LEVEL' })
  await waited(async () => {
    const { JobStatus } = await stage.iam.getServiceLastAccessedDetails({ JobId })
    return JobStatus === 'COMPLETED' ? JobStatus : undefined
  })
  return JobId
}

/** One policy that allows, one that hangs on a context value, and one that denies. */
const simulated = {
  PolicyInputList: [
    textOf(allow('s3:*')),
    textOf(statement({ Effect: 'Deny', Action: 's3:Put*', Resource: '*' })),
    textOf(
      statement({
        Effect: 'Allow',
        Action: 'ec2:*',
        Resource: '*',
        Condition: { StringEquals: { 'ec2:Owner': 'me', 'aws:RequestTag/a': '1' } },
      }),
    ),
  ],
  PermissionsBoundaryPolicyInputList: [textOf(allow(['s3:*', 'ec2:*']))],
  ActionNames: ['s3:GetObject', 's3:PutObject', 'ec2:RunInstances'],
  ResourceArns: ['arn:aws:s3:::box/key'],
  ContextEntries: [{ ContextKeyName: 'aws:RequestTag/a', ContextKeyType: 'string' as const, ContextKeyValues: ['1'] }],
}
const decisions = ['allowed', 'explicitDeny', 'implicitDeny']
/** A call to another account's resource, which is simulated on both sides. */
const elsewhere = {
  ActionNames: ['sts:AssumeRole'],
  ResourceArns: ['arn:aws:iam::222222222222:role/r'],
  ResourceOwner: 'arn:aws:iam::222222222222:root',
  ResourcePolicy: textOf(trusting(home)),
}

const bothSides = { 'IAM Policy': 'allowed', 'Resource Policy': 'allowed' }
const launch = {
  ActionNames: ['ec2:RunInstances'],
  ResourceArns: [`arn:aws:ec2:us-east-1:${home}:instance/*`],
  ResourceHandlingOption: 'EC2-VPC-InstanceStore',
}

export const accounts = {
  CreateAccountAlias: async (stage) => {
    const AccountAlias = `alias-${stage.name()}`
    await stage.iam.createAccountAlias({ AccountAlias })
    expect((await stage.iam.listAccountAliases({})).AccountAliases).toEqual([AccountAlias])
  },
  ListAccountAliases: async (stage) => {
    const AccountAlias = `alias-${stage.name()}`
    await stage.iam.createAccountAlias({ AccountAlias })
    // There is one at the most, so there is nothing to turn a page for.
    expect(await stage.iam.listAccountAliases({ MaxItems: 1 })).toMatchObject({
      AccountAliases: [AccountAlias],
      IsTruncated: false,
    })
    expect((await refusal(stage.iam.listAccountAliases({ Marker: 'none' }))).message).toBe('Invalid Marker.')
  },
  DeleteAccountAlias: async (stage) => {
    const AccountAlias = `alias-${stage.name()}`
    await stage.iam.createAccountAlias({ AccountAlias })
    await stage.iam.deleteAccountAlias({ AccountAlias })
    expect((await stage.iam.listAccountAliases({})).AccountAliases).toEqual([])
  },

  GetAccountSummary: async (stage) => {
    const before = (await stage.iam.getAccountSummary({})).SummaryMap
    await stage.user()
    await stage.group()
    expect((await stage.iam.getAccountSummary({})).SummaryMap).toEqual({
      ...before,
      Users: (before?.Users ?? 0) + 1,
      Groups: (before?.Groups ?? 0) + 1,
    })
  },
  GetAccountAuthorizationDetails: async (stage) => {
    const PermissionsBoundary = await stage.policy()
    const PolicyArn = await stage.policy({ Description: 'words' })
    await stage.iam.createPolicyVersion({ PolicyArn, PolicyDocument: document })
    const given = { Path: '/details/', PermissionsBoundary, Tags }
    const [UserName, GroupName, RoleName] = [
      await stage.user(given),
      await stage.group({ Path: '/details/' }),
      await stage.role({ ...given, Description: 'words' }),
    ]
    const InstanceProfileName = await stage.profile(RoleName, { Tags })
    await stage.iam.addUserToGroup({ GroupName, UserName })
    const own = { PolicyName: 'own', PolicyDocument: document }
    await stage.iam.putUserPolicy({ UserName, ...own })
    await stage.iam.putGroupPolicy({ GroupName, ...own })
    await stage.iam.putRolePolicy({ RoleName, ...own })
    await stage.iam.attachUserPolicy({ UserName, PolicyArn })
    await stage.iam.attachGroupPolicy({ GroupName, PolicyArn })
    await stage.iam.attachRolePolicy({ RoleName, PolicyArn })
    await (await stage.session(RoleName)).listUsers({}).catch(() => undefined)
    await expect.poll(async () => (await stage.iam.getRole({ RoleName })).Role?.RoleLastUsed?.Region).toBe('us-east-1')

    const all = await stage.pages(
      (part) => stage.iam.getAccountAuthorizationDetails(part),
      ({ UserDetailList = [], GroupDetailList = [], RoleDetailList = [], Policies = [] }) => [
        ...UserDetailList,
        ...RoleDetailList,
        ...GroupDetailList,
        ...Policies,
      ],
    )
    const of = (Arn: string) => all.find((one) => one.Arn === Arn)
    const PolicyDocument = encoded(document)
    const inline = [{ PolicyName: 'own', PolicyDocument }]
    const AttachedManagedPolicies = [{ PolicyArn, PolicyName: PolicyArn.slice(PolicyArn.lastIndexOf('/') + 1) }]
    const bounded = {
      PermissionsBoundary: { PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: PermissionsBoundary },
    }
    expect(of(arn(`user/details/${UserName}`))).toMatchObject({
      UserPolicyList: inline,
      GroupList: [GroupName],
      AttachedManagedPolicies,
      ...bounded,
      Tags,
    })
    expect(of(arn(`group/details/${GroupName}`))).toMatchObject({ GroupPolicyList: inline, AttachedManagedPolicies })
    expect(of(arn(`role/details/${RoleName}`))).toMatchObject({
      RolePolicyList: inline,
      AttachedManagedPolicies,
      InstanceProfileList: [{ InstanceProfileName, Roles: [{ RoleName }] }],
      RoleLastUsed: { Region: 'us-east-1' },
      ...bounded,
      Tags,
    })
    expect(of(PolicyArn)).toMatchObject({
      AttachmentCount: 3,
      PolicyVersionList: [
        { VersionId: 'v2', IsDefaultVersion: false, Document: PolicyDocument },
        { VersionId: 'v1', IsDefaultVersion: true },
      ],
    })
    const groups = await stage.iam.getAccountAuthorizationDetails({ Filter: ['Group'] })
    expect(groups.GroupDetailList?.length).toBeGreaterThan(0)
    expect([groups.UserDetailList, groups.RoleDetailList, groups.Policies]).toEqual([[], [], []])
  },

  GenerateCredentialReport: async (stage) => {
    const first = await stage.iam.generateCredentialReport({})
    expect(['STARTED', 'COMPLETE']).toContain(first.State)
    const states = async () => (await stage.iam.generateCredentialReport({})).State
    expect(await waited(async () => ((await states()) === 'COMPLETE' ? 'COMPLETE' : undefined))).toBe('COMPLETE')
  },
  GetCredentialReport: async (stage) => {
    await waited(async () => ((await stage.iam.generateCredentialReport({})).State === 'COMPLETE' ? true : undefined))
    const { Content, ReportFormat, GeneratedTime } = await stage.iam.getCredentialReport({})
    expect([ReportFormat, GeneratedTime]).toEqual(['text/csv', expect.any(Date)])
    expect(new TextDecoder().decode(Content)).toMatch(/^user,arn,user_creation_time,.*\n<root_account>,/)
  },

  GenerateServiceLastAccessedDetails: async (stage) => {
    const Arn = arn('user/administrator')
    expect((await stage.iam.generateServiceLastAccessedDetails({ Arn, Granularity: 'SERVICE_LEVEL' })).JobId).toMatch(
      /^[0-9a-f-]{36}$/,
    )
  },
  GetServiceLastAccessedDetails: async (stage) => {
    const UserName = await stage.user()
    await (await stage.keyed(UserName, ['iam:*', 'sts:*'])).listUsers({})
    const Arn = arn(`user/${UserName}`)
    const iam = (listed: readonly ServiceLastAccessed[] = []) =>
      listed.find(({ ServiceNamespace }) => ServiceNamespace === 'iam')
    // What was done is written down within a moment.
    const JobId = await waited(async () => {
      const id = await job(stage, Arn)
      const { ServicesLastAccessed } = await stage.iam.getServiceLastAccessedDetails({ JobId: id })
      return iam(ServicesLastAccessed)?.LastAuthenticated === undefined ? undefined : id
    })
    const listed = await stage.pages(
      (part) => stage.iam.getServiceLastAccessedDetails({ JobId, ...part }),
      ({ ServicesLastAccessed }) => ServicesLastAccessed,
    )
    expect(listed.map(({ ServiceNamespace }) => ServiceNamespace)).toEqual(['iam', 'sts'])
    expect(iam(listed)).toMatchObject({
      ServiceName: 'AWS Identity and Access Management',
      LastAuthenticated: expect.any(Date),
      LastAuthenticatedEntity: Arn,
      LastAuthenticatedRegion: 'us-east-1',
      TotalAuthenticatedEntities: 1,
    })
    expect(iam(listed)?.TrackedActionsLastAccessed?.find(({ ActionName }) => ActionName === 'ListUsers')).toEqual({
      ActionName: 'ListUsers',
      LastAccessedEntity: Arn,
      LastAccessedTime: expect.any(Date),
      LastAccessedRegion: 'us-east-1',
    })
  },
  GetServiceLastAccessedDetailsWithEntities: async (stage) => {
    const PolicyArn = await stage.policy({ PolicyDocument: textOf(allow('iam:*')) })
    const users = [await stage.user(), await stage.user({ Path: '/p/' })]
    for (const UserName of users) {
      await stage.iam.attachUserPolicy({ UserName, PolicyArn })
      await (await stage.keyed(UserName, 'iam:*')).listUsers({})
    }
    const JobId = await waited(async () => {
      const id = await job(stage, PolicyArn)
      const asked = { JobId: id, ServiceNamespace: 'iam' }
      const { EntityDetailsList = [] } = await stage.iam.getServiceLastAccessedDetailsWithEntities(asked)
      return EntityDetailsList.filter((one) => one.LastAuthenticated !== undefined).length === 2 ? id : undefined
    })
    const listed = await stage.pages(
      (part) => stage.iam.getServiceLastAccessedDetailsWithEntities({ JobId, ServiceNamespace: 'iam', ...part }),
      ({ EntityDetailsList }) => EntityDetailsList,
    )
    expect(listed.map(({ EntityInfo }) => EntityInfo?.Name).sort()).toEqual(users.sort())
  },
  ListPoliciesGrantingServiceAccess: async (stage) => {
    const UserName = await stage.user()
    const GroupName = await stage.group()
    const PolicyArn = await stage.policy({ PolicyDocument: textOf(allow('*')) })
    await stage.iam.attachUserPolicy({ UserName, PolicyArn })
    await stage.iam.addUserToGroup({ GroupName, UserName })
    await stage.iam.putGroupPolicy({ GroupName, PolicyName: 'ours', PolicyDocument: document })
    // A page is a hundred services.
    const ServiceNamespaces = [...new Set(['s3', ...[...awsServices().keys()].slice(0, 120)])]
    const asked = { Arn: arn(`user/${UserName}`), ServiceNamespaces }
    const first = await stage.iam.listPoliciesGrantingServiceAccess(asked)
    expect(first.IsTruncated).toBe(true)
    const { Marker } = first
    const second = await stage.iam.listPoliciesGrantingServiceAccess({ ...asked, Marker })
    expect(second.IsTruncated).toBe(false)
    const all = [...(first.PoliciesGrantingServiceAccess ?? []), ...(second.PoliciesGrantingServiceAccess ?? [])]
    expect(all.map(({ ServiceNamespace }) => ServiceNamespace).sort()).toEqual(ServiceNamespaces.sort())
    expect(all.find(({ ServiceNamespace }) => ServiceNamespace === 's3')?.Policies).toEqual(
      expect.arrayContaining([
        { PolicyName: PolicyArn.slice(PolicyArn.lastIndexOf('/') + 1), PolicyType: 'MANAGED', PolicyArn },
        { PolicyName: 'ours', PolicyType: 'INLINE', EntityType: 'GROUP', EntityName: GroupName },
      ]),
    )
  },

  GetContextKeysForCustomPolicy: async (stage) => {
    const { ContextKeyNames } = await stage.iam.getContextKeysForCustomPolicy({
      PolicyInputList: simulated.PolicyInputList,
    })
    expect(ContextKeyNames).toEqual(expect.arrayContaining(['ec2:Owner', 'aws:RequestTag/a']))
  },
  GetContextKeysForPrincipalPolicy: async (stage) => {
    const UserName = await stage.user()
    await stage.keyed(UserName, 'iam:*')
    const { ContextKeyNames } = await stage.iam.getContextKeysForPrincipalPolicy({
      PolicySourceArn: arn(`user/${UserName}`),
      PolicyInputList: simulated.PolicyInputList,
    })
    expect(ContextKeyNames).toEqual(expect.arrayContaining(['ec2:Owner', 'aws:RequestTag/a']))
  },
  SimulateCustomPolicy: async (stage) => {
    const listed = await stage.pages(
      (part) => stage.iam.simulateCustomPolicy({ ...simulated, ...part }),
      ({ EvaluationResults }) => EvaluationResults,
    )
    expect(listed.map(({ EvalDecision }) => EvalDecision)).toEqual(decisions)
    expect(listed[2]?.MissingContextValues).toEqual(['ec2:Owner'])
    const { EvaluationResults } = await stage.iam.simulateCustomPolicy({
      ...elsewhere,
      PolicyInputList: [textOf(allow('sts:*'))],
      CallerArn: arn('user/administrator'),
    })
    expect(EvaluationResults).toMatchObject([{ EvalDecision: 'allowed', EvalDecisionDetails: bothSides }])
    const launched = await stage.iam.simulateCustomPolicy({ ...launch, PolicyInputList: [textOf(allow('ec2:*'))] })
    expect(launched.EvaluationResults).toMatchObject([{ EvalDecision: 'allowed' }])
  },
  SimulatePrincipalPolicy: async (stage) => {
    const UserName = await stage.user()
    const PolicySourceArn = arn(`user/${UserName}`)
    const listed = await stage.pages(
      (part) => stage.iam.simulatePrincipalPolicy({ ...simulated, PolicySourceArn, ...part }),
      ({ EvaluationResults }) => EvaluationResults,
    )
    expect(listed.map(({ EvalDecision }) => EvalDecision)).toEqual(decisions)
    await stage.keyed(UserName, 'sts:*')
    const { EvaluationResults } = await stage.iam.simulatePrincipalPolicy({
      ...elsewhere,
      PolicySourceArn,
      CallerArn: PolicySourceArn,
    })
    expect(EvaluationResults).toMatchObject([{ EvalDecision: 'allowed', EvalDecisionDetails: bothSides }])
    const launched = await stage.iam.simulatePrincipalPolicy({ ...launch, PolicySourceArn })
    expect(launched.EvaluationResults).toMatchObject([{ EvalDecision: 'implicitDeny' }])
  },

  SetSecurityTokenServicePreferences: async (stage) => {
    await stage.iam.setSecurityTokenServicePreferences({ GlobalEndpointTokenVersion: 'v2Token' })
    expect((await stage.iam.getAccountSummary({})).SummaryMap?.GlobalEndpointTokenVersion).toBe(2)
  },
  EnableOutboundWebIdentityFederation: async (stage) => {
    const { IssuerIdentifier } = await stage.iam.enableOutboundWebIdentityFederation({})
    expect(IssuerIdentifier).toMatch(/^https?:\/\/[^/]+\/[0-9a-f-]{36}$/)
    await stage.iam.disableOutboundWebIdentityFederation({})
  },
  GetOutboundWebIdentityFederationInfo: async (stage) => {
    const { IssuerIdentifier } = await stage.iam.enableOutboundWebIdentityFederation({})
    expect(await stage.iam.getOutboundWebIdentityFederationInfo({})).toMatchObject({
      IssuerIdentifier,
      JwtVendingEnabled: true,
    })
    await stage.iam.disableOutboundWebIdentityFederation({})
  },
  DisableOutboundWebIdentityFederation: async (stage) => {
    await stage.iam.enableOutboundWebIdentityFederation({})
    await stage.iam.disableOutboundWebIdentityFederation({})
    expect((await refusal(stage.iam.getOutboundWebIdentityFederationInfo({}))).code).toBe('FeatureDisabled')
  },

  GenerateOrganizationsAccessReport: async (stage) => {
    const asked = { EntityPath: 'o-a1b2c3d4e5/r-f6g7h8', OrganizationsPolicyId: 'p-abcdefgh' }
    expect((await stage.iam.generateOrganizationsAccessReport(asked)).JobId).toMatch(/^[0-9a-f-]{36}$/)
  },
  GetOrganizationsAccessReport: async (stage) => {
    const { JobId } = await stage.iam.generateOrganizationsAccessReport({ EntityPath: 'o-a1b2c3d4e5/r-f6g7h8' })
    const asked = { JobId, MaxItems: 1, SortKey: 'SERVICE_NAMESPACE_ASCENDING' } as const
    expect(await stage.iam.getOrganizationsAccessReport(asked)).toMatchObject({
      JobStatus: 'FAILED',
      ErrorDetails: { Code: 'OrganizationNotFoundException', Message: expect.stringMatching(/^No organization/) },
    })
    const beyond = stage.iam.getOrganizationsAccessReport({ JobId, Marker: 'none' })
    expect((await refusal(beyond)).message).toBe('Invalid Marker.')
  },
  ListDelegationRequests: async (stage) => {
    const asked = { OwnerId: arn('user/administrator'), MaxItems: 1 }
    expect((await stage.iam.listDelegationRequests(asked)).DelegationRequests).toEqual([])
    expect((await refusal(stage.iam.listDelegationRequests({ Marker: 'none' }))).message).toBe('Invalid Marker.')
  },
} satisfies Rows

/** Where the only true answer is no, and which: an account in no organization, and requests of partners, of whom there are none. */
const DelegationRequestId = '0123456789abcdef'
const inNone = 'OrganizationNotFoundException'
const unknown = 'NoSuchEntity'
const told =
  (code: string, call: (stage: Stage) => Promise<unknown>): Row =>
  async (stage) =>
    expect((await refusal(call(stage))).code).toBe(code)

export const refused = {
  ListOrganizationsFeatures: told(inNone, ({ iam }) => iam.listOrganizationsFeatures({})),
  EnableOrganizationsRootCredentialsManagement: told(inNone, ({ iam }) =>
    iam.enableOrganizationsRootCredentialsManagement({}),
  ),
  DisableOrganizationsRootCredentialsManagement: told(inNone, ({ iam }) =>
    iam.disableOrganizationsRootCredentialsManagement({}),
  ),
  EnableOrganizationsRootSessions: told(inNone, ({ iam }) => iam.enableOrganizationsRootSessions({})),
  DisableOrganizationsRootSessions: told(inNone, ({ iam }) => iam.disableOrganizationsRootSessions({})),
  CreateDelegationRequest: told('InvalidInput', ({ iam }) =>
    iam.createDelegationRequest({
      OwnerAccountId: home,
      Description: 'words',
      Permissions: { PolicyTemplateArn: 'arn:aws:iam::aws:delegation-template/t' },
      RequestMessage: 'words',
      RequestorWorkflowId: '12345',
      RedirectUrl: 'https://partner.example/done',
      NotificationChannel: `arn:aws:sns:us-east-1:${home}:t`,
      SessionDuration: 3600,
      OnlySendByOwner: true,
    }),
  ),
  AcceptDelegationRequest: told(unknown, ({ iam }) => iam.acceptDelegationRequest({ DelegationRequestId })),
  AssociateDelegationRequest: told(unknown, ({ iam }) => iam.associateDelegationRequest({ DelegationRequestId })),
  GetDelegationRequest: told(unknown, ({ iam }) =>
    iam.getDelegationRequest({ DelegationRequestId, DelegationPermissionCheck: true }),
  ),
  RejectDelegationRequest: told(unknown, ({ iam }) =>
    iam.rejectDelegationRequest({ DelegationRequestId, Notes: 'words' }),
  ),
  SendDelegationToken: told(unknown, ({ iam }) => iam.sendDelegationToken({ DelegationRequestId })),
  UpdateDelegationRequest: told(unknown, ({ iam }) =>
    iam.updateDelegationRequest({ DelegationRequestId, Notes: 'words' }),
  ),
  GetHumanReadableSummary: told(unknown, ({ iam }) =>
    iam.getHumanReadableSummary({ EntityArn: arn(`delegation-request/${DelegationRequestId}`), Locale: 'en' }),
  ),
} satisfies Rows
