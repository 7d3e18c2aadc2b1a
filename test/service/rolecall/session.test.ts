import { beforeEach, describe, expect, test } from 'vitest'
import { codeAt, seedBytes, stepAt } from '../../../src/token/totp.ts'
import type { Keys, Part } from '../../clients/call.ts'
import { allow, home, keysOf, noon, other, policy, roleArn, Scene } from '../../gate/scene.ts'

let scene: Scene
let ann: Keys
beforeEach(async () => {
  scene = await Scene.open()
  ann = await scene.user('ann', allow('*'))
  for (const role of ['app', 'deeper']) await scene.role(role, allow('*'))
})

/** The members that are looked at here; times are seconds. */
interface Listed {
  readonly AccessKeyId: string
  readonly Arn: string
  readonly PrincipalId: string
  readonly Operation: string
  readonly Source: Readonly<Record<string, string | null>>
  readonly CreateDate: number
  readonly Expiration: number
  readonly MultiFactorAuthPresent: boolean
  readonly SourceIdentity: string | null
  readonly TagKeys: readonly string[]
  readonly Hops: readonly { readonly PrincipalId: string; readonly AccessKeyId: string | null }[]
  readonly Ended: string | null
}
type Parameters = Readonly<Record<string, string>>

const listedIn = (result: Part): readonly Listed[] => result.Sessions as unknown as readonly Listed[]
const list = async (parameters: Parameters = {}, keys = scene.administrator) =>
  listedIn(await scene.done(keys, 'rolecall', 'ListSessions', parameters))
const keysListed = async (parameters: Parameters = {}, keys = scene.administrator) =>
  (await list(parameters, keys)).map(({ AccessKeyId }) => AccessKeyId).sort()
const assume = async (keys: Keys, RoleArn = roleArn('app'), more: Parameters = {}) =>
  keysOf((await scene.done(keys, 'sts', 'AssumeRole', { RoleArn, RoleSessionName: 'one', ...more })).Credentials)
const own = async (keys: Keys, more: Parameters = {}) =>
  keysOf((await scene.done(keys, 'sts', 'GetSessionToken', more)).Credentials)
const federated = async (keys: Keys) =>
  keysOf((await scene.done(keys, 'sts', 'GetFederationToken', { Name: 'bob' })).Credentials)
const sorted = (...keys: readonly Keys[]) => keys.map(({ accessKeyId }) => accessKeyId).sort()

describe('ListSessions', () => {
  test('tells of each session whose it is, who began it and how, and when it ends', async () => {
    expect(await list()).toEqual([])
    await scene.done(scene.administrator, 'iam', 'UpdateRole', { RoleName: 'app', MaxSessionDuration: '7200' })
    await scene.done(scene.administrator, 'iam', 'UpdateAssumeRolePolicy', {
      RoleName: 'app',
      PolicyDocument: JSON.stringify(
        policy({
          Effect: 'Allow',
          Principal: { AWS: home },
          Action: ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'],
        }),
      ),
    })
    const app = await assume(ann, roleArn('app'), {
      DurationSeconds: '7200',
      SourceIdentity: 'hal',
      'Tags.member.1.Key': 'team',
      'Tags.member.1.Value': 'secret value',
    })
    const [listed] = await list()
    const { Role } = await scene.done(scene.administrator, 'iam', 'GetRole', { RoleName: 'app' })
    const { User } = await scene.done(scene.administrator, 'iam', 'GetUser', { UserName: 'ann' })
    const second = Math.floor(noon / 1000)
    expect(listed).toMatchObject({
      AccessKeyId: app.accessKeyId,
      Arn: `arn:aws:sts::${home}:assumed-role/app/one`,
      PrincipalId: Role?.RoleId,
      Operation: 'AssumeRole',
      Source: {
        Type: 'IAMUser',
        Arn: `arn:aws:iam::${home}:user/ann`,
        PrincipalId: User?.UserId,
        AccountId: home,
        AccessKeyId: ann.accessKeyId,
        SourceIp: '127.0.0.1',
      },
      CreateDate: second,
      Expiration: second + 7200,
      MultiFactorAuthPresent: false,
      SourceIdentity: 'hal',
      TagKeys: ['team'],
      Hops: [{ PrincipalId: User?.UserId, AccessKeyId: ann.accessKeyId }],
    })
    expect(listed?.Ended ?? null).toBeNull()
  })

  test('knows every way in which a session begins', async () => {
    await own(ann)
    await own(scene.root)
    await federated(ann)
    await assume(await assume(ann), roleArn('deeper'))
    const told = (await list()).map(({ Operation, Arn, Hops }) => [Operation, Arn.replace(/^.*:/, ''), Hops.length])
    expect(told.sort()).toEqual([
      ['AssumeRole', 'assumed-role/app/one', 1],
      ['AssumeRole', 'assumed-role/deeper/one', 2],
      ['GetFederationToken', 'federated-user/bob', 1],
      ['GetSessionToken', 'root', 1],
      ['GetSessionToken', 'user/ann', 1],
    ])
  })

  test('finds them by role, user and key, with what grew out of each', async () => {
    const { AccessKey } = await scene.done(scene.administrator, 'iam', 'CreateAccessKey', { UserName: 'ann' })
    const second = keysOf(AccessKey)
    const [mine, bob, app] = [await own(ann), await federated(ann), await assume(ann)]
    const grown = await assume(app, roleArn('deeper'))
    const bySecond = await assume(second, roleArn('deeper'))
    const root = await own(scene.root)
    expect(await keysListed()).toEqual(sorted(mine, bob, app, grown, bySecond, root))
    expect(await keysListed({ RoleName: 'app' })).toEqual(sorted(app, grown))
    expect(await keysListed({ RoleName: 'deeper' })).toEqual(sorted(grown, bySecond))
    expect(await keysListed({ UserName: 'ann' })).toEqual(sorted(mine, bob, app, grown, bySecond))
    expect(await keysListed({ AccessKeyId: ann.accessKeyId })).toEqual(sorted(mine, bob, app, grown))
    expect(await keysListed({ AccessKeyId: second.accessKeyId })).toEqual(sorted(bySecond))
    expect(await keysListed({ AccessKeyId: app.accessKeyId })).toEqual(sorted(app, grown))
    expect(await keysListed({ AccessKeyId: scene.root.accessKeyId })).toEqual(sorted(root))
    expect(await keysListed({ UserName: 'administrator' })).toEqual([])
  })

  test('says which are over before their time and why, and nothing of those whose time has come', async () => {
    const bob = await scene.user('bob', allow('*'))
    const sessions = {
      revoked: await assume(ann, roleArn('deeper'), { DurationSeconds: '3600' }),
      role: await assume(ann),
      user: await own(bob, { DurationSeconds: '3600' }),
      living: await own(ann, { DurationSeconds: '900' }),
    }
    await scene.done(scene.administrator, 'rolecall', 'RevokeSessions', { RoleName: 'deeper' })
    for (const [action, parameters] of [
      ['DeleteRolePolicy', { RoleName: 'app', PolicyName: 'own' }],
      ['DeleteRole', { RoleName: 'app' }],
      ['DeleteUserPolicy', { UserName: 'bob', PolicyName: 'own' }],
      ['DeleteAccessKey', { UserName: 'bob', AccessKeyId: bob.accessKeyId }],
      ['DeleteUser', { UserName: 'bob' }],
    ] as const)
      await scene.done(scene.administrator, 'iam', action, parameters)
    const told = async () => {
      const all = await list()
      const named = Object.entries(sessions).map(([name, { accessKeyId }]) => {
        const found = all.find(({ AccessKeyId }) => AccessKeyId === accessKeyId)
        return [name, found === undefined ? 'not listed' : (found.Ended ?? 'lives')]
      })
      return Object.fromEntries(named) as Record<string, string>
    }
    const before = { revoked: 'revoked', role: 'role-deleted', user: 'user-deleted', living: 'lives' }
    expect(await told()).toEqual(before)
    scene.pass(900)
    expect(await told()).toEqual({ ...before, living: 'not listed' })
    scene.pass(2700)
    expect(await list()).toEqual([])
  })

  test('lists the newest first, a page at a time', async () => {
    const made: string[] = []
    for (const DurationSeconds of ['900', '3600', '1800', '3600', '900', '2700', '1000'])
      made.unshift((await own(ann, { DurationSeconds })).accessKeyId)
    const seen: Listed[] = []
    let page: Part = {}
    for (let pages = 1; ; pages++) {
      const more: Parameters = page.Marker === undefined ? {} : { Marker: String(page.Marker) }
      page = await scene.done(scene.administrator, 'rolecall', 'ListSessions', { MaxItems: '3', ...more })
      seen.push(...listedIn(page))
      if (String(page.IsTruncated) === 'false') {
        expect(pages).toBe(3)
        break
      }
      expect(listedIn(page)).toHaveLength(3)
    }
    expect(seen.map(({ AccessKeyId }) => AccessKeyId)).toEqual(made)
    expect((await scene.call(scene.administrator, 'rolecall', 'ListSessions', { Marker: 'x' })).code).toBe(
      'ValidationError',
    )
  })

  test('tells of a second factor that was shown to begin a session, or to begin what it grew out of', async () => {
    const { VirtualMFADevice } = await scene.done(scene.administrator, 'iam', 'CreateVirtualMFADevice', {
      VirtualMFADeviceName: 'phone',
    })
    const seed = seedBytes(Buffer.from(String(VirtualMFADevice?.Base32StringSeed), 'base64').toString())
    const SerialNumber = String(VirtualMFADevice?.SerialNumber)
    const code = (steps = 0) => codeAt(seed, stepAt(scene.now) + steps)
    await scene.done(scene.administrator, 'iam', 'EnableMFADevice', {
      UserName: 'ann',
      SerialNumber,
      AuthenticationCode1: code(-1),
      AuthenticationCode2: code(),
    })
    scene.pass(60)
    const factor = await own(ann, { SerialNumber, TokenCode: code() })
    const byFactor = await assume(factor)
    scene.pass(60)
    const shown = await assume(ann, roleArn('app'), { SerialNumber, TokenCode: code() })
    const without = await assume(ann)
    await scene.quiet()
    const told = new Map((await list()).map((each) => [each.AccessKeyId, String(each.MultiFactorAuthPresent)]))
    const asked = [factor, byFactor, shown, without].map(({ accessKeyId }) => told.get(accessKeyId))
    expect(asked).toEqual(['true', 'true', 'true', 'false'])
  })

  test('across accounts each sees what its trail tells: its own sessions, and those that its identities began', async () => {
    const theirs = keysOf(await scene.done(scene.administrator, 'rolecall', 'CreateAccount', { AccountId: other }))
    await scene.role('there', allow('*'), theirs, home)
    await scene.role('inner', allow('*'), theirs, other)
    const app = await assume(ann)
    const there = await assume(app, roleArn('there', other))
    const inner = await assume(there, roleArn('inner', other))
    expect(await keysListed()).toEqual(sorted(app, there))
    expect(await keysListed({ UserName: 'ann' })).toEqual(sorted(app, there))
    expect(await keysListed({}, theirs)).toEqual(sorted(there, inner))
    expect(await keysListed({ RoleName: 'there' }, theirs)).toEqual(sorted(there, inner))

    const [foreign] = await list({ RoleName: 'there', MaxItems: '200' }, theirs).then((all) =>
      all.filter(({ AccessKeyId }) => AccessKeyId === there.accessKeyId),
    )
    const { Role } = await scene.done(scene.administrator, 'iam', 'GetRole', { RoleName: 'app' })
    expect(foreign).toMatchObject({
      Source: { Type: 'AWSAccount', AccountId: home, PrincipalId: `${String(Role?.RoleId)}:one` },
      Hops: [],
    })
    expect(JSON.stringify(foreign)).not.toContain(ann.accessKeyId)
    expect(JSON.stringify(foreign)).not.toContain(app.accessKeyId)
    const [deep] = await list({ RoleName: 'inner' }, theirs)
    expect(deep?.Hops).toMatchObject([{ AccessKeyId: there.accessKeyId }])

    // That they are over is told to the other account all the same, though not through whom.
    await scene.done(scene.administrator, 'rolecall', 'RevokeSessions', { UserName: 'ann' })
    expect((await list({}, theirs)).map(({ Ended }) => Ended)).toEqual(['revoked', 'revoked'])
    const refused = await scene.call(scene.administrator, 'rolecall', 'ListSessions', {
      AccessKeyId: there.accessKeyId,
    })
    expect(refused.code).toBe('AccessDenied')
  })

  test('asks for permission on what is listed', async () => {
    const may = async (Resource: string, parameters: Parameters = {}) => {
      const keys = await scene.user(
        `user-${scene.now++}`,
        policy({ Effect: 'Allow', Action: 'rolecall:ListSessions', Resource }),
      )
      return (await scene.call(keys, 'rolecall', 'ListSessions', parameters)).code ?? 'allowed'
    }
    const all = `arn:aws:rolecall::${home}:session/*`
    expect(await may(all)).toBe('allowed')
    expect(await may(all, { RoleName: 'app' })).toBe('AccessDenied')
    expect(await may(roleArn('app'), { RoleName: 'app' })).toBe('allowed')
    expect(await may(roleArn('app'))).toBe('AccessDenied')
    const { accessKeyId: AccessKeyId } = ann
    expect(await may(`arn:aws:rolecall::${home}:access-key/${AccessKeyId}`, { AccessKeyId })).toBe('allowed')
    expect(await may(all, { RoleName: 'none' })).toBe('AccessDenied')
    expect((await scene.call(scene.administrator, 'rolecall', 'ListSessions', { RoleName: 'none' })).code).toBe(
      'NoSuchEntity',
    )
    const both = { RoleName: 'app', UserName: 'ann' }
    expect((await scene.call(scene.administrator, 'rolecall', 'ListSessions', both)).code).toBe('ValidationError')
  })

  test('tells of no session that was never given out, and of no secret of those that were', async () => {
    const record = scene.log.onRecords
    scene.log.onRecords = () => {
      throw new Error('the disk is full')
    }
    expect((await scene.call(ann, 'sts', 'GetSessionToken')).status).toBe(500)
    scene.log.onRecords = record
    const { secretAccessKey, sessionToken = '' } = await own(ann)
    await scene.call(ann, 'sts', 'AssumeRole', { RoleArn: roleArn('none'), RoleSessionName: 'one' })
    expect(await list()).toHaveLength(1)
    const { entries } = await scene.log.trail(home, 1000)
    const kept = JSON.stringify(entries)
    expect(entries.filter(({ session }) => session !== undefined)).toHaveLength(1)
    expect(kept).not.toContain(secretAccessKey)
    expect(kept).not.toContain(sessionToken)
  })
})
