import { beforeEach, describe, expect, test } from 'vitest'
import type * as Shape from '../../../src/model/calls/iam.ts'
import { Authority, document, here, there } from './authority.ts'

/** Simulations as AWS answers them (IAM API Reference, SimulateCustomPolicy and SimulatePrincipalPolicy, and recorded answers). */
let iam: Authority
beforeEach(() => {
  iam = new Authority()
})

const statement = (Effect: string, Action: string, more: object = {}) => ({ Effect, Action, Resource: '*', ...more })
const policy = (...statements: object[]) => JSON.stringify({ Version: '2012-10-17', Statement: statements })
const reads = policy(statement('Allow', 's3:GetObject'))
const denies = policy(statement('Deny', 's3:GetObject'))
const everything = policy(statement('Allow', '*'))
const writes = policy(statement('Allow', 's3:PutObject'))
const a = 'arn:aws:s3:::simulated/a'
const b = 'arn:aws:s3:::simulated/b'
const bob = `arn:aws:iam::${here}:user/p/bob`

const custom = (input: Partial<Shape.SimulateCustomPolicyRequest>) =>
  iam.do('SimulateCustomPolicy', { PolicyInputList: [reads], ActionNames: ['s3:GetObject'], ...input })
    .EvaluationResults ?? []
const first = (input: Partial<Shape.SimulateCustomPolicyRequest>): Shape.EvaluationResult => {
  const [result] = custom(input)
  if (result === undefined) throw new Error('no result')
  return result
}
const told = (input: Partial<Shape.SimulateCustomPolicyRequest>): string =>
  iam.told('SimulateCustomPolicy', { PolicyInputList: [reads], ActionNames: ['s3:GetObject'], ...input })

const at = (Line: number, Column: number) => ({ Line, Column })
const inputs = (column: number, SourcePolicyId = 'PolicyInputList.1', SourcePolicyType = 'IAM Policy') => ({
  SourcePolicyId,
  SourcePolicyType,
  StartPosition: at(1, 38),
  EndPosition: at(1, column),
})

describe('a simulated action', () => {
  test('is asked about everything where no resource is named', () => {
    expect(custom({})).toEqual([
      {
        EvalActionName: 's3:GetObject',
        EvalResourceName: '*',
        EvalDecision: 'allowed',
        MatchedStatements: [inputs(95)],
        MissingContextValues: [],
      },
    ])
  })

  test('is told of one resource twice, as the whole and as a part', () => {
    const part = { MatchedStatements: [inputs(95)], MissingContextValues: [] }
    expect(custom({ ResourceArns: [a] })).toEqual([
      {
        EvalActionName: 's3:GetObject',
        EvalResourceName: a,
        EvalDecision: 'allowed',
        ...part,
        EvalDecisionDetails: {},
        ResourceSpecificResults: [{ EvalResourceName: a, EvalResourceDecision: 'allowed', ...part }],
      },
    ])
  })

  test('is allowed only where it is on every resource, and each one has its lists, empty ones too', () => {
    const onA = policy(statement('Allow', 's3:GetObject', { Resource: a }))
    expect(first({ PolicyInputList: [onA], ResourceArns: [a, b] })).toMatchObject({
      EvalResourceName: `arn:aws:s3:::\${BucketName}/\${KeyName}`,
      EvalDecision: 'implicitDeny',
      MatchedStatements: [{ SourcePolicyId: 'PolicyInputList.1' }],
      ResourceSpecificResults: [
        { EvalResourceName: a, EvalResourceDecision: 'allowed' },
        { EvalResourceName: b, EvalResourceDecision: 'implicitDeny', MatchedStatements: [], MissingContextValues: [] },
      ],
    })
  })

  test.each([
    ['is matched in any case', { ActionNames: ['S3:gEtObJeCt'] }, 'allowed'],
    ['is one action, also where it looks like many', { ActionNames: ['s3:*'] }, 'implicitDeny'],
    ['need not exist', { ActionNames: ['madeup:Action'] }, 'implicitDeny'],
    ['may have no name', { ActionNames: ['s3:'] }, 'implicitDeny'],
    ['is denied by a Deny', { PolicyInputList: [reads, denies] }, 'explicitDeny'],
    ['is not allowed where no policy is put in', { PolicyInputList: [] }, 'implicitDeny'],
    ['is not allowed beyond a boundary', { PermissionsBoundaryPolicyInputList: [writes] }, 'implicitDeny'],
    ['is denied by a boundary', { PermissionsBoundaryPolicyInputList: [denies] }, 'explicitDeny'],
    ['is allowed within a boundary', { PermissionsBoundaryPolicyInputList: [everything] }, 'allowed'],
  ] as const)('%s', (_, input, decision) => {
    expect(first(input).EvalDecision).toBe(decision)
  })

  test('a Deny is the only statement that is told of, from wherever it comes', () => {
    const result = first({ PolicyInputList: [reads, denies], PermissionsBoundaryPolicyInputList: [denies] })
    expect(result.MatchedStatements).toEqual([
      inputs(94, 'PolicyInputList.2'),
      inputs(94, 'PermissionsBoundaryPolicyInputList.1', 'Permissions Boundary Policy'),
    ])
    expect(result.PermissionsBoundaryDecisionDetail).toEqual({ AllowedByPermissionsBoundary: false })
  })

  test('several are answered in their order, each as often as it was asked for', () => {
    const results = custom({ ActionNames: ['s3:PutObject', 's3:GetObject', 's3:PutObject'] })
    expect(results.map(({ EvalActionName, EvalDecision }) => `${EvalActionName} ${EvalDecision}`)).toEqual([
      's3:PutObject implicitDeny',
      's3:GetObject allowed',
      's3:PutObject implicitDeny',
    ])
  })
})

describe('QUIRK: statement-begins-early. A statement', () => {
  const spans = (text: string) =>
    (first({ PolicyInputList: [text] }).MatchedStatements ?? []).map(({ StartPosition, EndPosition }) => [
      StartPosition,
      EndPosition,
    ])
  const one = JSON.stringify(statement('Allow', 's3:GetObject'))

  test('that stands alone begins behind its brace', () => {
    const alone = `{"Version":"2012-10-17","Statement":${one}}`
    expect(spans(alone)).toEqual([[at(1, 38), at(1, alone.length)]])
  })

  test('begins behind the bracket, and the next one behind the one before', () => {
    const text = `{"Version":"2012-10-17","Statement":[${one}, ${one}]}`
    const middle = 38 + one.length
    expect(spans(text)).toEqual([
      [at(1, 38), at(1, middle)],
      [at(1, middle), at(1, middle + 2 + one.length)],
    ])
  })

  test('is found by line and column', () => {
    const text = JSON.stringify({ Version: '2012-10-17', Statement: [statement('Allow', 's3:GetObject')] }, null, 2)
    expect(spans(text)).toEqual([[at(3, 17), at(8, 6)]])
  })
})

describe('context', () => {
  const wants = (condition: object) => policy(statement('Allow', 's3:GetObject', { Condition: condition }))
  const entry = (
    ContextKeyName: string,
    ContextKeyType: Shape.ContextKeyTypeEnum,
    ...ContextKeyValues: string[]
  ): Shape.ContextEntry => ({ ContextKeyName, ContextKeyType, ContextKeyValues })

  test.each([
    ['a text', { StringEquals: { 'k:text': 'x' } }, entry('K:Text', 'string', 'x'), 'allowed'],
    ['an empty text', { Null: { 'k:text': 'false' } }, entry('k:text', 'string', ''), 'allowed'],
    [
      'a list of texts',
      { 'ForAllValues:StringEquals': { 'k:list': ['x', 'y'] } },
      entry('k:list', 'stringList', 'x', 'y'),
      'allowed',
    ],
    ['a number', { NumericLessThan: { 'k:size': '101' } }, entry('k:size', 'numeric', '1e2'), 'allowed'],
    ['a number with a sign', { NumericEquals: { 'k:size': '1' } }, entry('k:size', 'numeric', '+1'), 'allowed'],
    ['a true', { Bool: { 'k:flag': 'true' } }, entry('k:flag', 'boolean', 'TRUE'), 'allowed'],
    ['QUIRK: simulated-boolean', { Bool: { 'k:flag': 'false' } }, entry('k:flag', 'boolean', 'yes'), 'allowed'],
    ['an address', { IpAddress: { 'k:from': '192.0.2.0/24' } }, entry('k:from', 'ip', '192.0.2.7'), 'allowed'],
    ['a moment', { DateLessThan: { 'k:when': '2036-01-01' } }, entry('k:when', 'date', '2035'), 'allowed'],
    ['bytes', { BinaryEquals: { 'k:key': 'YQ==' } }, entry('k:key', 'binary', 'YQ=='), 'allowed'],
    [
      '(simulated-list) a list of one',
      { StringEquals: { 'k:text': 'x' } },
      entry('k:text', 'stringList', 'x'),
      'implicitDeny',
    ],
    [
      'a list with a set',
      { 'ForAllValues:StringEquals': { 'k:text': 'x' } },
      entry('k:text', 'stringList', 'x'),
      'allowed',
    ],
    ['another text', { StringEquals: { 'k:text': 'x' } }, entry('k:text', 'string', 'y'), 'implicitDeny'],
  ] as const)('%s is compared as what it is', (_, condition, given, decision) => {
    expect(first({ PolicyInputList: [wants(condition)], ContextEntries: [given] }).EvalDecision).toBe(decision)
  })

  test.each([
    [
      'a type is needed',
      { ContextKeyName: 'k:key', ContextKeyValues: ['x'] },
      'Context key k:key has invalid type null.',
    ],
    [
      'a value is needed',
      { ContextKeyName: 'k:key', ContextKeyType: 'string' },
      'Context values for context key k:key cannot be null or empty.',
    ],
    [
      'a name is needed',
      { ContextKeyType: 'string', ContextKeyValues: ['x'] },
      'ContextKeyName cannot be null or empty.',
    ],
    [
      'QUIRK: context-key-named-by-type',
      entry('k:key', 'string', 'x', 'y'),
      'Context key string expected a single value, but received 2.',
    ],
    ['no number', entry('k:key', 'numeric', 'abc'), 'Invalid context value for key k:key: expected numeric format.'],
    [
      'no number of ours',
      entry('k:key', 'numeric', '0x10'),
      'Invalid context value for key k:key: expected numeric format.',
    ],
    ['no moment', entry('k:key', 'date', 'tomorrow'), 'Invalid context value for key k:key: expected DateTime format.'],
    ['no address', entry('k:key', 'ip', '999.0.0.1'), 'Invalid context value for key k:key: expected IP address.'],
    [
      'a range is no address',
      entry('k:key', 'ip', '192.0.2.0/24'),
      'Invalid context value for key k:key: expected IP address.',
    ],
    [
      'bits that mean nothing',
      entry('k:key', 'binary', 'YR=='),
      'Invalid context value for key k:key: expected base-64 encoded binary format.',
    ],
    [
      'bytes without padding',
      entry('k:key', 'binaryList', 'YQ==', 'YQ'),
      'Invalid context value for key k:key: expected base-64 encoded binary format.',
    ],
  ] as const)('%s', (_, given, message) => {
    expect(told({ ContextEntries: [given] })).toBe(`InvalidInput: ${message}`)
  })

  test('a key stands once, in whatever case', () => {
    const twice = [entry('k:key', 'string', 'x'), entry('K:KEY', 'string', 'y')]
    expect(told({ ContextEntries: twice })).toBe('InvalidInput: Duplicate context key: K:KEY.')
  })

  test('QUIRK: empty-context-entry. One that says nothing is passed over', () => {
    expect(told({ ContextEntries: [{}] })).toBe('ok')
  })

  test('keys that any policy asks for and that are not given are missing where it is not allowed', () => {
    const asking = policy(
      statement('Allow', 's3:PutObject', { Condition: { StringEquals: { 'k:other': 'yes' } } }),
      statement('Allow', 's3:GetObject', { Resource: `arn:aws:s3:::home/\${aws:username}` }),
    )
    const bound = wants({ StringEquals: { 'k:given': 'x', 'k:bound': 'y' } })
    const input = {
      PolicyInputList: [asking],
      PermissionsBoundaryPolicyInputList: [bound],
      ContextEntries: [entry('k:given', 'string', 'x')],
    }
    expect(first(input).MissingContextValues).toEqual(['k:other', 'aws:username', 'k:bound'])
    const part = { MissingContextValues: ['k:other', 'aws:username', 'k:bound'] }
    expect(first({ ...input, ResourceArns: [a] })).toMatchObject({ ...part, ResourceSpecificResults: [part] })
    expect(first({ PolicyInputList: [reads, asking] }).MissingContextValues).toEqual([])
  })

  test.each([
    ['an absent key satisfies IfExists', { StringEqualsIfExists: { 'k:missing': 'yes' } }, 'allowed'],
    ['an absent key satisfies what is negated', { StringNotEquals: { 'k:missing': 'yes' } }, 'allowed'],
    ['an absent key is Null', { Null: { 'k:missing': 'true' } }, 'allowed'],
    ['an absent key satisfies ForAllValues', { 'ForAllValues:StringEquals': { 'k:missing': 'yes' } }, 'allowed'],
    ['an absent key fails ForAnyValue', { 'ForAnyValue:StringEquals': { 'k:missing': 'yes' } }, 'implicitDeny'],
  ] as const)('%s', (_, condition, decision) => {
    expect(first({ PolicyInputList: [wants(condition)] }).EvalDecision).toBe(decision)
  })

  test.each([
    ['the ARN', { ArnEquals: { 'aws:PrincipalArn': bob } }],
    ['the account', { StringEquals: { 'aws:PrincipalAccount': here } }],
    ['the name', { StringEquals: { 'aws:username': 'bob' } }],
    ['QUIRK: simulated-userid', { StringEquals: { 'aws:userid': bob } }],
  ] as const)('%s follows from the caller', (_, condition) => {
    expect(first({ PolicyInputList: [wants(condition)], CallerArn: bob }).EvalDecision).toBe('allowed')
    expect(first({ PolicyInputList: [wants(condition)], CallerArn: `${bob}by` }).EvalDecision).toBe(
      'aws:PrincipalAccount' in Object.assign({}, ...Object.values(condition)) ? 'allowed' : 'implicitDeny',
    )
  })

  test('what is given wins over what follows', () => {
    const known = wants({ StringEquals: { 'aws:username': 'ann' } })
    const given = [entry('aws:UserName', 'string', 'ann')]
    expect(first({ PolicyInputList: [known], CallerArn: bob, ContextEntries: given }).EvalDecision).toBe('allowed')
  })

  test('without a caller it is nobody in particular of the account', () => {
    const stub = wants({ StringEquals: { 'aws:userid': 'STUB_PRINCIPAL_FOR_POLICY_SIMULATOR' } })
    expect(first({ PolicyInputList: [stub] }).EvalDecision).toBe('allowed')
    expect(first({ PolicyInputList: [wants({ Null: { 'aws:PrincipalArn': 'true' } })] }).EvalDecision).toBe('allowed')
  })
})

describe('a resource policy', () => {
  const letting = (Principal: unknown, more: object = {}) =>
    policy({ Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::simulated/*', Principal, ...more })
  const asked = { PolicyInputList: [writes], ResourceArns: [a], CallerArn: bob }

  test.each([
    ['grants to the user within the account', { ResourcePolicy: letting({ AWS: bob }) }, 'allowed'],
    ['grants to everyone', { ResourcePolicy: letting('*') }, 'allowed'],
    ['to the account is a delegation', { ResourcePolicy: letting({ AWS: here }) }, 'implicitDeny'],
    ['to somebody else is none', { ResourcePolicy: letting({ AWS: `${bob}by` }) }, 'implicitDeny'],
    [
      'of its own denies',
      { PolicyInputList: [reads], ResourcePolicy: letting('*', { Effect: 'Deny' }) },
      'explicitDeny',
    ],
    [
      'grants to a user beyond its boundary',
      { ResourcePolicy: letting({ AWS: bob }), PermissionsBoundaryPolicyInputList: [writes] },
      'allowed',
    ],
    [
      'of another account does not do alone',
      { ResourcePolicy: letting({ AWS: bob }), ResourceOwner: `arn:aws:iam::${there}:root` },
      'implicitDeny',
    ],
    [
      'of another account does together with the identity',
      { PolicyInputList: [reads], ResourcePolicy: letting({ AWS: bob }), ResourceOwner: `arn:aws:iam::${there}:root` },
      'allowed',
    ],
    [
      'another account must have one',
      { PolicyInputList: [reads], ResourceOwner: `arn:aws:iam::${there}:root` },
      'implicitDeny',
    ],
    [
      'a role may be let in',
      { CallerArn: `arn:aws:iam::${here}:role/r`, ResourcePolicy: letting({ AWS: `arn:aws:iam::${here}:role/r` }) },
      'allowed',
    ],
    [
      'a role let in stays within its boundary',
      {
        CallerArn: `arn:aws:iam::${here}:role/r`,
        ResourcePolicy: letting({ AWS: `arn:aws:iam::${here}:role/r` }),
        PermissionsBoundaryPolicyInputList: [writes],
      },
      'implicitDeny',
    ],
  ] as const)('%s', (_, input, decision) => {
    expect(first({ ...asked, ...input }).EvalDecision).toBe(decision)
  })

  test('and what each side said of another account is told', () => {
    const result = first({
      ...asked,
      ResourcePolicy: letting({ AWS: bob }),
      ResourceOwner: `arn:aws:iam::${there}:root`,
      PermissionsBoundaryPolicyInputList: [denies],
    })
    const EvalDecisionDetails = {
      'IAM Policy': 'implicitDeny',
      'Resource Policy': 'allowed',
      'Permissions Boundary Policy': 'explicitDeny',
    }
    expect(result).toMatchObject({ EvalDecisionDetails, ResourceSpecificResults: [{ EvalDecisionDetails }] })
  })

  test('QUIRK: policy-types-of-simulation. Its statement has its name', () => {
    expect(first({ ...asked, ResourcePolicy: letting({ AWS: bob }) }).MatchedStatements).toMatchObject([
      { SourcePolicyId: 'ResourcePolicy', SourcePolicyType: 'Resource Policy' },
    ])
  })

  test("a role's trust policy decides whether it is assumed", () => {
    const role = `arn:aws:iam::${here}:role/r`
    const trust = (Principal: unknown, Effect = 'Allow') => policy({ Effect, Action: 'sts:AssumeRole', Principal })
    const assume = {
      PolicyInputList: [everything],
      ActionNames: ['sts:AssumeRole'],
      ResourceArns: [role],
      CallerArn: bob,
    }
    const decided = (ResourcePolicy: string, more: object = {}) =>
      first({ ...assume, ...more, ResourcePolicy }).EvalDecision
    expect(decided(trust({ AWS: bob }))).toBe('allowed')
    expect(decided(trust({ AWS: bob }), { PolicyInputList: [] })).toBe('allowed')
    expect(decided(trust({ AWS: here }))).toBe('allowed')
    expect(decided(trust({ AWS: here }), { PolicyInputList: [] })).toBe('implicitDeny')
    expect(decided(trust({ Service: 'ec2.amazonaws.com' }))).toBe('implicitDeny')
    expect(decided(trust({ AWS: bob }, 'Deny'))).toBe('explicitDeny')
    expect(first(assume).EvalDecision).toBe('allowed')
  })
})

describe('what cannot be simulated', () => {
  const onAll = policy({ ...statement('Allow', 's3:GetObject'), Principal: '*' })
  const onA = policy({ ...statement('Allow', 's3:GetObject'), Principal: '*', Resource: a })
  test.each([
    ['an action without a service', { ActionNames: ['GetObject'] }, 'The action is invalid since it is missing names'],
    [
      'a resource that is no ARN',
      { ResourceArns: ['not-an-arn'] },
      'ResourceNames are not in a valid ARN format: not-an-arn.',
    ],
    ['half an ARN', { ResourceArns: ['arn:aws:s3'] }, 'ResourceNames are not in a valid ARN format: arn:aws:s3.'],
    ['everything among resources', { ResourceArns: [a, '*'] }, 'ResourceNames are not in a valid ARN format: *.'],
    [
      'two boundaries',
      { PermissionsBoundaryPolicyInputList: [reads, reads] },
      'The list of Permissions Boundary policies cannot exceed 1 items.',
    ],
    ['what is no JSON', { PolicyInputList: ['{'] }, 'Policy input list item 1 has invalid content'],
    [
      'a version that there is not',
      { PolicyInputList: [reads, '{"Version":"2099-01-01","Statement":[]}'] },
      'Policy input list item 2 has invalid content',
    ],
    [
      'a boundary that is none',
      { PermissionsBoundaryPolicyInputList: ['{'] },
      'Permissions boundary policy input list item 1 has invalid content',
    ],
    ['a principal where none belongs', { PolicyInputList: [onA] }, 'Policy input list item 1 has invalid content'],
    [
      'a resource policy that is none',
      { CallerArn: bob, ResourceArns: [a], ResourcePolicy: '{' },
      'Resource policy has invalid content',
    ],
    [
      'a resource policy without a caller',
      { ResourceArns: [a], ResourcePolicy: onA },
      'Invalid caller - Caller cannot be null or empty.',
    ],
    [
      'a resource policy without a resource',
      { CallerArn: bob, ResourcePolicy: onA },
      'Invalid Entity Arn: * does not clearly define entity type and name.',
    ],
    [
      'a resource policy for everything',
      { CallerArn: bob, ResourceArns: [a], ResourcePolicy: onAll },
      'ResourceNames are not in a valid ARN format: *.',
    ],
    [
      'a session as the caller',
      { CallerArn: `arn:aws:sts::${here}:assumed-role/r/s` },
      'Invalid caller - Caller must be an IAM user, role or group in this context.',
    ],
    ['QUIRK: owner-by-arn', { ResourceOwner: there }, `'${there}' is not a valid as a Resource Owner.`],
    [
      'an option of other actions',
      { ResourceArns: [a], ResourceHandlingOption: 'EC2-VPC-EBS' },
      'Invalid input resource handling options. Action does not support resource handling options: s3:GetObject.',
    ],
    ["another simulation's marker", { Marker: 'not-a-marker' }, 'Invalid marker for pagination.'],
    [
      'more resources than anybody reads',
      { ResourceArns: Array.from({ length: 1001 }, () => a) },
      'The list of resources cannot exceed 1000 items.',
    ],
  ] as const)('is %s', (_, input, message) => {
    expect(told(input)).toBe(`InvalidInput: ${message}`)
  })

  test('QUIRK: handling-of-everything. An option says nothing where no resource is named', () => {
    expect(told({ ResourceHandlingOption: 'EC2-VPC-EBS' })).toBe('ok')
    const runs = { ActionNames: ['ec2:RunInstances'], ResourceArns: ['arn:aws:ec2:us-east-1::image/ami-1'] }
    expect(told({ ...runs, ResourceHandlingOption: 'EC2-VPC-EBS' })).toBe('ok')
    expect(told({ ...runs, ResourceHandlingOption: 'EC2-Moon' })).toMatch(
      /^InvalidInput: Invalid input resource handling/,
    )
  })
})

describe('pages', () => {
  const actions = ['s3:PutObject', 'iam:GetUser', 's3:GetObject']
  const paged = (input: object) =>
    iam.do('SimulateCustomPolicy', { PolicyInputList: [everything], ActionNames: actions, MaxItems: 1, ...input })
  const names = ({ EvaluationResults = [] }: Shape.SimulatePolicyResponse) =>
    EvaluationResults.map(({ EvalActionName }) => EvalActionName)

  test('count actions, with all resources of each', () => {
    const page = paged({ ResourceArns: [a, b] })
    expect(names(page)).toEqual(['s3:PutObject'])
    expect(page.EvaluationResults?.[0]?.ResourceSpecificResults).toHaveLength(2)
    const rest = paged({ Marker: page.Marker, MaxItems: 2 })
    expect(names(rest)).toEqual(['iam:GetUser', 's3:GetObject'])
    expect([page.IsTruncated, rest.IsTruncated, 'Marker' in rest]).toEqual([true, false, false])
  })

  test('QUIRK: simulation-pages. A marker goes on with whatever is asked along with it', () => {
    const { Marker } = paged({})
    expect(names(paged({ Marker, ActionNames: ['s3:DeleteObject'] }))).toEqual([])
    expect(names(paged({ Marker, ActionNames: ['a:A', 'b:B'] }))).toEqual(['b:B'])
  })

  test('are no longer than what one answer may cost, and every action comes', () => {
    const ActionNames = Array.from({ length: 60 }, (_, number) => `s3:Action${number}`)
    const ResourceArns = Array.from({ length: 1000 }, (_, number) => `arn:aws:s3:::simulated/${number}`)
    const found: (string | undefined)[] = []
    let Marker: string | undefined
    let pages = 0
    do {
      const page = paged({ ActionNames, ResourceArns, MaxItems: 1000, Marker })
      found.push(...names(page))
      Marker = page.Marker
      pages++
    } while (Marker !== undefined)
    expect(found).toEqual(ActionNames)
    expect(pages).toBeGreaterThan(1)
  })
})

describe("a principal's own policies", () => {
  const managed = `arn:aws:iam::${here}:policy/p/managed`
  beforeEach(() => {
    iam.do('CreateUser', { UserName: 'bob', Path: '/p/' })
    iam.do('CreateGroup', { GroupName: 'readers' })
    iam.do('CreateRole', {
      RoleName: 'r',
      AssumeRolePolicyDocument: policy({
        Effect: 'Allow',
        Principal: { Service: 'ec2.amazonaws.com' },
        Action: 'sts:AssumeRole',
      }),
    })
    iam.do('CreatePolicy', {
      PolicyName: 'managed',
      Path: '/p/',
      PolicyDocument: policy(statement('Allow', 's3:DeleteObject')),
    })
    iam.do('PutUserPolicy', { UserName: 'bob', PolicyName: 'own', PolicyDocument: reads })
    iam.do('PutGroupPolicy', { GroupName: 'readers', PolicyName: 'shared', PolicyDocument: writes })
    iam.do('PutRolePolicy', { RoleName: 'r', PolicyName: 'duty', PolicyDocument: reads })
    iam.do('AddUserToGroup', { GroupName: 'readers', UserName: 'bob' })
    iam.do('AttachUserPolicy', { UserName: 'bob', PolicyArn: managed })
    iam.do('AttachGroupPolicy', { GroupName: 'readers', PolicyArn: managed })
  })
  const all = ['s3:GetObject', 's3:PutObject', 's3:DeleteObject']
  const simulated = (PolicySourceArn: string, more: object = {}) =>
    iam.do('SimulatePrincipalPolicy', { PolicySourceArn, ActionNames: all, ...more }).EvaluationResults ?? []
  const decisions = (PolicySourceArn: string, more: object = {}) =>
    simulated(PolicySourceArn, more).map(({ EvalDecision }) => EvalDecision)

  test("are a user's, those of its groups, and managed ones once", () => {
    expect(
      simulated(bob).map((result) => result.MatchedStatements?.map(({ SourcePolicyId }) => SourcePolicyId)),
    ).toEqual([['user_bob_own'], ['group_readers_shared'], ['managed']])
  })

  test("are a group's own, and a role's", () => {
    expect(decisions(`arn:aws:iam::${here}:group/readers`)).toEqual(['implicitDeny', 'allowed', 'allowed'])
    expect(decisions(`arn:aws:iam::${here}:role/r`)).toEqual(['allowed', 'implicitDeny', 'implicitDeny'])
    expect(simulated(`arn:aws:iam::${here}:role/r`)[0]?.MatchedStatements).toMatchObject([
      { SourcePolicyId: 'role_r_duty' },
    ])
  })

  test('stand within the boundary that is in place, and another takes its place', () => {
    iam.do('PutUserPermissionsBoundary', { UserName: 'bob', PermissionsBoundary: managed })
    expect(decisions(bob)).toEqual(['implicitDeny', 'implicitDeny', 'allowed'])
    expect(decisions(bob, { PermissionsBoundaryPolicyInputList: [everything] })).toEqual([
      'allowed',
      'allowed',
      'allowed',
    ])
  })

  test('stand beside those that are put in', () => {
    const results = simulated(`arn:aws:iam::${here}:role/r`, { PolicyInputList: [everything] })
    expect(results.map(({ EvalDecision }) => EvalDecision)).toEqual(['allowed', 'allowed', 'allowed'])
    expect(results[0]?.MatchedStatements?.map(({ SourcePolicyId }) => SourcePolicyId)).toEqual([
      'role_r_duty',
      'PolicyInputList.1',
    ])
  })

  test('are simulated for the principal, or for another that is named', () => {
    const named = (user: string) =>
      policy({ Effect: 'Deny', Principal: { AWS: user }, Action: 's3:*', Resource: 'arn:aws:s3:::simulated/*' })
    const ann = `arn:aws:iam::${here}:user/ann`
    const asked = { ResourceArns: [a], ActionNames: ['s3:GetObject'] }
    expect(decisions(bob, { ...asked, ResourcePolicy: named(bob) })).toEqual(['explicitDeny'])
    expect(decisions(bob, { ...asked, ResourcePolicy: named(ann) })).toEqual(['allowed'])
    expect(decisions(bob, { ...asked, ResourcePolicy: named(ann), CallerArn: ann })).toEqual(['explicitDeny'])
  })

  test('QUIRK: source-by-name. The path in the ARN need not be right, and what is authorized is', () => {
    expect(decisions(`arn:aws:iam::${here}:user/elsewhere/bob`)).toEqual(['allowed', 'allowed', 'allowed'])
    expect(iam.needs).toMatchObject([{ action: 'iam:SimulatePrincipalPolicy', resource: bob, resourceTags: [] }])
  })

  test.each([
    ['that is not there', `arn:aws:iam::${here}:user/nobody`, 'NoSuchEntity: Unable to retrieve specified IAM entity.'],
    [
      'of another account',
      `arn:aws:iam::${there}:user/bob`,
      `InvalidInput: Invalid Policy Source Arn: caller's account ${here} does not have access to policies in account ${there}.`,
    ],
    [
      'that is root',
      `arn:aws:iam::${here}:root`,
      `InvalidInput: Invalid ARN provided in the request: arn:aws:iam::${here}:root`,
    ],
    [
      'that is a session',
      `arn:aws:sts::${here}:assumed-role/r/session`,
      `InvalidInput: Invalid ARN provided in the request: arn:aws:sts::${here}:assumed-role/r/session`,
    ],
    [
      'that is no ARN',
      'not-an-arn-but-long-enough',
      'InvalidInput: Invalid ARN provided in the request: not-an-arn-but-long-enough',
    ],
  ] as const)('are not those of one %s', (_, PolicySourceArn, message) => {
    expect(iam.told('SimulatePrincipalPolicy', { PolicySourceArn, ActionNames: all })).toBe(message)
    expect(iam.told('GetContextKeysForPrincipalPolicy', { PolicySourceArn })).toBe(message)
  })
})

describe('context keys', () => {
  const keyed = (key: string, Resource = '*') =>
    document({
      Effect: 'Allow',
      Action: 's3:*',
      Resource,
      Condition: { StringLike: { [key]: `\${aws:userid}-\${*}` } },
    })

  test('are those of conditions and of variables, as they are written', () => {
    const { ContextKeyNames } = iam.do('GetContextKeysForCustomPolicy', {
      PolicyInputList: [keyed('aws:SourceIp', `arn:aws:s3:::x/\${aws:PrincipalTag/Team, 'none'}`)],
    })
    expect(ContextKeyNames).toEqual(['aws:PrincipalTag/Team', 'aws:SourceIp', 'aws:userid'])
  })

  test('QUIRK: keys-a-document. They stand once in a document, and once for each document', () => {
    const PolicyInputList = [keyed('k:key'), keyed('k:key')]
    expect(iam.do('GetContextKeysForCustomPolicy', { PolicyInputList }).ContextKeyNames).toEqual([
      'k:key',
      'aws:userid',
      'k:key',
      'aws:userid',
    ])
  })

  test('have no variables in a policy of old', () => {
    const old = keyed('k:key').replace('2012-10-17', '2008-10-17')
    expect(iam.do('GetContextKeysForCustomPolicy', { PolicyInputList: [old] }).ContextKeyNames).toEqual(['k:key'])
  })

  test('are asked for by all that stands over a principal', () => {
    iam.do('CreateUser', { UserName: 'bob' })
    iam.do('CreateGroup', { GroupName: 'g' })
    iam.do('AddUserToGroup', { GroupName: 'g', UserName: 'bob' })
    iam.do('CreatePolicy', { PolicyName: 'fence', PolicyDocument: keyed('k:fence') })
    iam.do('PutUserPolicy', { UserName: 'bob', PolicyName: 'own', PolicyDocument: keyed('k:own') })
    iam.do('PutGroupPolicy', { GroupName: 'g', PolicyName: 'shared', PolicyDocument: keyed('k:group') })
    iam.do('PutUserPermissionsBoundary', { UserName: 'bob', PermissionsBoundary: `arn:aws:iam::${here}:policy/fence` })
    const { ContextKeyNames = [] } = iam.do('GetContextKeysForPrincipalPolicy', {
      PolicySourceArn: `arn:aws:iam::${here}:user/bob`,
      PolicyInputList: [keyed('k:more')],
    })
    expect(ContextKeyNames.filter((key) => key.startsWith('k:'))).toEqual(['k:own', 'k:group', 'k:fence', 'k:more'])
  })

  test('are not those of what is no policy', () => {
    expect(iam.told('GetContextKeysForCustomPolicy', { PolicyInputList: ['{'] })).toBe(
      'InvalidInput: Policy input list item 1 has invalid content',
    )
  })
})
