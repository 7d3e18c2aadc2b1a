import { beforeEach, describe, expect, test } from 'vitest'
import { Authority, document, documentOfSize, ec2Trust, here } from './authority.ts'

let iam: Authority
beforeEach(() => {
  iam = new Authority()
  iam.do('CreateUser', { UserName: 'h' })
  iam.do('CreateGroup', { GroupName: 'h' })
  iam.do('CreateRole', { RoleName: 'h', AssumeRolePolicyDocument: ec2Trust })
})

const readOnly = 'arn:aws:iam::aws:policy/ReadOnlyAccess'

/** The three holders answer in the same words: each row is asked of all of them. */
describe.each([
  ['user', 'User', 'UserName', 2048],
  ['group', 'Group', 'GroupName', 5120],
  ['role', 'Role', 'RoleName', 10240],
] as const)('a %s', (kind, word, member, size) => {
  const at = (name: string) => ({ [member]: name })
  // The operation's name is put together here, so its input cannot be typed; the authority checks its shape.
  const told = (operation: string, more: object = {}, name = 'h') =>
    iam.told(operation as never, { ...at(name), ...more } as never)
  const answer = (operation: string, more: object = {}) =>
    iam.do(operation as never, { ...at('h'), ...more } as never) as Record<string, unknown>

  describe('and its inline policies', () => {
    const put = (PolicyName: string, PolicyDocument = document()) =>
      told(`Put${word}Policy`, { PolicyName, PolicyDocument })

    test('are read as they were put, under the holder’s name', () => {
      const text = ` { "Version":"2012-10-17", "Statement" : [] }`.replace(
        '[]',
        '[{"Effect":"Deny","Action":"*","Resource":"*"}]',
      )
      expect(put('p', text)).toBe('ok')
      const read = answer(`Get${word}Policy`, { PolicyName: 'p' })
      expect(read).toEqual({ ...at('h'), PolicyName: 'p', PolicyDocument: expect.any(String) })
      expect(decodeURIComponent(String(read.PolicyDocument))).toBe(text)
    })

    test('replace one another by name, and are listed by name', () => {
      put('b')
      put('a')
      put('b', document({ Effect: 'Deny', Action: '*', Resource: '*' }))
      expect(answer(`List${word}Policies`)).toEqual({ PolicyNames: ['a', 'b'], IsTruncated: false })
      expect(String(answer(`Get${word}Policy`, { PolicyName: 'b' }).PolicyDocument)).toContain('Deny')
    })

    test('share one quota, in which white space does not count', () => {
      const half = size / 2
      expect(put('a', documentOfSize(half))).toBe('ok')
      expect(put('b', documentOfSize(half + 1))).toBe(
        `LimitExceeded: Maximum policy size of ${size} bytes exceeded for ${kind} h`,
      )
      expect(put('b', documentOfSize(half).replace('{', '{\n\n    '))).toBe('ok')
      expect(put('b', documentOfSize(half - 1))).toBe('ok')
    })

    // The provider's acceptance tests put one of 10,241 characters on a role, and one of 10,240.
    test('that are too long alone are told of as managed ones are (QUIRK: too-long-alone)', () => {
      expect(put('a', documentOfSize(size + 1))).toBe(`LimitExceeded: Cannot exceed quota for PolicySize: ${size}`)
      expect(put('a', documentOfSize(size))).toBe('ok')
    })

    test.each([
      ['a holder that is not there', 'Put', 'none', `NoSuchEntity: The ${kind} with name none cannot be found.`],
      ['a policy that is not there', 'Get', 'h', `NoSuchEntity: The ${kind} policy with name p cannot be found.`],
      [
        'a policy to delete that is not there',
        'Delete',
        'h',
        `NoSuchEntity: The ${kind} policy with name p cannot be found.`,
      ],
    ])('refuse %s', (_what, verb, name, expected) => {
      const more = verb === 'Put' ? { PolicyDocument: document() } : {}
      expect(told(`${verb}${word}Policy`, { PolicyName: 'p', ...more }, name)).toBe(expected)
    })

    test('refuse a text that is no policy, and one that names a principal', () => {
      expect(put('p', 'nonsense')).toBe('MalformedPolicyDocument: Syntax errors in policy.')
      expect(put('p', document({ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' }))).toBe(
        'MalformedPolicyDocument: Policy document should not specify a principal.',
      )
    })

    test('go when they are deleted', () => {
      put('p')
      expect(told(`Delete${word}Policy`, { PolicyName: 'p' })).toBe('ok')
      expect(answer(`List${word}Policies`).PolicyNames).toEqual([])
    })
  })

  describe('and its attached policies', () => {
    const attach = (PolicyArn: string, name = 'h') => told(`Attach${word}Policy`, { PolicyArn }, name)
    const detach = (PolicyArn: string, name = 'h') => told(`Detach${word}Policy`, { PolicyArn }, name)
    const own = (name: string, Path = '/') => {
      iam.do('CreatePolicy', { PolicyName: name, Path, PolicyDocument: document() })
      return `arn:aws:iam::${here}:policy${Path}${name}`
    }

    test('are attached once however often it is asked, and listed by name', () => {
      const mine = own('Mine', '/p/')
      expect([attach(readOnly), attach(mine), attach(readOnly)]).toEqual(['ok', 'ok', 'ok'])
      expect(answer(`ListAttached${word}Policies`)).toEqual({
        AttachedPolicies: [
          { PolicyName: 'Mine', PolicyArn: mine },
          { PolicyName: 'ReadOnlyAccess', PolicyArn: readOnly },
        ],
        IsTruncated: false,
      })
      expect(answer(`ListAttached${word}Policies`, { PathPrefix: '/p/' }).AttachedPolicies).toHaveLength(1)
    })

    test('are ten at most', () => {
      for (let count = 0; count < 10; count++) expect(attach(own(`p${count}`))).toBe('ok')
      expect(attach(readOnly)).toBe(`LimitExceeded: Cannot exceed quota for PoliciesPer${word}: 10`)
      expect(attach(`arn:aws:iam::${here}:policy/p3`)).toBe('ok')
    })

    test('come off', () => {
      attach(readOnly)
      expect(detach(readOnly)).toBe('ok')
      expect(detach(readOnly)).toBe(`NoSuchEntity: Policy ${readOnly} was not found.`)
      expect(answer(`ListAttached${word}Policies`).AttachedPolicies).toEqual([])
    })

    test('must exist, be policies, and be for everyone', () => {
      const none = `arn:aws:iam::${here}:policy/none`
      expect(attach(none)).toBe(`NoSuchEntity: Policy ${none} does not exist or is not attachable.`)
      expect(attach('not-an-arn-at-all-but-long')).toBe('ValidationError: ARN not-an-arn-at-all-but-long is not valid.')
      expect(attach('arn:aws:iam::aws:policy/aws-service-role/AmazonECSServiceRolePolicy')).toBe(
        'PolicyNotAttachable: Cannot attach a Service Role Policy to a Customer Role.',
      )
      expect(attach(readOnly, 'none')).toBe(`NoSuchEntity: The ${kind} with name none cannot be found.`)
    })
  })
})

describe.each([
  ['user', 'User', 'UserName'],
  ['role', 'Role', 'RoleName'],
] as const)('the boundary of a %s', (kind, word, member) => {
  const told = (verb: string, more: object = {}, name = 'h') =>
    iam.told(`${verb}${word}PermissionsBoundary` as never, { [member]: name, ...more } as never)
  const read = () =>
    kind === 'user'
      ? iam.do('GetUser', { UserName: 'h' }).User.PermissionsBoundary
      : iam.do('GetRole', { RoleName: 'h' }).Role.PermissionsBoundary

  test('is set, replaced and taken away', () => {
    iam.do('CreatePolicy', { PolicyName: 'fence', PolicyDocument: document() })
    const fence = `arn:aws:iam::${here}:policy/fence`
    expect(told('Put', { PermissionsBoundary: readOnly })).toBe('ok')
    expect(told('Put', { PermissionsBoundary: fence })).toBe('ok')
    // QUIRK: boundary-type-word.
    expect(read()).toEqual({ PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: fence })
    expect(told('Delete')).toBe('ok')
    expect(read()).toBeUndefined()
    expect(iam.entity(kind, 'h')).not.toHaveProperty('boundary')
    expect(told('Delete')).toBe('ok')
  })

  test.each([
    ['is no ARN', 'not-an-arn-at-all-but-long', 'InvalidInput: ARN not-an-arn-at-all-but-long is not valid.'],
    [
      'is the ARN of something else',
      `arn:aws:iam::${here}:user/h12345`,
      `InvalidInput: ARN arn:aws:iam::${here}:user/h12345 is not valid.`,
    ],
    [
      'is not there',
      `arn:aws:iam::${here}:policy/none`,
      `NoSuchEntity: Scope ARN: arn:aws:iam::${here}:policy/none does not exist or is not attachable.`,
    ],
    [
      'is for service-linked roles',
      'arn:aws:iam::aws:policy/aws-service-role/AmazonECSServiceRolePolicy',
      'NoSuchEntity: Scope ARN: arn:aws:iam::aws:policy/aws-service-role/AmazonECSServiceRolePolicy does not exist or is not attachable.',
    ],
  ])('is refused where it %s', (_what, PermissionsBoundary, expected) => {
    expect(told('Put', { PermissionsBoundary })).toBe(expected)
  })

  test('belongs to somebody', () => {
    expect(told('Put', { PermissionsBoundary: readOnly }, 'none')).toBe(
      `NoSuchEntity: The ${kind} with name none cannot be found.`,
    )
  })
})
