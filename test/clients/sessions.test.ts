import {
  CreatePolicyCommand,
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  GetRoleCommand,
  ListRolesCommand,
  ListUsersCommand,
  PutRolePolicyCommand,
  UpdateRoleCommand,
  UpdateUserCommand,
} from '@aws-sdk/client-iam'
import { AssumeRoleCommand, GetAccessKeyInfoCommand, GetSessionTokenCommand } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Actor,
  actorOf,
  allow,
  assume,
  type Document,
  denied,
  deny,
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
import { discard, envOf, type Running, startRolecall } from './process.ts'

/** What a session is, may do and lives for, asked through AWS's own client. */
const home = '012345678901'
const other = '987654321098'
const roleArn = (name: string, account = home) => `arn:aws:iam::${account}:role/${name}`
const sessionArn = (name: string, session = 'session', account = home) =>
  `arn:aws:sts::${account}:assumed-role/${name}/${session}`

let running: Running
let here: Actor
let there: Actor
/** May assume everything, and nothing else. */
let user: Actor & { readonly arn: string }

beforeAll(async () => {
  running = await startRolecall({ args: ['--account-id', home] })
  here = actorOf(await envOf(running))
  there = (await makeAccount(running, other)).administrator
  user = await makeUser(here, 'user', allow(['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity']))
})
afterAll(() => discard(running))

const may = (RoleName: string, document: Document) =>
  here.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'may', PolicyDocument: textOf(document) }))
const listUsers = (actor: Actor) => actor.iam.send(new ListUsersCommand({}))
const listRoles = (actor: Actor) => actor.iam.send(new ListRolesCommand({}))

const invalidToken = {
  code: 'InvalidClientTokenId',
  message: 'The security token included in the request is invalid.',
  status: 403,
}

describe('the three parts of temporary credentials', () => {
  let one: Actor
  let two: Actor
  beforeAll(async () => {
    await makeRole(here, 'Parts', trusting(home))
    one = await assume(user, roleArn('Parts'), { RoleSessionName: 'one' })
    two = await assume(user, roleArn('Parts'), { RoleSessionName: 'two' })
  })
  const token = () => one.env.sessionToken ?? ''
  const middle = (text: string) => {
    const at = Math.floor(text.length / 2)
    return `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`
  }

  test.each([
    ['no token', () => ({ sessionToken: '' }), invalidToken],
    ['a token of which one character is another', () => ({ sessionToken: middle(token()) }), invalidToken],
    ['a token without its last character', () => ({ sessionToken: token().slice(0, -1) }), invalidToken],
    ['a token that is no token', () => ({ sessionToken: 'token' }), invalidToken],
    ["another session's token", () => ({ sessionToken: two.env.sessionToken ?? '' }), invalidToken],
    ["another session's key id", () => ({ accessKeyId: two.env.accessKeyId }), invalidToken],
    ["a user's key id", () => ({ accessKeyId: user.env.accessKeyId }), invalidToken],
    ["another session's secret", () => ({ secretAccessKey: two.env.secretAccessKey }), 'SignatureDoesNotMatch'],
  ])('%s: refused, and never taken for somebody else', async (_what, keys, expected) => {
    const answer = await refusal(whoIs(withKeys(one, keys())))
    if (typeof expected === 'string') expect(answer).toMatchObject({ code: expected, status: 403 })
    else expect(answer).toEqual(expected)
  })

  test("a user's long-term key with a session's token beside it", async () => {
    expect(await refusal(whoIs(withKeys(user, { sessionToken: token() })))).toEqual(invalidToken)
  })

  test('the key id tells the account, of either kind', async () => {
    for (const AccessKeyId of [one.env.accessKeyId, user.env.accessKeyId]) {
      const { Account } = await here.sts.send(new GetAccessKeyInfoCommand({ AccessKeyId }))
      expect(Account).toBe(home)
    }
  })
})

describe('permissions are replaced, not added', () => {
  test('what the user may and the role may not, and the other way round', async () => {
    const lister = await makeUser(here, 'lister', allow(['iam:ListUsers', 'sts:AssumeRole']))
    await makeRole(here, 'RoleLister', trusting(home))
    await may('RoleLister', allow('iam:ListRoles'))
    const session = await assume(lister, roleArn('RoleLister'))

    expect((await listUsers(lister)).Users?.length).toBeGreaterThan(0)
    expect(await refusal(listRoles(lister))).toEqual(
      denied(
        lister.arn,
        'iam:ListRoles',
        `arn:aws:iam::${home}:role/`,
        'because no identity-based policy allows the iam:ListRoles action',
      ),
    )
    expect(await refusal(listUsers(session))).toEqual(
      denied(
        sessionArn('RoleLister'),
        'iam:ListUsers',
        `arn:aws:iam::${home}:user/`,
        'because no identity-based policy allows the iam:ListUsers action',
      ),
    )
    expect((await listRoles(session)).Roles?.length).toBeGreaterThan(0)
  })

  test('a chain acts as its last role only', async () => {
    await makeRole(here, 'First', trusting(home))
    await makeRole(here, 'Second', trusting(home))
    await may('First', allow(['iam:ListUsers', 'sts:AssumeRole']))
    const first = await assume(user, roleArn('First'))
    await listUsers(first)
    const second = await assume(first, roleArn('Second'))
    expect((await refusal(listUsers(second))).code).toBe('AccessDenied')
  })

  test('what the role may changes under the living session', async () => {
    await makeRole(here, 'Changing', trusting(home))
    const session = await assume(user, roleArn('Changing'))
    expect((await refusal(listUsers(session))).code).toBe('AccessDenied')
    await may('Changing', allow('iam:ListUsers'))
    await listUsers(session)
    await may('Changing', deny('iam:ListUsers'))
    expect((await refusal(listUsers(session))).message).toMatch(/with an explicit deny in an identity-based policy$/)
  })

  test('sessions that began before a time are ended by a policy on the time of their beginning', async () => {
    await makeRole(here, 'Revoked', trusting(home))
    await may('Revoked', allow('iam:ListUsers'))
    const session = await assume(user, roleArn('Revoked'))
    await listUsers(session)
    const revoke = (at: number) =>
      here.iam.send(
        new PutRolePolicyCommand({
          RoleName: 'Revoked',
          PolicyName: 'AWSRevokeOlderSessions',
          PolicyDocument: textOf(
            statement({
              Effect: 'Deny',
              Action: '*',
              Resource: '*',
              Condition: { DateLessThan: { 'aws:TokenIssueTime': new Date(at).toISOString() } },
            }),
          ),
        }),
      )
    await revoke(Date.now() - 60_000)
    await listUsers(session)
    await revoke(Date.now() + 60_000)
    expect((await refusal(listUsers(session))).code).toBe('AccessDenied')
    // Who one is, one is always told.
    expect((await whoIs(session)).Arn).toBe(sessionArn('Revoked'))
  })

  test('a role may not become itself unless it trusts itself', async () => {
    await makeRole(here, 'Itself', trusting(user.arn))
    await may('Itself', allow('sts:AssumeRole'))
    const session = await assume(user, roleArn('Itself'))
    expect(await refusal(assume(session, roleArn('Itself')))).toEqual(
      denied(sessionArn('Itself'), 'sts:AssumeRole', roleArn('Itself')),
    )
  })
})

describe('session policies', () => {
  const noSession = (action: string) => `because no session policy allows the ${action} action`
  let listing: string
  beforeAll(async () => {
    await makeRole(
      here,
      'Wide',
      statement({ Effect: 'Allow', Principal: { AWS: home }, Action: ['sts:AssumeRole', 'sts:TagSession'] }),
    )
    await may('Wide', allow(['iam:ListUsers', 'iam:ListRoles']))
    const { Policy } = await here.iam.send(
      new CreatePolicyCommand({ PolicyName: 'listing', PolicyDocument: textOf(allow('iam:ListRoles')) }),
    )
    listing = Policy?.Arn ?? ''
  })
  const narrowed = (Policy?: Document, arns: readonly string[] = []) =>
    assume(user, roleArn('Wide'), {
      ...(Policy === undefined ? {} : { Policy: textOf(Policy) }),
      ...(arns.length === 0 ? {} : { PolicyArns: arns.map((arn) => ({ arn })) }),
    })

  test.each([
    ['inline', () => narrowed(allow('iam:ListUsers')), true, false],
    ['by ARN', () => narrowed(undefined, [listing]), false, true],
    ['both, which add up', () => narrowed(allow('iam:ListUsers'), [listing]), true, true],
    ['by ARN, one of AWS', () => narrowed(undefined, ['arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess']), false, false],
    ['one that allows everything', () => narrowed(allow('*')), true, true],
    ['a Deny', () => narrowed(statement(...allow('*').Statement, ...deny('iam:ListRoles').Statement)), true, false],
    ['none', () => narrowed(), true, true],
  ])('%s', async (what, open, users, roles) => {
    const session = await open()
    const reason = (action: string) =>
      what === 'a Deny' ? 'with an explicit deny in a session policy' : noSession(action)
    const arn = sessionArn('Wide')
    if (users) await listUsers(session)
    else
      expect(await refusal(listUsers(session))).toEqual(
        denied(arn, 'iam:ListUsers', `arn:aws:iam::${home}:user/`, reason('iam:ListUsers')),
      )
    if (roles) await listRoles(session)
    else
      expect(await refusal(listRoles(session))).toEqual(
        denied(arn, 'iam:ListRoles', `arn:aws:iam::${home}:role/`, reason('iam:ListRoles')),
      )
  })

  test('never give what the role has not', async () => {
    await makeRole(here, 'Nothing', trusting(home))
    const session = await assume(user, roleArn('Nothing'), { Policy: textOf(allow('*')) })
    expect((await refusal(listUsers(session))).message).toContain('because no identity-based policy allows')
  })

  const packed = async (more: object) =>
    (await user.sts.send(new AssumeRoleCommand({ RoleArn: roleArn('Wide'), RoleSessionName: 'packed', ...more })))
      .PackedPolicySize

  test('fill a space that is told in percent, where there is something to pack', async () => {
    expect(await packed({})).toBeUndefined()
    const small = (await packed({ Policy: textOf(allow('s3:GetObject', 'arn:aws:s3:::my-bucket/*')) })) ?? 0
    expect(small).toBeGreaterThan(8)
    expect(small).toBeLessThan(30)
    const two = statement(
      ...allow('s3:GetObject', 'arn:aws:s3:::my-bucket/*').Statement,
      ...allow('dynamodb:Query', 'arn:aws:dynamodb:us-east-1:012345678901:table/orders').Statement,
    )
    expect(await packed({ Policy: textOf(two) })).toBeGreaterThan(small)
    expect(
      await packed({
        Policy: textOf(allow('s3:GetObject', 'arn:aws:s3:::my-bucket/*')),
        PolicyArns: [{ arn: listing }],
      }),
    ).toBeGreaterThan(small)
    expect(await packed({ Tags: [{ Key: 'team', Value: 'red' }] })).toBeGreaterThan(0)
  })

  test('and may be too full, by policy as by tags', async () => {
    const policyFull = /^Packed policy consumes 1\d\d% of allotted space, please use smaller policy\.$/
    // Names that repeat nothing, so that packing gains little.
    const names = Array.from({ length: 21 }, (_, i) => `arn:aws:s3:::${hash(i)}${hash(i + 100)}${hash(i + 200)}/*`)
    const many = Array.from({ length: 9 }, (_, i) => ({ Key: `T${i + 1}`, Value: 'a'.repeat(250) }))
    const tagsFull = /^Packed size of session tags consumes 498% of allotted space\.$/
    const cases: [object, RegExp][] = [
      [{ Policy: textOf(allow('s3:GetObject', names)) }, policyFull],
      [{ Policy: textOf(allow('s3:GetObject', names)), Tags: [{ Key: 'team', Value: 'red' }] }, policyFull],
      // QUIRK: packed-tags-told-apart.
      [{ Tags: many }, tagsFull],
      [{ Tags: many, Policy: textOf(allow('s3:GetObject')) }, tagsFull],
    ]
    for (const [more, told] of cases) {
      const { code, message, status } = await refusal(packed(more))
      expect({ code, status }).toEqual({ code: 'PackedPolicyTooLarge', status: 400 })
      expect(message).toMatch(told)
    }
  })

  test.each([
    [
      'a Principal in it',
      { Policy: textOf(statement({ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' })) },
      'MalformedPolicyDocument',
      /principal/,
    ],
    ['no JSON', { Policy: 'x' }, 'MalformedPolicyDocument', /./],
    [
      'over 2,048 characters',
      { Policy: textOf(allow('s3:GetObject', `arn:aws:s3:::${'b'.repeat(2_048)}`)) },
      'ValidationError',
      /at 'policy' failed to satisfy constraint: Member must have length less than or equal to 2048$/,
    ],
    [
      'an ARN that no policy has',
      { PolicyArns: [{ arn: `arn:aws:iam::${home}:policy/none` }] },
      'ValidationError',
      /./,
    ],
    [
      'eleven policies',
      { PolicyArns: Array.from({ length: 11 }, (_, i) => ({ arn: `arn:aws:iam::${home}:policy/p${i}` })) },
      'ValidationError',
      /at 'policyArns' failed to satisfy constraint: Member must have length less than or equal to 10$/,
    ],
  ])('with %s are refused', async (_what, more, code, message) => {
    const refused = await refusal(packed(more))
    expect(refused).toMatchObject({ code, status: 400 })
    expect(refused.message).toMatch(message)
  })
})

/** A fixed text of sixteen letters that does not compress, other for every number. */
function hash(seed: number): string {
  let state = (seed + 1) * 2_654_435_761
  return Array.from({ length: 16 }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return String.fromCharCode(97 + ((state >>> 24) % 26))
  }).join('')
}

describe('how long a session lives', () => {
  const seconds = async (actor: Actor, role: string, DurationSeconds?: number) => {
    const before = Date.now()
    const { Credentials } = await actor.sts.send(
      new AssumeRoleCommand({
        RoleArn: roleArn(role),
        RoleSessionName: 'session',
        ...(DurationSeconds === undefined ? {} : { DurationSeconds }),
      }),
    )
    return Math.round(((Credentials?.Expiration?.getTime() ?? 0) - before) / 1000)
  }
  const near = (wanted: number, got: number) => expect(Math.abs(wanted - got)).toBeLessThanOrEqual(20)
  const overMax = 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.'
  const overChain = 'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.'
  let chained: Actor
  let token: Actor
  beforeAll(async () => {
    await makeRole(here, 'Short', trusting(home))
    await makeRole(here, 'Long', trusting(home), { MaxSessionDuration: 43_200 })
    await makeRole(here, 'Link', trusting(home))
    await may('Link', allow('sts:AssumeRole'))
    chained = await assume(user, roleArn('Link'))
    const { Credentials } = await user.sts.send(new GetSessionTokenCommand({}))
    token = withKeys(user, {
      accessKeyId: Credentials?.AccessKeyId ?? '',
      secretAccessKey: Credentials?.SecretAccessKey ?? '',
      sessionToken: Credentials?.SessionToken ?? '',
    })
  })

  test('an hour, unless it is told otherwise, also where the role allows more', async () => {
    near(3_600, await seconds(user, 'Short'))
    near(3_600, await seconds(user, 'Long'))
    near(900, await seconds(user, 'Short', 900))
    near(43_200, await seconds(user, 'Long', 43_200))
    near(3_600, await seconds(chained, 'Long', 3_600))
  })

  test.each([
    [
      899,
      'ValidationError',
      "1 validation error detected: Value '899' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900",
    ],
    [
      43_201,
      'ValidationError',
      "1 validation error detected: Value '43201' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 43200",
    ],
    [3_601, 'ValidationError', overMax],
  ])('%i seconds of a role whose maximum is an hour', async (asked, code, message) => {
    expect(await refusal(seconds(user, 'Short', asked))).toEqual({ code, message, status: 400 })
  })

  test.each([
    ['by a role session', () => chained],
    ['by a session token', () => token],
  ])('%s: an hour at the most, and the maximum of the role is checked first', async (_what, caller) => {
    expect((await refusal(seconds(caller(), 'Long', 3_601))).message).toBe(overChain)
    expect((await refusal(seconds(caller(), 'Short', 3_601))).message).toBe(overMax)
  })

  test('raised by update-role', async () => {
    await makeRole(here, 'Raised', trusting(home))
    expect((await refusal(seconds(user, 'Raised', 7_200))).message).toBe(overMax)
    await here.iam.send(new UpdateRoleCommand({ RoleName: 'Raised', MaxSessionDuration: 7_200 }))
    near(7_200, await seconds(user, 'Raised', 7_200))
  })

  test('whoever may not assume the role learns nothing of its maximum', async () => {
    await makeRole(here, 'Closed', trusting(`arn:aws:iam::${home}:user/administrator`))
    expect(await refusal(seconds(user, 'Closed', 7_200))).toEqual(denied(user.arn, 'sts:AssumeRole', roleArn('Closed')))
  })
})

describe('what a name stands for', () => {
  test('a deleted role takes its sessions with it, and its successor of the same name does not revive them', async () => {
    const trust = trusting(home)
    const first = await makeRole(here, 'Mortal', trust)
    await may('Mortal', allow('iam:ListUsers'))
    const session = await assume(user, roleArn('Mortal'))
    await listUsers(session)
    await here.iam.send(new DeleteRolePolicyCommand({ RoleName: 'Mortal', PolicyName: 'may' }))
    await here.iam.send(new DeleteRoleCommand({ RoleName: 'Mortal' }))
    expect(await refusal(whoIs(session))).toEqual(invalidToken)

    const second = await makeRole(here, 'Mortal', trust)
    expect(second.id).not.toBe(first.id)
    await may('Mortal', allow('iam:ListUsers'))
    expect(await refusal(whoIs(session))).toEqual(invalidToken)
    expect(await refusal(listUsers(session))).toEqual(invalidToken)
    await listUsers(await assume(user, roleArn('Mortal')))
  })

  test('a trust policy holds to the role that it meant: its id is shown once it is gone, and no successor gets in', async () => {
    const { id } = await makeRole(here, 'Trusted', trusting(home))
    await may('Trusted', allow('sts:AssumeRole'))
    await makeRole(here, 'Vault', trusting(roleArn('Trusted')))
    const principal = async () => {
      const { Role } = await here.iam.send(new GetRoleCommand({ RoleName: 'Vault' }))
      return JSON.parse(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '')).Statement[0].Principal.AWS
    }
    await assume(await assume(user, roleArn('Trusted')), roleArn('Vault'))
    expect(await principal()).toBe(roleArn('Trusted'))

    await here.iam.send(new DeleteRolePolicyCommand({ RoleName: 'Trusted', PolicyName: 'may' }))
    await here.iam.send(new DeleteRoleCommand({ RoleName: 'Trusted' }))
    expect(await principal()).toBe(id)

    await makeRole(here, 'Trusted', trusting(home))
    await may('Trusted', allow('sts:AssumeRole'))
    const successor = await assume(user, roleArn('Trusted'))
    expect(await refusal(assume(successor, roleArn('Vault')))).toEqual(
      denied(sessionArn('Trusted'), 'sts:AssumeRole', roleArn('Vault')),
    )
    expect(await principal()).toBe(id)
  })

  test('a renamed user keeps what was granted to it, also in another account; who takes its name gets nothing', async () => {
    const before = await makeUser(here, 'maiden', allow('sts:AssumeRole'))
    await makeRole(there, 'Family', trusting(before.arn))
    const target = roleArn('Family', other)
    await assume(before, target)
    await here.iam.send(new UpdateUserCommand({ UserName: 'maiden', NewUserName: 'married', NewPath: '/home/' }))
    expect((await whoIs(before)).Arn).toBe(`arn:aws:iam::${home}:user/home/married`)
    await assume(before, target)
    const { Role } = await there.iam.send(new GetRoleCommand({ RoleName: 'Family' }))
    expect(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '')).toContain(
      `"arn:aws:iam::${home}:user/home/married"`,
    )
    const successor = await makeUser(here, 'maiden', allow('sts:AssumeRole'))
    expect(await refusal(assume(successor, target))).toEqual(denied(successor.arn, 'sts:AssumeRole', target))
  })
})

describe('tags and the source of a session', () => {
  const tags = [{ Key: 'Team', Value: 'red' }]
  const asksFor = (...Action: readonly string[]) => statement({ Effect: 'Allow', Principal: { AWS: home }, Action })

  test('need permissions of their own, from both sides, and the missing one is named', async () => {
    await makeRole(here, 'Plain', trusting(user.arn))
    await makeRole(here, 'Marked', asksFor('sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'))
    expect(await refusal(assume(user, roleArn('Plain'), { Tags: tags }))).toEqual(
      denied(user.arn, 'sts:TagSession', roleArn('Plain')),
    )
    expect(await refusal(assume(user, roleArn('Plain'), { SourceIdentity: 'hal' }))).toEqual(
      denied(user.arn, 'sts:SetSourceIdentity', roleArn('Plain')),
    )
    const session = await assume(user, roleArn('Marked'), { Tags: tags, SourceIdentity: 'hal' })
    expect((await whoIs(session)).Arn).toBe(sessionArn('Marked'))
  })

  test('are what the policies of the session speak of', async () => {
    await makeRole(here, 'Tagged', asksFor('sts:AssumeRole', 'sts:TagSession'))
    await may(
      'Tagged',
      statement({
        Effect: 'Allow',
        Action: 'iam:ListUsers',
        Resource: '*',
        Condition: { StringEquals: { 'aws:PrincipalTag/team': 'red' } },
      }),
    )
    await listUsers(await assume(user, roleArn('Tagged'), { Tags: tags }))
    expect((await refusal(listUsers(await assume(user, roleArn('Tagged'))))).code).toBe('AccessDenied')
  })

  test('are too many when those of a whole chain do not fit, or when they are only large', async () => {
    await makeRole(here, 'Growing', asksFor('sts:AssumeRole', 'sts:TagSession'))
    await may('Growing', allow(['sts:AssumeRole', 'sts:TagSession']))
    const marks = (hop: number, value: string) =>
      Array.from({ length: 10 }, (_, i) => ({ Key: `${hop}-${i}`, Value: value }))
    const tooLarge = { code: 'PackedPolicyTooLarge', status: 400 }
    let hops = 0
    const grow = async (actor: Actor, hop: number): Promise<unknown> => {
      if (hop > 20) throw new Error('there is no end to it')
      hops = hop
      const Tags = marks(hop, 'x')
      const longer = { Tags, TransitiveTagKeys: Tags.map(({ Key }) => Key) }
      return grow(await assume(actor, roleArn('Growing'), longer), hop + 1)
    }
    expect(await refusal(grow(user, 0))).toMatchObject(tooLarge)
    expect(hops).toBeGreaterThan(3)
    // A letter of four bytes.
    const Tags = marks(0, '\u{20000}'.repeat(250))
    const large = { Tags, TransitiveTagKeys: Tags.map(({ Key }) => Key) }
    expect(await refusal(assume(user, roleArn('Growing'), large))).toMatchObject(tooLarge)
  })

  test('go on through a chain where they are transitive, and cannot be replaced there', async () => {
    await makeRole(here, 'Chain1', asksFor('sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'))
    await may('Chain1', allow(['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity']))
    await makeRole(here, 'Chain2', asksFor('sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'))
    await may(
      'Chain2',
      statement({
        Effect: 'Allow',
        Action: 'iam:ListUsers',
        Resource: '*',
        Condition: { StringEquals: { 'aws:PrincipalTag/Team': 'red', 'aws:SourceIdentity': 'hal' } },
      }),
    )
    const marked = { Tags: tags, SourceIdentity: 'hal' }
    const plain = await assume(user, roleArn('Chain1'), marked)
    const transitive = await assume(user, roleArn('Chain1'), { ...marked, TransitiveTagKeys: ['Team'] })
    expect((await refusal(listUsers(await assume(plain, roleArn('Chain2'))))).code).toBe('AccessDenied')
    await listUsers(await assume(transitive, roleArn('Chain2')))
    // QUIRK: packed-inherited.
    const chained = (actor: Actor) =>
      actor.sts.send(new AssumeRoleCommand({ RoleArn: roleArn('Chain2'), RoleSessionName: 'chained' }))
    expect((await chained(transitive)).PackedPolicySize).toBeGreaterThan(0)
    expect((await chained(plain)).PackedPolicySize).toBeUndefined()

    expect(await refusal(assume(transitive, roleArn('Chain2'), { Tags: [{ Key: 'team', Value: 'blue' }] }))).toEqual({
      code: 'InvalidParameterValue',
      message:
        "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
      status: 400,
    })
    expect(await refusal(assume(transitive, roleArn('Chain2'), { SourceIdentity: 'kyle' }))).toEqual({
      code: 'ValidationError',
      message: 'The source identity is already set for this assume role session',
      status: 400,
    })
    const { SourceIdentity } = await transitive.sts.send(
      new AssumeRoleCommand({ RoleArn: roleArn('Chain2'), RoleSessionName: 'session' }),
    )
    expect(SourceIdentity).toBe('hal')
  })
})

describe('credentials of GetSessionToken', () => {
  test('are the user itself, open no IAM without a second factor, and beget no others', async () => {
    const { Credentials, $metadata, ...rest } = await here.sts.send(
      new GetSessionTokenCommand({ DurationSeconds: 900 }),
    )
    expect(rest).toEqual({})
    expect($metadata.httpStatusCode).toBe(200)
    const session = withKeys(here, {
      accessKeyId: Credentials?.AccessKeyId ?? '',
      secretAccessKey: Credentials?.SecretAccessKey ?? '',
      sessionToken: Credentials?.SessionToken ?? '',
    })
    expect(await whoIs(session)).toEqual(await whoIs(here))
    expect(await refusal(listUsers(session))).toEqual({
      code: 'InvalidClientTokenId',
      message: 'The security token included in the request is invalid',
      status: 403,
    })
    expect(await refusal(session.sts.send(new GetSessionTokenCommand({})))).toEqual({
      code: 'AccessDenied',
      message: 'Cannot call GetSessionToken with session credentials',
      status: 403,
    })
  })
})

describe('the parameters of AssumeRole', () => {
  const call = (input: object) =>
    refusal(
      user.sts.send(
        // The SDK's types would not let these through; the wire does.
        new AssumeRoleCommand({ RoleArn: roleArn('Any'), RoleSessionName: 'session', ...input } as never),
      ),
    )
  const errors = (...each: readonly string[]) => ({
    code: 'ValidationError',
    message: `${each.length} validation error${each.length === 1 ? '' : 's'} detected: ${each.join('; ')}`,
    status: 400,
  })

  test.each([
    [
      'no role',
      { RoleArn: undefined },
      errors("Value null at 'roleArn' failed to satisfy constraint: Member must not be null"),
    ],
    [
      'a role of another form',
      { RoleArn: `arn:aws:iam::${home}:user/someone` },
      { code: 'ValidationError', message: `arn:aws:iam::${home}:user/someone is invalid`, status: 400 },
    ],
    [
      'a session name with a space, too short besides',
      { RoleSessionName: ' ' },
      errors(
        "Value ' ' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*",
        "Value ' ' at 'roleSessionName' failed to satisfy constraint: Member must have length greater than or equal to 2",
      ),
    ],
    [
      'an external id of one character',
      { ExternalId: 'x' },
      errors(
        "Value 'x' at 'externalId' failed to satisfy constraint: Member must have length greater than or equal to 2",
      ),
    ],
    [
      'tags that differ in case only',
      {
        Tags: [
          { Key: 'a', Value: '1' },
          { Key: 'A', Value: '2' },
        ],
      },
      {
        code: 'InvalidParameterValue',
        message: 'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
        status: 400,
      },
    ],
    [
      'a transitive key that is no tag',
      { Tags: [{ Key: 'a', Value: '1' }], TransitiveTagKeys: ['b'] },
      {
        code: 'InvalidParameterValue',
        message: 'The specified transitive tag key must be included in the requested tags.',
        status: 400,
      },
    ],
  ])('%s', async (_what, input, expected) => {
    expect(await call(input)).toEqual(expected)
  })

  test('conditions of the trust policy: external id and session name', async () => {
    await makeRole(
      here,
      'Picky',
      trusting(home, { StringEquals: { 'sts:ExternalId': 'e-42', 'sts:RoleSessionName': 'vendor' } }),
    )
    const target = roleArn('Picky')
    const good = { ExternalId: 'e-42', RoleSessionName: 'vendor' }
    await assume(user, target, good)
    for (const bad of [
      { ...good, ExternalId: undefined },
      { ...good, ExternalId: 'e-43' },
      { ...good, RoleSessionName: 'other' },
    ]) {
      expect(await refusal(assume(user, target, bad))).toEqual(denied(user.arn, 'sts:AssumeRole', target))
    }
  })
})

describe('a role made from a role', () => {
  test('may not be created by who may not, and the refusal names the new ARN', async () => {
    const nobody = await makeUser(here, 'nobody')
    const AssumeRolePolicyDocument = textOf(trusting(home))
    expect(
      await refusal(
        nobody.iam.send(new CreateRoleCommand({ RoleName: 'Made', Path: '/p/', AssumeRolePolicyDocument })),
      ),
    ).toEqual(
      denied(
        nobody.arn,
        'iam:CreateRole',
        `arn:aws:iam::${home}:role/p/Made`,
        'because no identity-based policy allows the iam:CreateRole action',
      ),
    )
  })
})
