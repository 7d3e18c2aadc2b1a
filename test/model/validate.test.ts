import { describe, expect, it } from 'vitest'
import { loadService, readService } from '../../src/model/service.ts'
import type { RawService } from '../../src/model/shape.ts'
import { validate } from '../../src/model/validate.ts'

const sts = loadService('sts')
const iam = loadService('iam')
const role = { RoleArn: 'arn:aws:iam::123456789012:role/r', RoleSessionName: 'session' }
const arnPattern = '[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u0085\\u00A0-\\uD7FF\\uE000-\\uFFFD\\u10000-\\u10FFFF]+'
const tagPattern = '[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]'

describe('STS refuses in these words', () => {
  const rows: readonly [string, string, object, string | undefined][] = [
    ['nothing, where all is well', 'AssumeRole', role, undefined],
    [
      'a required member that is absent',
      'AssumeRole',
      { RoleSessionName: 'session' },
      "1 validation error detected: Value null at 'roleArn' failed to satisfy constraint: Member must not be null",
    ],
    [
      'all of them, in the order of the model',
      'AssumeRole',
      {},
      "2 validation errors detected: Value null at 'roleArn' failed to satisfy constraint: Member must not be null; Value null at 'roleSessionName' failed to satisfy constraint: Member must not be null",
    ],
    [
      'QUIRK: pattern-before-length',
      'AssumeRole',
      { ...role, RoleArn: '' },
      `2 validation errors detected: Value '' at 'roleArn' failed to satisfy constraint: Member must satisfy regular expression pattern: ${arnPattern}; Value '' at 'roleArn' failed to satisfy constraint: Member must have length greater than or equal to 20`,
    ],
    [
      'QUIRK: echoed-value',
      'AssumeRole',
      { ...role, RoleSessionName: 'a b' },
      "1 validation error detected: Value 'a b' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*",
    ],
    [
      'a number too small',
      'AssumeRole',
      { ...role, DurationSeconds: 899 },
      "1 validation error detected: Value '899' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900",
    ],
    [
      'a number too large',
      'AssumeRole',
      { ...role, DurationSeconds: 43201 },
      "1 validation error detected: Value '43201' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 43200",
    ],
    ['the bounds are inside', 'AssumeRole', { ...role, DurationSeconds: 900, RoleSessionName: 'ab' }, undefined],
    [
      'a secret is not repeated',
      'AssumeRoleWithWebIdentity',
      { ...role, WebIdentityToken: 'abc' },
      "1 validation error detected: Value at 'webIdentityToken' failed to satisfy constraint: Member must have length greater than or equal to 4",
    ],
    [
      'only the first letter of a name is made small, and a secret is not even told to be absent',
      'AssumeRoleWithSAML',
      { RoleArn: role.RoleArn, PrincipalArn: role.RoleArn },
      "1 validation error detected: Value at 'sAMLAssertion' failed to satisfy constraint: Member must not be null",
    ],
    [
      'a member of a listed structure, counted from one',
      'AssumeRole',
      {
        ...role,
        Tags: [
          { Key: 'a', Value: '' },
          { Key: '', Value: 'b' },
        ],
      },
      `2 validation errors detected: Value '' at 'tags.2.member.key' failed to satisfy constraint: Member must satisfy regular expression pattern: ${tagPattern}+; Value '' at 'tags.2.member.key' failed to satisfy constraint: Member must have length greater than or equal to 1`,
    ],
    [
      'a list of plain texts as a whole, with every rule of its elements',
      'AssumeRole',
      { ...role, TransitiveTagKeys: ['ok', 'k'.repeat(129)] },
      `1 validation error detected: Value '[ok, ${'k'.repeat(129)}]' at 'transitiveTagKeys' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: ${tagPattern}+]`,
    ],
  ]
  for (const [what, operation, input, message] of rows)
    it(what, () => {
      const fault = validate(sts, operation, input)
      expect(fault?.message).toBe(message)
      if (message) expect(fault).toMatchObject({ code: 'ValidationError', status: 400 })
    })
})

describe('IAM refuses in these words', () => {
  const rows: readonly [string, string, object, string | undefined][] = [
    [
      'QUIRK: echoed-value: it does not repeat',
      'TagUser',
      { UserName: 'ann', Tags: [{ Key: 'k'.repeat(129), Value: '' }] },
      "1 validation error detected: Value at 'tags.1.member.key' failed to satisfy constraint: Member must have length less than or equal to 128",
    ],
    [
      'QUIRK: echoed-value: nor say that there is none',
      'GetRole',
      {},
      "1 validation error detected: Value at 'roleName' failed to satisfy constraint: Member must not be null",
    ],
    [
      'a list too long',
      'CreateUser',
      { UserName: 'ann', Tags: Array.from({ length: 51 }, () => ({ Key: '', Value: '' })) },
      "1 validation error detected: Value at 'tags' failed to satisfy constraint: Member must have length less than or equal to 50",
    ],
    [
      'QUIRK: unlisted-words: a word that is not in a set',
      'UpdateAccessKey',
      { AccessKeyId: 'A'.repeat(16), Status: 'On' },
      "1 validation error detected: Value at 'status' failed to satisfy constraint: Member must satisfy enum value set",
    ],
    [
      'QUIRK: hashed-complaints: three numbers',
      'UpdateAccountPasswordPolicy',
      { MinimumPasswordLength: 129, MaxPasswordAge: 1096, PasswordReusePrevention: 25 },
      "3 validation errors detected: Value at 'minimumPasswordLength' failed to satisfy constraint: Member must have value less than or equal to 128; Value at 'passwordReusePrevention' failed to satisfy constraint: Member must have value less than or equal to 24; Value at 'maxPasswordAge' failed to satisfy constraint: Member must have value less than or equal to 1095",
    ],
    [
      'QUIRK: hashed-complaints: two lists and a text',
      'CreateOpenIDConnectProvider',
      { Url: 'b'.repeat(256), ThumbprintList: ['b'.repeat(41)], ClientIDList: ['b'.repeat(256)] },
      "3 validation errors detected: Value at 'clientIDList' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 255, Member must have length greater than or equal to 1]; Value at 'thumbprintList' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 40, Member must have length greater than or equal to 40]; Value at 'url' failed to satisfy constraint: Member must have length less than or equal to 255",
    ],
    [
      'QUIRK: own-words-for-patterns: a name',
      'PutRolePolicy',
      { RoleName: 'a/b', PolicyName: 'c d', PolicyDocument: '{}' },
      'The specified value for policyName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-',
    ],
    [
      'QUIRK: own-words-for-patterns: a path',
      'CreateVirtualMFADevice',
      { VirtualMFADeviceName: 'phone', Path: '/phones' },
      'The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.',
    ],
    [
      'QUIRK: own-words-for-patterns: a prefix of paths',
      'ListPolicies',
      { PathPrefix: 'phones' },
      'The specified value for pathPrefix is invalid. It must begin with the / character and contain only alphanumeric characters and/or / characters.',
    ],
    [
      'QUIRK: own-words-for-patterns: before anything else that is wrong',
      'CreateVirtualMFADevice',
      { VirtualMFADeviceName: '', Path: `/${'a'.repeat(512)}/` },
      'The specified value for virtualMFADeviceName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-',
    ],
    [
      'a path that is only too long',
      'CreateVirtualMFADevice',
      { VirtualMFADeviceName: 'phone', Path: `/${'a'.repeat(512)}/` },
      "1 validation error detected: Value at 'path' failed to satisfy constraint: Member must have length less than or equal to 512",
    ],
    [
      'QUIRK: own-words-for-patterns: other ids have their pattern told',
      'ResetServiceSpecificCredential',
      { ServiceSpecificCredentialId: 'not-an-id-not-an-id-not' },
      "1 validation error detected: Value at 'serviceSpecificCredentialId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w]+",
    ],
    [
      'a version id',
      'GetPolicyVersion',
      { PolicyArn: 'arn:aws:iam::aws:policy/x', VersionId: 'v0' },
      "1 validation error detected: Value at 'versionId' failed to satisfy constraint: Member must satisfy regular expression pattern: v[1-9][0-9]*(\\.[A-Za-z0-9-]*)?",
    ],
    [
      'QUIRK: element-not-null: keys of tags, with every rule that they have and that they be there',
      'UntagRole',
      { RoleName: 'r', TagKeys: ['invalid!key'] },
      `1 validation error detected: Value at 'tagKeys' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: ${tagPattern}+, Member must not be null]`,
    ],
    ['an operation without input has nothing to check', 'GetAccountSummary', { x: 1 }, undefined],
    [
      'lengths are of code points',
      'CreateUser',
      { UserName: 'ann', Tags: [{ Key: '𝒳'.repeat(128), Value: '𝒳'.repeat(256) }] },
      undefined,
    ],
  ]
  for (const [what, operation, input, message] of rows)
    it(what, () => expect(validate(iam, operation, input)?.message).toBe(message))

  it('a name of Object is no member', () => {
    const input = Object.create({ UserName: 'ann' })
    expect(validate(iam, 'CreateUser', input)?.message).toContain("Value at 'userName'")
  })
  it('a small request does not buy a large answer', () => {
    const fault = validate(iam, 'SimulateCustomPolicy', {
      PolicyInputList: ['{}'],
      ActionNames: ['s3:GetObject'],
      ContextEntries: Array.from({ length: 5000 }, () => ({ ContextKeyName: '' })),
    })
    expect(fault?.message).toMatch(/^5000 validation errors detected: /)
    expect(fault?.message.length).toBeLessThan(20_000)
  })
})

describe('maps and bytes', () => {
  const raw: RawService = {
    metadata: { apiVersion: '1', protocol: 'json' },
    operations: { Put: { name: 'Put', input: { shape: 'In' } } },
    shapes: {
      In: { type: 'structure', members: { Tags: { shape: 'Map' }, Data: { shape: 'Data' }, Deep: { shape: 'In' } } },
      Map: { type: 'map', key: { shape: 'Key' }, value: { shape: 'Value' }, max: 2 },
      Key: { type: 'string', min: 1, max: 3 },
      Value: { type: 'string', max: 2, pattern: '[a-z]*' },
      Data: { type: 'blob', max: 1 },
    },
  }
  const service = readService('test', raw)
  const rows: readonly [string, object, string | undefined][] = [
    ['fit', { Tags: { a: 'b' }, Data: new Uint8Array(1) }, undefined],
    [
      'a key',
      { Tags: { long1: 'b' } },
      "1 validation error detected: Value at 'tags' failed to satisfy constraint: Map keys must satisfy constraint: [Member must have length less than or equal to 3, Member must have length greater than or equal to 1]",
    ],
    [
      'a value',
      { Tags: { a: 'B' } },
      "1 validation error detected: Value at 'tags' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length less than or equal to 2, Member must satisfy regular expression pattern: [a-z]*]",
    ],
    [
      'bytes, inside a shape that holds itself',
      { Deep: { Deep: { Data: new Uint8Array(2) } } },
      "1 validation error detected: Value at 'deep.deep.data' failed to satisfy constraint: Member must have length less than or equal to 1",
    ],
  ]
  for (const [what, input, message] of rows)
    it(what, () => expect(validate(service, 'Put', input)?.message).toBe(message))

  it('depth ends', () => {
    let input: object = {}
    for (let depth = 0; depth < 100_000; depth += 1) input = { Deep: input }
    expect(validate(service, 'Put', input)).toBeUndefined()
  })
})
