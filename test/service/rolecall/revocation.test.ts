import { beforeEach, describe, expect, test } from 'vitest'
import type { Keys, Part } from '../../clients/call.ts'
import { openNodes } from '../../gate/nodes.ts'
import { allow, home, keysOf, other, policy, roleArn, Scene } from '../../gate/scene.ts'

let scene: Scene
let ann: Keys
beforeEach(async () => {
  scene = await Scene.open()
  ann = await scene.user('ann', allow('*'))
  for (const role of ['app', 'deeper']) await scene.role(role, allow('*'))
})

type Named = Readonly<Record<'RoleName' | 'UserName' | 'AccessKeyId' | 'RootUser', string>>
const revoke = (named: Partial<Named>, keys = scene.administrator) =>
  scene.done(keys, 'rolecall', 'RevokeSessions', named)
const assume = async (keys: Keys, RoleArn = roleArn('app'), more: Readonly<Record<string, string>> = {}) =>
  keysOf((await scene.done(keys, 'sts', 'AssumeRole', { RoleArn, RoleSessionName: 'one', ...more })).Credentials)
const own = async (keys: Keys) => keysOf((await scene.done(keys, 'sts', 'GetSessionToken')).Credentials)
const federated = async (keys: Keys) =>
  keysOf((await scene.done(keys, 'sts', 'GetFederationToken', { Name: 'bob' })).Credentials)
const lives = async (keys: Keys): Promise<boolean> => {
  const { status, code } = await scene.call(keys, 'sts', 'GetCallerIdentity')
  if (status !== 200 && code !== 'InvalidClientTokenId') throw new Error(`${status} ${code}`)
  return status === 200
}
const living = async (all: Readonly<Record<string, Keys>>): Promise<readonly string[]> => {
  const found: string[] = []
  for (const [name, keys] of Object.entries(all)) if (await lives(keys)) found.push(name)
  return found
}

describe('RevokeSessions', () => {
  test('of a role ends its sessions and what grew out of them, and no other; in the very same millisecond a new one begins', async () => {
    const before = await assume(ann)
    const grown = await assume(before, roleArn('deeper'))
    const besides = await assume(ann, roleArn('deeper'))
    const { Id } = await revoke({ RoleName: 'app' })
    expect(Id).toMatch(/^AROA/)
    const after = await assume(ann)
    const grownAfter = await assume(after, roleArn('deeper'))
    expect(await living({ before, grown, besides, after, grownAfter, ann })).toEqual([
      'besides',
      'after',
      'grownAfter',
      'ann',
    ])
    // Once more, and those that began in between are over as well.
    await revoke({ RoleName: 'app' })
    expect(await living({ besides, after, grownAfter })).toEqual(['besides'])
  })

  test('of a user ends its own sessions, its federated users, its roles’ sessions in every account, and not its keys', async () => {
    const keys = await scene.done(scene.administrator, 'rolecall', 'CreateAccount', { AccountId: other })
    const theirs = keysOf(keys)
    await scene.role('there', allow('*'), theirs, home)
    const all = {
      own: await own(ann),
      bob: await federated(ann),
      app: await assume(ann),
      appByOwn: await assume(await own(ann)),
      there: await assume(ann, roleArn('there', other)),
      thereByApp: await assume(await assume(ann), roleArn('there', other)),
    }
    const besides = {
      ann,
      administrator: await own(scene.administrator),
      app: await assume(scene.administrator),
    }
    await revoke({ UserName: 'ann' })
    expect(await living(all)).toEqual([])
    expect(await living(besides)).toEqual(Object.keys(besides))
    expect(await lives(await assume(ann, roleArn('there', other)))).toBe(true)
  })

  test('of a long-term key ends what began with it, and not with the user’s other key; also where the key is gone by then', async () => {
    const { AccessKey } = await scene.done(scene.administrator, 'iam', 'CreateAccessKey', { UserName: 'ann' })
    const second = keysOf(AccessKey)
    const first = { own: await own(ann), app: await assume(ann), chain: await assume(await assume(await own(ann))) }
    const others = { own: await own(second), app: await assume(second) }
    await scene.done(scene.administrator, 'iam', 'DeleteAccessKey', { UserName: 'ann', AccessKeyId: ann.accessKeyId })
    expect(await living({ ...first })).toEqual(Object.keys(first))
    await revoke({ AccessKeyId: ann.accessKeyId })
    expect(await living(first)).toEqual([])
    expect(await living(others)).toEqual(Object.keys(others))
  })

  test('of a session’s key ends that one and what grew out of it', async () => {
    const [one, two] = [await assume(ann), await assume(ann)]
    const grown = await assume(one, roleArn('deeper'))
    await revoke({ AccessKeyId: one.accessKeyId })
    expect(await living({ one, two, grown })).toEqual(['two'])
  })

  test('of root’s key ends root’s sessions', async () => {
    const [session, bob] = [await own(scene.root), await federated(scene.root)]
    await revoke({ AccessKeyId: scene.root.accessKeyId })
    expect(await living({ session, bob, root: scene.root })).toEqual(['root'])
  })

  describe('with DeactivateKeys', () => {
    const shutOut = (named: Partial<Named>, keys = scene.administrator) =>
      scene.call(keys, 'rolecall', 'RevokeSessions', { ...named, DeactivateKeys: 'true' })
    const deactivated = (reply: { readonly result: Part }) =>
      Object.values(reply.result.DeactivatedKeys ?? {}).map(String)

    test('takes a user’s keys and all that began with them in one change', async () => {
      const { AccessKey } = await scene.done(scene.administrator, 'iam', 'CreateAccessKey', { UserName: 'ann' })
      const all = { ann, second: keysOf(AccessKey), own: await own(ann), app: await assume(ann) }
      const done = await shutOut({ UserName: 'ann' })
      const commits = scene.store.commits.map(({ changes }) => changes)
      const revoking = commits.filter((changes) => changes.some(({ kind }) => kind === 'revocation'))
      expect(revoking.map((changes) => changes.map(({ id }) => id))).toEqual([
        expect.arrayContaining([ann.accessKeyId, all.second.accessKeyId]),
      ])
      expect(deactivated(done).sort()).toEqual([ann.accessKeyId, all.second.accessKeyId].sort())
      expect(await living(all)).toEqual([])
      // There is nothing left to deactivate.
      expect(deactivated(await shutOut({ UserName: 'ann' }))).toEqual([])
    })

    test('takes one key and leaves its user’s other', async () => {
      const { AccessKey } = await scene.done(scene.administrator, 'iam', 'CreateAccessKey', { UserName: 'ann' })
      const second = keysOf(AccessKey)
      const all = { ann, app: await assume(ann), second, besides: await assume(second) }
      expect(deactivated(await shutOut({ AccessKeyId: ann.accessKeyId }))).toEqual([ann.accessKeyId])
      expect(await living(all)).toEqual(['second', 'besides'])
    })

    test('takes the very key that it is called with, and root’s', async () => {
      const session = await own(scene.root)
      expect(deactivated(await shutOut({ AccessKeyId: ann.accessKeyId }, ann))).toEqual([ann.accessKeyId])
      expect(deactivated(await shutOut({ AccessKeyId: scene.root.accessKeyId }))).toEqual([scene.root.accessKeyId])
      expect(await living({ ann, session, root: scene.root, administrator: scene.administrator })).toEqual([
        'administrator',
      ])
    })

    test('takes all of root’s keys', async () => {
      const { AccessKey } = await scene.done(scene.root, 'iam', 'CreateAccessKey')
      const all = { root: scene.root, second: keysOf(AccessKey), own: await own(scene.root) }
      const done = await shutOut({ RootUser: 'true' })
      expect(deactivated(done).sort()).toEqual([scene.root.accessKeyId, all.second.accessKeyId].sort())
      expect(await living({ ...all, ann, administrator: scene.administrator })).toEqual(['ann', 'administrator'])
    })

    test('finds no key of a session, of another account, or that is gone', async () => {
      const theirs = keysOf(await scene.done(scene.administrator, 'rolecall', 'CreateAccount', { AccountId: other }))
      expect(deactivated(await shutOut({ AccessKeyId: (await assume(ann)).accessKeyId }))).toEqual([])
      expect((await shutOut({ AccessKeyId: theirs.accessKeyId })).code).toBe('AccessDenied')
      await scene.done(scene.administrator, 'iam', 'DeleteAccessKey', { UserName: 'ann', AccessKeyId: ann.accessKeyId })
      expect(deactivated(await shutOut({ AccessKeyId: ann.accessKeyId }))).toEqual([])
      expect(await lives(theirs)).toBe(true)
    })

    test.each([
      ['the user', (): Partial<Named> => ({ UserName: 'ann' }), 'user ann'],
      ['the user of the key', (): Partial<Named> => ({ AccessKeyId: ann.accessKeyId }), 'user ann'],
      ['root', (): Partial<Named> => ({ RootUser: 'true' }), `arn:aws:iam::${home}:root`],
      [
        'root, by its key',
        (): Partial<Named> => ({ AccessKeyId: scene.root.accessKeyId }),
        `arn:aws:iam::${home}:root`,
      ],
    ])('must be allowed to update the keys of %s', async (_who, named, resource) => {
      const bob = await scene.user('bob', allow('rolecall:RevokeSessions'))
      const reply = await shutOut(named(), bob)
      expect([reply.code, reply.message]).toEqual([
        'AccessDenied',
        expect.stringContaining(`not authorized to perform: iam:UpdateAccessKey on resource: ${resource} `),
      ])
      expect(await living({ ann, root: scene.root })).toEqual(['ann', 'root'])
    })

    test('is refused of a role, which has none', async () => {
      expect(await shutOut({ RoleName: 'app' })).toMatchObject({
        code: 'ValidationError',
        message: 'A role has no access keys to deactivate.',
      })
    })
  })

  test('of root ends its sessions, whichever key they began with, and what grew out of them', async () => {
    const all = { session: await own(scene.root), bob: await federated(scene.root) }
    const besides = { ann, own: await own(ann), app: await assume(ann), root: scene.root }
    expect((await revoke({ RootUser: 'true' })).Id).toBe(home)
    expect(await living(all)).toEqual([])
    expect(await living({ ...besides, later: await own(scene.root) })).toEqual([...Object.keys(besides), 'later'])
  })

  test('what a revoked session was about to write is not written', async () => {
    const session = await assume(ann)
    const [revoked, made] = await Promise.all([
      revoke({ RoleName: 'app' }),
      scene.call(session, 'iam', 'CreateUser', { UserName: 'late' }),
    ])
    expect(revoked.Id).toBeDefined()
    expect(made.code).toBe('InvalidClientTokenId')
  })

  test('a session that is made while a revocation becomes durable does not outlive it', async () => {
    let open = () => {}
    const held = new Promise<void>((resolve) => {
      open = resolve
    })
    scene.store.onCommit = async (_batch, take) => {
      await held
      return take()
    }
    const revoking = revoke({ RoleName: 'app' })
    await new Promise((resolve) => setImmediate(resolve))
    scene.now += 60_000
    const between = await assume(ann)
    open()
    await revoking
    expect(await living({ between, after: await assume(ann) })).toEqual(['after'])
  })

  test.each([
    [{}, 'ValidationError', 'Give one of RoleName, UserName, AccessKeyId and RootUser.'],
    [
      { RoleName: 'app', UserName: 'ann' },
      'ValidationError',
      'Give one of RoleName, UserName, AccessKeyId and RootUser.',
    ],
    [{ RootUser: 'false' }, 'ValidationError', 'Give one of RoleName, UserName, AccessKeyId and RootUser.'],
    [
      { RootUser: 'true', UserName: 'ann' },
      'ValidationError',
      'Give one of RoleName, UserName, AccessKeyId and RootUser.',
    ],
    [{ AccessKeyId: 'AKIA000000000000000!' }, 'ValidationError', undefined],
    [{ AccessKeyId: 'AKIA0000000000000000' }, 'ValidationError', 'AKIA0000000000000000 is not a valid access key id.'],
    [{ RoleName: 'none' }, 'NoSuchEntity', 'The role with name none cannot be found.'],
    [{ UserName: 'none' }, 'NoSuchEntity', 'The user with name none cannot be found.'],
  ])('refuses %j', async (named, code, message) => {
    expect(await scene.call(scene.administrator, 'rolecall', 'RevokeSessions', named)).toMatchObject({
      code,
      ...(message === undefined ? {} : { message }),
    })
  })

  test('asks for permission on the role, the user or the key, and on no other account’s', async () => {
    const may = async (Resource: string, named: Partial<Named>) => {
      const keys = await scene.user(
        `user-${scene.now++}`,
        policy({ Effect: 'Allow', Action: 'rolecall:RevokeSessions', Resource }),
      )
      return (await scene.call(keys, 'rolecall', 'RevokeSessions', named)).code ?? 'allowed'
    }
    const { accessKeyId: AccessKeyId } = ann
    const key = `arn:aws:rolecall::${home}:access-key/${AccessKeyId}`
    const user = `arn:aws:iam::${home}:user/ann`
    expect(await may(roleArn('app'), { RoleName: 'app' })).toBe('allowed')
    expect(await may(roleArn('app'), { RoleName: 'deeper' })).toBe('AccessDenied')
    expect(await may(roleArn('app'), { RoleName: 'none' })).toBe('AccessDenied')
    expect(await may(user, { UserName: 'ann' })).toBe('allowed')
    expect(await may(user, { AccessKeyId })).toBe('AccessDenied')
    expect(await may(key, { AccessKeyId })).toBe('allowed')
    const theirs = keysOf(await scene.done(scene.administrator, 'rolecall', 'CreateAccount', {}))
    // A key of another account: nobody there has said that it is anybody else's to end.
    expect(await may('*', { AccessKeyId: theirs.accessKeyId })).toBe('AccessDenied')
  })

  test('is cleaned away when no session can be that old', async () => {
    await revoke({ RoleName: 'app' })
    await revoke({ UserName: 'ann' })
    const kept = async () => (await scene.store.entities()).filter(({ kind }) => kind === 'revocation').length
    expect(await kept()).toBe(2)
    scene.pass(48 * 3600 - 1)
    await scene.quiet()
    expect(await kept()).toBe(2)
    scene.pass(1)
    await scene.quiet()
    expect(await kept()).toBe(0)
  })
})

describe('on several nodes', () => {
  const skew = 120_000
  const trust = JSON.stringify(policy({ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' }))
  async function open() {
    const nodes = await openNodes(0, skew, -skew)
    const { ask, administrator } = nodes
    const role = await ask(0, 'iam', 'CreateRole', { RoleName: 'app', AssumeRolePolicyDocument: trust })
    const RoleArn = role.field('Arn')
    const session = async (at: number): Promise<Keys> => {
      const made = await ask(at, 'sts', 'AssumeRole', { RoleArn, RoleSessionName: 'one' }, administrator)
      return {
        accessKeyId: made.field('AccessKeyId'),
        secretAccessKey: made.field('SecretAccessKey'),
        sessionToken: made.field('SessionToken'),
      }
    }
    const lives = async (at: number, keys: Keys) => (await ask(at, 'sts', 'GetCallerIdentity', {}, keys)).status === 200
    return { ...nodes, session, lives }
  }

  test('none takes a session after its revocation was answered, and each takes a new one, whatever their clocks say', async () => {
    const { ask, session, lives } = await open()
    for (const revoking of [0, 1, 2]) {
      const before = await Promise.all([0, 1, 2].map(session))
      expect((await ask(revoking, 'rolecall', 'RevokeSessions', { RoleName: 'app' })).status).toBe(200)
      const after = await Promise.all([0, 1, 2].map(session))
      for (const at of [0, 1, 2]) {
        for (const keys of before) expect(await lives(at, keys)).toBe(false)
        for (const keys of after) expect(await lives(at, keys)).toBe(true)
      }
    }
  })
})

describe('AWS’s own ways', () => {
  test('the policy AWSRevokeOlderSessions denies everything to sessions that are older than it says', async () => {
    const before = await assume(ann)
    scene.pass(10)
    const PolicyDocument = JSON.stringify(
      policy({
        Effect: 'Deny',
        Action: ['*'],
        Resource: ['*'],
        Condition: { DateLessThan: { 'aws:TokenIssueTime': new Date(scene.now).toISOString() } },
      }),
    )
    await scene.done(scene.administrator, 'iam', 'PutRolePolicy', {
      RoleName: 'app',
      PolicyName: 'AWSRevokeOlderSessions',
      PolicyDocument,
    })
    scene.pass(1)
    const after = await assume(ann)
    const refused = await scene.call(before, 'iam', 'ListUsers')
    expect([refused.code, refused.message]).toEqual([
      'AccessDenied',
      `User: arn:aws:sts::${home}:assumed-role/app/one is not authorized to perform: iam:ListUsers on resource: arn:aws:iam::${home}:user/ with an explicit deny in an identity-based policy`,
    ])
    // It still knows who it is: the session is not over, only worth nothing.
    expect(await lives(before)).toBe(true)
    expect((await scene.call(after, 'iam', 'ListUsers')).status).toBe(200)
  })

  test('a role or user that is deleted takes its sessions with it at once, also where another takes the name', async () => {
    const bob = await scene.user('bob', allow('*'))
    const sessions = { app: await assume(ann), own: await own(bob), federated: await federated(bob) }
    const byBob = await assume(bob, roleArn('deeper'))
    const done = (action: string, parameters: Readonly<Record<string, string>>) =>
      scene.done(scene.administrator, 'iam', action, parameters)
    await done('DeleteRolePolicy', { RoleName: 'app', PolicyName: 'own' })
    await done('DeleteRole', { RoleName: 'app' })
    await done('DeleteUserPolicy', { UserName: 'bob', PolicyName: 'own' })
    await done('DeleteAccessKey', { UserName: 'bob', AccessKeyId: bob.accessKeyId })
    await done('DeleteUser', { UserName: 'bob' })
    expect(await living(sessions)).toEqual([])
    await scene.role('app', allow('*'))
    await scene.user('bob', allow('*'))
    expect(await living(sessions)).toEqual([])
    // A role's session is the role's: who began it may be gone.
    expect(await lives(byBob)).toBe(true)
    expect(await lives(await assume(ann))).toBe(true)
  })
})
