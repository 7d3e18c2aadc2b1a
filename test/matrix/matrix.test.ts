import { beforeAll, describe, expect, test } from 'vitest'
import { loadCatalog } from '../../src/service/catalog.ts'
import type { Operation } from '../../src/service/operation.ts'
import { type Answered, type Inside, type Keys, openInside } from './inside.ts'
import { sampleInput } from './sample.ts'

/** AWS never asks whether these may be called (STS API Reference). */
const unasked: ReadonlySet<string> = new Set(['GetCallerIdentity', 'GetSessionToken'])
/**
 * Asked, but not by policies alone: the role that is assumed has a say of its own, root is lent out by organizations only, and AWS
 * tells nobody that an access key does not exist.
 */
const furtherRules: ReadonlySet<string> = new Set(['AssumeRole', 'AssumeRoot', 'GetAccessKeyLastUsed'])

const { services, operations } = loadCatalog()
const all = [...operations.values()]
/** What a signature is looked at for; a login shows the token of an identity provider instead. */
const signed = all.filter(({ kind }) => kind !== 'login')
const logins = all.filter(({ kind }) => kind === 'login')
const account = '111122223333'
const document = (...statements: object[]): string => JSON.stringify({ Version: '2012-10-17', Statement: statements })
const allow = (Action: string | string[], Resource = '*') => ({ Effect: 'Allow', Action, Resource })
const deny = (Action: string) => ({ Effect: 'Deny', Action, Resource: '*' })

const actionOf = ({ service, name }: Operation): string => `${service}:${name}`
const inputOf = ({ service, name }: Operation): Record<string, string> =>
  sampleInput(services.find(({ id }) => id === service)?.operation(name)?.input, account)

let inside: Inside
let users = 0
interface Here {
  readonly admin: Keys
  /** A user who may do everything, and a session of that user's own. */
  readonly everybody: Keys
  readonly own: Keys
  /** A session of a role that may do everything, which was ended. */
  readonly revoked: Keys
}
let here: Here

const ok = (answered: Answered): Answered => {
  if (answered.code !== undefined) throw new Error(`${answered.code}: ${answered.message}`)
  return answered
}
const keysIn = (answered: Answered): Keys => ({
  accessKeyId: answered.field('AccessKeyId'),
  secretAccessKey: answered.field('SecretAccessKey'),
  sessionToken: answered.text.includes('<SessionToken>') ? answered.field('SessionToken') : undefined,
})

/** A user with one policy, and a boundary where one is given. */
async function userWith(policy: string | undefined, boundary?: string): Promise<Keys> {
  const UserName = `caller-${users++}`
  const admin = inside.keys
  ok(
    await inside.call(admin, 'iam', 'CreateUser', {
      UserName,
      ...(boundary === undefined ? {} : { PermissionsBoundary: boundary }),
    }),
  )
  if (policy !== undefined) {
    ok(await inside.call(admin, 'iam', 'PutUserPolicy', { UserName, PolicyName: 'own', PolicyDocument: policy }))
  }
  return keysIn(ok(await inside.call(admin, 'iam', 'CreateAccessKey', { UserName })))
}

/** Somebody who may do everything, in a session that may do nothing of the kind. */
async function narrowed(session: string): Promise<Keys> {
  const answered = ok(
    await inside.call(here.admin, 'sts', 'AssumeRole', {
      RoleArn: `arn:aws:iam::${account}:role/everything`,
      RoleSessionName: 'narrowed',
      Policy: session,
    }),
  )
  return keysIn(answered)
}

/** Somebody for whom a user vouches who may do everything. */
const federated = async (session?: string): Promise<Keys> =>
  keysIn(
    ok(
      await inside.call(here.everybody, 'sts', 'GetFederationToken', {
        Name: 'guest',
        ...(session === undefined ? {} : { Policy: session }),
      }),
    ),
  )

/** What IAM and STS say to credentials that they do not take; other services take them all. */
const outside: Readonly<Record<string, string>> = { iam: 'InvalidClientTokenId', sts: 'AccessDenied' }
/** Of STS, what takes the sessions of users, and what takes anybody (IAM User Guide, "Compare AWS STS credentials"). */
const forSessions: ReadonlySet<string> = new Set(['AssumeRole', 'GetCallerIdentity'])
const forAnybody: ReadonlySet<string> = new Set(['GetCallerIdentity'])

const attempt = (operation: Operation, keys: Keys | undefined) =>
  inside.call(keys, operation.service, operation.name, inputOf(operation))

beforeAll(async () => {
  inside = await openInside(account)
  const admin = inside.keys
  const trust = document({ Effect: 'Allow', Principal: { AWS: account }, Action: 'sts:AssumeRole' })
  ok(await inside.call(admin, 'iam', 'CreateRole', { RoleName: 'everything', AssumeRolePolicyDocument: trust }))
  ok(
    await inside.call(admin, 'iam', 'PutRolePolicy', {
      RoleName: 'everything',
      PolicyName: 'all',
      PolicyDocument: document(allow('*')),
    }),
  )
  const everybody = await userWith(document(allow('*')))
  const own = keysIn(ok(await inside.call(everybody, 'sts', 'GetSessionToken')))
  const RoleArn = `arn:aws:iam::${account}:role/everything`
  const revoked = keysIn(ok(await inside.call(everybody, 'sts', 'AssumeRole', { RoleArn, RoleSessionName: 'revoked' })))
  ok(await inside.call(admin, 'rolecall', 'RevokeSessions', { AccessKeyId: revoked.accessKeyId }))
  here = { admin, everybody, own, revoked }
})

describe('every operation that is served', () => {
  test('is in the matrix', () => {
    expect(all.length).toBeGreaterThan(80)
  })

  test.each(signed.map((operation) => [actionOf(operation), operation] as const))('%s', async (action, operation) => {
    const codes: Record<string, string | undefined> = {}
    const ask = async (who: string, keys: Keys | undefined) => {
      codes[who] = (await attempt(operation, keys)).code
    }
    const everythingElse = document(allow(['s3:*', 'ec2:*', `${operation.service}:${operation.name}X`]))
    const granted = await userWith(document(allow([action, 'iam:PassRole'])))
    ok(
      await inside.call(here.admin, 'iam', 'CreatePolicy', {
        PolicyName: `bound-${operation.service}-${operation.name}`,
        PolicyDocument: everythingElse,
      }),
    )
    const boundary = `arn:aws:iam::${account}:policy/bound-${operation.service}-${operation.name}`

    await ask('anonymous', undefined)
    await ask('bad signature', { ...granted, secretAccessKey: 'x'.repeat(40) })
    await ask('unknown key', { ...granted, accessKeyId: 'AKIAIOSFODNN7EXAMPLE' })
    await ask('revoked session', here.revoked)
    expect(codes).toEqual({
      anonymous: 'MissingAuthenticationToken',
      'bad signature': 'SignatureDoesNotMatch',
      'unknown key': 'InvalidClientTokenId',
      'revoked session': 'InvalidClientTokenId',
    })

    const closed = outside[operation.service]
    const everything = await federated(document(allow('*')))
    const barred = {
      'session without a factor': [here.own, forSessions.has(operation.name)],
      'federated user': [everything, forAnybody.has(operation.name)],
    } as const
    for (const [who, [keys, taken]] of Object.entries(barred)) {
      const { code } = await attempt(operation, keys)
      if (closed !== undefined && !taken) expect(code, who).toBe(closed)
      else if (!furtherRules.has(operation.name))
        expect(['AccessDenied', 'InvalidClientTokenId'], who).not.toContain(code)
    }
    if (unasked.has(operation.name)) return

    const refused: Record<string, Keys> = {
      'no permission': await userWith(undefined),
      'another action': await userWith(everythingElse),
      'another resource': await userWith(document(allow(action, 'arn:aws:iam::999999999999:user/nobody'))),
      'explicit deny': await userWith(document(allow('*'), deny(action))),
      'boundary in the way': await userWith(document(allow('*')), boundary),
      'session in the way': await narrowed(everythingElse),
    }
    for (const [who, keys] of Object.entries(refused)) {
      const { code } = await attempt(operation, keys)
      expect(code, who).toBe('AccessDenied')
    }
    for (const keys of [await federated(everythingElse), await federated()])
      expect((await attempt(operation, keys)).code, 'federated user, narrowed').toBe(closed ?? 'AccessDenied')
    if (furtherRules.has(operation.name)) return
    // Whatever else may be wrong with it (most samples name nothing that exists): it is not refused.
    expect((await attempt(operation, granted)).code).not.toBe('AccessDenied')
  })

  test.each(logins.map((operation) => [actionOf(operation), operation] as const))(
    '%s, which no signature helps with',
    async (action, operation) => {
      const keys = await userWith(document(allow([action, '*'])))
      const said = async (who: Keys | undefined) => (await attempt(operation, who)).text.replace(/<RequestId>.*/s, '')
      const anonymous = await said(undefined)
      expect((await attempt(operation, undefined)).code).toBe('InvalidIdentityToken')
      const forged = { ...keys, secretAccessKey: 'x'.repeat(40) }
      const unknown = { ...keys, accessKeyId: 'AKIAIOSFODNN7EXAMPLE' }
      for (const who of [keys, forged, unknown, here.own, here.revoked, await federated(document(allow('*')))])
        expect(await said(who)).toBe(anonymous)
    },
  )

  test('has met no bug on the way', () => {
    expect(inside.alarms).toEqual([])
  })
})

describe('every operation, asked by a member of an organization that denies it,', () => {
  const member = '444455556666'
  let house: Inside
  let admin: Keys
  let policy: string
  const asManager = async (action: string, parameters: Parameters<Inside['call']>[3]) =>
    ok(await house.call(house.keys, 'organizations', action, parameters))

  beforeAll(async () => {
    house = await openInside(account)
    const made = ok(await house.call(house.keys, 'rolecall', 'CreateAccount', { AccountId: member }))
    admin = keysIn(made)
    await asManager('CreateOrganization', {})
    const root = (await asManager('ListRoots', {})).field('Id')
    await asManager('EnablePolicyType', { RootId: root, PolicyType: 'SERVICE_CONTROL_POLICY' })
    const invited = await asManager('InviteAccountToOrganization', { 'Target.Type': 'ACCOUNT', 'Target.Id': member })
    ok(await house.call(admin, 'organizations', 'AcceptHandshake', { HandshakeId: invited.field('Id') }))
    const created = await asManager('CreatePolicy', {
      Name: 'denies',
      Description: 'one thing after the other',
      Type: 'SERVICE_CONTROL_POLICY',
      Content: document(deny('x:y')),
    })
    policy = created.field('Id')
    await asManager('AttachPolicy', { PolicyId: policy, TargetId: root })
  })

  const asked = signed.filter(({ name }) => !unasked.has(name))
  test.each(asked.map((operation) => [actionOf(operation), operation] as const))('%s', async (action, operation) => {
    await asManager('UpdatePolicy', { PolicyId: policy, Content: document(deny(action)) })
    const input = sampleInput(
      services.find(({ id }) => id === operation.service)?.operation(operation.name)?.input,
      member,
    )
    const { code, message } = await house.call(admin, operation.service, operation.name, input)
    expect(code).toBe('AccessDenied')
    expect(message).toContain('with an explicit deny in a service control policy')
  })

  test('has met no bug on the way', () => {
    expect(house.alarms).toEqual([])
  })
})
