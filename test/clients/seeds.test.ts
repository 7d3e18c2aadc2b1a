import {
  AttachUserPolicyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam'
import { AssumeRoleCommand, GetSessionTokenCommand } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Actor,
  actorOf,
  allow,
  assume,
  denied,
  makeAccount,
  makeRole,
  makeUser,
  refusal,
  trusting,
  whoIs,
  withKeys,
} from './actor.ts'
import { discard, envOf, type Running, startRolecall } from './process.ts'

/** Two accounts, a user in one, a role in each: the story of "how do I assume a role", told with AWS's own client. */
const home = '012345678901'
const other = '987654321098'
const eksAdmin = `arn:aws:iam::${home}:role/EksAdminRole`
const ecsAuditor = `arn:aws:iam::${other}:role/EcsAuditorRole`
const hal = `arn:aws:iam::${home}:user/halJordan`

const callersPolicy = `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "AllowMeToAssumeThoseRoles",
      "Effect": "Allow",
      "Action": "sts:AssumeRole",
      "Resource": [
        "${eksAdmin}",
        "${ecsAuditor}"
      ]
    }
  ]
}`

let running: Running
let here: Actor
let there: Actor
let halJordan: Actor & { readonly id: string }
let eksAdminId: string
let ecsAuditorId: string

beforeAll(async () => {
  running = await startRolecall({ args: ['--account-id', home] })
  here = actorOf(await envOf(running))
  there = (await makeAccount(running, other)).administrator
  halJordan = await makeUser(here, 'halJordan', callersPolicy)
  eksAdminId = (await makeRole(here, 'EksAdminRole', trusting(hal))).id
  ecsAuditorId = (await makeRole(there, 'EcsAuditorRole', trusting(hal))).id
})
afterAll(() => discard(running))

describe('a user becomes a role', () => {
  test('an account keeps the zero that its id begins with', async () => {
    expect(here.env.accountId).toBe(home)
    expect((await whoIs(here)).Account).toBe(home)
  })

  test('of the own account and of another one, with the two policies of the guide', async () => {
    expect(await whoIs(halJordan)).toEqual({ Arn: hal, UserId: halJordan.id, Account: home })
    expect(halJordan.id).toMatch(/^AIDA[A-Z0-9]{17}$/)

    const name = 'lookAt-halJordan-sheIsThe-EksAdminRole-now'
    const eks = await assume(halJordan, eksAdmin, { RoleSessionName: name })
    expect(await whoIs(eks)).toEqual({
      Arn: `arn:aws:sts::${home}:assumed-role/EksAdminRole/${name}`,
      UserId: `${eksAdminId}:${name}`,
      Account: home,
    })
    const ecs = await assume(halJordan, ecsAuditor, { RoleSessionName: 'audit' })
    expect(await whoIs(ecs)).toEqual({
      Arn: `arn:aws:sts::${other}:assumed-role/EcsAuditorRole/audit`,
      UserId: `${ecsAuditorId}:audit`,
      Account: other,
    })
    // Nothing about the user has changed: it is still itself with its own keys.
    expect((await whoIs(halJordan)).Arn).toBe(hal)
  })

  test('and is answered as the guide shows it, field by field', async () => {
    const before = Date.now()
    const { AssumedRoleUser, Credentials, $metadata, ...rest } = await halJordan.sts.send(
      new AssumeRoleCommand({ RoleArn: eksAdmin, RoleSessionName: `${halJordan.id}-as-EksAdminRole-stsSession` }),
    )
    expect(rest).toEqual({})
    expect(AssumedRoleUser).toEqual({
      Arn: `arn:aws:sts::${home}:assumed-role/EksAdminRole/${halJordan.id}-as-EksAdminRole-stsSession`,
      AssumedRoleId: `${eksAdminId}:${halJordan.id}-as-EksAdminRole-stsSession`,
    })
    expect(Credentials?.AccessKeyId).toMatch(/^ASIA[A-Z0-9]{16}$/)
    expect(Credentials?.SecretAccessKey).toMatch(/^[A-Za-z0-9/+]{40}$/)
    expect(Credentials?.SessionToken?.length).toBeGreaterThan(100)
    const lifetime = (Credentials?.Expiration?.getTime() ?? 0) - before
    expect(Math.abs(lifetime - 3_600_000)).toBeLessThan(20_000)
    expect($metadata.httpStatusCode).toBe(200)
  })

  test('as often as it likes: fifty sessions at once, each its own principal, all of them good', async () => {
    const sessions = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        assume(halJordan, index % 2 === 0 ? eksAdmin : ecsAuditor, { RoleSessionName: `s-${index}` }),
      ),
    )
    const names = await Promise.all(sessions.map(async (session) => (await whoIs(session)).Arn))
    expect(new Set(names).size).toBe(50)
    expect(names[7]).toBe(`arn:aws:sts::${other}:assumed-role/EcsAuditorRole/s-7`)
  })
})

describe('a role that is not to be had', () => {
  let lonely: Actor & { readonly arn: string }
  let greedy: Actor & { readonly arn: string }
  beforeAll(async () => {
    lonely = await makeUser(here, 'lonely')
    greedy = await makeUser(here, 'greedy', allow('sts:AssumeRole'))
    await makeRole(there, 'TrustsLonely', trusting(lonely.arn))
    await makeRole(here, 'TrustsHome', trusting(`arn:aws:iam::${home}:root`))
  })

  test.each([
    ['the caller has no permission, though the other account trusts it', () => lonely, other, 'TrustsLonely'],
    ['the caller has no permission, and the other account does not trust it', () => lonely, other, 'EcsAuditorRole'],
    ['the other account does not trust the caller, who may assume anything', () => greedy, other, 'EcsAuditorRole'],
    ['there is no such role in the other account', () => greedy, other, 'NoSuchRole'],
    ['there is no such role in the other account, and no permission', () => lonely, other, 'NoSuchRole'],
    ['there is no such account', () => greedy, '555566667777', 'NoSuchRole'],
    ['the own account has the role, which does not trust the caller', () => greedy, home, 'EksAdminRole'],
    ['the own account has no such role', () => greedy, home, 'NoSuchRole'],
    ['the own account has no such role, and no permission', () => lonely, home, 'NoSuchRole'],
  ])('%s: the same words, whatever the reason', async (_why, caller, account, name) => {
    const role = `arn:aws:iam::${account}:role/${name}`
    expect(await refusal(assume(caller(), role))).toEqual(denied(caller().arn, 'sts:AssumeRole', role))
  })

  test('the own account trusts itself as a whole: then the permission is what lacks, and is named', async () => {
    const role = `arn:aws:iam::${home}:role/TrustsHome`
    expect(await refusal(assume(lonely, role))).toEqual(
      denied(lonely.arn, 'sts:AssumeRole', role, 'because no identity-based policy allows the sts:AssumeRole action'),
    )
    expect((await whoIs(await assume(greedy, role))).Account).toBe(home)
  })

  test('the path is part of the name', async () => {
    await makeRole(here, 'Deep', trusting(greedy.arn), { Path: '/team/' })
    expect((await whoIs(await assume(greedy, `arn:aws:iam::${home}:role/team/Deep`))).Arn).toBe(
      `arn:aws:sts::${home}:assumed-role/Deep/session`,
    )
    const flat = `arn:aws:iam::${home}:role/Deep`
    expect(await refusal(assume(greedy, flat))).toEqual(denied(greedy.arn, 'sts:AssumeRole', flat))
  })

  test('a third role, where two are permitted', async () => {
    await makeRole(here, 'Third', trusting(`arn:aws:iam::${home}:root`))
    const third = `arn:aws:iam::${home}:role/Third`
    expect((await refusal(assume(halJordan, third))).message).toContain('because no identity-based policy allows')
  })

  test('root may assume none', async () => {
    const { root } = await makeAccount(running, '111122223333')
    expect(await refusal(assume(root, eksAdmin))).toEqual({
      code: 'AccessDenied',
      message: 'Roles may not be assumed by root accounts.',
      status: 403,
    })
  })
})

describe("the trust policy of the guide's example", () => {
  const asPrinted = (comma: string) => `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": {
        "AWS": [
          "arn:aws:iam::${home}:user/halJordan",
          "arn:aws:sts::${other}:role/OtherRole"${comma}
          "arn:aws:sts::${other}:assumed-role/EcsAuditorRole/specific-session-name"
        ]
      },
      "Action": "sts:AssumeRole"
    }
  ]
}`
  const create = (RoleName: string, AssumeRolePolicyDocument: string) =>
    refusal(here.iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument })))

  test('lacks a comma, and is no JSON', async () => {
    expect(await create('Broken', asPrinted(''))).toEqual({
      code: 'MalformedPolicyDocument',
      message: 'This policy contains invalid Json',
      status: 400,
    })
  })

  test('with the comma names a role by an ARN that no role has', async () => {
    const answer = {
      code: 'MalformedPolicyDocument',
      message: `Invalid principal in policy: "AWS":"arn:aws:sts::${other}:role/OtherRole"`,
      status: 400,
    }
    expect(await create('Broken', asPrinted(','))).toEqual(answer)
    await makeRole(there, 'OtherRole', trusting(other))
    expect(await create('Broken', asPrinted(','))).toEqual(answer)
  })

  test('repaired, lets in whom it names: the role under any session, the other one under one name only', async () => {
    const repaired = asPrinted(',').replace('arn:aws:sts::987654321098:role/', 'arn:aws:iam::987654321098:role/')
    const callers = allow('sts:AssumeRole', `arn:aws:iam::${home}:role/Repaired`)
    await makeRole(here, 'Repaired', repaired)
    const { PutRolePolicyCommand } = await import('@aws-sdk/client-iam')
    for (const RoleName of ['EcsAuditorRole', 'OtherRole']) {
      await there.iam.send(
        new PutRolePolicyCommand({ RoleName, PolicyName: 'assume', PolicyDocument: JSON.stringify(callers) }),
      )
    }
    await there.iam.send(
      new UpdateAssumeRolePolicyCommand({
        RoleName: 'OtherRole',
        PolicyDocument: JSON.stringify(trusting([other, hal])),
      }),
    )
    const target = `arn:aws:iam::${home}:role/Repaired`
    const other1 = await assume(
      await makeUser(there, 'someone', allow('sts:AssumeRole')),
      `arn:aws:iam::${other}:role/OtherRole`,
    )
    expect((await whoIs(await assume(other1, target))).Account).toBe(home)

    const named = await assume(halJordan, ecsAuditor, { RoleSessionName: 'specific-session-name' })
    expect((await whoIs(await assume(named, target))).Arn).toBe(`arn:aws:sts::${home}:assumed-role/Repaired/session`)
    const unnamed = await assume(halJordan, ecsAuditor, { RoleSessionName: 'specific-session-nam' })
    expect(await refusal(assume(unnamed, target))).toEqual(
      denied(`arn:aws:sts::${other}:assumed-role/EcsAuditorRole/specific-session-nam`, 'sts:AssumeRole', target),
    )
  })

  test('may ask for a second factor with a bare `true`, and keeps it bare', async () => {
    const text = `{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow",
    "Principal": { "AWS": "${hal}" },
    "Action": "sts:AssumeRole",
    "Condition": { "Bool": { "aws:MultiFactorAuthPresent": true } }
  }]
}`
    await makeRole(here, 'NeedsMfa', text)
    const { Role } = await here.iam.send(new GetRoleCommand({ RoleName: 'NeedsMfa' }))
    expect(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '')).toBe(text)

    const target = `arn:aws:iam::${home}:role/NeedsMfa`
    expect(await refusal(assume(halJordan, target))).toEqual(denied(hal, 'sts:AssumeRole', target))
    const { Credentials } = await halJordan.sts.send(new GetSessionTokenCommand({}))
    const session = withKeys(halJordan, {
      accessKeyId: Credentials?.AccessKeyId ?? '',
      secretAccessKey: Credentials?.SecretAccessKey ?? '',
      sessionToken: Credentials?.SessionToken ?? '',
    })
    expect((await whoIs(session)).Arn).toBe(hal)
    expect(await refusal(assume(session, target))).toEqual(denied(hal, 'sts:AssumeRole', target))
    const code = { SerialNumber: `arn:aws:iam::${home}:mfa/gopass`, TokenCode: '123456' }
    expect(await refusal(assume(halJordan, target, code))).toEqual({
      code: 'AccessDenied',
      message:
        'MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.',
      status: 403,
    })
  })
})

describe("the guide's policy for a while", () => {
  const PolicyName = 'temp-ro-access-my-bucket'
  const document = `{
  "Version": "2012-10-17",
  "Statement": [{
    "Sid": "AllowAttachedPrincipalsTemporaryROAccessToBucket",
    "Effect": "Allow",
    "Action": [
      "s3:GetObject",
      "s3:GetObjectAttributes",
      "s3:ListBucket",
      "s3:ListBucketVersions"
    ],
    "Resource": [
      "arn:aws:s3:::my-bucket",
      "arn:aws:s3:::my-bucket/*"
    ],
    "Condition": { "DateLessThan": { "aws:CurrentTime": "2024-03-01T00:00:00Z" } }
  }]
}`
  const arn = `arn:aws:iam::${home}:policy/${PolicyName}`

  test('is made as the guide shows it, attached, counted, and read back byte for byte', async () => {
    const { Policy } = await here.iam.send(new CreatePolicyCommand({ PolicyName, PolicyDocument: document }))
    expect(Policy).toEqual({
      Arn: arn,
      AttachmentCount: 0,
      CreateDate: expect.any(Date),
      DefaultVersionId: 'v1',
      IsAttachable: true,
      Path: '/',
      PermissionsBoundaryUsageCount: 0,
      PolicyId: expect.stringMatching(/^ANPA[A-Z0-9]{17}$/),
      PolicyName,
      UpdateDate: Policy?.CreateDate,
    })
    await makeUser(here, 'my-user')
    // Attaching what is attached is no error, and counts once.
    for (let times = 0; times < 2; times++) {
      await here.iam.send(new AttachUserPolicyCommand({ UserName: 'my-user', PolicyArn: arn }))
    }
    const attached = await here.iam.send(new GetPolicyCommand({ PolicyArn: arn }))
    expect(attached.Policy?.AttachmentCount).toBe(1)
    const { PolicyVersion } = await here.iam.send(new GetPolicyVersionCommand({ PolicyArn: arn, VersionId: 'v1' }))
    expect(decodeURIComponent(PolicyVersion?.Document ?? '')).toBe(document)
    expect(PolicyVersion?.IsDefaultVersion).toBe(true)
  })

  test('lapses at its date: the same condition on an action of IAM is refused today, and allowed with a later date', async () => {
    const until = (date: string) => ({
      Version: '2012-10-17',
      Statement: {
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Resource: `arn:aws:iam::${home}:role/ForAWhile`,
        Condition: { DateLessThan: { 'aws:CurrentTime': date } },
      },
    })
    await makeRole(here, 'ForAWhile', trusting(home))
    const late = await makeUser(here, 'late', until('2024-03-01T00:00:00Z'))
    const early = await makeUser(here, 'early', until('2124-03-01T00:00:00Z'))
    const target = `arn:aws:iam::${home}:role/ForAWhile`
    expect((await refusal(assume(late, target))).message).toContain('because no identity-based policy allows')
    expect((await whoIs(await assume(early, target))).Account).toBe(home)
  })
})
