import { describe, expect, test } from 'vitest'
import type { Connection, Session, Signer } from '../../src/access/caller.ts'
import { Fault } from '../../src/base/fault.ts'
import { CannotOpen, type Sealed, type Vault } from '../../src/base/sealed.ts'
import { admit, connectionOf, identify, type Proof, prove } from '../../src/gate/authenticate.ts'
import type { Account } from '../../src/state/account.ts'
import type { AccessKey } from '../../src/state/credential.ts'
import type { Entity } from '../../src/state/entity.ts'
import type { TokenKey } from '../../src/state/key.ts'
import type { View } from '../../src/state/view.ts'
import { type SessionClaims, sealSession } from '../../src/token/session.ts'
import type { HttpRequest } from '../../src/wire/http.ts'
import { present } from '../../src/wire/presented.ts'
import { KeyCache, type SigningCredentials, sign } from '../../src/wire/sigv4.ts'
import { home, role as roleOf, user as userOf, viewOf } from '../access/scene.ts'
import { formRequest } from '../wire/request.ts'

const now = Date.UTC(2026, 10, 23, 12, 0, 0)
const tokenKey: TokenKey = {
  kind: 'token-key',
  id: '01ab23cd',
  // A vault of glass: what it holds can be read off.
  secret: Buffer.alloc(32, 7).toString('base64') as Sealed,
  createdAt: 0,
}
const vault = {
  open(secret: Sealed) {
    if (secret === 'broken') throw new CannotOpen('it does not open')
    return secret
  },
} as unknown as Vault // Nothing else of a vault is asked for here.

const account: Account = { kind: 'account', id: home, name: 'home', createdAt: 0, home: true }
const [user, role] = [userOf(), roleOf()]
const keyOf = (parts: Partial<AccessKey> = {}): AccessKey => ({
  kind: 'access-key',
  id: 'AKIAALICE',
  account: home,
  owner: user.id,
  secret: 'the-secret' as Sealed,
  status: 'Active',
  createdAt: 0,
  ...parts,
})
const world = (...more: readonly Entity[]): View => viewOf(account, user, role, tokenKey, ...more)

const claims: SessionClaims = {
  accessKeyId: 'ASIASESSION',
  secretAccessKey: 'session-secret',
  kind: 'role',
  account: home,
  principalId: role.id,
  sessionName: 'job-1',
  issuedAt: now - 60_000,
  expiresAt: now + 60_000,
  chainDepth: 0,
}
const revoked = (id: string): Entity => ({ kind: 'revocation', id, account: home, revision: 1, at: now })
const random = { bytes: (count: number) => new Uint8Array(count) }
const tokenOf = (of: SessionClaims): string => sealSession(of, { id: tokenKey.id, secret: tokenKey.secret }, random)
const keysOf = (of: SessionClaims): SigningCredentials => ({
  accessKeyId: of.accessKeyId,
  secretAccessKey: of.secretAccessKey,
  sessionToken: tokenOf(of),
})
const long: SigningCredentials = { accessKeyId: 'AKIAALICE', secretAccessKey: 'the-secret' }

interface More {
  readonly region?: string
  readonly service?: string
  readonly at?: number
}

function proved(
  view: View,
  credentials: SigningCredentials,
  { region = 'us-east-1', service = 'sts', at = now }: More = {},
): Proof {
  const bare = formRequest('Action=GetCallerIdentity&Version=2011-06-15')
  const request = { ...bare, headers: sign(bare, credentials, { region, service, now: at }) }
  return prove(request, present(request), 'sts', { view, now, keys: new KeyCache(), vault })
}

function told(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof Fault) return `${error.status} ${error.code}: ${error.message}`
    throw error
  }
  return 'good'
}
const invalid = '403 InvalidClientTokenId: The security token included in the request is invalid.'
const expired = '403 ExpiredToken: The security token included in the request is expired'
const mismatch = /^403 SignatureDoesNotMatch: /

describe('a proof', () => {
  test('says whose signature it was, of which region, and what the token held', () => {
    expect(proved(world(keyOf()), long)).toEqual({ accessKeyId: 'AKIAALICE', claims: undefined, region: 'us-east-1' })
    expect(proved(world(), keysOf(claims), { region: 'eu-west-1' })).toEqual({
      accessKeyId: 'ASIASESSION',
      claims,
      region: 'eu-west-1',
    })
  })

  test('is not to be had without a signature', () => {
    const request = formRequest('Action=GetCallerIdentity')
    expect(told(() => prove(request, undefined, 'sts', { view: world(), now, keys: new KeyCache(), vault }))).toBe(
      '403 MissingAuthenticationToken: Request is missing Authentication Token',
    )
  })

  test.each(['us-east-1', 'eu-central-2', 'us-gov-west-1', 'us-iso-east-1', 'ap-southeast-12', 'mx-central-1'])(
    'is to be had in %s',
    (region) => expect(told(() => proved(world(keyOf()), long, { region }))).toBe('good'),
  )
  test.each([
    '',
    'us-east',
    'us-east-1x',
    'xus-east-1-',
    'us-east-123',
    'US-EAST-1',
    'u-east-1',
    'useas-east-1',
    'us-e-1',
    'us-a-b-c-d-1',
    '*',
    'aws-global',
  ])('is not to be had in %j', (region) =>
    expect(told(() => proved(world(keyOf()), long, { region }))).toBe(
      '403 SignatureDoesNotMatch: Credential should be scoped to a valid region. ',
    ),
  )

  test('is for one service, one time and one secret', () => {
    const view = world(keyOf())
    expect(told(() => proved(view, long, { service: 'iam' }))).toBe(
      "403 SignatureDoesNotMatch: Credential should be scoped to correct service: 'sts'. ",
    )
    expect(told(() => proved(view, long, { at: now - 300_000 }))).toBe('good')
    expect(told(() => proved(view, long, { at: now - 301_000 }))).toMatch(
      /^403 SignatureDoesNotMatch: Signature expired/,
    )
    expect(told(() => proved(view, { ...long, secretAccessKey: 'x' }))).toMatch(mismatch)
    expect(told(() => proved(world(), { ...keysOf(claims), secretAccessKey: 'x' }))).toMatch(mismatch)
  })

  test('is not given where the secret cannot be had', () => {
    expect(() => proved(world(keyOf({ secret: 'broken' as Sealed })), long)).toThrow(CannotOpen)
  })

  // What is wrong with a key comes before what is wrong with the time, and that before the signature.
  const keys: readonly (readonly [what: string, view: View])[] = [
    ['a key that is not there', world()],
    ['a key that is switched off', world(keyOf({ status: 'Inactive' }))],
    ['a key of nobody', world(keyOf({ owner: 'AIDANOBODY' }))],
    ['a key of a closed account', viewOf({ ...account, closedAt: 1 }, user, keyOf())],
    ['a key of the root of an account that is not there', viewOf(keyOf({ owner: home }))],
  ]
  test.each(keys)('is not given for %s', (_what, view) => {
    expect(told(() => proved(view, long))).toBe(invalid)
    expect(told(() => proved(view, { ...long, secretAccessKey: 'x' }, { at: 0 }))).toBe(invalid)
  })

  const { sessionName: _, ...nameless } = claims
  const tokens: readonly (readonly [what: string, credentials: SigningCredentials, view?: View])[] = [
    [
      'a temporary key without its token',
      { accessKeyId: 'ASIASESSION', secretAccessKey: 'x' },
      world(keyOf({ id: 'ASIASESSION' })),
    ],
    ['no token', { ...long, sessionToken: 'garbage' }],
    ['a token of another key', { ...keysOf(claims), accessKeyId: 'ASIAOTHER' }],
    ['a token beside a long-term key', { ...long, sessionToken: tokenOf(claims) }, world(keyOf())],
    ['a token under a key that is not there', keysOf(claims), viewOf(account, user, role)],
    ['a session of a role that is gone', keysOf(claims), viewOf(account, user, tokenKey)],
    ['a session of a role without a name', keysOf(nameless)],
    ['a session that was revoked', keysOf(claims), world(revoked(claims.accessKeyId))],
    ['a session of a role that was revoked', keysOf(claims), world(revoked(role.id))],
    [
      'a session of a user who is gone',
      keysOf({ ...claims, kind: 'user', principalId: user.id }),
      viewOf(account, tokenKey),
    ],
    ['a session of a federated user without a name', keysOf({ ...nameless, kind: 'federated', principalId: user.id })],
    ['a session that was issued more than five minutes ahead', keysOf({ ...claims, issuedAt: now + 300_001 })],
  ]
  test.each(tokens.map(([what, credentials, view]) => ({ what, credentials, view })))(
    'is not given for $what',
    (row) => {
      expect(told(() => proved(row.view ?? world(), row.credentials))).toBe(invalid)
    },
  )

  test('is given until the time at which a session ends, and not at it, whatever else is wrong', () => {
    const ending = (expiresAt: number) => keysOf({ ...claims, expiresAt })
    expect(told(() => proved(world(), ending(now + 1)))).toBe('good')
    expect(told(() => proved(world(), ending(now)))).toBe(expired)
    expect(told(() => proved(viewOf(tokenKey), { ...ending(now), accessKeyId: 'ASIAOTHER' }, { at: 0 }))).toBe(expired)
  })

  test('is given for a session that was issued five minutes ahead, as far as clocks may be apart', () => {
    expect(told(() => proved(world(), keysOf({ ...claims, issuedAt: now + 300_000 })))).toBe('good')
  })
})

describe('who is proven', () => {
  const of = (view: View, credentials: SigningCredentials): Signer => identify(view, proved(view, credentials))
  const bare: Session = {
    issuedAt: claims.issuedAt,
    expiresAt: claims.expiresAt,
    policyArns: [],
    tags: [],
    transitiveTagKeys: [],
    chainDepth: 0,
    via: [],
  }
  const alice = {
    kind: 'user',
    account: home,
    arn: `arn:aws:iam::${home}:user/dev/Alice`,
    userId: user.id,
    user,
  } as const
  const root = { kind: 'root', account: home, arn: `arn:aws:iam::${home}:root`, userId: home } as const

  test('is the holder of a long-term key', () => {
    expect(of(world(keyOf()), long)).toStrictEqual({ ...alice, accessKeyId: 'AKIAALICE' })
    expect(of(world(keyOf({ owner: home })), long)).toStrictEqual({ ...root, accessKeyId: 'AKIAALICE' })
  })

  test('is the holder of a session', () => {
    const accessKeyId = 'ASIASESSION'
    expect(of(world(), keysOf({ ...claims, kind: 'user', principalId: user.id }))).toStrictEqual({
      ...alice,
      accessKeyId,
      session: bare,
    })
    expect(of(world(), keysOf({ ...claims, kind: 'root', principalId: home }))).toStrictEqual({
      ...root,
      accessKeyId,
      session: bare,
    })
    expect(of(world(), keysOf(claims))).toStrictEqual({
      kind: 'role-session',
      account: home,
      arn: `arn:aws:sts::${home}:assumed-role/worker/job-1`,
      userId: `${role.id}:job-1`,
      accessKeyId,
      role,
      sessionName: 'job-1',
      session: bare,
    })
    const bob = {
      kind: 'federated-user',
      account: home,
      arn: `arn:aws:sts::${home}:federated-user/bob`,
      userId: `${home}:bob`,
      accessKeyId,
      name: 'bob',
      session: bare,
    }
    const federated: SessionClaims = { ...claims, kind: 'federated', sessionName: 'bob' }
    expect(of(world(), keysOf({ ...federated, principalId: user.id }))).toStrictEqual({ ...bob, user })
    expect(of(world(), keysOf({ ...federated, principalId: home }))).toStrictEqual({ ...bob, user: undefined })
  })

  test('has in its session all that the token holds', () => {
    const full = {
      policyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess'],
      tags: [{ key: 'team', value: 'blue' }],
      transitiveTagKeys: ['team'],
      chainDepth: 2,
      via: [{ key: 'AKIAALICE', identity: user.id }],
      federation: { provider: 'idp', keys: { 'idp:sub': ['s'] } },
      mfaAt: now - 90_000,
      inlinePolicy: '{}',
      sourceIdentity: 'alice',
    }
    expect(of(world(), keysOf({ ...claims, ...full }))).toMatchObject({ session: { ...bare, ...full } })
  })

  test('is asked again of the state that is answered from, and is the same object where nothing changed', () => {
    const key = keyOf()
    const proof = proved(world(key), long)
    const known = identify(world(key), proof)
    expect(identify(world(key), proof)).toBe(known)
    const renamed = userOf({ name: 'Alicia' })
    expect(identify(viewOf(account, renamed, key), proof)).toMatchObject({ user: renamed })
    expect(told(() => identify(viewOf(account, key), proof))).toBe(invalid)
    expect(told(() => identify(viewOf(account, user), proof))).toBe(invalid)
    expect(told(() => identify(viewOf({ ...account, closedAt: 1 }, user, key), proof))).toBe(invalid)
  })

  test('is asked again where it is root', () => {
    const key = keyOf({ owner: home })
    const proof = proved(world(key), long)
    expect(identify(world(key), proof)).toBe(identify(world(key), proof))
    expect(told(() => identify(viewOf(key), proof))).toBe(invalid)
  })

  test('is let in where an operation is open to such credentials', () => {
    const caller = of(world(keyOf()), long)
    const session = of(world(), keysOf(claims))
    expect(told(() => admit(caller, 'sts', 'GetSessionToken', ['key']))).toBe('good')
    expect(told(() => admit(session, 'sts', 'GetSessionToken', ['key', 'assumed']))).toBe('good')
    expect(told(() => admit(session, 'sts', 'GetSessionToken', ['key']))).toBe(
      '403 AccessDenied: Cannot call GetSessionToken with session credentials',
    )
    expect(told(() => admit(session, 'iam', 'GetUser', ['key']))).toBe(
      '403 InvalidClientTokenId: The security token included in the request is invalid',
    )
  })
})

describe('a connection', () => {
  const request = (over: Partial<HttpRequest> = {}): HttpRequest =>
    formRequest('', { headers: [], sourceIp: '203.0.113.7', secure: false, ...over })
  const least: Connection = { sourceIp: '203.0.113.7', secure: false, region: 'eu-west-1' }

  test('is told by what there is of it', () => {
    expect(connectionOf(request(), 'eu-west-1')).toStrictEqual(least)
    const tls = { version: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256' }
    expect(connectionOf(request({ secure: true, tls }), 'eu-west-1')).toStrictEqual({
      ...least,
      secure: true,
      tls: { ...tls, host: '' },
    })
    const headers = [
      ['user-agent', 'aws-cli'],
      ['referer', 'https://example.com/'],
      ['host', 'iam.test'],
    ] as const
    expect(connectionOf(request({ headers, tls }), 'eu-west-1')).toStrictEqual({
      ...least,
      userAgent: 'aws-cli',
      referer: 'https://example.com/',
      tls: { ...tls, host: 'iam.test' },
    })
  })
})
