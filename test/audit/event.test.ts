import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AuditFacts, auditRow, auditRowsAcross } from '../../src/audit/event.ts'
import type { Identity } from '../../src/audit/identity.ts'
import { type Members, writtenDate } from '../../src/audit/redact.ts'

const none: Members = () => undefined
/** The record as whoever reads it has it. */
const auditEvent = (facts: AuditFacts) => JSON.parse(auditRow(facts).event)
const session = { issuedAt: Date.UTC(2026, 0, 31, 9, 5, 7), mfa: false }
const alice: Identity = {
  type: 'IAMUser',
  account: '111122223333',
  id: 'AIDAQQQQQQQQQQQQQQQQQ',
  arn: 'arn:aws:iam::111122223333:user/team/alice',
  name: 'alice',
  accessKeyId: 'AKIAQQQQQQQQQQQQQQQQ',
}
const deploy: Identity = {
  type: 'AssumedRole',
  account: '111122223333',
  roleId: 'AROAQQQQQQQQQQQQQQQQQ',
  roleArn: 'arn:aws:iam::111122223333:role/team/deploy',
  roleName: 'deploy',
  sessionName: 'ci',
  accessKeyId: 'ASIAQQQQQQQQQQQQQQQQ',
  session,
}
const facts: AuditFacts = {
  operation: { service: 'sts', name: 'AssumeRole', readOnly: true, mints: true },
  identity: alice,
  at: Date.UTC(2026, 0, 31, 16, 7, 39, 999),
  region: 'us-east-1',
  sourceIp: '127.0.0.1',
  userAgent: 'aws-cli/2.0',
  requestId: 'request-1',
  eventId: 'event-1',
  account: '111122223333',
  parameters: {
    RoleArn: 'arn:aws:iam::111122223333:role/team/deploy',
    RoleSessionName: 'ci',
    DurationSeconds: 900,
    TokenCode: '123456',
    Tags: [{ Key: 'Team', Value: 'blue' }],
    PolicyArns: [{ arn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }],
  },
  parameterFacts: none,
  response: {
    Credentials: {
      AccessKeyId: 'ASIAZZZZZZZZZZZZZZZZ',
      SecretAccessKey: 'canary-secret',
      SessionToken: 'canary-token',
      Expiration: new Date(Date.UTC(2026, 0, 31, 16, 22, 39)),
    },
    AssumedRoleUser: {
      AssumedRoleId: 'AROAQQQQQQQQQQQQQQQQQ:ci',
      Arn: 'arn:aws:sts::111122223333:assumed-role/deploy/ci',
    },
    PackedPolicySize: 6,
  },
  responseFacts: none,
  resources: [{ arn: 'arn:aws:iam::111122223333:role/team/deploy', account: '111122223333', type: 'AWS::IAM::Role' }],
  sharedEventId: 'shared-1',
}

describe('an audit record', () => {
  test('of AssumeRole reads as CloudTrail writes it, fields in its order', () => {
    const row = auditRow(facts)
    expect(row).toMatchObject({ eventId: 'event-1', at: facts.at, account: '111122223333', requestId: 'request-1' })
    const expected = {
      eventVersion: '1.11',
      userIdentity: {
        type: 'IAMUser',
        principalId: 'AIDAQQQQQQQQQQQQQQQQQ',
        arn: 'arn:aws:iam::111122223333:user/team/alice',
        accountId: '111122223333',
        accessKeyId: 'AKIAQQQQQQQQQQQQQQQQ',
        userName: 'alice',
      },
      eventTime: '2026-01-31T16:07:39Z',
      eventSource: 'sts.amazonaws.com',
      eventName: 'AssumeRole',
      awsRegion: 'us-east-1',
      sourceIPAddress: '127.0.0.1',
      userAgent: 'aws-cli/2.0',
      requestParameters: {
        roleArn: 'arn:aws:iam::111122223333:role/team/deploy',
        roleSessionName: 'ci',
        durationSeconds: 900,
        tags: [{ key: 'Team', value: 'blue' }],
        policyArns: [{ arn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }],
      },
      responseElements: {
        credentials: { accessKeyId: 'ASIAZZZZZZZZZZZZZZZZ', expiration: 'Jan 31, 2026, 4:22:39 PM' },
        assumedRoleUser: {
          assumedRoleId: 'AROAQQQQQQQQQQQQQQQQQ:ci',
          arn: 'arn:aws:sts::111122223333:assumed-role/deploy/ci',
        },
        packedPolicySize: 6,
      },
      requestID: 'request-1',
      eventID: 'event-1',
      readOnly: true,
      resources: [
        {
          accountId: '111122223333',
          type: 'AWS::IAM::Role',
          ARN: 'arn:aws:iam::111122223333:role/team/deploy',
        },
      ],
      eventType: 'AwsApiCall',
      managementEvent: true,
      recipientAccountId: '111122223333',
      sharedEventID: 'shared-1',
      eventCategory: 'Management',
    }
    expect(row.event).toBe(JSON.stringify(expected))
  })

  test('across accounts is two, with one shared id, and the owner learns only which account and unique id called', () => {
    const { sharedEventId: _, ...alone } = facts
    const owner = { account: '999988887777', eventId: 'event-2', sharedEventId: 'shared-2' }
    const [mine, theirs] = auditRowsAcross(alone, owner)
    expect([mine.account, mine.eventId, theirs.account, theirs.eventId]).toEqual([
      '111122223333',
      'event-1',
      '999988887777',
      'event-2',
    ])
    expect(JSON.parse(mine.event)).toMatchObject({
      sharedEventID: 'shared-2',
      recipientAccountId: '111122223333',
      userIdentity: { userName: 'alice' },
    })
    expect(JSON.parse(theirs.event)).toMatchObject({ sharedEventID: 'shared-2', recipientAccountId: '999988887777' })
    expect(JSON.parse(theirs.event).userIdentity).toEqual({
      type: 'AWSAccount',
      principalId: 'AIDAQQQQQQQQQQQQQQQQQ',
      accountId: '111122223333',
    })
    expect(theirs.requestId).toBe(mine.requestId)
  })

  test('of a refusal tells code and message, and no answer', () => {
    const fault = { code: 'NoSuchEntity', shape: 'NoSuchEntityException', message: 'The role is\nnot here.' }
    const event = auditEvent({ ...facts, fault })
    expect(event).toMatchObject({
      errorCode: 'NoSuchEntityException',
      errorMessage: 'The role is not here.',
      responseElements: null,
    })
    expect(Object.keys(event).indexOf('errorCode')).toBe(Object.keys(event).indexOf('userAgent') + 1)
    expect(auditEvent({ ...facts, fault: { code: 'AccessDenied', message: '' } })).toMatchObject({
      errorCode: 'AccessDenied',
    })
  })

  test('of a read holds no answer', () => {
    const operation = { service: 'iam', name: 'GetUser', readOnly: true }
    expect(auditEvent({ ...facts, operation }).responseElements).toBeNull()
  })

  test('of a call without parameters says null', () => {
    const { parameters: _, ...bare } = facts
    expect(auditEvent(bare).requestParameters).toBeNull()
    expect(auditEvent({ ...facts, parameters: {} }).requestParameters).toBeNull()
    expect(auditEvent({ ...facts, parameters: { TokenCode: '123456' } }).requestParameters).toBeNull()
  })

  test('takes further parameters in CloudTrail’s own words', () => {
    const event = auditEvent({ ...facts, moreParameters: { incomingTransitiveTags: { Team: 'blue' } } })
    expect(event.requestParameters).toMatchObject({ roleSessionName: 'ci', incomingTransitiveTags: { Team: 'blue' } })
  })

  test('QUIRK: audit-first-letter-small', () => {
    const parameters = { SAMLProviderArn: 'a', MFADevices: [{ SerialNumber: 's' }], arn: 'b' }
    expect(auditEvent({ ...facts, parameters }).requestParameters).toEqual({
      sAMLProviderArn: 'a',
      mFADevices: [{ serialNumber: 's' }],
      arn: 'b',
    })
  })

  test.each([
    [Date.UTC(2023, 6, 18, 16, 7, 39), 'Jul 18, 2023, 4:07:39 PM'],
    [Date.UTC(2024, 1, 29, 0, 0, 5), 'Feb 29, 2024, 12:00:05 AM'],
    [Date.UTC(2024, 11, 1, 12, 30, 0), 'Dec 1, 2024, 12:30:00 PM'],
    [Date.UTC(2024, 11, 1, 11, 59, 59), 'Dec 1, 2024, 11:59:59 AM'],
    [Number.NaN, ''],
  ])('QUIRK: audit-dates-are-prose (%d is %s)', (milliseconds, written) => {
    expect(writtenDate(milliseconds)).toBe(written)
  })

  test('writes numbers that the model calls timestamps as dates', () => {
    const user: Members = (name) => (name === 'CreateDate' ? { timestamp: true } : undefined)
    const timestamps: Members = (name) => (name === 'User' ? { members: user } : undefined)
    const event = auditEvent({
      ...facts,
      operation: { service: 'iam', name: 'CreateUser', readOnly: false },
      response: { User: { CreateDate: Date.UTC(2023, 6, 18, 16, 7, 39), Count: 5 } },
      responseFacts: timestamps,
    })
    expect(event.responseElements).toEqual({ user: { createDate: 'Jul 18, 2023, 4:07:39 PM', count: 5 } })
  })
})

describe('a record has', () => {
  const { sharedEventId: _shared, resources: _resources, ...least } = facts
  const told = (parts: Partial<AuditFacts>): Record<string, unknown> => auditEvent({ ...least, ...parts })

  test('what is known of a call, and no member for what is not', () => {
    const event = told({})
    for (const name of ['errorCode', 'errorMessage', 'additionalEventData', 'resources', 'sharedEventID', 'tlsDetails'])
      expect(event).not.toHaveProperty(name)
    expect(told({ resources: [] })).not.toHaveProperty('resources')
    expect(told({ fault: { code: 'AccessDenied', message: '' } })).not.toHaveProperty('errorMessage')
    expect(told({ additional: { MFAUsed: 'Yes' } }).additionalEventData).toEqual({ MFAUsed: 'Yes' })
    expect(told({ tls: { version: 'TLSv1.3', cipher: 'AES', host: 'iam.test' } }).tlsDetails).toEqual({
      tlsVersion: 'TLSv1.3',
      cipherSuite: 'AES',
      clientProvidedHostHeader: 'iam.test',
    })
    expect(told({ fault: { code: 'AccessDenied', message: 'no' } })).toMatchObject({
      errorCode: 'AccessDenied',
      errorMessage: 'no',
      responseElements: null,
    })
  })

  test('sixteen resources at most, in their order', () => {
    const many = Array.from({ length: 17 }, (_, n) => ({ arn: `arn-${n}`, account: '1', type: 'T' }))
    const kept = told({ resources: many }).resources as readonly object[]
    expect(kept).toHaveLength(16)
    expect(kept[15]).toEqual({ accountId: '1', type: 'T', ARN: 'arn-15' })
  })

  test('the parameters that came, those that are told besides, or both', () => {
    const more = { incomingTransitiveTags: { Team: 'blue' } }
    expect(told({ parameters: {}, moreParameters: more }).requestParameters).toEqual(more)
    expect(told({ parameters: { A: 1 }, moreParameters: {} }).requestParameters).toEqual({ a: 1 })
    expect(told({ parameters: { A: 1 }, moreParameters: more }).requestParameters).toEqual({ a: 1, ...more })
    expect(told({ parameters: {}, moreParameters: {} }).requestParameters).toBeNull()
  })

  test('an answer where something was changed or handed out, and nothing was refused', () => {
    const answered = (operation: AuditFacts['operation'], parts: Partial<AuditFacts> = {}) =>
      told({ operation, response: { A: 1 }, ...parts }).responseElements
    expect(answered({ service: 'iam', name: 'X', readOnly: false })).toEqual({ a: 1 })
    expect(answered({ service: 'iam', name: 'X', readOnly: true })).toBeNull()
    expect(answered({ service: 'iam', name: 'X', readOnly: true, mints: false })).toBeNull()
    expect(answered({ service: 'iam', name: 'X', readOnly: true, mints: true })).toEqual({ a: 1 })
    const fault = { code: 'No', message: '' }
    expect(answered({ service: 'iam', name: 'X', readOnly: false }, { fault })).toBeNull()
    const { response: _, ...unanswered } = least
    expect(
      auditEvent({ ...unanswered, operation: { service: 'iam', name: 'X', readOnly: false } }).responseElements,
    ).toBeNull()
  })

  test('for the owner of a role no name of who was refused', () => {
    const fault = { code: 'AccessDenied', message: `User: ${alice.arn} may not; ${alice.arn}` }
    const owner = { account: '2', eventId: 'e', sharedEventId: 's' }
    const [mine, theirs] = auditRowsAcross({ ...least, fault }, owner).map(({ event }) => JSON.parse(event))
    expect(mine.errorMessage).toBe(fault.message)
    expect(theirs.errorMessage).toBe('User: AIDAQQQQQQQQQQQQQQQQQ may not; AIDAQQQQQQQQQQQQQQQQQ')
    const service: Identity = { type: 'AWSService', service: 'ec2.amazonaws.com' }
    const [, other] = auditRowsAcross({ ...least, identity: service, fault }, owner)
    expect(JSON.parse(other.event).errorMessage).toBe(fault.message)
  })
})

describe('who called', () => {
  const who = (identity: Identity) => auditEvent({ ...facts, identity }).userIdentity
  const attributes = { creationDate: '2026-01-31T09:05:07Z', mfaAuthenticated: 'false' }

  test('root is told by account and ARN, with a session only where there was one', () => {
    expect(who({ type: 'Root', account: '111122223333', accessKeyId: 'AKIAQ' })).toEqual({
      type: 'Root',
      principalId: '111122223333',
      arn: 'arn:aws:iam::111122223333:root',
      accountId: '111122223333',
      accessKeyId: 'AKIAQ',
    })
    expect(who({ type: 'Root', account: '111122223333', session })).toMatchObject({ sessionContext: { attributes } })
  })

  test('QUIRK: audit-booleans-are-text', () => {
    expect(who({ ...alice, session: { ...session, mfa: true } })).toMatchObject({
      sessionContext: { attributes: { creationDate: '2026-01-31T09:05:07Z', mfaAuthenticated: 'true' } },
    })
  })

  test('a role session is told with the role that it is of', () => {
    const identity: Identity = {
      ...deploy,
      session: {
        ...session,
        sourceIdentity: 'alice',
        ec2RoleDelivery: '2.0',
        webIdentity: { provider: 'arn:aws:iam::111122223333:oidc-provider/idp', attributes: {} },
      },
    }
    expect(JSON.stringify(who(identity))).toBe(
      JSON.stringify({
        type: 'AssumedRole',
        principalId: 'AROAQQQQQQQQQQQQQQQQQ:ci',
        arn: 'arn:aws:sts::111122223333:assumed-role/deploy/ci',
        accountId: '111122223333',
        accessKeyId: 'ASIAQQQQQQQQQQQQQQQQ',
        sessionContext: {
          sessionIssuer: {
            type: 'Role',
            principalId: 'AROAQQQQQQQQQQQQQQQQQ',
            arn: 'arn:aws:iam::111122223333:role/team/deploy',
            accountId: '111122223333',
            userName: 'deploy',
          },
          webIdFederationData: { federatedProvider: 'arn:aws:iam::111122223333:oidc-provider/idp', attributes: {} },
          attributes,
          sourceIdentity: 'alice',
          ec2RoleDelivery: '2.0',
        },
      }),
    )
  })

  test('a federated user is told with who called for the session', () => {
    const issuer = { type: 'IAMUser', id: alice.id, arn: alice.arn, account: alice.account, name: 'alice' } as const
    expect(who({ type: 'FederatedUser', account: '111122223333', name: 'bob', issuer, session })).toEqual({
      type: 'FederatedUser',
      principalId: '111122223333:bob',
      arn: 'arn:aws:sts::111122223333:federated-user/bob',
      accountId: '111122223333',
      sessionContext: {
        sessionIssuer: {
          type: 'IAMUser',
          principalId: alice.id,
          arn: alice.arn,
          accountId: alice.account,
          userName: 'alice',
        },
        attributes,
      },
    })
  })

  test.each<[Identity, object]>([
    [
      { type: 'AWSService', service: 'ec2.amazonaws.com' },
      { type: 'AWSService', invokedBy: 'ec2.amazonaws.com' },
    ],
    [
      { type: 'WebIdentityUser', principalId: 'p', userName: 'u', provider: 'i' },
      { type: 'WebIdentityUser', principalId: 'p', userName: 'u', identityProvider: 'i' },
    ],
    [
      { type: 'SAMLUser', principalId: 'p\n', userName: 'u\n', provider: 'i\n' },
      { type: 'SAMLUser', principalId: 'p ', userName: 'u ', identityProvider: 'i ' },
    ],
    [
      { type: 'AWSAccount', account: '1', principalId: 'AIDA' },
      { type: 'AWSAccount', principalId: 'AIDA', accountId: '1' },
    ],
    [
      { type: 'Root', account: '1', name: 'alias' },
      { type: 'Root', principalId: '1', arn: 'arn:aws:iam::1:root', accountId: '1', userName: 'alias' },
    ],
    [
      { type: 'Root', account: '1', session: { ...session, assumedRoot: true } },
      {
        type: 'Root',
        principalId: '1',
        arn: 'arn:aws:iam::1:root',
        accountId: '1',
        sessionContext: {
          attributes: { creationDate: '2026-01-31T09:05:07Z', mfaAuthenticated: 'false' },
          assumedRoot: 'true',
        },
      },
    ],
    [
      { ...alice, session: { ...session, assumedRoot: false } },
      {
        type: 'IAMUser',
        principalId: alice.id,
        arn: alice.arn,
        accountId: alice.account,
        accessKeyId: alice.accessKeyId,
        userName: 'alice',
        sessionContext: { attributes: { creationDate: '2026-01-31T09:05:07Z', mfaAuthenticated: 'false' } },
      },
    ],
    [
      {
        type: 'FederatedUser',
        account: '1',
        name: 'bob',
        issuer: { type: 'Root', id: '1', arn: 'arn:aws:iam::1:root', account: '1' },
        session: { ...session, webIdentity: { provider: 'i\n', attributes: { aud: 'a' } } },
      },
      {
        type: 'FederatedUser',
        principalId: '1:bob',
        arn: 'arn:aws:sts::1:federated-user/bob',
        accountId: '1',
        sessionContext: {
          sessionIssuer: { type: 'Root', principalId: '1', arn: 'arn:aws:iam::1:root', accountId: '1' },
          webIdFederationData: { federatedProvider: 'i ', attributes: { aud: 'a' } },
          attributes: { creationDate: '2026-01-31T09:05:07Z', mfaAuthenticated: 'false' },
        },
      },
    ],
    [
      { type: 'Unknown', principalId: 'p\n', account: '1\n', accessKeyId: 'A\n' },
      { type: 'Unknown', principalId: 'p ', accountId: '1 ', accessKeyId: 'A ' },
    ],
    [{ type: 'Unknown' }, { type: 'Unknown' }],
    [
      { type: 'Unknown', account: '1', accessKeyId: 'AKIA' },
      { type: 'Unknown', accountId: '1', accessKeyId: 'AKIA' },
    ],
  ])('%o', (identity, expected) => {
    expect(who(identity)).toEqual(expected)
  })

  test.each<[Identity, object]>([
    [
      { type: 'Root', account: '1' },
      { type: 'AWSAccount', principalId: '1', accountId: '1' },
    ],
    [deploy, { type: 'AWSAccount', principalId: 'AROAQQQQQQQQQQQQQQQQQ:ci', accountId: '111122223333' }],
    [alice, { type: 'AWSAccount', principalId: alice.id, accountId: alice.account }],
    [
      {
        type: 'FederatedUser',
        account: '1',
        name: 'bob',
        issuer: { type: 'Root', id: '1', arn: 'arn:aws:iam::1:root', account: '1' },
        session,
      },
      { type: 'AWSAccount', principalId: '1:bob', accountId: '1' },
    ],
    [
      { type: 'WebIdentityUser', principalId: 'p', userName: 'u', provider: 'i' },
      { type: 'WebIdentityUser', principalId: 'p', userName: 'u', identityProvider: 'i' },
    ],
    [
      { type: 'AWSService', service: 'ec2.amazonaws.com' },
      { type: 'AWSService', invokedBy: 'ec2.amazonaws.com' },
    ],
  ])('another account is told of %o no more than it may know', (identity, expected) => {
    const owner = { account: '2', eventId: 'e', sharedEventId: 's' }
    expect(JSON.parse(auditRowsAcross({ ...facts, identity }, owner)[1].event).userIdentity).toEqual(expected)
  })
})

describe('secrets', () => {
  const spelled = ['SecretAccessKey', 'secretAccessKey', 'SessionToken', 'Password', 'NewPassword', 'OldPassword']
  const more = [
    'TokenCode',
    'AuthenticationCode1',
    'SAMLAssertion',
    'WebIdentityToken',
    'Base32StringSeed',
    'QRCodePNG',
  ]
  test.each([...spelled, ...more, 'PrivateKey'])(
    '%s is in no record, however deep, whatever the model says',
    (name) => {
      const holds = { [name]: 'canary', List: [{ Inner: { [name]: 'canary' } }] }
      const operation = { service: 'iam', name: 'Anything', readOnly: false }
      const { event } = auditRow({ ...facts, operation, parameters: holds, response: holds, moreParameters: holds })
      expect(event).not.toContain('canary')
      expect(event.toLowerCase()).not.toContain(`"${name.toLowerCase()}"`)
    },
  )

  test('what the model marks is left out where it stands, and only there', () => {
    const element: Members = (name) => (name === 'Blob' ? { sensitive: true } : undefined)
    const marked: Members = (name) => (name === 'List' ? { members: element } : undefined)
    const parameters = { Blob: 'seen', List: [{ Blob: 'canary' }, { Other: 'seen' }] }
    expect(auditEvent({ ...facts, parameters, parameterFacts: marked }).requestParameters).toEqual({
      blob: 'seen',
      list: [{}, { other: 'seen' }],
    })
  })

  test('bytes are not recorded', () => {
    const parameters = { Data: new Uint8Array([1, 2, 3]), Name: 'n' }
    expect(auditEvent({ ...facts, parameters }).requestParameters).toEqual({ name: 'n' })
  })
})

describe('a record stays within bounds', () => {
  const bytes = (text: string) => Buffer.byteLength(text)

  test('whatever the parameters, the answer and the headers are', () => {
    const anything = fc.object({
      maxDepth: 4,
      key: fc.string({ unit: 'binary', maxLength: 300 }),
      values: [fc.string({ unit: 'binary', maxLength: 60_000 }), fc.double(), fc.boolean(), fc.constant(null)],
    })
    const line = fc.string({ unit: 'binary', maxLength: 3000 })
    fc.assert(
      fc.property(anything, anything, line, line, (parameters, response, userAgent, message) => {
        const row = auditRow({
          ...facts,
          operation: { service: 'iam', name: 'CreateUser', readOnly: false },
          parameters,
          response,
          userAgent,
          additional: parameters,
          moreParameters: response,
          ...(message.length % 2 === 0 && { fault: { code: 'Some', message } }),
        })
        expect(bytes(row.event)).toBeLessThanOrEqual(64 * 1024)
        expect(JSON.parse(row.event).eventID).toBe('event-1')
      }),
      { numRuns: 200 },
    )
  })

  test.each([
    ['a long text', { Text: 'x'.repeat(1_000_000) }],
    ['a long text of control characters', { Text: '\u0001'.repeat(1_000_000) }],
    ['a long text beyond the first plane', { Text: '🎭'.repeat(500_000) }],
    ['a long list', { List: Array.from({ length: 200_000 }, () => ({ K: 'v' })) }],
    ['a wide object', Object.fromEntries(Array.from({ length: 50_000 }, (_, n) => [`K${n}`, n]))],
    ['a list of nothing', { List: Array.from({ length: 200_000 }, () => []) }],
  ])('%s', (_, parameters) => {
    const { event } = auditRow({ ...facts, parameters, additional: parameters })
    expect(bytes(event)).toBeLessThanOrEqual(64 * 1024)
    expect(JSON.parse(event).requestParameters).not.toBeNull()
  })

  test.each(['x', '\u2028', '\u0001', '"', 'ü', '🎭', '\ud800'])(
    'with %j in every place that takes text',
    (character) => {
      const long = character.repeat(100_000)
      const wide = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`${n}${long}`, long]))
      const { event } = auditRow({
        ...facts,
        operation: { service: 'iam', name: 'CreateUser', readOnly: false },
        identity: { type: 'Unknown', account: long, accessKeyId: long, principalId: long },
        sourceIp: long,
        userAgent: long,
        region: long,
        parameters: wide,
        moreParameters: { other: long },
        response: wide,
        additional: wide,
        resources: Array.from({ length: 50 }, () => ({ arn: long, account: long, type: long })),
        tls: { version: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256', host: long },
      })
      expect(bytes(event)).toBeLessThanOrEqual(64 * 1024)
      expect(bytes(event)).toBeGreaterThan(36 * 1024)
      expect(JSON.parse(event).eventID).toBe('event-1')
    },
  )

  test('a text that is cut says how much is missing, and one that fits is whole', () => {
    const event = auditEvent({ ...facts, parameters: { A: 'x'.repeat(100_000), B: 'y' } })
    expect(JSON.stringify(event.requestParameters)).toMatch(/x\[\d+ more\]/)
    const whole = { PolicyDocument: JSON.stringify({ Statement: '"Sid"'.repeat(2_000) }, undefined, 2) }
    expect(auditEvent({ ...facts, parameters: whole }).requestParameters).toEqual({
      policyDocument: whole.PolicyDocument,
    })
  })

  test('an object that contains itself ends', () => {
    const loop: Record<string, unknown> = { Name: 'n' }
    loop.Loop = loop
    expect(bytes(auditRow({ ...facts, parameters: loop }).event)).toBeLessThan(64 * 1024)
  })

  test('a member called __proto__ is a member like any other', () => {
    const parameters = JSON.parse('{"__proto__":{"polluted":true},"Name":"n"}')
    const { event } = auditRow({ ...facts, parameters, moreParameters: parameters })
    expect(JSON.parse(event).requestParameters.name).toBe('n')
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
  })

  test('nothing in it steers a terminal or breaks a line', () => {
    const evil = '\u001b[2J\r\n\u009b31m\u202e\u2028\u0000end'
    const { event } = auditRow({ ...facts, userAgent: evil, sourceIp: evil, parameters: { Name: evil } })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there.
    expect(event).not.toMatch(/[\x00-\x1f\x7f-\x9f\u2028\u202e]/)
    expect(JSON.parse(event).requestParameters.name).toBe(evil)
    expect(JSON.parse(event).userAgent).not.toContain('\u001b')
  })
})
