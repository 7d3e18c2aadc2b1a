import { describe, expect, test } from 'vitest'
import { Fault } from '../../../src/base/fault.ts'
import type { OrganizationsCalls } from '../../../src/model/calls/organizations.ts'
import { deny, guest, House, manager, scp } from './house.ts'

type Type = OrganizationsCalls['CreatePolicy']['input']['Type']
const full = 'p-FullAWSAccess'
const fullResources = 'p-RCPFullAWSAccess'
const rcp = (parts: object = {}) =>
  scp({ Effect: 'Deny', Principal: '*', Action: 'sts:AssumeRole', Resource: '*', ...parts })

const make = (Content: string, Type: Type = 'SERVICE_CONTROL_POLICY', Name = 'some') => ({
  Name,
  Type,
  Content,
  Description: 'why',
})
const enable = (house: House, PolicyType: Type) => house.do('EnablePolicyType', { RootId: house.root, PolicyType })

describe('a policy', () => {
  test('is made, read, changed, listed and deleted', () => {
    const house = new House()
    house.found()
    const { Policy } = house.do('CreatePolicy', make(deny('s3:*')))
    const id = Policy?.PolicySummary?.Id ?? ''
    const organization = house.do('DescribeOrganization', {}).Organization?.Id
    expect(Policy).toEqual({
      PolicySummary: {
        Id: id,
        Arn: `arn:aws:organizations::${manager}:policy/${organization}/service_control_policy/${id}`,
        Name: 'some',
        Description: 'why',
        Type: 'SERVICE_CONTROL_POLICY',
        AwsManaged: false,
      },
      Content: deny('s3:*'),
    })
    // QUIRK: eight-in-a-policy-id
    expect(id).toMatch(/^p-[0-9a-z]{8}$/)
    expect(house.do('DescribePolicy', { PolicyId: id })).toEqual({ Policy })
    expect(
      house
        .do('ListPolicies', { Filter: 'SERVICE_CONTROL_POLICY' })
        .Policies?.map((one) => one.Id)
        .sort(),
    ).toEqual([full, id].sort())
    expect(house.do('ListPolicies', { Filter: 'TAG_POLICY' }).Policies).toEqual([])
    expect(house.do('UpdatePolicy', { PolicyId: id, Name: 'other' }).Policy).toEqual({
      PolicySummary: { ...Policy?.PolicySummary, Name: 'other' },
      Content: deny('s3:*'),
    })
    expect(house.do('UpdatePolicy', { PolicyId: id, Content: deny('iam:*') }).Policy?.Content).toBe(deny('iam:*'))
    house.do('DeletePolicy', { PolicyId: id })
    expect(house.told('DescribePolicy', { PolicyId: id })).toBe('PolicyNotFoundException')
  })

  test('has a name of its own among those of its type, AWS’s included', () => {
    const house = new House()
    house.found()
    house.do('CreatePolicy', make(deny('s3:*')))
    expect(house.told('CreatePolicy', make(deny('s3:*')))).toBe('DuplicatePolicyException')
    expect(house.told('CreatePolicy', make(deny('s3:*'), 'SERVICE_CONTROL_POLICY', 'FullAWSAccess'))).toBe(
      'DuplicatePolicyException',
    )
    expect(house.told('CreatePolicy', make('{"tags":{}}', 'TAG_POLICY'))).toBe('ok')
    const other = house.policy('other', deny('s3:*'))
    expect(house.told('UpdatePolicy', { PolicyId: other, Name: 'some' })).toBe('DuplicatePolicyException')
  })

  test('of AWS’s is in every organization, and stays as it is', () => {
    const house = new House()
    house.found()
    expect(house.do('DescribePolicy', { PolicyId: full }).Policy?.PolicySummary).toEqual({
      Id: full,
      Arn: `arn:aws:organizations::aws:policy/service_control_policy/${full}`,
      Name: 'FullAWSAccess',
      Description: 'Allows access to every operation',
      Type: 'SERVICE_CONTROL_POLICY',
      AwsManaged: true,
    })
    const immutable = 'InvalidInputException IMMUTABLE_POLICY'
    expect(house.told('UpdatePolicy', { PolicyId: full, Name: 'x' })).toBe(immutable)
    expect(house.told('DeletePolicy', { PolicyId: full })).toBe(immutable)
    expect(house.told('TagResource', { ResourceId: full, Tags: [{ Key: 'a', Value: 'b' }] })).toBe(immutable)
    expect(house.do('ListTagsForResource', { ResourceId: full }).Tags).toEqual([])
  })

  test.each([
    ['no JSON', 'SERVICE_CONTROL_POLICY', '{'],
    ['no policy', 'SERVICE_CONTROL_POLICY', '{}'],
    ['a principal in a service control policy', 'SERVICE_CONTROL_POLICY', rcp()],
    ['no resource in a service control policy', 'SERVICE_CONTROL_POLICY', scp({ Effect: 'Deny', Action: '*' })],
    ['an allow in a resource control policy', 'RESOURCE_CONTROL_POLICY', rcp({ Effect: 'Allow' })],
    ['no principal in a resource control policy', 'RESOURCE_CONTROL_POLICY', deny('s3:*')],
    ['one principal in a resource control policy', 'RESOURCE_CONTROL_POLICY', rcp({ Principal: { AWS: manager } })],
    ['every action in a resource control policy', 'RESOURCE_CONTROL_POLICY', rcp({ Action: '*' })],
    ['a service that has none in a resource control policy', 'RESOURCE_CONTROL_POLICY', rcp({ Action: 'ec2:*' })],
    [
      'all actions but some in a resource control policy',
      'RESOURCE_CONTROL_POLICY',
      scp({ Effect: 'Deny', Principal: '*', NotAction: 's3:*', Resource: '*' }),
    ],
    ['a list for a tag policy', 'TAG_POLICY', '[]'],
    ['a tag policy of another beginning', 'TAG_POLICY', '{"plans":{}}'],
    ['a policy for chats of another beginning', 'CHATBOT_POLICY', '{"chatbots":{}}'],
    ['a policy for S3 of another beginning', 'S3_POLICY', '{"s3":{}}'],
    ['a tag policy without its beginning', 'TAG_POLICY', '{}'],
    ['a value without an operator', 'TAG_POLICY', '{"tags":{"a":{"tag_key":"a"}}}'],
    ['an operator that there is not', 'TAG_POLICY', '{"tags":{"a":{"tag_key":{"@@set":"a"}}}}'],
    ['an operator beside a name', 'TAG_POLICY', '{"tags":{"a":{"@@assign":"a","b":{}}}}'],
    ['a control over what is no operator', 'TAG_POLICY', '{"tags":{"@@operators_allowed_for_child_policies":["x"]}}'],
    ['a value that is an object', 'BACKUP_POLICY', '{"plans":{"a":{"@@assign":{}}}}'],
  ] as const)('is refused as none of its type: %s', (_what, type, content) => {
    const house = new House()
    house.found()
    expect(house.told('CreatePolicy', make(content, type))).toBe('MalformedPolicyDocumentException')
  })

  test.each([
    [
      'SERVICE_CONTROL_POLICY',
      scp({ Effect: 'Allow', NotAction: 'iam:*', Resource: 'arn:aws:s3:::a*', Condition: {} }),
    ],
    ['RESOURCE_CONTROL_POLICY', rcp({ Action: ['s3:*', 'sts:AssumeRole*', 'kms:Decrypt'] })],
    ['AISERVICES_OPT_OUT_POLICY', '{"services":{"default":{"opt_out_policy":{"@@assign":"optOut"}}}}'],
    ['DECLARATIVE_POLICY_EC2', '{"ec2_attributes":{"serial_console_access":{"status":{"@@assign":"disabled"}}}}'],
    ['CHATBOT_POLICY', '{"chatbot":{"platforms":{"slack":{"client":{"@@assign":"enabled"}}}}}'],
    ['SECURITYHUB_POLICY', '{"securityhub":{"enable_in_regions":{"@@assign":["ALL_SUPPORTED"]}}}'],
    [
      'INSPECTOR_POLICY',
      '{"inspector":{"enablement":{"ec2_scanning":{"enable_in_regions":{"@@assign":["us-east-1"]}}}}}',
    ],
    ['BEDROCK_POLICY', '{"bedrock":{"guardrail_inference":{"us-east-1":{"one":{"input_tags":{"@@assign":"honor"}}}}}}'],
    ['S3_POLICY', '{"s3_attributes":{"public_access_block_configuration":{"@@assign":"all"}}}'],
    ['UPGRADE_ROLLOUT_POLICY', '{"upgrade_rollout":{"default":{"patch_order":{"@@assign":"last"}}}}'],
  ] as const)('of type %s is taken', (type, content) => {
    const house = new House()
    house.found()
    expect(house.told('CreatePolicy', make(content, type))).toBe('ok')
  })

  test.each([
    ['SERVICE_CONTROL_POLICY', 10_240],
    ['RESOURCE_CONTROL_POLICY', 5_120],
    ['TAG_POLICY', 10_000],
    ['AISERVICES_OPT_OUT_POLICY', 2_500],
  ] as const)('of type %s has %d characters at the most, white space included', (type, most) => {
    const house = new House()
    house.found()
    const content: Partial<Record<Type, string>> = {
      SERVICE_CONTROL_POLICY: deny('s3:*'),
      RESOURCE_CONTROL_POLICY: rcp(),
      TAG_POLICY: '{"tags":{}}',
      AISERVICES_OPT_OUT_POLICY: '{"services":{}}',
    }
    const padded = (size: number) => (content[type] ?? '').padEnd(size)
    expect(house.told('CreatePolicy', make(padded(most + 1), type))).toBe(
      'ConstraintViolationException POLICY_CONTENT_LIMIT_EXCEEDED',
    )
    expect(house.told('CreatePolicy', make(padded(most), type))).toBe('ok')
  })
})

describe('attaching', () => {
  test('needs a type that is enabled, a policy and a target, and is done once', () => {
    const house = new House()
    const root = house.found()
    const policy = house.policy('some', deny('s3:*'))
    const attach = (TargetId: string, PolicyId = policy) => house.told('AttachPolicy', { PolicyId, TargetId })
    expect(attach(root)).toBe('PolicyTypeNotEnabledException')
    enable(house, 'SERVICE_CONTROL_POLICY')
    expect(attach(root)).toBe('ok')
    expect(house.needs.map(({ action, resource }) => [action, resource.split('/')[0]])).toEqual([
      ['organizations:AttachPolicy', `arn:aws:organizations::${manager}:policy`],
      ['organizations:AttachPolicy', `arn:aws:organizations::${manager}:root`],
    ])
    expect(house.needs[1]?.context).toEqual({ 'organizations:PolicyType': ['SERVICE_CONTROL_POLICY'] })
    expect(attach(root)).toBe('DuplicatePolicyAttachmentException')
    expect(attach(guest)).toBe('TargetNotFoundException')
    expect(attach(root, 'p-0000000000')).toBe('PolicyNotFoundException')
    expect(attach('x')).toBe('InvalidInputException INVALID_PATTERN_TARGET_ID')
    expect(house.told('DeletePolicy', { PolicyId: policy })).toBe('PolicyInUseException')
    const { Targets } = house.do('ListTargetsForPolicy', { PolicyId: policy })
    expect(Targets).toEqual([{ TargetId: root, Arn: expect.stringContaining(`root/o-`), Name: 'Root', Type: 'ROOT' }])
    house.do('DetachPolicy', { PolicyId: policy, TargetId: root })
    expect(house.told('DetachPolicy', { PolicyId: policy, TargetId: root })).toBe('PolicyNotAttachedException')
    expect(house.told('DeletePolicy', { PolicyId: policy })).toBe('ok')
  })

  test.each([
    ['SERVICE_CONTROL_POLICY', 10],
    ['RESOURCE_CONTROL_POLICY', 5],
    ['AISERVICES_OPT_OUT_POLICY', 5],
  ] as const)('of type %s is done %d times to one target at the most', (type, most) => {
    const house = new House()
    const root = house.found()
    enable(house, type)
    const content = {
      SERVICE_CONTROL_POLICY: deny('s3:*'),
      RESOURCE_CONTROL_POLICY: rcp(),
      AISERVICES_OPT_OUT_POLICY: '{"services":{}}',
    }
    const carried = house.attached(root, type)?.length ?? 0
    for (let count = carried; count < most; count++)
      house.do('AttachPolicy', { PolicyId: house.policy(`p${count}`, content[type], type), TargetId: root })
    const more = house.policy('more', content[type], type)
    expect(house.told('AttachPolicy', { PolicyId: more, TargetId: root })).toBe(
      'ConstraintViolationException MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED',
    )
  })

  test('QUIRK: last-scp-stays. One service control policy is left, whichever; of other types none need be', () => {
    const house = new House()
    const root = house.found()
    enable(house, 'SERVICE_CONTROL_POLICY')
    const detach = (PolicyId: string) => house.told('DetachPolicy', { PolicyId, TargetId: root })
    expect(detach(full)).toBe('ConstraintViolationException MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED')
    const own = house.policy('own', deny('s3:*'))
    house.do('AttachPolicy', { PolicyId: own, TargetId: root })
    expect(detach(full)).toBe('ok')
    expect(detach(own)).toBe('ConstraintViolationException MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED')
    expect(house.told('AttachPolicy', { PolicyId: full, TargetId: root })).toBe('ok')
    enable(house, 'RESOURCE_CONTROL_POLICY')
    expect(detach(fullResources)).toBe('InvalidInputException NON_DETACHABLE_POLICY')
    enable(house, 'TAG_POLICY')
    const tags = house.policy('tags', '{"tags":{}}', 'TAG_POLICY')
    house.do('AttachPolicy', { PolicyId: tags, TargetId: root })
    expect(detach(tags)).toBe('ok')
  })
})

describe('a type of policy', () => {
  test('that is a ceiling allows everything everywhere when it is enabled, and to whatever comes after', () => {
    const house = new House()
    const root = house.found()
    const before = house.unit(root, 'before')
    const early = house.account('early')
    enable(house, 'SERVICE_CONTROL_POLICY')
    const after = house.unit(root, 'after')
    const late = house.account('late')
    house.invite(guest)
    for (const target of [root, before, early, after, late, guest, manager])
      expect(house.attached(target)).toEqual([full])
    expect(house.attached(late, 'RESOURCE_CONTROL_POLICY')).toEqual([])
    enable(house, 'RESOURCE_CONTROL_POLICY')
    for (const target of [root, before, late])
      expect(house.attached(target, 'RESOURCE_CONTROL_POLICY')).toEqual([fullResources])
    expect(house.told('EnablePolicyType', { RootId: root, PolicyType: 'SERVICE_CONTROL_POLICY' })).toBe(
      'PolicyTypeAlreadyEnabledException',
    )
    expect(house.told('EnablePolicyType', { RootId: 'r-0000', PolicyType: 'TAG_POLICY' })).toBe('RootNotFoundException')
  })

  test('QUIRK: disabling-detaches. Nothing of it is carried any more, and enabling it again begins anew', () => {
    const house = new House()
    const root = house.found()
    enable(house, 'SERVICE_CONTROL_POLICY')
    enable(house, 'TAG_POLICY')
    const own = house.policy('own', deny('s3:*'))
    const tags = house.policy('tags', '{"tags":{}}', 'TAG_POLICY')
    for (const PolicyId of [own, tags]) house.do('AttachPolicy', { PolicyId, TargetId: root })
    house.do('DetachPolicy', { PolicyId: full, TargetId: root })
    const disable = () => house.told('DisablePolicyType', { RootId: root, PolicyType: 'SERVICE_CONTROL_POLICY' })
    expect(disable()).toBe('ok')
    expect(disable()).toBe('PolicyTypeNotEnabledException')
    expect([house.attached(root), house.attached(root, 'TAG_POLICY')]).toEqual([[], [tags]])
    enable(house, 'SERVICE_CONTROL_POLICY')
    expect(house.attached(root)).toEqual([full])
  })
})

describe('input that breaks the model is refused with a reason', () => {
  const id = { OrganizationalUnitId: 'ou-abcd-01234567' }
  const rows: readonly [string, () => unknown, string, string][] = (() => {
    const house = new House()
    house.found()
    const told =
      <N extends Parameters<House['do']>[0]>(name: N, input: object) =>
      () =>
        // What no type would let through is what is tried.
        house.do(name, input as OrganizationsCalls[N]['input'])
    return [
      [
        'what must be there',
        told('DescribePolicy', {}),
        'INPUT_REQUIRED',
        'You must include a value for all required parameters.',
      ],
      [
        'a form',
        told('DescribeOrganizationalUnit', { OrganizationalUnitId: 'x' }),
        'INVALID_PATTERN',
        'You provided a value that does not match the required pattern.',
      ],
      [
        'the form of a target',
        told('ListPoliciesForTarget', { TargetId: 'x', Filter: 'TAG_POLICY' }),
        'INVALID_PATTERN_TARGET_ID',
        'You provided a value that does not match the required pattern.',
      ],
      [
        'QUIRK: reason-names-resource',
        told('ListTagsForResource', { ResourceId: 'x' }),
        'INVALID_PATTERN:RESOURCE_ID',
        'You provided a value that does not match the required pattern.',
      ],
      [
        'a word of a list',
        told('ListChildren', { ParentId: 'r-abcd', ChildType: 'x' }),
        'INVALID_ENUM',
        'You specified an invalid value.',
      ],
      [
        'a type of policy',
        told('ListPolicies', { Filter: 'x' }),
        'INVALID_ENUM_POLICY_TYPE',
        'You specified an invalid value.',
      ],
      [
        'a text that is too long',
        told('UpdateOrganizationalUnit', { ...id, Name: 'x'.repeat(129) }),
        'MAX_LENGTH_EXCEEDED',
        'You provided a string parameter that is longer than allowed.',
      ],
      [
        'a text that is too short',
        told('UpdateOrganizationalUnit', { ...id, Name: '' }),
        'MIN_LENGTH_EXCEEDED',
        'You provided a string parameter that is shorter than allowed.',
      ],
      [
        'one of several',
        told('UntagResource', { ResourceId: 'r-abcd', TagKeys: ['!'] }),
        'INVALID_LIST_MEMBER',
        'You provided a list to a parameter that contains at least one invalid value.',
      ],
    ]
  })()
  test.each(rows)('%s', (_what, call, reason, message) => {
    let thrown: unknown
    try {
      call()
    } catch (error) {
      thrown = error
    }
    if (!(thrown instanceof Fault)) throw new Error('was not refused')
    expect([thrown.code, thrown.message, thrown.details]).toEqual([
      'InvalidInputException',
      message,
      { Reason: reason },
    ])
  })
})
