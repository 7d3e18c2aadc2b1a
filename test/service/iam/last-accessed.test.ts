import { beforeEach, describe, expect, test } from 'vitest'
import type * as Shape from '../../../src/model/calls/iam.ts'
import { arnOf } from '../../../src/state/entity.ts'
import { Authority, document, ec2Trust, here, noon, there } from './authority.ts'

/** Jobs as AWS answers them (IAM API Reference, GenerateServiceLastAccessedDetails and its like, and recorded answers). */
let iam: Authority
const grants = (...Action: string[]) => document({ Effect: 'Allow', Action, Resource: '*' })
const arn = (resource: string) => `arn:aws:iam::${here}:${resource}`
beforeEach(() => {
  iam = new Authority()
  iam.do('CreatePolicy', { PolicyName: 'p', PolicyDocument: grants('sqs:*') })
  for (const UserName of ['u', 'v']) iam.do('CreateUser', { UserName })
  iam.do('CreateGroup', { GroupName: 'g' })
  iam.do('AddUserToGroup', { UserName: 'u', GroupName: 'g' })
  iam.do('AddUserToGroup', { UserName: 'v', GroupName: 'g' })
  iam.do('CreateRole', { RoleName: 'r', AssumeRolePolicyDocument: ec2Trust })
  iam.do('PutUserPolicy', { UserName: 'u', PolicyName: 'own', PolicyDocument: grants('s3:GetObject', 'iam:GetU*') })
  iam.do('AttachGroupPolicy', { GroupName: 'g', PolicyArn: arn('policy/p') })
  iam.do('AttachRolePolicy', { RoleName: 'r', PolicyArn: arn('policy/p') })
})

const second = noon - 789
const uses = (kind: 'user' | 'role', name: string, services: Record<string, Record<string, number>>) => {
  const { id, account } = iam.entity(kind, name)
  const entries = Object.entries(services).map(([service, actions]) => [
    service,
    Object.fromEntries(Object.entries(actions).map(([action, at]) => [action, { at, region: 'us-east-1' }])),
  ])
  iam.put({ kind: 'activity', id, account, services: Object.fromEntries(entries) })
}
const start = (Arn: string, Granularity?: Shape.AccessAdvisorUsageGranularityType) =>
  iam.do('GenerateServiceLastAccessedDetails', { Arn, ...(Granularity === undefined ? {} : { Granularity }) }).JobId ??
  ''
/** A job's answer, waited for. */
const details = (arn: string, granularity?: Shape.AccessAdvisorUsageGranularityType) => {
  const JobId = start(arn, granularity)
  iam.now += 1000
  return iam.do('GetServiceLastAccessedDetails', { JobId })
}
const namespaces = (arn: string) => details(arn).ServicesLastAccessed.map(({ ServiceNamespace }) => ServiceNamespace)

describe('what a job is about', () => {
  test.each([
    ['a user: own policies and those of its groups', 'user/u', ['iam', 's3', 'sqs']],
    ['a group: its policies', 'group/g', ['sqs']],
    ['a role: its policies', 'role/r', ['sqs']],
    ['a policy: what it grants', 'policy/p', ['sqs']],
  ])('%s', (_what, resource, expected) => {
    expect(namespaces(arn(resource))).toEqual(expected)
  })

  test('a policy of AWS’s', () => {
    expect(namespaces('arn:aws:iam::aws:policy/AmazonSQSFullAccess')).toEqual(['sqs'])
  })

  test.each([
    ['arn:aws:s3:::a-bucket-of-ours', 'is not supported.'],
    [`arn:aws:iam::${there}:user/u`, 'is not supported.'],
    [arn('instance-profile/i'), 'is not supported.'],
    [arn('root'), 'is not supported.'],
  ])('nothing else: %s', (Arn, text) => {
    expect(iam.told('GenerateServiceLastAccessedDetails', { Arn })).toBe(
      `InvalidInput: Invalid Entity Arn: ${Arn} ${text}`,
    )
  })

  test.each([
    ['user/none', `ARN ${arn('user/none')} is not found.`],
    ['policy/none', `Policy ${arn('policy/none')} does not exist or is not attachable.`],
  ])('nobody that is not there: %s', (resource, text) => {
    expect(iam.told('GenerateServiceLastAccessedDetails', { Arn: arn(resource) })).toBe(`NoSuchEntity: ${text}`)
  })
})

describe('a job', () => {
  test('QUIRK: pending-job. Is under way for a moment, and then done', () => {
    const JobId = start(arn('user/u'))
    const pending = { JobStatus: 'IN_PROGRESS', JobCreationDate: second, IsTruncated: false }
    expect(iam.do('GetServiceLastAccessedDetails', { JobId })).toEqual(pending)
    const input = { JobId, ServiceNamespace: 'sqs' }
    expect(iam.do('GetServiceLastAccessedDetailsWithEntities', input)).toEqual(pending)
    iam.now += 1000
    expect(iam.do('GetServiceLastAccessedDetails', { JobId })).toMatchObject({
      JobStatus: 'COMPLETED',
      JobType: 'SERVICE_LEVEL',
      JobCreationDate: second,
      JobCompletionDate: second + 1000,
      IsTruncated: false,
    })
  })

  test('is told to nobody but who asked for it', () => {
    const JobId = start(arn('user/u'))
    const unknown = `NoSuchEntity: Job ${JobId} cannot be found.`
    for (const other of [iam.user('u'), iam.session('r'), iam.root(there)])
      expect(iam.told('GetServiceLastAccessedDetails', { JobId }, other)).toBe(unknown)
    const input = { JobId, ServiceNamespace: 'sqs' }
    expect(iam.told('GetServiceLastAccessedDetailsWithEntities', input, iam.user('u'))).toBe(unknown)
    iam.now += 24 * 3_600_000 + 1
    expect(iam.told('GetServiceLastAccessedDetails', { JobId })).toBe(unknown)
    start(arn('user/v'))
    expect(iam.state.get('access-job', JobId)).toBeUndefined()
  })

  test('tells who used a service last, where, and how many did', () => {
    uses('user', 'u', { sqs: { SendMessage: second - 5000 }, s3: { GetObject: second - 401 * 86_400_000 } })
    uses('user', 'v', { sqs: { SendMessage: second - 9000, ReceiveMessage: second - 3000 } })
    expect(details(arn('group/g')).ServicesLastAccessed).toEqual([
      {
        ServiceName: 'Amazon SQS',
        LastAuthenticated: second - 3000,
        ServiceNamespace: 'sqs',
        LastAuthenticatedEntity: arn('user/v'),
        LastAuthenticatedRegion: 'us-east-1',
        TotalAuthenticatedEntities: 2,
      },
    ])
    // Longer ago than is tracked, or never.
    const [, s3] = details(arn('user/u')).ServicesLastAccessed
    expect(s3).toEqual({ ServiceName: 'Amazon S3', ServiceNamespace: 's3', TotalAuthenticatedEntities: 0 })
  })

  test('is of the time at which it was asked for', () => {
    const JobId = start(arn('user/u'))
    uses('user', 'u', { sqs: { SendMessage: second } })
    iam.now += 1000
    const shown = iam.do('GetServiceLastAccessedDetails', { JobId }).ServicesLastAccessed
    expect(shown.map((service) => service.LastAuthenticated)).toEqual([undefined, undefined, undefined])
  })

  test('by actions tells of those that the policies allow, where actions are tracked', () => {
    uses('user', 'u', { iam: { GetUser: second - 1000, ListUsers: second } })
    const { JobType, ServicesLastAccessed } = details(arn('user/u'), 'ACTION_LEVEL')
    expect(JobType).toBe('ACTION_LEVEL')
    expect(
      ServicesLastAccessed.map((one) => one.TrackedActionsLastAccessed?.map(({ ActionName }) => ActionName)),
    ).toEqual([['GetUser', 'GetUserPolicy'], undefined, undefined])
    expect(ServicesLastAccessed[0]?.TrackedActionsLastAccessed).toEqual([
      {
        ActionName: 'GetUser',
        LastAccessedEntity: arn('user/u'),
        LastAccessedTime: second - 1000,
        LastAccessedRegion: 'us-east-1',
      },
      { ActionName: 'GetUserPolicy' },
    ])
    expect(details(arn('user/u'), 'SERVICE_LEVEL').ServicesLastAccessed[0]).not.toHaveProperty(
      'TrackedActionsLastAccessed',
    )
  })

  test('goes in pages of services', () => {
    const JobId = start(arn('user/u'))
    iam.now += 1000
    const { Marker = '', ...shown } = iam.do('GetServiceLastAccessedDetails', { JobId, MaxItems: 2 })
    expect([shown.IsTruncated, shown.ServicesLastAccessed.length]).toEqual([true, 2])
    const rest = iam.do('GetServiceLastAccessedDetails', { JobId, Marker })
    expect(rest.ServicesLastAccessed.map(({ ServiceNamespace }) => ServiceNamespace)).toEqual(['sqs'])
    expect(rest).not.toHaveProperty('Marker')
  })
})

describe('the entities of a job', () => {
  const entities = (resource: string, ServiceNamespace = 'sqs') => {
    const JobId = start(arn(resource))
    iam.now += 1000
    return iam.do('GetServiceLastAccessedDetailsWithEntities', { JobId, ServiceNamespace })
  }

  test('are all that could use the service, who used it last first', () => {
    uses('user', 'v', { sqs: { SendMessage: second } })
    const { EntityDetailsList, ...rest } = entities('policy/p')
    const info = (kind: 'user' | 'role', name: string) => {
      const entity = iam.entity(kind, name)
      return { Arn: arnOf(entity), Name: name, Type: kind.toUpperCase(), Id: entity.id, Path: '/' }
    }
    expect(EntityDetailsList).toEqual([
      { EntityInfo: info('user', 'v'), LastAuthenticated: second },
      { EntityInfo: info('user', 'u') },
      { EntityInfo: info('role', 'r') },
    ])
    expect(rest).toMatchObject({ JobStatus: 'COMPLETED', IsTruncated: false })
  })

  test('are without those who were deleted since', () => {
    const JobId = start(arn('policy/p'))
    iam.now += 1000
    iam.do('DetachRolePolicy', { RoleName: 'r', PolicyArn: arn('policy/p') })
    iam.do('DeleteRole', { RoleName: 'r' })
    const { EntityDetailsList } = iam.do('GetServiceLastAccessedDetailsWithEntities', {
      JobId,
      ServiceNamespace: 'sqs',
    })
    expect(EntityDetailsList.map(({ EntityInfo }) => EntityInfo.Name)).toEqual(['u', 'v'])
  })

  test('QUIRK: namespace-of-no-job. Are none of a service that the job is not about; of none that AWS lacks', () => {
    expect(entities('policy/p', 'ec2').EntityDetailsList).toEqual([])
    const JobId = start(arn('policy/p'))
    expect(iam.told('GetServiceLastAccessedDetailsWithEntities', { JobId, ServiceNamespace: 'nosuch' })).toBe(
      'InvalidInput: Service namepace nosuch is either invalid or unsupported.',
    )
  })
})

describe('policies that grant a service', () => {
  const granting = (resource: string, ...ServiceNamespaces: string[]) =>
    iam.do('ListPoliciesGrantingServiceAccess', { Arn: arn(resource), ServiceNamespaces }).PoliciesGrantingServiceAccess

  test('are an entity’s own and its groups’, one list a service, in the order asked for', () => {
    iam.do('PutGroupPolicy', { GroupName: 'g', PolicyName: 'shared', PolicyDocument: grants('s3:*') })
    expect(granting('user/u', 'sqs', 's3', 'ec2')).toEqual([
      { ServiceNamespace: 'sqs', Policies: [{ PolicyName: 'p', PolicyType: 'MANAGED', PolicyArn: arn('policy/p') }] },
      {
        ServiceNamespace: 's3',
        Policies: [
          { PolicyName: 'own', PolicyType: 'INLINE', EntityType: 'USER', EntityName: 'u' },
          { PolicyName: 'shared', PolicyType: 'INLINE', EntityType: 'GROUP', EntityName: 'g' },
        ],
      },
      { ServiceNamespace: 'ec2', Policies: [] },
    ])
    expect(granting('role/r', 'sqs')).toEqual([
      { ServiceNamespace: 'sqs', Policies: [{ PolicyName: 'p', PolicyType: 'MANAGED', PolicyArn: arn('policy/p') }] },
    ])
  })

  test('are refused of what is no service and no entity', () => {
    const told = (Arn: string, ...ServiceNamespaces: string[]) =>
      iam.told('ListPoliciesGrantingServiceAccess', { Arn, ServiceNamespaces })
    expect(told(arn('user/u'), 'nosuch', 's3', 'nor')).toBe('InvalidInput: Invalid service namespace: [nosuch, nor]')
    expect(told(arn('user/none'), 's3')).toMatch(/^NoSuchEntity: /)
    for (const odd of [arn('policy/p'), `arn:aws:iam::${there}:user/u`, 'arn:aws:s3:::a-bucket-of-ours'])
      expect(told(odd, 's3')).toBe(`InvalidInput: Invalid Entity Arn: ${odd} is not supported.`)
  })
})
