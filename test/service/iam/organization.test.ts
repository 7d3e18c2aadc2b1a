import { beforeEach, describe, expect, test } from 'vitest'
import type { GetOrganizationsAccessReportRequest } from '../../../src/model/calls/iam.ts'
import type { Organization } from '../../../src/state/organization.ts'
import * as governed from '../../access/governed.ts'
import { allow, deny } from '../../access/scene.ts'
import { Authority, here, noon, there } from './authority.ts'

const { both, full, fullResources, manager } = governed
const path = `o-exampleone/r-root/ou-out/ou-in/${here}`
const day = 86_400_000

let iam: Authority
const organization = (parts: Partial<Organization> = {}) =>
  iam.put(governed.organization({ trusted: [{ service: 'iam.amazonaws.com', at: 0 }], ...parts }))
beforeEach(() => {
  iam = new Authority()
  iam.put(
    { kind: 'account', id: manager, name: 'manager', createdAt: 0, home: false },
    ...governed.entities({ in: [fullResources, 'p-fewservices'], account: [full, 'p-less'] }),
    governed.policy('p-fewservices', 'SERVICE', allow({ Action: ['iam:*', 'sts:*', 's3:Get*', 'sqs:*'] })),
    governed.policy('p-less', 'SERVICE', deny({ Action: 'sqs:*' })),
    governed.policy('p-resources', 'RESOURCE', deny({ Principal: '*', Action: 'sts:AssumeRole' })),
    governed.member(there, both, 'ou-out'),
  )
  organization()
})

describe('root access', () => {
  const features = ['ListOrganizationsFeatures', 'EnableOrganizationsRootSessions'] as const

  test.each(features)('%s is for who manages the organization', (name) => {
    expect(iam.told(name, {})).toMatch(/^AccountNotManagementOrDelegatedAdministratorException: /)
    expect(iam.told(name, {}, iam.root(manager))).toBe('ok')
  })

  test.each(features)('%s wants all features', (name) => {
    organization({ features: 'CONSOLIDATED_BILLING' })
    expect(iam.told(name, {}, iam.root(manager))).toMatch(/^OrganizationNotInAllFeaturesModeException: /)
  })

  test.each(features)('%s wants that IAM is trusted', (name) => {
    organization({ trusted: [{ service: 'sso.amazonaws.com', at: 0 }] })
    expect(iam.told(name, {}, iam.root(manager))).toMatch(/^ServiceAccessNotEnabledException: /)
  })

  test('is seen to by who stands in for the manager at IAM, and not by who does elsewhere', () => {
    const standsIn = (service: string) => iam.put({ ...governed.member(here), delegated: [{ service, at: 0 }] })
    standsIn('sso.amazonaws.com')
    expect(iam.told('ListOrganizationsFeatures', {})).toMatch(/^AccountNotManagement/)
    standsIn('iam.amazonaws.com')
    expect(iam.do('EnableOrganizationsRootSessions', {})).toEqual({
      OrganizationId: 'o-exampleone',
      EnabledFeatures: ['RootSessions'],
    })
  })

  test('is switched feature by feature, as often as one likes', () => {
    const boss = iam.root(manager)
    const told = () => iam.do('ListOrganizationsFeatures', {}, boss).EnabledFeatures
    for (const [name, enabled] of [
      ['EnableOrganizationsRootSessions', ['RootSessions']],
      ['EnableOrganizationsRootSessions', ['RootSessions']],
      ['EnableOrganizationsRootCredentialsManagement', ['RootCredentialsManagement', 'RootSessions']],
      ['DisableOrganizationsRootSessions', ['RootCredentialsManagement']],
      ['DisableOrganizationsRootSessions', ['RootCredentialsManagement']],
      ['DisableOrganizationsRootCredentialsManagement', []],
    ] as const) {
      expect(iam.do(name, {}, boss).EnabledFeatures).toEqual(enabled)
      expect(told()).toEqual(enabled)
    }
  })
})

describe('a report on the services of an organization', () => {
  const report = (
    EntityPath: string,
    more: Partial<GetOrganizationsAccessReportRequest> & { readonly OrganizationsPolicyId?: string } = {},
  ) => {
    const { OrganizationsPolicyId, ...read } = more
    const boss = iam.root(manager)
    const policy = OrganizationsPolicyId === undefined ? {} : { OrganizationsPolicyId }
    const { JobId = '' } = iam.do('GenerateOrganizationsAccessReport', { EntityPath, ...policy }, boss)
    iam.now += 1_000
    return iam.do('GetOrganizationsAccessReport', { JobId, ...read }, boss)
  }
  const namespaces = (...asked: Parameters<typeof report>) =>
    report(...asked).AccessDetails?.map(({ ServiceNamespace }) => ServiceNamespace)
  const used = (id: string, account: string, services: Readonly<Record<string, number>>, region = 'us-east-1') =>
    iam.put({
      kind: 'activity',
      id,
      account,
      services: Object.fromEntries(Object.entries(services).map(([name, at]) => [name, { Any: { at, region } }])),
    })

  test('takes a second', () => {
    const boss = iam.root(manager)
    const { JobId = '' } = iam.do('GenerateOrganizationsAccessReport', { EntityPath: path }, boss)
    const told = () => iam.do('GetOrganizationsAccessReport', { JobId }, boss)
    expect(told()).toEqual({ JobStatus: 'IN_PROGRESS', JobCreationDate: noon - 789, IsTruncated: false })
    iam.now += 1_000
    expect(told()).toMatchObject({ JobStatus: 'COMPLETED', NumberOfServicesAccessible: 3 })
  })

  test('has those that every level lets the account use', () => expect(namespaces(path)).toEqual(['iam', 's3', 'sts']))

  test('on a unit has those that the policies down to it let through', () => {
    expect(namespaces('o-exampleone/r-root/ou-out/ou-in')).toEqual(['iam', 's3', 'sqs', 'sts'])
    const { NumberOfServicesAccessible = 0, AccessDetails } = report('o-exampleone/r-root')
    expect(NumberOfServicesAccessible).toBeGreaterThan(300)
    expect(AccessDetails).toHaveLength(100)
  })

  test('on one policy has those that the policy lets through', () =>
    expect(namespaces(path, { OrganizationsPolicyId: 'p-fewservices' })).toEqual(['iam', 's3', 'sqs', 'sts']))

  test('on the account that manages it has all: nothing stands over that one', () =>
    expect(report(`o-exampleone/r-root/${manager}`).NumberOfServicesAccessible).toBeGreaterThan(300))

  test('says which account used each last, from where, and how many did', () => {
    used('AIDAONE', here, { iam: noon - 5 * day, s3: noon - 401 * day })
    used('AROAONE', here, { iam: noon - 2 * day, sts: noon - 9 * day }, 'eu-west-1')
    used('AIDATWO', there, { iam: noon - 3 * day })
    const entry = (ServiceNamespace: string, told: ReturnType<typeof report>) =>
      told.AccessDetails?.find((detail) => detail.ServiceNamespace === ServiceNamespace)
    const own = report(path)
    expect(own).toMatchObject({ NumberOfServicesAccessible: 3, NumberOfServicesNotAccessed: 1 })
    expect(entry('iam', own)).toEqual({
      ServiceName: 'AWS Identity and Access Management',
      ServiceNamespace: 'iam',
      Region: 'eu-west-1',
      EntityPath: path,
      LastAuthenticatedTime: noon - 789 - 2 * day,
      TotalAuthenticatedEntities: 1,
    })
    expect(entry('s3', own)).toEqual({
      ServiceName: 'Amazon S3',
      ServiceNamespace: 's3',
      TotalAuthenticatedEntities: 0,
    })
    const above = report('o-exampleone/r-root/ou-out', { OrganizationsPolicyId: 'p-fewservices' })
    expect(entry('iam', above)).toMatchObject({ EntityPath: path, TotalAuthenticatedEntities: 2 })
  })

  test('is ordered as asked', () => {
    used('AIDAONE', here, { iam: noon - 5 * day, sts: noon - 1 * day })
    expect(namespaces(path, { SortKey: 'SERVICE_NAMESPACE_ASCENDING' })).toEqual(['iam', 's3', 'sts'])
    expect(namespaces(path, { SortKey: 'SERVICE_NAMESPACE_DESCENDING' })).toEqual(['sts', 's3', 'iam'])
    expect(namespaces(path, { SortKey: 'LAST_AUTHENTICATED_TIME_ASCENDING' })).toEqual(['iam', 'sts', 's3'])
    expect(namespaces(path, { SortKey: 'LAST_AUTHENTICATED_TIME_DESCENDING' })).toEqual(['sts', 'iam', 's3'])
  })

  test('comes in pages, of one order each', () => {
    const boss = iam.root(manager)
    const { JobId = '' } = iam.do('GenerateOrganizationsAccessReport', { EntityPath: path }, boss)
    iam.now += 1_000
    const page = (more: object) => iam.do('GetOrganizationsAccessReport', { JobId, MaxItems: 2, ...more }, boss)
    const first = page({})
    expect(first).toMatchObject({ IsTruncated: true, NumberOfServicesAccessible: 3 })
    const { Marker = '' } = first
    expect(page({ Marker })).toMatchObject({ IsTruncated: false, AccessDetails: [{ ServiceNamespace: 'sts' }] })
    expect(
      iam.told('GetOrganizationsAccessReport', { JobId, Marker, SortKey: 'SERVICE_NAMESPACE_DESCENDING' }, boss),
    ).toBe('ValidationError: Invalid Marker.')
  })

  test.each<[string, string, string, string | undefined, string | undefined]>([
    ['to a member', 'AccountNotManagementOrDelegatedAdministratorException', path, undefined, here],
    ['on an account elsewhere in it', 'NoSuchEntity', `o-exampleone/r-root/${here}`, undefined, undefined],
    ['on a unit elsewhere in it', 'NoSuchEntity', 'o-exampleone/r-root/ou-in', undefined, undefined],
    ['on another organization', 'NoSuchEntity', 'o-exampletwo/r-root', undefined, undefined],
    ['by a policy that there is not', 'NoSuchEntity', path, 'p-gonelong', undefined],
    ['by a policy of another type', 'NoSuchEntity', path, 'p-resources', undefined],
  ])('fails %s', (_what, Code, EntityPath, OrganizationsPolicyId, asker = manager) => {
    const by = OrganizationsPolicyId === undefined ? {} : { OrganizationsPolicyId }
    const { JobId = '' } = iam.do('GenerateOrganizationsAccessReport', { EntityPath, ...by }, iam.root(asker))
    expect(iam.do('GetOrganizationsAccessReport', { JobId }, iam.root(asker))).toMatchObject({
      JobStatus: 'FAILED',
      IsTruncated: false,
      ErrorDetails: { Code },
    })
  })

  test('fails where service control policies are off', () => {
    organization({ policyTypes: ['RESOURCE_CONTROL_POLICY'] })
    expect(report(path)).toMatchObject({
      JobStatus: 'FAILED',
      ErrorDetails: { Code: 'PolicyTypeNotEnabledException' },
    })
  })
})
