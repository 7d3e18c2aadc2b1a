import * as sdk from '@aws-sdk/client-iam'
import { GetSessionTokenCommand } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Actor,
  actorOf,
  allow,
  assume,
  type Document,
  deny,
  makeAccount,
  makeRole,
  makeUser,
  refusal,
  statement,
  textOf,
  trusting,
  whoIs,
} from './actor.ts'
import { call } from './call.ts'
import { discard, envOf, type Running, rolecall, startRolecall } from './process.ts'

/** Accounts side by side in one authority, and which policy it is that says no. */
const home = '012345678901'
const other = '987654321098'

let running: Running
let here: Actor
let there: Actor
let root: Actor
beforeAll(async () => {
  running = await startRolecall({ args: ['--account-id', home] })
  here = actorOf(await envOf(running))
  const made = await makeAccount(running, other)
  there = made.administrator
  root = made.root
})
afterAll(() => discard(running))

const document = textOf(allow('s3:GetObject'))

describe('accounts', () => {
  test('are told apart by the keys alone: the same names are other things in each', async () => {
    for (const actor of [here, there]) await actor.iam.send(new sdk.CreateUserCommand({ UserName: 'twin' }))
    const arns = await Promise.all(
      [here, there].map(async ({ iam }) => (await iam.send(new sdk.GetUserCommand({ UserName: 'twin' }))).User),
    )
    expect(arns.map((user) => user?.Arn)).toEqual([`arn:aws:iam::${home}:user/twin`, `arn:aws:iam::${other}:user/twin`])
    expect(arns[0]?.UserId).not.toBe(arns[1]?.UserId)
    await here.iam.send(new sdk.DeleteUserCommand({ UserName: 'twin' }))
    await there.iam.send(new sdk.GetUserCommand({ UserName: 'twin' }))
  })

  test('a session acts in the account of its role', async () => {
    const user = await makeUser(here, 'visitor', allow('sts:AssumeRole'))
    await makeRole(there, 'Guest', trusting(user.arn))
    await there.iam.send(
      new sdk.PutRolePolicyCommand({
        RoleName: 'Guest',
        PolicyName: 'p',
        PolicyDocument: textOf(allow('iam:ListUsers')),
      }),
    )
    const guest = await assume(user, `arn:aws:iam::${other}:role/Guest`)
    const { Users } = await guest.iam.send(new sdk.ListUsersCommand({}))
    expect(Users?.map(({ UserName }) => UserName)).toEqual(['administrator', 'twin'])
  })

  test('have a root user that needs no policy, and is nobody’s role', async () => {
    expect(await whoIs(root)).toEqual({ Arn: `arn:aws:iam::${other}:root`, UserId: other, Account: other })
    const { User } = await root.iam.send(new sdk.GetUserCommand({}))
    expect(User).toMatchObject({ Arn: `arn:aws:iam::${other}:root`, UserId: other })
    await root.iam.send(new sdk.ListUsersCommand({}))
  })

  test.each([
    ['CreateAccount', {}],
    ['ListAccounts', {}],
    ['DescribeKeys', {}],
    ['ResealSecrets', {}],
    ['SetQuota', { Name: 'UsersQuota', Limit: '6000' }],
    ['ResetQuota', {}],
    ['ListQuotas', { AccountId: home }],
  ])('have no say in %s but the first, root or not, whatever their policies say', async (action, given) => {
    for (const { env } of [there, root]) {
      const { status, code, message } = await call(running.endpoint, env, 'rolecall', action, given)
      expect({ status, code }).toEqual({ status: 403, code: 'AccessDenied' })
      const { Arn } = await whoIs(env === root.env ? root : there)
      expect(message).toContain(
        `User: ${Arn} is not authorized to perform: rolecall:${action} on resource: * with an explicit deny in a service control policy`,
      )
      const why = await rolecall(['why', '--last', '--data', running.data, '--account', other])
      expect(why.stdout).toContain('only the first account')
      expect(why.stdout).toContain('OnlyTheFirstAccount')
    }
    const { status } = await call(running.endpoint, here.env, 'rolecall', action, { ...given, AccountId: other })
    // The first account may; one that is there already cannot be made again.
    expect(status).toBe(action === 'CreateAccount' ? 409 : 200)
  })

  test('see their own quotas', async () => {
    for (const given of [{}, { AccountId: other }])
      expect((await call(running.endpoint, there.env, 'rolecall', 'ListQuotas', given)).status).toBe(200)
  })

  test('are made with an id of their own, of twelve digits', async () => {
    const ran = await rolecall(['account', 'create', '--data', running.data, '--id', other])
    expect(ran.code).not.toBe(0)
    expect(ran.stderr).toContain(other)
    const numbers = await rolecall(['account', 'create', '--data', running.data, '--id', '12345678901'])
    expect(numbers.code).toBe(2)
    expect(numbers.stderr).toContain('012345678901')
    const { code, stdout } = await rolecall(['account', 'ls', '--data', running.data, '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout).map(({ accountId }: { accountId: string }) => accountId)).toEqual([home, other])
  })
})

describe("another account's things cannot be reached, and do not tell that they are there", () => {
  let keyId: string
  beforeAll(async () => {
    await there.iam.send(new sdk.CreatePolicyCommand({ PolicyName: 'theirs', PolicyDocument: document }))
    await there.iam.send(new sdk.CreateUserCommand({ UserName: 'them' }))
    const { AccessKey } = await there.iam.send(new sdk.CreateAccessKeyCommand({ UserName: 'them' }))
    keyId = AccessKey?.AccessKeyId ?? ''
    await here.iam.send(new sdk.CreateUserCommand({ UserName: 'us' }))
    await makeRole(here, 'ours', trusting(home))
  })
  const policy = (name: string) => `arn:aws:iam::${other}:policy/${name}`
  const send = (command: unknown) => here.iam.send(command as sdk.GetUserCommand)

  test.each([
    ['GetPolicy', (PolicyArn: string) => new sdk.GetPolicyCommand({ PolicyArn })],
    ['GetPolicyVersion', (PolicyArn: string) => new sdk.GetPolicyVersionCommand({ PolicyArn, VersionId: 'v1' })],
    ['ListPolicyVersions', (PolicyArn: string) => new sdk.ListPolicyVersionsCommand({ PolicyArn })],
    ['ListEntitiesForPolicy', (PolicyArn: string) => new sdk.ListEntitiesForPolicyCommand({ PolicyArn })],
    ['DeletePolicy', (PolicyArn: string) => new sdk.DeletePolicyCommand({ PolicyArn })],
    [
      'CreatePolicyVersion',
      (PolicyArn: string) => new sdk.CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: document }),
    ],
    [
      'SetDefaultPolicyVersion',
      (PolicyArn: string) => new sdk.SetDefaultPolicyVersionCommand({ PolicyArn, VersionId: 'v1' }),
    ],
    ['TagPolicy', (PolicyArn: string) => new sdk.TagPolicyCommand({ PolicyArn, Tags: [{ Key: 'a', Value: 'b' }] })],
    ['AttachUserPolicy', (PolicyArn: string) => new sdk.AttachUserPolicyCommand({ UserName: 'us', PolicyArn })],
    ['DetachUserPolicy', (PolicyArn: string) => new sdk.DetachUserPolicyCommand({ UserName: 'us', PolicyArn })],
    ['AttachRolePolicy', (PolicyArn: string) => new sdk.AttachRolePolicyCommand({ RoleName: 'ours', PolicyArn })],
    [
      'PutUserPermissionsBoundary',
      (PermissionsBoundary: string) =>
        new sdk.PutUserPermissionsBoundaryCommand({ UserName: 'us', PermissionsBoundary }),
    ],
  ])('%s by ARN', async (_operation, command) => {
    const present = await refusal(send(command(policy('theirs'))))
    const absent = await refusal(send(command(policy('absent'))))
    expect([403, 404, 400]).toContain(present.status)
    expect({ ...present, message: present.message.replaceAll('theirs', 'absent') }).toEqual(absent)
  })

  test.each([
    [
      'UpdateAccessKey',
      (AccessKeyId: string) => new sdk.UpdateAccessKeyCommand({ UserName: 'us', AccessKeyId, Status: 'Inactive' }),
    ],
    ['DeleteAccessKey', (AccessKeyId: string) => new sdk.DeleteAccessKeyCommand({ UserName: 'us', AccessKeyId })],
    ['GetAccessKeyLastUsed', (AccessKeyId: string) => new sdk.GetAccessKeyLastUsedCommand({ AccessKeyId })],
  ])('%s by id', async (_operation, command) => {
    const absentId = `AKIA${'Z'.repeat(16)}`
    const present = await refusal(send(command(keyId)))
    const absent = await refusal(send(command(absentId)))
    expect({ ...present, message: present.message.replaceAll(keyId, absentId) }).toEqual(absent)
  })

  test('a session policy by ARN is one of the role’s account, or of AWS', async () => {
    const user = await makeUser(here, 'narrowing', allow('sts:AssumeRole'))
    const narrowed = (arn: string) => refusal(assume(user, `arn:aws:iam::${home}:role/ours`, { PolicyArns: [{ arn }] }))
    const present = await narrowed(policy('theirs'))
    expect({ ...present, message: present.message.replaceAll('theirs', 'absent') }).toEqual(
      await narrowed(policy('absent')),
    )
  })
})

describe('the policy that says no is named', () => {
  const user = async (UserName: string, may: Document, boundary?: Document) => {
    const made = await makeUser(here, UserName, may)
    if (boundary !== undefined) {
      const { Policy } = await here.iam.send(
        new sdk.CreatePolicyCommand({ PolicyName: `${UserName}-boundary`, PolicyDocument: textOf(boundary) }),
      )
      await here.iam.send(
        new sdk.PutUserPermissionsBoundaryCommand({ UserName, PermissionsBoundary: Policy?.Arn ?? '' }),
      )
    }
    return made
  }
  const session = async (name: string, may: Document, policy?: Document, trust: Document = trusting(home)) => {
    await makeRole(here, name, trust)
    await here.iam.send(new sdk.PutRolePolicyCommand({ RoleName: name, PolicyName: 'p', PolicyDocument: textOf(may) }))
    const caller = await makeUser(here, `${name}-user`, allow('sts:AssumeRole'))
    const more = policy === undefined ? {} : { Policy: textOf(policy) }
    return assume(caller, `arn:aws:iam::${home}:role/${name}`, more)
  }
  const list = 'iam:ListUsers'
  const both = statement(...allow('*').Statement, ...deny(list).Statement)

  test.each([
    [
      'nothing allows it',
      () => user('n1', allow('s3:*')),
      'because no identity-based policy allows the iam:ListUsers action',
    ],
    ['an identity denies it', () => user('n2', both), 'with an explicit deny in an identity-based policy'],
    [
      'a boundary does not allow it',
      () => user('n3', allow('*'), allow('s3:*')),
      'because no permissions boundary allows the iam:ListUsers action',
    ],
    ['a boundary denies it', () => user('n4', allow('*'), both), 'with an explicit deny in a permissions boundary'],
    [
      'neither identity nor boundary allows it',
      () => user('n5', allow('s3:*'), allow('s3:*')),
      'because no identity-based policy allows the iam:ListUsers action',
    ],
    [
      'a session policy does not allow it',
      () => session('n6', allow('*'), allow('s3:*')),
      'because no session policy allows the iam:ListUsers action',
    ],
    ['a session policy denies it', () => session('n7', allow('*'), both), 'with an explicit deny in a session policy'],
    ['the role denies it', () => session('n8', both, allow('*')), 'with an explicit deny in an identity-based policy'],
  ])('%s', async (_what, actor, reason) => {
    const { message } = await refusal((await actor()).iam.send(new sdk.ListUsersCommand({})))
    expect(message.endsWith(` on resource: arn:aws:iam::${home}:user/ ${reason}`), message).toBe(true)
  })

  test('by a group, whose Deny binds its members for as long as they are members', async () => {
    const member = await user('grouped', allow('*'))
    await here.iam.send(new sdk.CreateGroupCommand({ GroupName: 'denied' }))
    await here.iam.send(
      new sdk.PutGroupPolicyCommand({ GroupName: 'denied', PolicyName: 'p', PolicyDocument: textOf(deny(list)) }),
    )
    await member.iam.send(new sdk.ListUsersCommand({}))
    const membership = { GroupName: 'denied', UserName: 'grouped' }
    await here.iam.send(new sdk.AddUserToGroupCommand(membership))
    expect((await refusal(member.iam.send(new sdk.ListUsersCommand({})))).message).toMatch(
      /with an explicit deny in an identity-based policy$/,
    )
    await here.iam.send(new sdk.RemoveUserFromGroupCommand(membership))
    await member.iam.send(new sdk.ListUsersCommand({}))
  })

  test('and yet nobody is kept from learning who they are, or from a session token of their own', async () => {
    const denied = await user('mute', deny('*'))
    expect((await whoIs(denied)).Arn).toBe(denied.arn)
    const { Credentials } = await denied.sts.send(new GetSessionTokenCommand({}))
    expect(Credentials?.AccessKeyId).toMatch(/^ASIA/)
  })

  test('variables in a policy stand for the caller, and nothing of what they stand for is a wildcard', async () => {
    const own = statement({
      Effect: 'Allow',
      Action: 'iam:GetUser',
      Resource: `arn:aws:iam::${home}:user/\${aws:username}`,
    })
    const self = await user('self', own)
    expect((await self.iam.send(new sdk.GetUserCommand({ UserName: 'self' }))).User?.UserName).toBe('self')
    expect((await refusal(self.iam.send(new sdk.GetUserCommand({ UserName: 'us' })))).code).toBe('AccessDenied')
    await makeRole(here, 'varied', trusting(home))
    await here.iam.send(
      new sdk.PutRolePolicyCommand({ RoleName: 'varied', PolicyName: 'p', PolicyDocument: textOf(own) }),
    )
    const caller = await makeUser(here, 'varied-user', allow('sts:AssumeRole'))
    const role = await assume(caller, `arn:aws:iam::${home}:role/varied`)
    expect((await refusal(role.iam.send(new sdk.GetUserCommand({ UserName: 'us' })))).code).toBe('AccessDenied')
  })
})
