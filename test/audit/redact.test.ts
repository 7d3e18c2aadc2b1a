import { describe, expect, test } from 'vitest'
import { bounded, json, type Members, oneLine, quoted, recorded } from '../../src/audit/redact.ts'

const kept = (value: object, room = 10_000, members?: Members): unknown => JSON.parse(bounded(value, room, members))

describe('secrets', () => {
  // As AWS's models and CloudTrail spell them: the list is in small letters, and holds whatever the spelling.
  test.each([
    'SecretAccessKey',
    'SessionToken',
    'Token',
    'TokenCode',
    'AuthenticationCode1',
    'AuthenticationCode2',
    'Base32StringSeed',
    'QRCodePNG',
    'Password',
    'OldPassword',
    'NewPassword',
    'ServicePassword',
    'ServiceCredentialSecret',
    'SAMLAssertion',
    'WebIdentityToken',
    'AccessToken',
    'TradeInToken',
    'ContextAssertion',
    'PrivateKey',
    'AssertionEncryptionKey',
    'AddPrivateKey',
    'ClientSecret',
  ])('%s is left out, and what stands beside it is not', (name) => {
    for (const spelled of [name, name.toLowerCase(), name.toUpperCase()])
      expect(kept({ [spelled]: 'canary', Beside: 1 })).toEqual({ Beside: 1 })
    expect(kept({ [`${name}Id`]: 'x' })).toEqual({ [`${name}Id`]: 'x' })
  })

  test('a private key is left out wherever it was sent, and words about one are not', () => {
    const pem = `-----BEGIN PRIVATE KEY-----\n${'A'.repeat(64)}\n-----END PRIVATE KEY-----`
    const about = `${'x'.repeat(64 - 16)}PRIVATE KEY-----`
    expect(kept({ CertificateBody: pem, List: [pem, 'x'], Beside: 1 })).toEqual({ List: ['x'], Beside: 1 })
    expect(kept({ Text: about })).toEqual({ Text: about })
    expect(kept({ Text: `x${about}` })).toBeNull()
    expect(kept({ Text: 'x'.repeat(1000) })).toEqual({ Text: 'x'.repeat(1000) })
  })
})

describe('what there is room for', () => {
  // A name takes as many bytes as it has and four more. Where nothing is left behind a value, what follows it is left out.
  const rows: readonly (readonly [what: string, value: unknown, bytes: number])[] = [
    ['a number', 1, 16],
    ['a truth', true, 5],
    ['nothing', null, 5],
    ['a date', new Date(0), 28],
    ['an empty text', '', 3],
    ['a text', 'abc', 6],
    ['a quote', '"', 5],
    ['a backslash', '\\', 5],
    ['a space', ' ', 4],
    ['the last of ASCII', '~', 4],
    ['a control character', '\u001f', 9],
    ['a delete', '\u007f', 9],
    ['the last control character', '\u009f', 9],
    ['the first behind it', '\u00a0', 5],
    ['the last of two bytes', '\u07ff', 5],
    ['the first of three', '\u0800', 6],
    ['the last before the surrogates', '\ud7ff', 6],
    ['half of a pair', '\ud800', 9],
    ['the other half', '\udfff', 9],
    ['the first behind the surrogates', '\ue000', 6],
    ['the last before the separators', '\u2027', 6],
    ['a separator of lines', '\u2028', 9],
    ['the last that steers', '\u2069', 9],
    ['the first behind those', '\u206a', 6],
    ['the last of three bytes', '\uffff', 6],
    ['one beyond the first plane', '\u{10000}', 7],
    ['a list of nothing', [], 0],
    ['a list', [1, 1], 36],
    ['an object of nothing', {}, 0],
    ['an object', { b: 1 }, 21],
  ]
  test.each(rows)('%s', (_what, value, bytes) => {
    const all = { a: value, z: 1 }
    const told = value instanceof Date ? 'Jan 1, 1970, 12:00:00 AM' : value
    expect(kept(all, 5 + bytes + 1)).toEqual({ a: told, z: 1 })
    expect(kept(all, 5 + bytes)).not.toHaveProperty('z')
  })

  test('a text that does not fit is cut, says how much is missing, and ends what is told', () => {
    const text = 'x'.repeat(100)
    expect(kept({ a: text, z: 1 }, 5 + 103 + 1)).toEqual({ a: text, z: 1 })
    expect(kept({ a: text, z: 1 }, 5 + 102)).toEqual({ a: `${'x'.repeat(75)}[25 more]` })
    expect(kept({ a: text }, 20)).toEqual({ a: '[100 more]' })
    // Never in the middle of a character.
    expect(kept({ a: '🎭'.repeat(20) }, 5 + 3 + 42)).toEqual({ a: '[40 more]' })
    expect(kept({ a: '🎭'.repeat(40) }, 5 + 3 + 4 * 13 + 3)).toEqual({ a: '🎭[78 more]' })
  })

  test('a list ends where there is no more room', () => {
    expect(kept({ a: [1, 1, 1, 1] }, 5 + 18 + 18 + 1)).toEqual({ a: [1, 1, 1] })
    expect(kept({ a: [1, 1, 1, 1] }, 5 + 18 + 18)).toEqual({ a: [1, 1] })
  })

  test('a name is cut at 256 bytes, and costs what is left of it', () => {
    const long = 'n'.repeat(300)
    expect(kept({ [long]: 1 })).toEqual({ ['n'.repeat(256)]: 1 })
    expect(kept({ [long]: 1, z: 1 }, 256 + 4 + 16 + 1)).toHaveProperty('z')
    expect(kept({ [long]: 1, z: 1 }, 256 + 4 + 16)).not.toHaveProperty('z')
  })

  test('twelve objects in one another are told, and no more', () => {
    const nested = (depth: number): object => (depth === 0 ? { End: 1 } : { In: nested(depth - 1) })
    const text = (depth: number) => bounded(nested(depth), 10_000)
    expect(text(11)).toBe(JSON.stringify(nested(11)))
    expect(text(12)).toBe(JSON.stringify(nested(12)).replace('"In":{"End":1}', ''))
    expect(text(13)).toBe(text(12))
  })

  test('what is left out leaves no comma, and nothing at all is null', () => {
    const bytes = new Uint8Array([1])
    expect(bounded({ a: bytes, b: 1, c: undefined, d: bytes, e: [bytes, 1, bytes, 2] }, 1000)).toBe('{"b":1,"e":[1,2]}')
    expect(bounded({ a: bytes, b: undefined }, 1000)).toBe('null')
    expect(bounded({}, 1000)).toBe('null')
    expect(bounded({ a: 1 }, 0)).toBe('null')
    expect(bounded({ f: () => 1, s: Symbol('s'), n: Number.NaN }, 1000)).toBe('{"n":null}')
  })
})

describe('names', () => {
  const inside: Members = (name) => (name === 'At' ? { timestamp: true } : undefined)
  const model: Members = (name) =>
    name === 'Map' ? { map: true, members: inside } : name === 'Inner' ? { members: inside } : {}

  test('of members have a small first letter, and those of a map are their sender’s', () => {
    expect(JSON.parse(recorded({ Map: { Key: 1 }, Inner: { Key: 1 } }, model, 1000))).toEqual({
      map: { Key: 1 },
      inner: { key: 1 },
    })
    expect(kept({ Map: { Key: 1 } }, 1000, model)).toEqual({ Map: { Key: 1 } })
  })

  test('that the model has are told the same each time, whoever else has them', () => {
    for (let times = 0; times < 2; times++) {
      expect(JSON.parse(recorded({ Same: 1, Token: 'x' }, model, 1000))).toEqual({ same: 1 })
      expect(kept({ Same: 1, Token: 'x' })).toEqual({ Same: 1 })
    }
  })

  test('say in which lists and objects numbers are times', () => {
    const at = Date.UTC(2026, 0, 2)
    expect(kept({ Inner: [{ At: at }, { Other: at }] }, 1000, model)).toEqual({
      Inner: [{ At: 'Jan 2, 2026, 12:00:00 AM' }, { Other: at }],
    })
    expect(kept({ Inner: { At: at } })).toEqual({ Inner: { At: at } })
  })
})

describe('a line', () => {
  test('is one, and no longer than it may be', () => {
    expect(oneLine('a\r\n\tb\u0000\u001f\u007f\u0080\u009fc', 100)).toBe('a   b     c')
    expect(oneLine('abc', 3)).toBe('abc')
    expect(oneLine('abcd', 3)).toBe('abc')
    expect(oneLine('ééé', 5)).toBe('éé')
    expect(quoted('abc', 3)).toBe('"abc"')
    expect(quoted('abcd', 3)).toBe('"abc"')
    expect(quoted('a"c', 10)).toBe('"a\\"c"')
    expect(quoted('a\nc', 10)).toBe('"a c"')
  })

  test('has what steers a terminal or a reader of logs escaped', () => {
    expect(json('\u007f\u009f\u2028\u202e\u2066\u2069')).toBe('"\\u007f\\u009f\\u2028\\u202e\\u2066\\u2069"')
    expect(json('~\u00a0\u2027\u202f\u2065\u206a')).toBe('"~\u00a0\u2027\u202f\u2065\u206a"')
  })
})
