import { createCipheriv, createHash, randomBytes } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { packedSize } from '../../src/token/packed.ts'
import { openSession, type SessionClaims, sealSession, type TokenKeyLike } from '../../src/token/session.ts'

const random = { bytes: (count: number) => new Uint8Array(randomBytes(count)) }
const key: TokenKeyLike = { id: '01ab23cd', secret: randomBytes(32).toString('base64') }
const ring = (...keys: TokenKeyLike[]) => {
  const secrets = new Map(keys.map(({ id, secret }) => [id, secret]))
  return (id: string) => secrets.get(id)
}

const least: SessionClaims = {
  accessKeyId: 'ASIAQQQQQQQQQQQQQQQQ',
  secretAccessKey: 'S'.repeat(40),
  kind: 'role',
  account: '111122223333',
  principalId: 'AROAQQQQQQQQQQQQQQQQQ',
  issuedAt: 1_700_000_000_000,
  expiresAt: 1_700_003_600_000,
  chainDepth: 0,
}

const text = (maxLength: number) => fc.string({ unit: 'binary', maxLength })
const claims: fc.Arbitrary<SessionClaims> = fc.record(
  {
    accessKeyId: text(20),
    secretAccessKey: text(40),
    kind: fc.constantFrom('role', 'user', 'root', 'federated'),
    account: text(12),
    principalId: text(21),
    issuedAt: fc.integer(),
    expiresAt: fc.integer(),
    chainDepth: fc.nat(9),
    sessionName: text(64),
    inlinePolicy: text(300),
    policyArns: fc.array(text(60), { maxLength: 10 }),
    tags: fc.array(fc.record({ key: text(20), value: text(20) }), { maxLength: 10 }),
    transitiveTagKeys: fc.array(text(20), { maxLength: 5 }),
    sourceIdentity: text(64),
    mfaAt: fc.integer(),
    via: fc.array(fc.record({ key: text(20), identity: text(40) }), { maxLength: 8 }),
    revision: fc.nat(),
    federation: fc.record({ provider: text(40), keys: fc.dictionary(text(20), fc.array(text(20)), { maxKeys: 4 }) }),
  },
  {
    requiredKeys: [
      'accessKeyId',
      'secretAccessKey',
      'kind',
      'account',
      'principalId',
      'issuedAt',
      'expiresAt',
      'chainDepth',
    ],
  },
)

describe('a session token', () => {
  test('opens to the claims that were sealed, absent ones absent', () => {
    fc.assert(
      fc.property(claims, (sealed) => {
        // JSON knows no difference between -0 and 0, nor does a time.
        expect(openSession(sealSession(sealed, key, random), ring(key))).toEqual(JSON.parse(JSON.stringify(sealed)))
      }),
    )
  })

  test('is plain base64 of at least a hundred characters, and never the same twice', () => {
    const tokens = [sealSession(least, key, random), sealSession(least, key, random)]
    for (const token of tokens) {
      expect(token).toMatch(/^[A-Za-z0-9+/]+={0,2}$/)
      expect(token.length).toBeGreaterThanOrEqual(100)
    }
    expect(tokens[0]).not.toBe(tokens[1])
    expect(tokens.join()).not.toContain(least.secretAccessKey)
  })

  test.each([
    ['small', least],
    ['compressed', { ...least, inlinePolicy: JSON.stringify({ Statement: 'x'.repeat(2000) }) }],
  ])('does not open once a single bit of it is turned over (%s)', (_, sealed) => {
    const bytes = Buffer.from(sealSession(sealed, key, random), 'base64')
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes)
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      // Whatever key id the turned bits name, that key is there too: only the seal can tell.
      expect(openSession(changed.toString('base64'), () => key.secret)).toBeUndefined()
    }
  })

  test('does not open cut short or made longer, at any length', () => {
    const token = sealSession(least, key, random)
    const bytes = Buffer.from(token, 'base64')
    for (let length = 0; length < token.length; length++)
      expect(openSession(token.slice(0, length), ring(key))).toBeUndefined()
    for (let length = 0; length < bytes.length; length++)
      expect(openSession(bytes.subarray(0, length).toString('base64'), ring(key))).toBeUndefined()
    for (const more of ['A', '=', 'AAAA', ' ', '\n', '\0']) expect(openSession(token + more, ring(key))).toBeUndefined()
  })

  test.each([
    ['white space inside', (token: string) => `${token.slice(0, 8)}\n${token.slice(8)}`],
    ['white space before', (token: string) => ` ${token}`],
    ['padding left out', (token: string) => token.replace(/=+$/, '')],
    ['the URL alphabet', (token: string) => token.replaceAll('+', '-').replaceAll('/', '_')],
    ['loose bits in the last character', loosened],
  ])('has one spelling: %s is refused', (_, respell) => {
    // Some tokens have no padding, or no character that the URL alphabet writes otherwise: look for one that has both.
    let token = ''
    while (!/=$/.test(token) || !/[+/]/.test(token))
      token = sealSession({ ...least, sessionName: 's'.repeat(2 + ((randomBytes(1)[0] ?? 0) % 3)) }, key, random)
    expect(openSession(token, ring(key))).toBeDefined()
    expect(respell(token)).not.toBe(token)
    expect(openSession(respell(token), ring(key))).toBeUndefined()
  })

  test('never throws, whatever text it is given', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary', maxLength: 6000 }), fc.base64String({ maxLength: 6000 })),
        (junk) => {
          expect(openSession(junk, () => key.secret)).toBeUndefined()
        },
      ),
    )
  })

  test('opens under every key of the ring, and under none that left it or has the same id', () => {
    const newer: TokenKeyLike = { id: 'ffffffff', secret: randomBytes(32).toString('base64') }
    const impostor: TokenKeyLike = { id: key.id, secret: randomBytes(32).toString('base64') }
    const token = sealSession(least, key, random)
    expect(openSession(token, ring(newer, key))).toEqual(least)
    expect(openSession(token, ring(newer))).toBeUndefined()
    expect(openSession(token, ring(impostor))).toBeUndefined()
    expect(openSession(token, () => 'no key at all')).toBeUndefined()
  })

  test('an expired one opens: that it is over is for others to tell', () => {
    expect(openSession(sealSession({ ...least, expiresAt: 0 }, key, random), ring(key))?.expiresAt).toBe(0)
  })

  test('has nothing that was not sealed, not even the name of it', () => {
    expect(openSession(sealSession(least, key, random), ring(key))).toStrictEqual(least)
  })

  test('has at most 4096 characters, and those', () => {
    const text = unfoldable(4000)
    const lengths = new Map<number, number>()
    for (let size = 3500; size < 4000; size++)
      try {
        lengths.set(sealSession({ ...least, inlinePolicy: text.slice(0, size) }, key, random).length, size)
      } catch (error) {
        expect(String(error)).toMatch(/^Error: a session token of \d{4} characters is too long$/)
      }
    expect(Math.max(...lengths.keys())).toBe(4096)
    const longest = { ...least, inlinePolicy: text.slice(0, lengths.get(4096)) }
    expect(openSession(sealSession(longest, key, random), ring(key))).toEqual(longest)
    expect(() => sealSession({ ...least, inlinePolicy: text }, key, random)).toThrow(/too long/)
    // One that is longer was not sealed here, whoever had the key.
    const body = Buffer.from(`\0${JSON.stringify([0, '', '', '', '', 0, 0, 0, { p: 'x'.repeat(4000) }])}`)
    expect(openSession(sealedBytes(body.subarray(0, 40)), ring(key))).toBeUndefined()
    expect(sealedBytes(body).length).toBeGreaterThan(4096)
    expect(openSession(sealedBytes(body), ring(key))).toBeUndefined()
  })

  test('is sealed around 64 KB of claims at most, however little room they take', () => {
    const around = (letters: number) => sealSession({ ...least, inlinePolicy: 'x'.repeat(letters) }, key, random)
    const others = JSON.stringify([
      0,
      ...Object.values({ ...least, kind: undefined }).filter((each) => each !== undefined),
      { p: '' },
    ]).length
    const most = 64 * 1024 - 1 - others
    expect(openSession(around(most), ring(key))?.inlinePolicy).toHaveLength(most)
    expect(() => around(most + 1)).toThrow('65537 bytes of claims are too many for a session token')
  })

  test('is packed where that saves much, and only there', () => {
    const length = (letters: number) => sealSession({ ...least, inlinePolicy: 'x'.repeat(letters) }, key, random).length
    expect(length(500)).toBeGreaterThan(800)
    expect(length(2000)).toBeLessThan(400)
  })

  test('refuses to be sealed under what is no key', () => {
    for (const id of ['short', `${key.id}0`, `x${key.id}`, key.id.toUpperCase(), ''])
      expect(() => sealSession(least, { id, secret: key.secret }, random)).toThrow(`token key ${id} is malformed`)
    expect(() => sealSession(least, { id: key.id, secret: 'c2hvcnQ=' }, random)).toThrow(/malformed/)
  })

  test('does not unfold what was sealed under our own key to be larger than any session', () => {
    const body = Buffer.concat([Buffer.of(1), deflateRawSync(Buffer.alloc(2_000_000, 0x20))])
    expect(body.length).toBeLessThan(3000)
    expect(openSession(sealedBytes(body), ring(key))).toBeUndefined()
    // Also where it would be claims.
    const long = `[0,"","","","",0,0,0,{}${' '.repeat(100_000)}]`
    const folded = Buffer.concat([Buffer.of(1), deflateRawSync(long)])
    expect(openSession(sealedBytes(folded), ring(key))).toBeUndefined()
  })

  test('of another version does not open, though everything else in it is as it should be', () => {
    const body = Buffer.from('\0[0,"","","","",0,0,0,{}]')
    expect(openSession(sealedBytes(body), ring(key))).toBeDefined()
    for (const version of [0, 2]) expect(openSession(sealedBytes(body, version), ring(key))).toBeUndefined()
  })

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['an unknown encoding', Buffer.from('\x02[]')],
    ['an unknown encoding of claims', Buffer.concat([Buffer.of(2), deflateRawSync('[0,"","","","",0,0,0,{}]')])],
    ['no JSON', Buffer.from('\0{')],
    ['another JSON', Buffer.from('\0{}')],
    ['an unknown kind', Buffer.from('\0[9,"","","","",0,0,0,{}]')],
    ['no details', Buffer.from('\0[0,"","","","",0,0,0]')],
  ])('sealed under our own key around %s does not open', (_, body) => {
    expect(openSession(sealedBytes(body), ring(key))).toBeUndefined()
  })

  test('stays within 4096 characters for everything that PackedPolicySize lets through', () => {
    const word = fc.string({ unit: 'binary', maxLength: 128 })
    const inputs = fc.record({
      inlinePolicy: fc.string({ unit: 'binary', maxLength: 700 }),
      policyArns: fc.array(word, { maxLength: 10 }),
      tags: fc.array(fc.record({ key: word, value: word }), { maxLength: 50 }),
    })
    let passed = 0
    fc.assert(
      fc.property(inputs, ({ inlinePolicy, policyArns, tags }) => {
        if (packedSize({ inlinePolicy, policyArns, tags }) > 100) return
        passed++
        const full: SessionClaims = {
          ...least,
          secretAccessKey: randomBytes(30).toString('base64'),
          sessionName: randomBytes(32).toString('hex'),
          sourceIdentity: randomBytes(32).toString('hex'),
          mfaAt: least.issuedAt,
          inlinePolicy,
          policyArns,
          tags,
          transitiveTagKeys: tags.map((tag) => tag.key),
          via: Array.from({ length: 8 }, () => ({
            key: randomBytes(10).toString('hex'),
            identity: randomBytes(11).toString('hex').slice(1),
          })),
          federation: {
            provider: randomBytes(128).toString('hex'),
            keys: {
              'issuer.example:sub': [randomBytes(127).toString('hex')],
              'issuer.example:aud': ['sts.amazonaws.com'],
            },
          },
        }
        const token = sealSession(full, key, random)
        expect(token.length).toBeLessThanOrEqual(4096)
        expect(openSession(token, ring(key))).toEqual(full)
      }),
      { numRuns: 300 },
    )
    expect(passed).toBeGreaterThan(20)
  })
})

describe('PackedPolicySize', () => {
  const statement = { Effect: 'Allow', Action: 's3:ListAllMyBuckets', Resource: '*' }
  const policy = { Version: '2012-10-17', Statement: [statement] }

  test.each([
    ['nothing', {}, 0, 0],
    ['a policy of one statement', { inlinePolicy: JSON.stringify(policy) }, 6, 10],
    ['ten managed policies', { policyArns: numbered(10, (n) => `arn:aws:iam::111122223333:policy/Policy${n}`) }, 8, 30],
    ['fifty tags of two letters each', { tags: numbered(50, (n) => ({ key: `${n}`, value: `${n}` })) }, 60, 80],
    ['fifty tags of words', { tags: numbered(50, (n) => ({ key: `key${n}`, value: `value${n}` })) }, 101, 200],
    ['fifty tags of full length', { tags: numbered(50, () => ({ key: noise(64), value: noise(128) })) }, 101, 9999],
    [
      'fifty tags of one letter of four bytes, which fit no token',
      { tags: numbered(50, (n) => ({ key: `${n}`.padEnd(100, 'a'), value: '\u{20000}'.repeat(250) })) },
      101,
      99_999,
    ],
  ])('%s takes its share', (_, inputs, from, to) => {
    expect(packedSize(inputs)).toBeGreaterThanOrEqual(from)
    expect(packedSize(inputs)).toBeLessThanOrEqual(to)
  })

  // What AWS's own STS was recorded answering: what every policy has takes next to no room.
  test.each([
    [4, { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }],
    [
      16,
      {
        Statement: [
          {
            Sid: 'Stmt13690092345534',
            Action: ['S3:ListBucket'],
            Effect: 'Allow',
            Resource: ['arn:aws:s3:::foobar-tester'],
          },
        ],
      },
    ],
  ])('is %i percent for the policy for which it is with AWS', (percent, document) => {
    expect(packedSize({ inlinePolicy: JSON.stringify(document, undefined, '\t') })).toBe(percent)
  })

  test('says that forty actions of several services are too much, though their text is not', () => {
    const names = ['Create', 'Describe', 'Delete', 'List', 'Update', 'Tag']
    const services = ['cloudformation', 'dynamodb', 's3', 'lambda', 'iam', 'logs', 'apigateway']
    const statements = services.map((service) => ({
      Effect: 'Allow',
      Action: names.map((name) => `${service}:${name}${service.slice(0, 3).toUpperCase()}Things`),
      Resource: `arn:aws:${service}:*:111122223333:crew-${service}-${noise(6)}*`,
    }))
    const inlinePolicy = JSON.stringify({ Version: '2012-10-17', Statement: statements })
    expect(inlinePolicy.length).toBeLessThan(2048)
    expect(packedSize({ inlinePolicy })).toBeGreaterThan(100)
  })

  // What AWS's own STS answered, as CloudTrail's events and refusals that people published tell: tags are not packed small.
  test.each([
    [2, { c: 'c', b: 'c' }],
    [3, { b: 'b', c: 'b', d: 'b' }],
    [
      56,
      {
        'eks-cluster-arn': 'arn:aws:eks:us-west-2:111122223333:cluster/eksworkshop-eksctl',
        'eks-cluster-name': 'eksworkshop-eksctl',
        'kubernetes-namespace': 'ns-a',
        'kubernetes-service-account': 'sa1',
        'kubernetes-pod-name': 'app1',
        'kubernetes-pod-uid': '0cda7f85-c1f9-4dee-b6e9-a0b50c8f3012',
      },
    ],
    [
      61,
      {
        'eks-cluster-arn': 'arn:aws:eks:us-west-2:111122223333:cluster/eksworkshop-eksctl',
        'eks-cluster-name': 'eksworkshop-eksctl',
        'kubernetes-namespace': 'app1',
        'kubernetes-service-account': 'default',
        'kubernetes-pod-name': 'app1-v1-56b9f94b4-dvd5c',
        'kubernetes-pod-uid': '376f3cff-44fe-4a00-b9d4-970555f311d3',
      },
    ],
    [498, Object.fromEntries(numbered(9, (n) => [`T${n}`, 'a'.repeat(250)]))],
  ])('is %i percent for the tags for which it is with AWS', (percent, tags) => {
    expect(packedSize({ tags: Object.entries(tags).map(([key, value]) => ({ key, value })) })).toBe(percent)
  })

  test('of policies and of tags adds up', () => {
    const tags = [{ key: 'team', value: 'red' }]
    const inlinePolicy = JSON.stringify(policy)
    expect(packedSize({ inlinePolicy, tags })).toBe(packedSize({ inlinePolicy }) + packedSize({ tags }))
  })

  test('white space in a policy takes no room', () => {
    const spread = packedSize({ inlinePolicy: JSON.stringify(policy, undefined, 4) })
    expect(spread).toBe(packedSize({ inlinePolicy: JSON.stringify(policy) }))
  })

  test('counts a text that is no JSON, and does not throw', () => {
    expect(packedSize({ inlinePolicy: '{"half' })).toBeGreaterThan(0)
  })
})

/** The same bytes from another last character, whose low bits are not used. */
function loosened(token: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  const end = token.indexOf('=')
  const next = alphabet[alphabet.indexOf(token[end - 1] ?? '') + 1] ?? ''
  const other = token.slice(0, end - 1) + next + token.slice(end)
  expect(Buffer.from(other, 'base64').equals(Buffer.from(token, 'base64'))).toBe(true)
  return other
}

/** A token with any content at all, made by someone who has the key. */
function sealedBytes(body: Buffer, version = 1): string {
  const head = Buffer.concat([Buffer.of(version), Buffer.from(key.id, 'hex')])
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(key.secret, 'base64'), nonce)
  cipher.setAAD(head)
  const sealed = Buffer.concat([cipher.update(body), cipher.final()])
  return Buffer.concat([head, nonce, sealed, cipher.getAuthTag()]).toString('base64')
}

/** Letters that do not pack, the same each time. */
function unfoldable(letters: number): string {
  let text = ''
  for (let number = 0; text.length < letters; number++)
    text += createHash('sha256').update(`${number}`).digest('base64url')
  return text.slice(0, letters)
}

function numbered<T>(count: number, make: (number: number) => T): T[] {
  return Array.from({ length: count }, (_, number) => make(number))
}

function noise(bytes: number): string {
  return randomBytes(bytes).toString('hex')
}
