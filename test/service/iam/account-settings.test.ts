import { beforeEach, describe, expect, test } from 'vitest'
import { Authority, here, there } from './authority.ts'

let iam: Authority
beforeEach(() => {
  iam = new Authority()
})

describe('outbound federation', () => {
  const disabled = `FeatureDisabled: Outbound identity federation is disabled for account ${here}`
  const enable = () => iam.do('EnableOutboundWebIdentityFederation', {}).IssuerIdentifier

  test('is off until it is enabled, and off again when it is disabled', () => {
    expect(iam.told('GetOutboundWebIdentityFederationInfo', {})).toBe(disabled)
    expect(iam.told('DisableOutboundWebIdentityFederation', {})).toBe(disabled)
    const issuer = enable()
    expect(issuer).toMatch(/^https:\/\/rolecall\.test\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    expect(iam.do('GetOutboundWebIdentityFederationInfo', {})).toEqual({
      IssuerIdentifier: issuer,
      JwtVendingEnabled: true,
    })
    expect(iam.told('EnableOutboundWebIdentityFederation', {})).toMatch(/^FeatureEnabled: /)
    expect(iam.do('DisableOutboundWebIdentityFederation', {})).toEqual({})
    expect(iam.told('GetOutboundWebIdentityFederationInfo', {})).toBe(disabled)
  })

  test('QUIRK: issuer-for-life. Keeps its issuer, which is each account’s own', () => {
    const issuer = enable()
    iam.do('DisableOutboundWebIdentityFederation', {})
    expect(enable()).toBe(issuer)
    expect(iam.do('EnableOutboundWebIdentityFederation', {}, iam.root(there)).IssuerIdentifier).not.toBe(issuer)
  })
})

test('the version of the global endpoint’s tokens is what was chosen, and shows in the summary', () => {
  const version = () => iam.do('GetAccountSummary', {}).SummaryMap?.GlobalEndpointTokenVersion
  expect(version()).toBe(1)
  iam.do('SetSecurityTokenServicePreferences', { GlobalEndpointTokenVersion: 'v2Token' })
  iam.do('EnableOutboundWebIdentityFederation', {})
  expect(version()).toBe(2)
  expect(iam.do('GetAccountSummary', {}, iam.root(there)).SummaryMap?.GlobalEndpointTokenVersion).toBe(1)
  iam.do('SetSecurityTokenServicePreferences', { GlobalEndpointTokenVersion: 'v1Token' })
  expect(version()).toBe(1)
  expect(iam.told('GetOutboundWebIdentityFederationInfo', {})).toBe('ok')
})

test.each([
  'ListOrganizationsFeatures',
  'EnableOrganizationsRootCredentialsManagement',
  'DisableOrganizationsRootCredentialsManagement',
  'EnableOrganizationsRootSessions',
  'DisableOrganizationsRootSessions',
] as const)('%s is refused to an account that is in no organization', (name) => {
  expect(iam.told(name, {})).toBe('OrganizationNotFoundException: No organization is associated with your account.')
})

test('a report on an organization that there is not fails, and only who asked for it is told', () => {
  const { JobId = '' } = iam.do('GenerateOrganizationsAccessReport', { EntityPath: 'o-a1b2c3d4e5/r-f6g7' })
  expect(iam.do('GetOrganizationsAccessReport', { JobId })).toMatchObject({
    JobStatus: 'FAILED',
    ErrorDetails: { Code: 'OrganizationNotFoundException' },
  })
  const unknown = `NoSuchEntity: Job ${JobId} cannot be found.`
  expect(iam.told('GetOrganizationsAccessReport', { JobId }, iam.root(there))).toBe(unknown)
  iam.do('CreateUser', { UserName: 'u' })
  expect(iam.told('GetOrganizationsAccessReport', { JobId }, iam.user('u'))).toBe(unknown)
  iam.now += 24 * 3_600_000 + 1
  expect(iam.told('GetOrganizationsAccessReport', { JobId })).toBe(unknown)
  iam.do('GenerateOrganizationsAccessReport', { EntityPath: 'o-a1b2c3d4e5/r-f6g7' })
  expect(iam.state.get('organization-job', JobId)).toBeUndefined()
})

describe('delegation requests', () => {
  const DelegationRequestId = '0123456789abcdef'

  test('are none', () => {
    expect(iam.do('ListDelegationRequests', {})).toEqual({ DelegationRequests: [], isTruncated: false })
    expect(iam.told('ListDelegationRequests', { Marker: 'x' })).toBe('ValidationError: Invalid Marker.')
  })

  test.each([
    'AcceptDelegationRequest',
    'AssociateDelegationRequest',
    'GetDelegationRequest',
    'RejectDelegationRequest',
    'SendDelegationToken',
    'UpdateDelegationRequest',
  ] as const)('%s finds none', (name) => {
    expect(iam.told(name, { DelegationRequestId })).toBe(
      `NoSuchEntity: Delegation request ${DelegationRequestId} cannot be found.`,
    )
  })

  test('can be made by nobody, because no template is registered for anybody', () => {
    const made = {
      Description: 'words',
      Permissions: { PolicyTemplateArn: 'arn:aws:iam::aws:delegation-template/t' },
      RequestorWorkflowId: '12345',
      NotificationChannel: `arn:aws:sns:us-east-1:${here}:t`,
      SessionDuration: 3600,
    }
    const told = (more: object) => iam.told('CreateDelegationRequest', { ...made, ...more })
    const unknown = `InvalidInput: Policy template arn:aws:iam::aws:delegation-template/t is not registered for account ${here}.`
    // Whichever account is meant, and whether or not it exists.
    for (const OwnerAccountId of [undefined, here, there, '000000000000'])
      expect(told({ OwnerAccountId })).toBe(unknown)
    expect(told({ Permissions: {} })).toBe('InvalidInput: Permissions must name a policy template.')
    for (const NotificationChannel of ['t1', `arn:aws:sqs:us-east-1:${here}:t`, `arn:aws:sns:us-east-1:${here}:t:sub`])
      expect(told({ NotificationChannel })).toBe(
        `InvalidInput: Notification channel ${NotificationChannel} is not the ARN of an SNS topic.`,
      )
    expect(told({ SessionDuration: 299 })).toMatch(
      /^ValidationError: .*'sessionDuration'.*greater than or equal to 300$/,
    )
    expect(iam.do('ListDelegationRequests', {}).DelegationRequests).toEqual([])
  })

  test('are what can be summarized, and nothing else', () => {
    const told = (EntityArn: string) => iam.told('GetHumanReadableSummary', { EntityArn })
    expect(told(`arn:aws:iam::${here}:delegation-request/${DelegationRequestId}`)).toBe(
      `NoSuchEntity: Delegation request ${DelegationRequestId} cannot be found.`,
    )
    const user = `arn:aws:iam::${here}:user/u`
    expect(told(user)).toBe(`InvalidInput: Invalid Entity Arn: ${user} is not supported.`)
  })
})
