import { beforeEach, describe, expect, test } from 'vitest'
import { managedPolicies, managedPolicy } from '../../../src/model/managed.ts'
import { serviceLinked } from '../../../src/model/service-linked.ts'
import { Authority, document, ec2Trust, here, there } from './authority.ts'

/** Service-linked roles as AWS answers them (IAM API Reference, CreateServiceLinkedRole and its like, and recorded answers). */
let iam: Authority
beforeEach(() => {
  iam = new Authority()
})
const AWSServiceName = 'autoscaling.amazonaws.com'
const RoleName = 'AWSServiceRoleForAutoScaling'
const PolicyArn = 'arn:aws:iam::aws:policy/aws-service-role/AutoScalingServiceRolePolicy'
const uuid = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}'
const make = (input: object = {}) => iam.do('CreateServiceLinkedRole', { AWSServiceName, ...input }).Role
const urlEncoded = (value: object) => encodeURIComponent(JSON.stringify(value)).replaceAll('*', '%2A')
const trust = (Action: unknown, Service: unknown, first: 'Action' | 'Effect') => {
  const Principal = { Service }
  const statement = first === 'Action' ? { Action, Effect: 'Allow', Principal } : { Effect: 'Allow', Principal, Action }
  return urlEncoded({ Version: '2012-10-17', Statement: [statement] })
}

describe('a service-linked role', () => {
  test('QUIRK: linked-role-view. Is made with AWS’s name, path, trust and policy', () => {
    const common = {
      Path: `/aws-service-role/${AWSServiceName}/`,
      RoleName,
      RoleId: expect.stringMatching(/^AROA/),
      Arn: `arn:aws:iam::${here}:role/aws-service-role/${AWSServiceName}/${RoleName}`,
      CreateDate: expect.any(Number),
    }
    expect(make({ Description: 'words' })).toEqual({
      ...common,
      AssumeRolePolicyDocument: trust(['sts:AssumeRole'], [AWSServiceName], 'Action'),
    })
    expect(iam.do('GetRole', { RoleName }).Role).toEqual({
      ...common,
      AssumeRolePolicyDocument: trust('sts:AssumeRole', AWSServiceName, 'Effect'),
      Description: 'words',
      MaxSessionDuration: 3600,
      RoleLastUsed: {},
    })
    expect(iam.do('ListAttachedRolePolicies', { RoleName }).AttachedPolicies).toEqual([
      { PolicyName: 'AutoScalingServiceRolePolicy', PolicyArn },
    ])
    expect(iam.do('ListRolePolicies', { RoleName }).PolicyNames).toEqual([])
    expect(iam.do('GetPolicy', { PolicyArn }).Policy).toMatchObject({ AttachmentCount: 1 })
  })

  test('is there once, or once under each suffix where the service has several', () => {
    expect(make({ CustomSuffix: 'blue' })?.RoleName).toBe(`${RoleName}_blue`)
    make()
    const told = (input: object = {}) => iam.told('CreateServiceLinkedRole', { AWSServiceName, ...input })
    const taken = (name: string) =>
      `InvalidInput: Service role name ${name} has been taken in this account, please try a different suffix.`
    expect(told()).toBe(taken(RoleName))
    expect(told({ CustomSuffix: 'blue' })).toBe(taken(`${RoleName}_blue`))
    expect(told({ CustomSuffix: 'green' })).toBe('ok')
    expect(told({ CustomSuffix: 'x'.repeat(64) })).toMatch(/^InvalidInput: /)
    expect(told({ AWSServiceName: 'rds.amazonaws.com', CustomSuffix: 'blue' })).toBe(
      'InvalidInput: Custom suffix is not allowed for rds.amazonaws.com',
    )
    expect(iam.told('CreateServiceLinkedRole', { AWSServiceName }, iam.root(there))).toBe('ok')
  })

  test('is of a service that has one', () => {
    for (const odd of ['nosuch.amazonaws.com', 'autoscaling', 'rds.example.com'])
      expect(iam.told('CreateServiceLinkedRole', { AWSServiceName: odd })).toBe(
        `InvalidInput: Service-linked roles are not supported for ${odd}`,
      )
  })

  test('counts among the account’s roles', () => {
    make()
    expect(iam.do('GetAccountSummary', {}).SummaryMap).toMatchObject({ Roles: 1 })
  })

  test('QUIRK: linked-role-edits. Is changed in its description and tags, and in nothing else', () => {
    make()
    iam.do('UpdateRole', { RoleName, Description: 'mine' })
    expect(iam.do('GetRole', { RoleName }).Role.Description).toBe('mine')
    expect(iam.do('UpdateRoleDescription', { RoleName, Description: 'ours' }).Role?.Description).toBe('ours')
    iam.do('TagRole', { RoleName, Tags: [{ Key: 'a', Value: '1' }] })
    expect(iam.told('UpdateRole', { RoleName, MaxSessionDuration: 7200 })).toBe(
      `UnmodifiableEntity: ${RoleName} is an AWS service linked role, max session duration cannot be changed.`,
    )
    expect(iam.told('DetachRolePolicy', { RoleName, PolicyArn })).toMatch(/^UnmodifiableEntity: /)
    expect(iam.told('DeleteRole', { RoleName })).toMatch(/^UnmodifiableEntity: /)
    expect(iam.do('GetRole', { RoleName }).Role.MaxSessionDuration).toBe(3600)
  })
})

describe('the deletion of a service-linked role', () => {
  const remove = () => iam.do('DeleteServiceLinkedRole', { RoleName }).DeletionTaskId
  const status = (DeletionTaskId: string) => iam.do('GetServiceLinkedRoleDeletionStatus', { DeletionTaskId }).Status

  test('QUIRK: deletion-asked-again. Is a task, the same for who asks again meanwhile', () => {
    make()
    const task = remove()
    expect(task).toMatch(new RegExp(`^task/aws-service-role/${AWSServiceName}/${RoleName}/${uuid}$`))
    expect(status(task)).toBe('IN_PROGRESS')
    expect(remove()).toBe(task)
    expect(iam.needs).toEqual([
      {
        action: 'iam:DeleteServiceLinkedRole',
        noun: `role ${RoleName}`,
        resource: `arn:aws:iam::${here}:role/aws-service-role/${AWSServiceName}/${RoleName}`,
      },
    ])
    iam.now += 1000
    expect(status(task)).toBe('SUCCEEDED')
    const gone = `NoSuchEntity: The role with name ${RoleName} cannot be found.`
    expect(iam.told('GetRole', { RoleName })).toBe(gone)
    expect(iam.told('DeleteServiceLinkedRole', { RoleName })).toBe(gone)
    expect(make()?.RoleName).toBe(RoleName)
    expect(remove()).not.toBe(task)
  })

  test('is of no other role', () => {
    iam.do('CreateRole', { RoleName: 'ours', AssumeRolePolicyDocument: ec2Trust })
    expect(iam.told('DeleteServiceLinkedRole', { RoleName: 'ours' })).toBe(
      'NoSuchEntity: ours exists but is not a service role.',
    )
    expect(iam.told('GetRole', { RoleName: 'ours' })).toBe('ok')
  })

  test('is known to its account, for a day', () => {
    make()
    const DeletionTaskId = remove()
    const told = (id: string, caller = iam.root()) =>
      iam.told('GetServiceLinkedRoleDeletionStatus', { DeletionTaskId: id }, caller)
    const unknown = 'NoSuchEntity: Cannot find deletion status for given id.'
    expect(told(DeletionTaskId, iam.root(there))).toBe(unknown)
    expect(told(`${DeletionTaskId.slice(0, -12)}000000000000`)).toBe(unknown)
    for (const odd of ['task', `${DeletionTaskId}/x`, DeletionTaskId.slice(5)])
      expect(told(odd)).toBe('InvalidInput: Invalid task id')
    expect(told(DeletionTaskId)).toBe('ok')
    iam.now += 24 * 3_600_000 + 1
    make()
    remove()
    expect(told(DeletionTaskId)).toBe(unknown)
  })
})

describe('the services that have such roles', () => {
  test('each have a policy of AWS’s for it, and a name that fits', () => {
    expect(serviceLinked().size).toBeGreaterThan(200)
    for (const { service, roleName, policyArn } of serviceLinked().values()) {
      expect(managedPolicy(policyArn), policyArn).toBeDefined()
      expect(roleName).toMatch(/^AWSServiceRoleFor[\w-]{1,47}$/)
      expect(service).toMatch(/^[a-z0-9.-]+\.amazonaws\.com$/)
    }
    expect([...serviceLinked().keys()]).toEqual([...new Set(serviceLinked().keys())])
  })

  test('are called as AWS was recorded calling them', () => {
    const recorded = [
      ['dms-fleet-advisor', 'AWSServiceRoleForDMSFleetAdvisor', 'AWSDMSFleetAdvisorServiceRolePolicy'],
      ['ec2-instance-connect', 'AWSServiceRoleForEc2InstanceConnect', 'Ec2InstanceConnectEndpoint'],
      ['ecr', 'AWSServiceRoleForECRTemplate', 'ECRTemplateServiceRolePolicy'],
      ['eks-nodegroup', 'AWSServiceRoleForAmazonEKSNodegroup', 'AWSServiceRoleForAmazonEKSNodegroup'],
      ['emrwal', 'AWSServiceRoleForEMRWAL', 'EMRDescribeClusterPolicyForEMRWAL'],
      ['notifications', 'AWSServiceRoleForAwsUserNotifications', 'AWSUserNotificationsServiceLinkedRolePolicy'],
      ['repository.sync.codeconnections', 'AWSServiceRoleForGitSync', 'AWSGitSyncServiceRolePolicy'],
      ['ssm-quicksetup', 'AWSServiceRoleForSSMQuickSetup', 'SSMQuickSetupRolePolicy'],
    ] as const
    for (const [service, name, policy] of recorded) {
      expect(iam.do('CreateServiceLinkedRole', { AWSServiceName: `${service}.amazonaws.com` }).Role?.RoleName).toBe(
        name,
      )
      expect(iam.do('ListAttachedRolePolicies', { RoleName: name }).AttachedPolicies).toEqual([
        { PolicyName: policy, PolicyArn: `arn:aws:iam::aws:policy/aws-service-role/${policy}` },
      ])
    }
  })

  test('are called as AWS’s own policies call them', () => {
    const told = new Map<string, string[]>()
    for (const { document: text } of managedPolicies())
      for (const [, service = '', name = ''] of text.matchAll(
        /role\/aws-service-role\/([\w.-]+)\/(AWSServiceRole[\w*-]+)/g,
      ))
        told.set(service, [...(told.get(service) ?? []), name])
    const checked = [...serviceLinked().values()].filter(({ service, roleName, severally }) => {
      const patterns = told.get(service)?.map((name) => new RegExp(`^${name.replaceAll('*', '.*')}$`))
      // Two services of one kind are told by the beginning of their names.
      if (
        patterns === undefined ||
        /^man.*\.elasticbeanstalk/.test(service) ||
        /^main.*\.elasticbeanstalk/.test(service)
      )
        return false
      expect(
        patterns.some((one) => one.test(roleName) || (severally && one.test(`${roleName}_x`))),
        roleName,
      ).toBe(true)
      return true
    })
    expect(checked.length).toBeGreaterThan(80)
  })
})

test('the policy of a service-linked role is nobody else’s to hold', () => {
  iam.do('CreateRole', { RoleName: 'ours', AssumeRolePolicyDocument: ec2Trust })
  expect(iam.told('AttachRolePolicy', { RoleName: 'ours', PolicyArn })).toMatch(/^PolicyNotAttachable: /)
  iam.do('CreatePolicy', { PolicyName: 'p', PolicyDocument: document() })
  make()
  expect(iam.told('AttachRolePolicy', { RoleName, PolicyArn: `arn:aws:iam::${here}:policy/p` })).toMatch(
    /^UnmodifiableEntity: /,
  )
})
