import { beforeEach, describe, expect, test } from 'vitest'
import { credentialsOf, type Signer } from '../../../src/access/caller.ts'
import { managedPolicies } from '../../../src/model/managed.ts'
import type { Authorized, MintScene } from '../../../src/service/operation.ts'
import { assumeRoot } from '../../../src/service/sts/assume-root.ts'
import type { SessionClaims } from '../../../src/token/session.ts'
import type { Keys } from '../../clients/call.ts'
import { allow, home, noon, other, policy, Scene } from '../../gate/scene.ts'

const task = 'arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy'
const root = (account: string) => `arn:aws:iam::${account}:root`

let scene: Scene
let ann: Keys
beforeEach(async () => {
  scene = await Scene.open()
  await scene.done(scene.administrator, 'rolecall', 'CreateAccount', { AccountId: other })
  ann = await scene.user('ann', allow('*'))
})
const assume = (keys: Keys, parameters: Readonly<Record<string, string>> = {}) =>
  scene.call(keys, 'sts', 'AssumeRoot', { TargetPrincipal: other, 'TaskPolicyArn.arn': task, ...parameters })

describe('AssumeRoot', () => {
  test.each([
    ['an account that there is', other],
    ['its root by ARN', root(other)],
    ['an account that there is not', '999999999999'],
    ['the caller’s own', home],
  ])('is refused while no organization lends roots out: %s', async (_what, TargetPrincipal) => {
    const account = TargetPrincipal.match(/\d{12}/)?.[0] ?? ''
    expect(await assume(ann, { TargetPrincipal })).toMatchObject({
      status: 403,
      code: 'AccessDenied',
      message: `User: arn:aws:iam::${home}:user/ann is not authorized to perform: sts:AssumeRoot on resource: ${root(account)}`,
    })
  })

  test('is recorded in both accounts', async () => {
    const records = await scene.recordsOf(await assume(ann))
    expect(records.map(({ recipientAccountId, errorCode }) => [recipientAccountId, errorCode])).toEqual([
      [home, 'AccessDenied'],
      [other, 'AccessDenied'],
    ])
  })

  test('asks the caller’s own policies about the task', async () => {
    const told = async (Condition: object) => {
      const keys = await scene.user(
        `user-${scene.now++}`,
        policy({ Effect: 'Allow', Action: 'sts:AssumeRoot', Resource: root('*'), Condition }),
      )
      const refused = await assume(keys)
      const { Decision } = await scene.done(scene.administrator, 'rolecall', 'GetDecision', {
        RequestId: refused.requestId,
      })
      const { layers } = JSON.parse(String(Decision)) as { layers: { kind: string; says: string }[] }
      return layers.find(({ kind }) => kind === 'identity')?.says
    }
    expect(await told({ StringEquals: { 'sts:TaskPolicyArn': task } })).toBe('allow')
    expect(await told({ StringNotEquals: { 'sts:TaskPolicyArn': task } })).toBe('silent')
  })

  test('knows AWS’s five tasks, and no other policy', async () => {
    const tasks = [...managedPolicies()].filter(({ path }) => path === '/root-task/').map(({ arn }) => arn)
    expect(tasks).toHaveLength(5)
    for (const arn of tasks) expect((await assume(ann, { 'TaskPolicyArn.arn': arn })).code).toBe('AccessDenied')
    for (const arn of ['arn:aws:iam::aws:policy/AdministratorAccess', `arn:aws:iam::${home}:policy/root-task/Mine`])
      expect(await assume(ann, { 'TaskPolicyArn.arn': arn })).toMatchObject({ status: 400, code: 'ValidationError' })
  })

  test.each([
    ['a target that is no account', { TargetPrincipal: `arn:aws:iam::${other}:user/ann` }, 'ValidationError'],
    ['a role in the place of root', { TargetPrincipal: `arn:aws:iam::${other}:role/root` }, 'ValidationError'],
    ['more than a quarter of an hour', { DurationSeconds: '901' }, 'ValidationError'],
  ])('refuses %s', async (_what, parameters, code) => {
    expect(await assume(ann, parameters)).toMatchObject({ status: 400, code })
  })

  test('is closed to root’s key, to sessions of users, and to federated users', async () => {
    expect(await assume(scene.root)).toMatchObject({
      status: 403,
      message: 'Cannot call AssumeRoot with root credentials',
    })
    const { Credentials } = await scene.done(ann, 'sts', 'GetSessionToken')
    const session = {
      accessKeyId: String(Credentials?.AccessKeyId),
      secretAccessKey: String(Credentials?.SecretAccessKey),
      sessionToken: String(Credentials?.SessionToken),
    }
    expect((await assume(session)).message).toBe('Cannot call AssumeRoot with session credentials')
  })
})

/** No organization lets anybody get this far yet. */
describe('once a root is lent out', () => {
  const caller = { kind: 'user', account: home, accessKeyId: 'AKIAONE', userId: 'AIDAONE', user: { id: 'AIDAONE' } }
  function lent(DurationSeconds?: number, session?: object) {
    const sealed: SessionClaims[] = []
    const stage: Partial<MintScene> = {
      // As much of the scene as making credentials touches.
      caller: { ...caller, session } as unknown as MintScene['caller'],
      now: noon,
      random: { bytes: (count) => new Uint8Array(count) },
      seal: (claims) => `token ${sealed.push(claims)}`,
    }
    const input = { TargetPrincipal: root(other), TaskPolicyArn: { arn: task }, DurationSeconds }
    if (assumeRoot.kind !== 'mint') throw new Error('it makes credentials')
    const output = assumeRoot.run(stage as Authorized<MintScene>, input)
    return { output, claims: sealed[0] }
  }

  test('the session is root’s, for one task, a quarter of an hour or less', () => {
    const whole = Math.floor(noon / 1000) * 1000
    const { output, claims } = lent()
    expect(claims).toMatchObject({
      kind: 'root',
      account: other,
      principalId: other,
      policyArns: [task],
      expiresAt: whole + 900_000,
      chainDepth: 0,
      via: [{ key: 'AKIAONE', identity: 'AIDAONE' }],
    })
    expect(output).toEqual({ Credentials: expect.objectContaining({ Expiration: whole + 900_000 }) })
    expect(lent(60).claims?.expiresAt).toBe(whole + 60_000)
    expect(lent(0).claims?.expiresAt).toBe(whole)
  })

  test('the source identity goes with it, and is told', () => {
    const { output, claims } = lent(60, { sourceIdentity: 'hal', chainDepth: 0, via: [] })
    expect(output).toMatchObject({ SourceIdentity: 'hal' })
    expect(claims).toMatchObject({ sourceIdentity: 'hal', chainDepth: 1 })
  })

  test('its credentials count as assumed, not as a session of root’s own', () => {
    const as = (identity: string) =>
      credentialsOf({
        kind: 'root',
        account: other,
        session: { via: [{ key: 'AKIA', identity }] },
      } as unknown as Signer)
    expect(as('AIDAONE')).toBe('assumed')
    expect(as(other)).toBe('own-session')
  })
})
