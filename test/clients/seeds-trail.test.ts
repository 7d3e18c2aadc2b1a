import {
  AddRoleToInstanceProfileCommand,
  AttachRolePolicyCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  CreateVirtualMFADeviceCommand,
  DetachRolePolicyCommand,
  EnableMFADeviceCommand,
  GetUserCommand,
  ListRolesCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  SimulatePrincipalPolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam'
import {
  AssumeRoleCommand,
  type AssumeRoleCommandInput,
  type Credentials,
  GetFederationTokenCommand,
  GetSessionTokenCommand,
} from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { codeAt, seedBytes, stepAt } from '../../src/token/totp.ts'
import {
  type Actor,
  actorOf,
  allow,
  assume,
  makeAccount,
  makeRole,
  makeUser,
  refusal,
  statement,
  textOf,
  trusting,
  whoIs,
  withKeys,
} from './actor.ts'
import { eventsOf, recordIn, recordsOf, requestOf, type Told } from './history.ts'
import { discard, envOf, type Running, startRolecall } from './process.ts'

/**
 * The story of "how do I assume a role of another account", step by step, as the trails of both accounts tell it, each to its own; and
 * as a third one's does not.
 */
const home = '012345678901'
const other = '987654321098'
const third = '111122223333'
const hal = `arn:aws:iam::${home}:user/halJordan`
const eksAdmin = `arn:aws:iam::${home}:role/EksAdminRole`
const ecsAuditor = `arn:aws:iam::${other}:role/EcsAuditorRole`
const sts = ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity']
const trustingFor = (AWS: string, Condition?: object) =>
  statement({ Effect: 'Allow', Principal: { AWS }, Action: sts, ...(Condition ? { Condition } : {}) })

let running: Running
let here: Actor
let there: Actor
let elsewhere: Actor
let root: Actor
let halJordan: Actor & { readonly id: string }
let eksAdminId: string
let ecsAuditorId: string
let eks: Actor

beforeAll(async () => {
  running = await startRolecall({ args: ['--account-id', home] })
  here = actorOf(await envOf(running))
  ;({ administrator: there, root } = await makeAccount(running, other))
  elsewhere = (await makeAccount(running, third)).administrator
  halJordan = await makeUser(here, 'halJordan', allow(sts))
  eksAdminId = (await makeRole(here, 'EksAdminRole', trustingFor(hal))).id
  ecsAuditorId = (await makeRole(there, 'EcsAuditorRole', trustingFor(home))).id
  for (const [owner, RoleName] of [
    [here, 'EksAdminRole'],
    [there, 'EcsAuditorRole'],
  ] as const) {
    const PolicyDocument = textOf(allow([...sts, 'iam:ListRoles']))
    await owner.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'own', PolicyDocument }))
  }
  eks = await assume(halJordan, eksAdmin, { RoleSessionName: 'admin' })
})
afterAll(() => discard(running))

/** What the three accounts are told of one request. */
async function told(call: Promise<object>) {
  const requestId = await requestOf(call)
  const [mine, theirs, nobodys] = await Promise.all([here, there, elsewhere].map((one) => recordsOf(one, requestId)))
  return { requestId, mine: mine ?? [], theirs: theirs ?? [], nobodys: nobodys ?? [] }
}

/** A request that two accounts have a part in: the record of each. The third knows nothing. */
async function pair(call: Promise<object>): Promise<{ readonly mine: Told; readonly theirs: Told }> {
  const { requestId, mine, theirs, nobodys } = await told(call)
  expect([mine.length, theirs.length, nobodys.length]).toEqual([1, 1, 0])
  const [[ours], [yours]] = [mine, theirs]
  if (ours === undefined || yours === undefined) throw new Error('there is no record')
  // Two events of one call. In all that is not said of who called, they say the same.
  expect(ours.eventID).not.toBe(yours.eventID)
  expect(ours.sharedEventID).toMatch(/^[0-9a-f-]{36}$/)
  expect(ours.sharedEventID).not.toBe(ours.eventID)
  expect([ours.recipientAccountId, yours.recipientAccountId]).toEqual([home, other])
  const who = String(ours.userIdentity.arn)
  const { eventID: _, recipientAccountId: _1, userIdentity: _2, errorMessage, ...called } = ours
  const { eventID: _3, recipientAccountId: _4, userIdentity, errorMessage: heard, ...received } = yours
  expect(received).toEqual(called)
  expect(called).toMatchObject({ requestID: requestId, eventSource: 'sts.amazonaws.com', readOnly: true })
  // INVARIANT: caller-by-account. The owner of the role is told which account called, and a unique id, and no more, nowhere in its record.
  expect(userIdentity).toEqual({ type: 'AWSAccount', principalId: ours.userIdentity.principalId, accountId: home })
  expect(heard).toBe(errorMessage?.replaceAll(who, String(ours.userIdentity.principalId)))
  const text = JSON.stringify(yours)
  for (const hidden of [who, ours.userIdentity.userName, ours.userIdentity.accessKeyId])
    if (hidden !== undefined) expect(text).not.toContain(hidden)
  return { mine: ours, theirs: yours }
}

/** A request that is one account's alone. */
async function alone(call: Promise<object>, owner: () => Actor): Promise<Told> {
  const { mine, theirs, nobodys } = await told(call)
  const account = owner().env.accountId
  expect([...mine, ...theirs, ...nobodys].map(({ recipientAccountId }) => recipientAccountId)).toEqual([account])
  const [record] = account === home ? mine : account === other ? theirs : nobodys
  if (record === undefined) throw new Error('there is no record')
  expect(record).not.toHaveProperty('sharedEventID')
  return record
}

const keysOf = (actor: Actor, credentials: Credentials | undefined): Actor =>
  withKeys(actor, {
    accessKeyId: credentials?.AccessKeyId ?? '',
    secretAccessKey: credentials?.SecretAccessKey ?? '',
    sessionToken: credentials?.SessionToken ?? '',
  })
const assuming = (actor: Actor, RoleArn: string, more: Partial<AssumeRoleCommandInput> = {}) =>
  actor.sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'session', ...more }))
const isHal = () => ({
  type: 'IAMUser',
  principalId: halJordan.id,
  arn: hal,
  accountId: home,
  accessKeyId: halJordan.env.accessKeyId,
  userName: 'halJordan',
})
const isSessionOf = (name: string, id: string, session: Actor, sessionName = 'session', account = other) => ({
  type: 'AssumedRole',
  principalId: `${id}:${sessionName}`,
  arn: `arn:aws:sts::${account}:assumed-role/${name}/${sessionName}`,
  accountId: account,
  accessKeyId: session.env.accessKeyId,
  sessionContext: {
    sessionIssuer: {
      type: 'Role',
      principalId: id,
      arn: `arn:aws:iam::${account}:role/${name}`,
      accountId: account,
      userName: name,
    },
    attributes: { creationDate: expect.stringMatching(/^20\d\d-.*Z$/), mfaAuthenticated: 'false' },
  },
})
const role = (arn: string) => [{ accountId: arn.split(':')[4], type: 'AWS::IAM::Role', ARN: arn }]
const date = expect.stringMatching(/^[A-Z][a-z]{2} \d{1,2}, 20\d\d, \d{1,2}:\d\d:\d\d [AP]M$/)
const credentials = { accessKeyId: expect.stringMatching(/^ASIA/), expiration: date }

describe('the two halves of the permission are each their own account’s', () => {
  test('the role there, and whom it trusts', async () => {
    const AssumeRolePolicyDocument = textOf(trusting(other))
    const made = await alone(
      there.iam.send(new CreateRoleCommand({ RoleName: 'Made', AssumeRolePolicyDocument })),
      () => there,
    )
    expect(made).toMatchObject({
      eventName: 'CreateRole',
      readOnly: false,
      userIdentity: { type: 'IAMUser', userName: 'administrator', accountId: other },
      requestParameters: { roleName: 'Made', assumeRolePolicyDocument: AssumeRolePolicyDocument },
      responseElements: { role: { arn: `arn:aws:iam::${other}:role/Made`, roleName: 'Made', createDate: date } },
    })
    const trust = textOf(trusting(hal))
    const changed = await alone(
      there.iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: 'Made', PolicyDocument: trust })),
      () => there,
    )
    expect(changed).toMatchObject({
      eventName: 'UpdateAssumeRolePolicy',
      readOnly: false,
      requestParameters: { roleName: 'Made', policyDocument: trust },
      responseElements: null,
    })
  })

  test('the guide’s trust policy that lacks a comma: refused to one account, and told to that one', async () => {
    const call = there.iam.send(new CreateRoleCommand({ RoleName: 'Broken', AssumeRolePolicyDocument: '{ "a" }' }))
    expect(await alone(call, () => there)).toMatchObject({
      errorCode: 'MalformedPolicyDocumentException',
      errorMessage: 'This policy contains invalid Json',
      responseElements: null,
      readOnly: false,
    })
  })

  test('the policy of the user here', async () => {
    const PolicyDocument = textOf(allow(sts))
    const put = { UserName: 'halJordan', PolicyName: 'own', PolicyDocument }
    expect(await alone(here.iam.send(new PutUserPolicyCommand(put)), () => here)).toMatchObject({
      eventName: 'PutUserPolicy',
      readOnly: false,
      requestParameters: { userName: 'halJordan', policyName: 'own', policyDocument: PolicyDocument },
      responseElements: null,
    })
  })
})

describe('a user here becomes a role there', () => {
  test('both are told: who it was here, from which account there', async () => {
    const { mine } = await pair(assuming(halJordan, ecsAuditor))
    expect(mine).toMatchObject({ eventName: 'AssumeRole', userIdentity: isHal(), resources: role(ecsAuditor) })
    expect(mine).not.toHaveProperty('errorCode')
    expect(mine.userIdentity).toEqual(isHal())
    expect(mine.requestParameters).toEqual({ roleArn: ecsAuditor, roleSessionName: 'session' })
    expect(mine.responseElements).toEqual({
      credentials,
      assumedRoleUser: {
        assumedRoleId: `${ecsAuditorId}:session`,
        arn: `arn:aws:sts::${other}:assumed-role/EcsAuditorRole/session`,
      },
    })
  })

  test('within one account there is one event, and it is nobody else’s', async () => {
    expect(await alone(assuming(halJordan, eksAdmin), () => here)).toMatchObject({
      userIdentity: isHal(),
      resources: role(eksAdmin),
      responseElements: { credentials },
    })
  })

  test('what the session does there is told there alone, as the role’s; the way back is its key', async () => {
    const session = await assume(halJordan, ecsAuditor)
    const listed = await alone(session.iam.send(new ListRolesCommand({})), () => there)
    expect(listed).toMatchObject({ eventName: 'ListRoles', readOnly: true, responseElements: null })
    expect(listed.userIdentity).toEqual(isSessionOf('EcsAuditorRole', ecsAuditorId, session))
    expect(JSON.stringify(listed)).not.toContain('halJordan')
    const refused = await alone(session.iam.send(new GetUserCommand({ UserName: 'nobody' })), () => there)
    expect(refused).toMatchObject({
      errorCode: 'AccessDenied',
      errorMessage: expect.stringMatching(
        /^User: arn:aws:sts::987654321098:assumed-role\/EcsAuditorRole\/session is not authorized to perform: iam:GetUser /,
      ),
      userIdentity: isSessionOf('EcsAuditorRole', ecsAuditorId, session),
    })

    // The key leads to the call that made it, in both accounts; here, to the user. The session began with it.
    const [begun, ...more] = await eventsOf(here, 'ResourceName', session.env.accessKeyId)
    expect(more).toEqual([])
    expect(begun).toMatchObject({ EventName: 'AssumeRole', Username: 'halJordan' })
    const [received] = await eventsOf(there, 'ResourceName', session.env.accessKeyId)
    if (begun === undefined || received === undefined) throw new Error('no event')
    expect(received.Username).toBeUndefined()
    expect(received.AccessKeyId).toBeUndefined()
    expect(recordIn(received).sharedEventID).toBe(recordIn(begun).sharedEventID)
    expect(listed.userIdentity).toMatchObject({
      sessionContext: { attributes: { creationDate: recordIn(begun).eventTime } },
    })
    expect(await eventsOf(elsewhere, 'ResourceName', session.env.accessKeyId)).toEqual([])
  })

  test('with an external id, tags, a source identity and session policies: all that was asked for, to both', async () => {
    const ExternalId = 'unique-to-you'
    const { arn } = await makeRole(
      there,
      'Careful',
      trustingFor(home, { StringEquals: { 'sts:ExternalId': ExternalId } }),
    )
    const Policy = textOf(allow('iam:ListRoles'))
    const asked = {
      ExternalId,
      Policy,
      PolicyArns: [{ arn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }],
      Tags: [{ Key: 'Team', Value: 'red' }],
      TransitiveTagKeys: ['Team'],
      SourceIdentity: 'DiegoRamirez',
      DurationSeconds: 900,
    }
    const { mine } = await pair(assuming(halJordan, arn, asked))
    expect(mine.requestParameters).toEqual({
      roleArn: arn,
      roleSessionName: 'session',
      externalId: ExternalId,
      policy: Policy,
      policyArns: [{ arn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }],
      tags: [{ key: 'Team', value: 'red' }],
      transitiveTagKeys: ['Team'],
      sourceIdentity: 'DiegoRamirez',
      durationSeconds: 900,
    })
    expect(mine.responseElements).toMatchObject({
      sourceIdentity: 'DiegoRamirez',
      packedPolicySize: expect.any(Number),
    })

    // The source identity goes on with the session, and so do the tags: they come in with whatever is assumed with it.
    const session = await assume(halJordan, arn, asked)
    const refused = await alone(session.iam.send(new GetUserCommand({ UserName: 'nobody' })), () => there)
    expect(refused.userIdentity).toMatchObject({ sessionContext: { sourceIdentity: 'DiegoRamirez' } })
  })

  test('without the external id: refused, and both are told', async () => {
    const { mine } = await pair(
      assuming(halJordan, `arn:aws:iam::${other}:role/Careful`, { ExternalId: 'a-guess', DurationSeconds: 900 }),
    )
    expect(mine).toMatchObject({
      errorCode: 'AccessDenied',
      errorMessage: `User: ${hal} is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::${other}:role/Careful`,
      requestParameters: null,
      responseElements: null,
      resources: role(`arn:aws:iam::${other}:role/Careful`),
    })
  })

  test('a whole body that is asked for is redacted: no record of anybody holds a secret or a token', async () => {
    const { Credentials } = await assuming(halJordan, ecsAuditor)
    for (const account of [here, there, elsewhere]) {
      const text = JSON.stringify(await eventsOf(account))
      expect(text).not.toContain(Credentials?.SecretAccessKey)
      expect(text).not.toContain(Credentials?.SessionToken)
      expect(text).not.toContain(halJordan.env.secretAccessKey)
    }
  })
})

describe('a role becomes a role', () => {
  test('of another account: here it is the session that called, there its unique id', async () => {
    const { mine } = await pair(assuming(eks, ecsAuditor, { RoleSessionName: 'chained' }))
    expect(mine.userIdentity).toEqual(isSessionOf('EksAdminRole', eksAdminId, eks, 'admin', home))
    expect(mine.responseElements).toMatchObject({
      credentials,
      assumedRoleUser: { assumedRoleId: `${ecsAuditorId}:chained` },
    })
  })

  test('with tags that go on: they are told beside those that were passed', async () => {
    const tagged = await assume(halJordan, eksAdmin, {
      Tags: [{ Key: 'Department', Value: 'Engineering' }],
      TransitiveTagKeys: ['Department'],
      SourceIdentity: 'JohnDoe',
    })
    const { mine } = await pair(assuming(tagged, ecsAuditor, { Tags: [{ Key: 'CostCenter', Value: '12345' }] }))
    expect(mine).toMatchObject({
      requestParameters: {
        incomingTransitiveTags: { Department: 'Engineering' },
        tags: [{ key: 'CostCenter', value: '12345' }],
      },
      responseElements: { sourceIdentity: 'JohnDoe' },
      userIdentity: { sessionContext: { sourceIdentity: 'JohnDoe' } },
    })
  })

  test('of a third account, from there: the account that it began in is told of the first step alone', async () => {
    const { arn } = await makeRole(elsewhere, 'Last', trusting(other))
    const { mine } = await pair(assuming(halJordan, ecsAuditor, { RoleSessionName: 'on-the-way' }))
    expect(mine.userIdentity).toEqual(isHal())
    const session = await assume(halJordan, ecsAuditor, { RoleSessionName: 'on-the-way' })
    const step = await told(assuming(session, arn, { RoleSessionName: 'arrived' }))
    expect([step.mine.length, step.theirs.length, step.nobodys.length]).toEqual([0, 1, 1])
    const [[from], [to]] = [step.theirs, step.nobodys]
    expect(from?.userIdentity).toEqual(isSessionOf('EcsAuditorRole', ecsAuditorId, session, 'on-the-way'))
    expect(to?.userIdentity).toEqual({
      type: 'AWSAccount',
      principalId: `${ecsAuditorId}:on-the-way`,
      accountId: other,
    })
    expect([to?.sharedEventID, to?.recipientAccountId]).toEqual([from?.sharedEventID, third])
    expect(JSON.stringify(to)).not.toMatch(/halJordan|012345678901/)
  })
})

describe('a role that is not to be had', () => {
  const refusedTo = (who: string, arn: string) => ({
    errorCode: 'AccessDenied',
    errorMessage: `User: ${who} is not authorized to perform: sts:AssumeRole on resource: ${arn}`,
    responseElements: null,
    resources: role(arn),
  })

  test('whichever side refuses: each account has a record, of the same words', async () => {
    const lonely = await makeUser(here, 'lonely')
    await makeRole(there, 'TrustsLonely', trusting(lonely.arn))
    await makeRole(there, 'TrustsNobody', trusting(other))
    for (const [caller, arn, name] of [
      [lonely, `arn:aws:iam::${other}:role/TrustsLonely`, 'lonely'],
      [halJordan, `arn:aws:iam::${other}:role/TrustsNobody`, 'halJordan'],
      [lonely, `arn:aws:iam::${other}:role/TrustsNobody`, 'lonely'],
      [halJordan, `arn:aws:iam::${other}:role/NoSuchRole`, 'halJordan'],
    ] as const) {
      const { mine } = await pair(assuming(caller, arn))
      expect(mine).toMatchObject(refusedTo(`arn:aws:iam::${home}:user/${name}`, arn))
    }
  })

  test('by a session: there it is told of by its unique id as well', async () => {
    const arn = `arn:aws:iam::${other}:role/TrustsNobody`
    const { mine } = await pair(assuming(eks, arn))
    expect(mine).toMatchObject(refusedTo(`arn:aws:sts::${home}:assumed-role/EksAdminRole/admin`, arn))
  })

  test('of an account that there is not: told where it was asked', async () => {
    const arn = 'arn:aws:iam::555566667777:role/NoSuchRole'
    expect(await alone(assuming(halJordan, arn), () => here)).toMatchObject(refusedTo(hal, arn))
  })

  test('to root, whom no role is for: told to its account alone', async () => {
    const record = await alone(assuming(root, eksAdmin), () => there)
    expect(record).toMatchObject({
      errorCode: 'AccessDenied',
      errorMessage: 'Roles may not be assumed by root accounts.',
      responseElements: null,
    })
    expect(record.userIdentity).toEqual({
      type: 'Root',
      principalId: other,
      arn: `arn:aws:iam::${other}:root`,
      accountId: other,
      accessKeyId: root.env.accessKeyId,
    })
  })

  test('to a federated user, who may ask for none: told to its account alone, with who stands behind it', async () => {
    const lender = await makeUser(here, 'lender', allow('*'))
    const given = await alone(lender.sts.send(new GetFederationTokenCommand({ Name: 'guest' })), () => here)
    expect(given).toMatchObject({
      eventName: 'GetFederationToken',
      readOnly: false,
      requestParameters: { name: 'guest' },
      responseElements: {
        credentials,
        federatedUser: { federatedUserId: `${home}:guest`, arn: `arn:aws:sts::${home}:federated-user/guest` },
      },
    })
    const { Credentials } = await lender.sts.send(new GetFederationTokenCommand({ Name: 'guest' }))
    const guest = keysOf(lender, Credentials)
    const record = await alone(assuming(guest, ecsAuditor), () => here)
    expect(record).toMatchObject({ eventName: 'AssumeRole', errorCode: 'AccessDenied', readOnly: true })
    expect(record.userIdentity).toMatchObject({
      type: 'FederatedUser',
      principalId: `${home}:guest`,
      accessKeyId: guest.env.accessKeyId,
      sessionContext: {
        sessionIssuer: { type: 'IAMUser', principalId: lender.id, userName: 'lender' },
        attributes: { mfaAuthenticated: 'false' },
      },
    })
  })

  test('to whom a role for a service is closed: told to both', async () => {
    const trust = statement({ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' })
    const { arn } = await makeRole(there, 'ForInstances', trust)
    expect((await pair(assuming(halJordan, arn))).mine).toMatchObject(refusedTo(hal, arn))
  })
})

describe('a second factor', () => {
  let device: { readonly serial: string; code(steps: number): string }
  beforeAll(async () => {
    const made = await here.iam.send(new CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: 'gopass' }))
    const seed = seedBytes(Buffer.from(made.VirtualMFADevice?.Base32StringSeed ?? []).toString())
    const serial = made.VirtualMFADevice?.SerialNumber ?? ''
    expect(serial).toBe(`arn:aws:iam::${home}:mfa/gopass`)
    device = { serial, code: (steps) => codeAt(seed, stepAt(Date.now()) + steps) }
    await here.iam.send(
      new EnableMFADeviceCommand({
        UserName: 'halJordan',
        SerialNumber: serial,
        AuthenticationCode1: device.code(-2),
        AuthenticationCode2: device.code(-1),
      }),
    )
    await makeRole(there, 'NeedsMfa', trusting(home, { Bool: { 'aws:MultiFactorAuthPresent': true } }))
  })
  const needsMfa = `arn:aws:iam::${other}:role/NeedsMfa`

  test('that is not shown: refused, and both are told', async () => {
    const { mine } = await pair(assuming(halJordan, needsMfa))
    expect(mine).toMatchObject({ errorCode: 'AccessDenied', userIdentity: isHal(), requestParameters: null })
  })

  test('that is wrong is told to its own account alone, and no code to anybody', async () => {
    const wrong = { SerialNumber: device.serial, TokenCode: device.code(400) }
    const record = await alone(assuming(halJordan, needsMfa, wrong), () => here)
    expect(record).toMatchObject({
      errorCode: 'AccessDenied',
      errorMessage: 'MultiFactorAuthentication failed with invalid MFA one time pass code.',
    })
    expect(record.requestParameters).toEqual({
      roleArn: needsMfa,
      roleSessionName: 'session',
      serialNumber: device.serial,
    })
  })

  test('that is shown with the call stands in both records, and not in what the session does', async () => {
    const shown = { SerialNumber: device.serial, TokenCode: device.code(0) }
    const { mine } = await pair(assuming(halJordan, needsMfa, shown))
    expect(mine.userIdentity).toEqual(isHal())
    expect(mine.requestParameters).toEqual({
      roleArn: needsMfa,
      roleSessionName: 'session',
      serialNumber: device.serial,
    })
    expect(mine.responseElements).toMatchObject({ credentials })
  })

  test.each([
    ['was shown for it: the role is had, and the identity here says so', 'true'],
    ['was not shown for it: refused, and the identity here says so', 'false'],
  ])('of a session of the user that %s', async (_what, mfaAuthenticated) => {
    const shown = mfaAuthenticated === 'true' ? { SerialNumber: device.serial, TokenCode: device.code(1) } : {}
    const output = await halJordan.sts.send(new GetSessionTokenCommand(shown))
    const given = await alone(Promise.resolve(output), () => here)
    expect(given).toMatchObject({ eventName: 'GetSessionToken', readOnly: false, responseElements: { credentials } })
    expect(given.userIdentity).toEqual(isHal())
    expect(given.requestParameters).toEqual(mfaAuthenticated === 'true' ? { serialNumber: device.serial } : null)
    const own = keysOf(halJordan, output.Credentials)
    const { mine } = await pair(assuming(own, needsMfa))
    expect(mine.errorCode).toBe(mfaAuthenticated === 'true' ? undefined : 'AccessDenied')
    expect(mine.userIdentity).toEqual({
      ...isHal(),
      accessKeyId: own.env.accessKeyId,
      sessionContext: { attributes: { creationDate: given.eventTime, mfaAuthenticated } },
    })
  })
})

describe('the instance that lost S3', () => {
  test('the trail says who took the policy away, and leads over the accounts to the user', async () => {
    const trust = statement({ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' })
    const { arn } = await makeRole(there, 'WebServer', trust)
    const PolicyArn = 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess'
    await there.iam.send(new AttachRolePolicyCommand({ RoleName: 'WebServer', PolicyArn }))
    await there.iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: 'WebServer' }))
    const placed = { InstanceProfileName: 'WebServer', RoleName: 'WebServer' }
    expect(await alone(there.iam.send(new AddRoleToInstanceProfileCommand(placed)), () => there)).toMatchObject({
      eventName: 'AddRoleToInstanceProfile',
      readOnly: false,
      requestParameters: { instanceProfileName: 'WebServer', roleName: 'WebServer' },
      responseElements: null,
    })
    const may = async () => {
      const asked = { PolicySourceArn: arn, ActionNames: ['s3:GetObject'], ResourceArns: ['arn:aws:s3:::box/key'] }
      const { EvaluationResults } = await there.iam.send(new SimulatePrincipalPolicyCommand(asked))
      return EvaluationResults?.[0]?.EvalDecision
    }
    expect(await may()).toBe('allowed')

    await makeRole(there, 'Operator', trusting(home))
    const PolicyDocument = textOf(allow('iam:DetachRolePolicy'))
    await there.iam.send(new PutRolePolicyCommand({ RoleName: 'Operator', PolicyName: 'own', PolicyDocument }))
    const operator = await assume(halJordan, `arn:aws:iam::${other}:role/Operator`, { RoleSessionName: 'tidying' })
    await operator.iam.send(new DetachRolePolicyCommand({ RoleName: 'WebServer', PolicyArn }))
    expect(await may()).toBe('implicitDeny')

    const [last] = await eventsOf(there, 'ResourceName', 'WebServer')
    expect(last).toMatchObject({ EventName: 'DetachRolePolicy', Username: 'tidying', ReadOnly: 'false' })
    expect(last?.AccessKeyId).toBe(operator.env.accessKeyId)
    const [begun] = await eventsOf(here, 'ResourceName', last?.AccessKeyId)
    expect(begun).toMatchObject({ EventName: 'AssumeRole', Username: 'halJordan' })
    // Nothing of it is in the trail of the account that the user is of, but that it became the role.
    expect(await eventsOf(here, 'ResourceName', 'WebServer')).toEqual([])
    expect((await whoIs(operator)).Account).toBe(other)
  })
})

test('an account that has no part in any of it has nothing of it in its trail', async () => {
  const own = (await eventsOf(elsewhere)).map(recordIn)
  expect(own.every(({ recipientAccountId }) => recipientAccountId === third)).toBe(true)
  // It made a role, and let somebody in.
  expect(new Set(own.map(({ eventName }) => eventName))).toEqual(new Set(['CreateRole', 'AssumeRole', 'LookupEvents']))
  expect(JSON.stringify(own)).not.toMatch(/halJordan|012345678901|EksAdminRole/)
  expect(await refusal(elsewhere.iam.send(new GetUserCommand({ UserName: 'halJordan' })))).toMatchObject({
    code: 'NoSuchEntity',
  })
})
