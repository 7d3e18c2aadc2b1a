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
let here: { readonly admin: Keys }

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
  const { admin } = here
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

const attempt = (operation: Operation, keys: Keys | undefined) =>
  inside.call(keys, operation.service, operation.name, inputOf(operation))

beforeAll(async () => {
  inside = await openInside(account)
  here = { admin: inside.keys }
  const trust = document({ Effect: 'Allow', Principal: { AWS: account }, Action: 'sts:AssumeRole' })
  ok(await inside.call(here.admin, 'iam', 'CreateRole', { RoleName: 'everything', AssumeRolePolicyDocument: trust }))
  ok(
    await inside.call(here.admin, 'iam', 'PutRolePolicy', {
      RoleName: 'everything',
      PolicyName: 'all',
      PolicyDocument: document(allow('*')),
    }),
  )
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
    expect(codes).toEqual({
      anonymous: 'MissingAuthenticationToken',
      'bad signature': 'SignatureDoesNotMatch',
      'unknown key': 'InvalidClientTokenId',
    })
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
    if (furtherRules.has(operation.name)) return
    // Whatever else may be wrong with it (most samples name nothing that exists): it is not refused.
    expect((await attempt(operation, granted)).code).not.toBe('AccessDenied')
  })

  test.each(logins.map((operation) => [actionOf(operation), operation] as const))(
    '%s, which no signature helps with',
    async (action, operation) => {
      const keys = await userWith(document(allow([action, '*'])))
      const anonymous = await attempt(operation, undefined)
      expect(anonymous.code).toBe('InvalidIdentityToken')
      expect((await attempt(operation, keys)).text.replace(/<RequestId>.*/s, '')).toBe(
        anonymous.text.replace(/<RequestId>.*/s, ''),
      )
    },
  )

  test('has met no bug on the way', () => {
    expect(inside.alarms).toEqual([])
  })
})
