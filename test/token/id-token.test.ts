import { describe, expect, test } from 'vitest'
import { type IdToken, readIdToken, timeliness } from '../../src/token/id-token.ts'
import { readJwt } from '../../src/token/jwt.ts'
import { unsignedText } from './forge.ts'

const now = 1_800_000_000
const honest = {
  iss: 'https://issuer.example',
  sub: 'repo:org/repo:ref:refs/heads/main',
  aud: 'sts.amazonaws.com',
  exp: now + 300,
  iat: now,
}

function read(claims: object | string) {
  const text = typeof claims === 'string' ? claims : JSON.stringify(claims)
  const jwt = readJwt(unsignedText('{"alg":"RS256"}', text, 'AAAA'))
  if (jwt === undefined) throw new Error('no token')
  return readIdToken(jwt)
}
const said = (claims: object | string): IdToken => {
  const token = read(claims)
  if ('kind' in token) throw new Error(`${token.kind} ${token.claim}`)
  return token
}

test('a token says who is meant, who says so, and until when', () => {
  const token = said({ ...honest, azp: 'app', amr: ['mfa', 'pwd'], nbf: now - 600, email: 'a@b' })
  expect(token).toMatchObject({
    issuer: honest.iss,
    subject: honest.sub,
    audiences: ['sts.amazonaws.com'],
    authorizedParty: 'app',
    methods: ['mfa', 'pwd'],
    expiresAt: now + 300,
    issuedAt: now,
    notBefore: now - 600,
  })
  expect(token.claims.get('email')).toMatchObject({ kind: 'string', value: 'a@b' })
  expect(said({ ...honest, aud: ['a', 'b'] }).audiences).toEqual(['a', 'b'])
})

test.each(['iss', 'sub', 'aud', 'exp', 'iat'])('a token has a claim %s', (claim) => {
  const { [claim as 'iss']: _left, ...rest } = honest
  expect(read(rest)).toEqual({ kind: 'missing', claim })
})

describe('no token has', () => {
  const without = (claim: string) => JSON.stringify({ ...honest, [claim]: undefined }).slice(0, -1)
  const rows: readonly (readonly [string, string, string])[] = [
    ['an issuer that is no text', 'iss', '["https://issuer.example"]'],
    ['an empty issuer', 'iss', '""'],
    ['an endless issuer', 'iss', `"https://${'a'.repeat(255)}"`],
    ['a subject that is a number', 'sub', '1'],
    ['a subject that is null', 'sub', 'null'],
    ['an empty subject', 'sub', '""'],
    ['a subject of 256 characters', 'sub', `"${'a'.repeat(256)}"`],
    ['a subject of 256 bytes', 'sub', `"${'é'.repeat(128)}"`],
    ['no audience', 'aud', '[]'],
    ['an empty audience', 'aud', '""'],
    ['an empty audience among others', 'aud', '["a",""]'],
    ['an audience that is a number', 'aud', '1'],
    ['an audience that is a number among others', 'aud', '["a",1]'],
    ['an audience in an object', 'aud', '{"0":"a"}'],
    ['an audience in a list of lists', 'aud', '[["a"]]'],
    ['a hundred and one audiences', 'aud', JSON.stringify(Array(101).fill('a'))],
    ['an authorized party that is a list', 'azp', '["a"]'],
    ['an empty authorized party', 'azp', '""'],
    ['methods that are an object', 'amr', '{}'],
    ['empty methods', 'amr', '[]'],
    ['endless methods', 'amr', JSON.stringify(Array(11).fill('a'))],
    ['long methods', 'amr', JSON.stringify(['a'.repeat(256)])],
    ...['exp', 'iat', 'nbf'].flatMap((claim) =>
      (
        [
          ['a text', '"1800000300"'],
          ['null', 'null'],
          ['true', 'true'],
          ['a list', '[1800000300]'],
          ['negative', '-1'],
          ['written with an exponent', '18e8'],
          ['endless', '1e400'],
          ['of more digits than any time', '9'.repeat(400)],
          ['after the year 9999', '253402300800'],
          ['of a finer fraction than anybody measures', '1800000300.0000000001'],
        ] as const
      ).map(([what, literal]) => [`a ${claim} that is ${what}`, claim, literal] as const),
    ),
  ]
  test.each(rows)('%s', (_what, claim, literal) => {
    expect(read(`${without(claim)},"${claim}":${literal}}`)).toEqual({ kind: 'malformed', claim })
  })
})

test('a subject has up to 255 bytes', () => {
  expect(said({ ...honest, sub: 'a'.repeat(255) }).subject).toHaveLength(255)
})

test('what a token has much of, it has up to a bound', () => {
  expect(said({ ...honest, iss: `https://${'a'.repeat(247)}` }).issuer).toHaveLength(255)
  expect(said({ ...honest, aud: Array(100).fill('a') }).audiences).toHaveLength(100)
  expect(said({ ...honest, aud: 'a'.repeat(255) }).audiences).toHaveLength(1)
  expect(read({ ...honest, aud: 'a'.repeat(256) })).toEqual({ kind: 'malformed', claim: 'aud' })
  expect(said({ ...honest, azp: 'a'.repeat(255) }).authorizedParty).toHaveLength(255)
  expect(read({ ...honest, azp: 'a'.repeat(256) })).toEqual({ kind: 'malformed', claim: 'azp' })
  expect(said({ ...honest, amr: Array(10).fill('a') }).methods).toHaveLength(10)
  // Ten of them, with the commas between them.
  expect(said({ ...honest, amr: ['a'.repeat(127), 'b'.repeat(127)] }).methods).toHaveLength(2)
  expect(read({ ...honest, amr: ['a'.repeat(128), 'b'.repeat(127)] })).toEqual({ kind: 'malformed', claim: 'amr' })
  expect(said({ ...honest, exp: 253_402_300_799 }).expiresAt).toBe(253_402_300_799)
  expect(said({ ...honest, amr: 'mfa' }).methods).toEqual(['mfa'])
})

test('a token has nothing that it does not say', () => {
  expect(Object.keys(said(honest)).sort()).toEqual(
    ['audiences', 'claims', 'expiresAt', 'issuedAt', 'issuer', 'methods', 'subject'].sort(),
  )
  expect(said(honest).methods).toEqual([])
})

test('a time may have a fraction', () => {
  expect(said(JSON.stringify(honest).replace('1800000300', '1800000300.250000000')).expiresAt).toBe(1_800_000_300.25)
  expect(said({ ...honest, iat: 0 }).issuedAt).toBe(0)

  expect(said(JSON.stringify(honest).replace('1800000300', '1800000300.25')).expiresAt).toBe(1_800_000_300.25)
})

describe('at a given time a token', () => {
  const at = (claims: object, seconds: number) => timeliness(said({ ...honest, ...claims }), seconds * 1000)
  test('is good until the second in which it ends', () => {
    expect(at({}, now + 299)).toBe('good')
    expect(timeliness(said(honest), (now + 300) * 1000 - 1)).toBe('good')
    expect(at({}, now + 300)).toBe('expired')
    expect(at({}, now + 301)).toBe('expired')
    expect(at({ exp: 0 }, now)).toBe('expired')
  })
  test('is not good before, but for a minute by which clocks may differ', () => {
    expect(at({ iat: now + 60 }, now)).toBe('good')
    expect(at({ iat: now + 61 }, now)).toBe('early')
    expect(at({ nbf: now + 60 }, now)).toBe('good')
    expect(at({ nbf: now + 61 }, now)).toBe('early')
    expect(at({ nbf: now - 600 }, now)).toBe('good')
  })
})
