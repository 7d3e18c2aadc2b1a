import { beforeEach, describe, expect, test } from 'vitest'
import type { PasswordHash } from '../../src/base/password.ts'
import { RequestPasswords } from '../../src/gate/passwords.ts'
import { Pending, untilKnown } from '../../src/gate/pending.ts'
import { machineHasher } from '../../src/host/hasher.ts'
import { openNodes } from './nodes.ts'
import { allow, home, policy, Scene } from './scene.ts'

const old = 'Correct-Horse-7'
const next = 'Battery-Staple-8'
const incorrect = { status: 403, code: 'AccessDenied', message: 'The old password was incorrect.' }

let scene: Scene
beforeEach(async () => {
  scene = await Scene.open()
})

const give = (UserName: string, Password = old) =>
  scene.done(scene.administrator, 'iam', 'CreateLoginProfile', { UserName, Password })
const policyOf = (parameters: Readonly<Record<string, string>>) =>
  scene.done(scene.administrator, 'iam', 'UpdateAccountPasswordPolicy', parameters)

describe('changing a password', () => {
  test('takes the old one only, and then the new one only', async () => {
    const ann = await scene.user('ann', allow('iam:ChangePassword'))
    await give('ann')
    const change = (OldPassword: string, NewPassword: string) =>
      scene.call(ann, 'iam', 'ChangePassword', { OldPassword, NewPassword })
    expect(await change('Wrong-Horse-7', next)).toMatchObject(incorrect)
    expect(await change(old, next)).toMatchObject({ status: 200 })
    expect(await change(old, next)).toMatchObject(incorrect)
    expect(await change(next, old)).toMatchObject({ status: 200 })
  })

  test('of two at once with the same old password, one is too late', async () => {
    const ann = await scene.user('ann', allow('iam:ChangePassword'))
    await give('ann')
    const both = await Promise.all(
      ['First-New-1', 'Second-New-2'].map((NewPassword) =>
        scene.call(ann, 'iam', 'ChangePassword', { OldPassword: old, NewPassword }),
      ),
    )
    expect(both.map(({ status }) => status).sort()).toEqual([200, 403])
  })

  test('is held against those before it, hash by hash', async () => {
    await policyOf({ PasswordReusePrevention: '2' })
    await scene.user('ann')
    await give('ann')
    const set = (Password: string) =>
      scene.call(scene.administrator, 'iam', 'UpdateLoginProfile', { UserName: 'ann', Password })
    expect(await set(old)).toMatchObject({ status: 400, code: 'PasswordPolicyViolation' })
    expect(await set(next)).toMatchObject({ status: 200 })
    expect(await set(old)).toMatchObject({ status: 400, code: 'PasswordPolicyViolation' })
    expect(await set('Another-One-9')).toMatchObject({ status: 200 })
    expect(await set(old)).toMatchObject({ status: 200 })
  })

  test('holds nobody else up', async () => {
    await scene.user('ann')
    const order: string[] = []
    const slow = give('ann').then(() => order.push('password'))
    for (let at = 0; at < 3; at++) {
      await scene.done(scene.administrator, 'iam', 'CreateGroup', { GroupName: `g${at}` })
      order.push('group')
    }
    await slow
    expect(order).toEqual(['group', 'group', 'group', 'password'])
  })

  test('is guessed at in vain: after five wrong ones the right one counts for nothing for a while, and is told as a wrong one', async () => {
    const ann = await scene.user('ann', allow('iam:ChangePassword'))
    await give('ann')
    const change = (OldPassword: string, NewPassword = next) =>
      scene.call(ann, 'iam', 'ChangePassword', { OldPassword, NewPassword })
    for (let at = 0; at < 5; at++) expect(await change(`Wrong-Horse-${at}`)).toMatchObject(incorrect)
    expect(await change(old)).toMatchObject(incorrect)
    // Nor is it told by what is wrong with the new one.
    expect(await change(old, 'short')).toMatchObject(incorrect)
    scene.pass(29)
    expect(await change(old)).toMatchObject(incorrect)
    scene.pass(1)
    expect(await change('Wrong-Horse-6')).toMatchObject(incorrect)
    scene.pass(59)
    expect(await change(old)).toMatchObject(incorrect)
    scene.pass(1)
    expect(await change(old)).toMatchObject({ status: 200 })
    for (let at = 0; at < 4; at++) expect(await change(`Wrong-Horse-${at}`)).toMatchObject(incorrect)
    expect(await change(next, old)).toMatchObject({ status: 200 })
  })

  test('is guessed at no more often at several nodes, at once or one after the other, or at one that was started anew', async () => {
    const { clock, administrator, ask, join } = await openNodes(0, 0)
    await ask(0, 'iam', 'CreateLoginProfile', { UserName: 'administrator', Password: old })
    const change = (at: number, OldPassword: string) =>
      ask(at, 'iam', 'ChangePassword', { OldPassword, NewPassword: next }, administrator).then(({ status }) => status)
    for (const at of [0, 1, 0]) expect(await change(at, 'Wrong-Horse-7')).toBe(403)
    expect(await Promise.all([0, 1, 0, 1].map((at) => change(at, 'Wrong-Horse-8')))).toEqual([403, 403, 403, 403])
    await join()
    for (const at of [0, 1, 2]) expect(await change(at, old)).toBe(403)
    clock.now += 30_000
    expect(await change(2, old)).toBe(200)
  })

  test('is guessed at no more often by many calls at once, and writes no more than it counts', async () => {
    const ann = await scene.user('ann', allow('iam:ChangePassword'))
    await give('ann')
    const before = scene.store.commits.length
    const change = (OldPassword: string) => scene.call(ann, 'iam', 'ChangePassword', { OldPassword, NewPassword: next })
    const answers = await Promise.all([
      ...Array.from({ length: 8 }, (_, at) => change(`Wrong-Horse-${at}`)),
      ...Array.from({ length: 2 }, () => change(`Wrong-Horse-1`)),
    ])
    for (const answer of answers) expect(answer).toMatchObject(incorrect)
    const profiles = scene.store.commits
      .slice(before)
      .flatMap(({ changes }) => changes.flatMap(({ entity }) => (entity?.kind === 'login-profile' ? [entity] : [])))
    expect(profiles.at(-1)?.guesses).toEqual({ wrong: 5, last: scene.now })
    expect(await change(old)).toMatchObject(incorrect)
  })

  test('is one user’s guesses and nobody else’s, and an administrator who sets a password ends the wait', async () => {
    const [ann, bob] = [await scene.user('ann', allow('iam:ChangePassword')), await scene.user('bob', allow('iam:*'))]
    for (const name of ['ann', 'bob']) await give(name)
    const change = (keys: typeof ann, OldPassword: string) =>
      scene.call(keys, 'iam', 'ChangePassword', { OldPassword, NewPassword: next })
    for (let at = 0; at < 5; at++) await change(ann, 'Wrong-Horse-7')
    expect(await change(bob, old)).toMatchObject({ status: 200 })
    expect(await change(ann, old)).toMatchObject(incorrect)
    const set = (parameters: Readonly<Record<string, string>>) =>
      scene.done(scene.administrator, 'iam', 'UpdateLoginProfile', { UserName: 'ann', ...parameters })
    await set({ PasswordResetRequired: 'true' })
    expect(await change(ann, old)).toMatchObject(incorrect)
    await set({ Password: 'Third-Staple-9' })
    expect(await change(ann, 'Third-Staple-9')).toMatchObject({ status: 200 })
  })

  test('is worked out as long during the wait, right or wrong', async () => {
    const ann = await scene.user('ann', allow('iam:ChangePassword'))
    await give('ann')
    const change = (OldPassword: string) => scene.call(ann, 'iam', 'ChangePassword', { OldPassword, NewPassword: next })
    for (let at = 0; at < 5; at++) await change('Wrong-Horse-7')
    const asked = scene.hashed.length
    await change('Wrong-Horse-7')
    await change(old)
    expect(scene.hashed.slice(asked)).toEqual(['is', 'is'])
  })

  test('tells the owner of the account why, and the caller only that it was wrong', async () => {
    const ann = await scene.user('ann', allow('iam:ChangePassword'))
    await give('ann')
    const change = () => scene.call(ann, 'iam', 'ChangePassword', { OldPassword: 'Wrong-Horse-7', NewPassword: next })
    const why = async () => {
      const { requestId } = await change()
      return JSON.stringify(await scene.log.decision(requestId, home))
    }
    expect(await why()).toContain('the old password is another one')
    for (let at = 0; at < 4; at++) await change()
    expect(await why()).toContain('too many wrong passwords were tried')
  })

  test('asks first whether it may: who may not gets nothing hashed', async () => {
    const ann = await scene.user('ann', allow('s3:*'))
    const answer = await scene.call(ann, 'iam', 'CreateLoginProfile', { UserName: 'ann', Password: old })
    expect(answer).toMatchObject({ status: 403, code: 'AccessDenied' })
  })
})

describe('an account that lets its users change their own passwords', () => {
  test('grants that, and to see the policy, to every user and to nobody else', async () => {
    const ann = await scene.user('ann')
    await give('ann')
    const change = () => scene.call(ann, 'iam', 'ChangePassword', { OldPassword: old, NewPassword: next })
    const see = () => scene.call(ann, 'iam', 'GetAccountPasswordPolicy')
    await policyOf({ AllowUsersToChangePassword: 'false' })
    expect((await change()).code).toBe('AccessDenied')
    expect((await see()).code).toBe('AccessDenied')
    await policyOf({ AllowUsersToChangePassword: 'true' })
    expect((await see()).status).toBe(200)
    expect((await scene.call(ann, 'iam', 'DeleteAccountPasswordPolicy')).code).toBe('AccessDenied')
    expect((await change()).status).toBe(200)
  })

  test('is still overruled by a Deny', async () => {
    await policyOf({ AllowUsersToChangePassword: 'true' })
    const ann = await scene.user('ann', policy({ Effect: 'Deny', Action: 'iam:ChangePassword', Resource: '*' }))
    await give('ann')
    const answer = await scene.call(ann, 'iam', 'ChangePassword', { OldPassword: old, NewPassword: next })
    expect(answer).toMatchObject({
      code: 'AccessDenied',
      message: expect.stringContaining('with an explicit deny in an identity-based policy'),
    })
  })
})

test('no password is in the trail, in an answer, in an alarm or in the store', async () => {
  const ann = await scene.user('ann', allow('iam:ChangePassword'))
  await give('ann')
  const answers = [
    await scene.call(ann, 'iam', 'ChangePassword', { OldPassword: old, NewPassword: next }),
    await scene.call(ann, 'iam', 'ChangePassword', { OldPassword: 'Canary-Old-1', NewPassword: 'Canary-New-1' }),
    await scene.call(scene.administrator, 'iam', 'UpdateLoginProfile', { UserName: 'ann', Password: 'canary' }),
    await scene.call(scene.administrator, 'iam', 'UpdateLoginProfile', {
      UserName: 'ann',
      Password: 'canary\u{1f511}',
    }),
    await scene.call(scene.administrator, 'iam', 'UpdateLoginProfile', {
      UserName: 'ann',
      Password: 'canary'.repeat(30),
    }),
  ]
  expect(answers.map(({ status }) => status)).toEqual([200, 403, 400, 400, 400])
  const everywhere = JSON.stringify([await scene.trail(), await scene.store.entities(), answers, scene.alarms])
  for (const secret of [old, next, 'Canary', 'canary']) expect(everywhere).not.toContain(secret)
  expect(everywhere).toContain('$argon2id$v=19$m=19456,t=2,p=1$')
  expect(everywhere).toContain(`arn:aws:iam::${home}:user/ann`)
})

describe('what is not known yet', () => {
  const slow = () => {
    const asked: string[] = []
    const hasher = {
      hash: async (password: string) => `h ${password}` as PasswordHash,
      is: async (hash: PasswordHash, password: string) => {
        asked.push(`${hash}/${password}`)
        return hash === `h ${password}`
      },
    }
    return { asked, passwords: new RequestPasswords(hasher) }
  }
  const hashes = ['h 1', 'h 2', 'h 3'] as readonly string[] as readonly PasswordHash[]

  test('is asked for once, and not beyond the answer', async () => {
    const { asked, passwords } = slow()
    expect(await untilKnown(async () => passwords.isAny(hashes, '2'))).toBe(true)
    expect(await untilKnown(async () => passwords.isAny(hashes, '2'))).toBe(true)
    expect(asked).toEqual(['h 1/2', 'h 2/2'])
    expect(await untilKnown(async () => passwords.isAny(hashes, '4'))).toBe(false)
    expect(await untilKnown(async () => passwords.isAny([], '4'))).toBe(false)
    expect(asked).toHaveLength(5)
  })

  test('is not asked for without end, and other trouble is handed on', async () => {
    let rounds = 0
    const never = untilKnown(async () => {
      rounds++
      throw new Pending(async () => undefined)
    })
    expect(await never).toBeUndefined()
    expect(rounds).toBe(16)
    await expect(untilKnown(() => Promise.reject(new Error('else')))).rejects.toThrow('else')
  })
})

test('the native hasher salts anew and takes many at once', async () => {
  const hasher = machineHasher()
  const made = await Promise.all(Array.from({ length: 5 }, () => hasher.hash(old)))
  expect(new Set(made).size).toBe(5)
  const [first = made[0]] = made
  if (first === undefined) throw new Error('no hash')
  expect(await hasher.is(first, old)).toBe(true)
  expect(await hasher.is(first, next)).toBe(false)
  // A hash that is none is trouble, not a refusal, and the next in line goes on.
  await expect(hasher.is('nonsense' as PasswordHash, old)).rejects.toThrow()
  expect(await hasher.is(first, old)).toBe(true)
})
