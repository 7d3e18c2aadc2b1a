import { createHmac, generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { CompactSign, compactVerify, exportJWK, importJWK } from 'jose'
import { describe, expect, test } from 'vitest'
import { algorithms } from '../../src/token/algorithm.ts'
import { readKeySet, type VerificationKey } from '../../src/token/jwk.ts'
import { isSigned, keysFor, readJwt } from '../../src/token/jwt.ts'
import { newSigningKey, publicJwk, signingKeyIn, signingKeyText, signJwt } from '../../src/token/signing-key.ts'
import { algorithm, base64url, ecPair, edPair, keySet, type Pair, rsaPair, signedText, unsignedText } from './forge.ts'

const rsa = rsaPair()
const pairs: Readonly<Record<string, Pair>> = {
  ES256: ecPair('P-256'),
  ES384: ecPair('P-384'),
  ES512: ecPair('P-521'),
  EdDSA: edPair(),
}
const pairOf = (alg: string): Pair => pairs[alg] ?? rsa
const keysOf = (...keys: readonly (readonly [Pair, object])[]): readonly VerificationKey[] => {
  const read = readKeySet(keySet(...keys))
  if (read === undefined) throw new Error('no key set')
  return read
}
const isGood = (token: string, keys: readonly VerificationKey[]): boolean => {
  const jwt = readJwt(token)
  return jwt !== undefined && isSigned(jwt, keys)
}
const payload = '{"sub":"a"}'
const names = [...algorithms.keys()]

describe('an independent implementation', () => {
  test.each(names)('signs with %s what is verified here', async (alg) => {
    const pair = pairOf(alg)
    const token = await new CompactSign(Buffer.from(payload))
      .setProtectedHeader({ alg, kid: 'k' })
      .sign(pair.privateKey)
    expect(isGood(token, keysOf([pair, { kid: 'k', alg, use: 'sig' }]))).toBe(true)
    const other = alg.startsWith('ES') ? ecPair(algorithm(alg).crv ?? '') : alg === 'EdDSA' ? edPair() : rsaPair()
    expect(isGood(token, keysOf([other, { kid: 'k' }]))).toBe(false)
  })

  test.each(names)('verifies what is signed here with %s', async (alg) => {
    const made = newSigningKey(algorithm(alg))
    const key = signingKeyIn(signingKeyText(made))
    expect(key.kid).toBe(made.kid)
    const token = signJwt({ sub: 'a' }, algorithm(alg), key)
    const { payload: read, protectedHeader } = await compactVerify(token, await importJWK({ ...publicJwk(key) }, alg))
    expect(Buffer.from(read).toString()).toBe(payload)
    expect(protectedHeader).toEqual({ alg, typ: 'JWT', kid: key.kid })
    expect(isGood(token, readKeySet(Buffer.from(JSON.stringify({ keys: [publicJwk(key)] }))) ?? [])).toBe(true)
  })
})

describe('the examples of the RFCs', () => {
  test('RFC 7515, A.2: RS256', () => {
    const key = {
      kty: 'RSA',
      n: 'ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ',
      e: 'AQAB',
    }
    const token =
      'eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw'
    expect(isGood(token, readKeySet(Buffer.from(JSON.stringify({ keys: [key] }))) ?? [])).toBe(true)
  })

  test('RFC 7515, A.3: ES256', () => {
    const key = {
      kty: 'EC',
      crv: 'P-256',
      x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
      y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
    }
    const token =
      'eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q'
    expect(isGood(token, readKeySet(Buffer.from(JSON.stringify({ keys: [key] }))) ?? [])).toBe(true)
  })

  test('RFC 7638, 3.1: the thumbprint of a key', async () => {
    const made = newSigningKey(algorithm('RS256'))
    const { calculateJwkThumbprint } = await import('jose')
    expect(made.kid).toBe(await calculateJwkThumbprint(await exportJWK(made.key)))
  })
})

describe('a token is not even read that', () => {
  const good = signedText('{"alg":"RS256"}', payload, 'RS256', rsa.privateKey)
  const [head = '', body = '', tail = ''] = good.split('.')
  const signed = (header: string, claims = payload) => signedText(header, claims, 'RS256', rsa.privateKey)
  /** The last character of 256 bytes says four bits that count and two that do not. */
  const respelt = `${tail.slice(0, -1)}${String.fromCharCode(tail.charCodeAt(tail.length - 1) + 1)}`

  const rows: readonly (readonly [string, string])[] = [
    ['is empty', ''],
    ['has no dots', 'abc'],
    ['has two parts', `${head}.${body}`],
    ['has four parts', `${good}.`],
    ['has five parts, as an encrypted one has', `${good}.a.a`],
    ['has an empty header', `.${body}.${tail}`],
    ['has an empty payload', `${head}..${tail}`],
    ['has no signature', `${head}.${body}.`],
    ['ends with white space', `${good}\n`],
    ['begins with white space', ` ${good}`],
    ['has padding', `${good}==`],
    ['is written in the other base64', `${head}.${body}.${tail.slice(0, -1)}+`],
    ['spells its signature in another way', `${head}.${body}.${respelt}`],
    ['is longer than any is', signed('{"alg":"RS256"}', `{"sub":"${'a'.repeat(15_000)}"}`)],
    ['is not in UTF-8', `${base64url(Buffer.from('{"alg":"RS256","x":"\xff"}', 'latin1'))}.${body}.${tail}`],
    ['has a byte-order mark', signed('\ufeff{"alg":"RS256"}')],
    ['has a header that is a list', signed('["RS256"]')],
    ['has a header that is null', signed('null')],
    ['has a payload that is a text', signed('{"alg":"RS256"}', '"sub"')],
    ['has a payload that is a list', signed('{"alg":"RS256"}', '[{"sub":"a"}]')],
    ['has a header that goes on after its end', signed('{"alg":"RS256"}{}')],
    ['has an algorithm twice', signed('{"alg":"RS256","alg":"none"}')],
    ['has an algorithm twice, once escaped', signed('{"alg":"none","\\u0061lg":"RS256"}')],
    ['has a claim twice', signed('{"alg":"RS256"}', '{"sub":"a","sub":"b"}')],
    ['has a claim twice deep inside', signed('{"alg":"RS256"}', '{"x":[{"a":1,"a":2}]}')],
    ['is nested without end', signed('{"alg":"RS256"}', `{"x":${'['.repeat(100)}${']'.repeat(100)}}`)],
    ['has no algorithm', signed('{}')],
    ['has an algorithm that is no text', signed('{"alg":["RS256"]}')],
    ['has a key id that is no text', signed('{"alg":"RS256","kid":1}')],
    ['has a critical extension', signed('{"alg":"RS256","crit":["exp"]}')],
    ['has an empty list of critical extensions', signed('{"alg":"RS256","crit":[]}')],
    ['has its payload not encoded', signed('{"alg":"RS256","b64":false,"crit":["b64"]}')],
    ['says that its payload is not encoded, without calling it critical', signed('{"alg":"RS256","b64":false}')],
    ['is compressed', signed('{"alg":"RS256","zip":"DEF"}')],
    ['is encrypted', signed('{"alg":"RS256","enc":"A128GCM"}')],
    ['says that it ends a session', signed('{"alg":"RS256","typ":"logout+jwt"}')],
    ['says that it is an access token', signed('{"alg":"RS256","typ":"at+jwt"}')],
    ['has a type that is no text', signed('{"alg":"RS256","typ":null}')],
    ...[
      'none',
      'None',
      'NONE',
      'nOnE',
      '',
      'HS256',
      'HS384',
      'HS512',
      'rs256',
      'RS1',
      'RS256 ',
      'ES256K',
      'dir',
      '__proto__',
    ].flatMap((alg) => [
      [`says ${JSON.stringify(alg)} and has no signature`, unsignedText(`{"alg":"${alg}"}`, payload)] as const,
      [`says ${JSON.stringify(alg)} over a good signature`, signed(`{"alg":"${alg}"}`)] as const,
    ]),
  ]
  test.each(rows)('%s', (_what, token) => {
    expect(readJwt(token)).toBeUndefined()
  })

  test('while the one that they were made of is good', () => {
    expect(isGood(good, keysOf([rsa, {}]))).toBe(true)
    for (const typ of ['JWT', 'jwt', 'JOSE'])
      expect(isGood(signed(`{"alg":"RS256","typ":"${typ}"}`), keysOf([rsa, {}]))).toBe(true)
  })
})

test('a token has up to 20,000 characters', () => {
  const [head, body] = [base64url('{"alg":"RS256"}'), base64url(payload)]
  const room = 20_000 - head.length - body.length - 2
  const signature = (length: number) => `${head}.${body}.${'A'.repeat(length)}`
  expect(signature(room)).toHaveLength(20_000)
  expect(readJwt(signature(room))).toMatchObject({ algorithm: { name: 'RS256' } })
  for (const more of [1, 2, 3, 4]) expect(readJwt(signature(room + more))).toBeUndefined()
})

describe('no token chooses its key', () => {
  const evil = rsaPair()
  const trusted = keysOf([rsa, { kid: 'k' }])
  const jwk = JSON.stringify(evil.publicKey.export({ format: 'jwk' }))

  test.each([
    ['an embedded key', `"jwk":${jwk}`],
    ['an embedded key, with the id of a good one', `"kid":"k","jwk":${jwk}`],
    ['the place of a key set', '"jku":"https://evil.example/keys"'],
    ['the place of a certificate', '"x5u":"https://evil.example/cert"'],
    ['an embedded certificate', '"x5c":["MIIB"]'],
    ['a key id that is a path', '"kid":"../../../../dev/null"'],
    ['a key id that is a query', `"kid":"' UNION SELECT 'x"`],
    ['a key id that every object has', '"kid":"__proto__"'],
    ['an empty key id', '"kid":""'],
    ['the id of a good key', '"kid":"k"'],
  ])('by %s', (_what, said) => {
    expect(isGood(signedText(`{"alg":"RS256",${said}}`, payload, 'RS256', evil.privateKey), trusted)).toBe(false)
  })

  test('and what it says of keys does not disturb a good signature', () => {
    const token = signedText(
      `{"alg":"RS256","kid":"k","jku":"https://a/","jwk":${jwk}}`,
      payload,
      'RS256',
      rsa.privateKey,
    )
    expect(isGood(token, trusted)).toBe(true)
  })

  test('and a public key is no secret that it could be signed with', () => {
    const spellings = [
      rsa.publicKey.export({ format: 'pem', type: 'spki' }),
      rsa.publicKey.export({ format: 'der', type: 'spki' }),
      rsa.publicKey.export({ format: 'pem', type: 'pkcs1' }),
      String(rsa.publicKey.export({ format: 'jwk' }).n),
    ]
    for (const alg of ['HS256', 'RS256', 'ES256', 'EdDSA']) {
      for (const secret of spellings) {
        const signed = `${base64url(`{"alg":"${alg}","kid":"k"}`)}.${base64url(payload)}`
        const mac = createHmac('sha256', secret).update(signed).digest('base64url')
        expect(isGood(`${signed}.${mac}`, trusted)).toBe(false)
      }
    }
  })
})

describe('a key is for', () => {
  test.each(names)('%s and no algorithm of another kind', (alg) => {
    const pair = pairOf(alg)
    const jwt = readJwt(signedText(`{"alg":"${alg}"}`, payload, alg, pair.privateKey))
    const others = names.filter((name) => pairOf(name) !== pair).map((name) => [pairOf(name), {}] as const)
    expect(jwt && keysFor(jwt, keysOf(...others))).toEqual([])
  })

  test('the one algorithm that its issuer names', () => {
    const token = signedText('{"alg":"RS512"}', payload, 'RS512', rsa.privateKey)
    expect(isGood(token, keysOf([rsa, { alg: 'RS256' }]))).toBe(false)
    expect(isGood(token, keysOf([rsa, { alg: 'RS512' }]))).toBe(true)
  })

  test('the tokens that name it', () => {
    const other = rsaPair()
    const named = signedText('{"alg":"RS256","kid":"b"}', payload, 'RS256', rsa.privateKey)
    expect(isGood(named, keysOf([rsa, { kid: 'a' }], [other, { kid: 'b' }]))).toBe(false)
    expect(isGood(named, keysOf([other, { kid: 'a' }], [rsa, { kid: 'b' }]))).toBe(true)
    expect(isGood(named, keysOf([rsa, {}]))).toBe(false)
  })

  test('tokens that name none, among no more than eight', () => {
    const token = signedText('{"alg":"RS256"}', payload, 'RS256', rsa.privateKey)
    const other = [edPair(), {}] as const
    const weakest = Array.from({ length: 7 }, () => [ecPair('P-256'), {}] as const)
    expect(isGood(token, keysOf(other, ...weakest, [rsa, {}]))).toBe(true)
    const es = Array.from({ length: 8 }, (_, at) => [ecPair('P-256'), { kid: String(at) }] as const)
    const last = ecPair('P-256')
    const es256 = signedText('{"alg":"ES256"}', payload, 'ES256', last.privateKey)
    expect(isGood(es256, keysOf(...es.slice(1), [last, {}]))).toBe(true)
    expect(isGood(es256, keysOf(...es, [last, {}]))).toBe(false)
  })
})

describe('a signature is none', () => {
  test.each(['ES256', 'ES384', 'ES512', 'EdDSA'])('of another length than those of %s', (alg) => {
    const pair = pairOf(alg)
    const token = signedText(`{"alg":"${alg}"}`, payload, alg, pair.privateKey)
    const [head = '', body = '', tail = ''] = token.split('.')
    const bytes = Buffer.from(tail, 'base64url')
    const keys = keysOf([pair, {}])
    expect(isGood(token, keys)).toBe(true)
    for (const other of [bytes.subarray(1), Buffer.concat([bytes, Buffer.of(0)]), Buffer.concat([Buffer.of(0), bytes])])
      expect(isGood(`${head}.${body}.${base64url(other)}`, keys)).toBe(false)
  })

  test('where the key cannot verify at all: what throws is no signature', () => {
    const bytes = Buffer.alloc(64, 1)
    // No key set yields such keys: each says that it is of a type that it is not of.
    const { publicKey } = generateKeyPairSync('x25519')
    expect(() => algorithm('EdDSA').verify(bytes, bytes, publicKey)).toThrow()
    const jwt = readJwt(unsignedText('{"alg":"EdDSA"}', payload, base64url(bytes)))
    expect(jwt && isSigned(jwt, [{ kty: 'OKP', crv: 'Ed25519', key: publicKey }])).toBe(false)
  })

  test('of zeros, on any curve', () => {
    for (const alg of ['ES256', 'ES384', 'ES512', 'EdDSA']) {
      const zeros = base64url(Buffer.alloc(algorithm(alg).signatureBytes ?? 0))
      const token = unsignedText(`{"alg":"${alg}"}`, payload, zeros)
      expect(isGood(token, keysOf([pairOf(alg), {}]))).toBe(false)
    }
  })

  test('in the form that TLS has for it', () => {
    const { privateKey } = pairOf('ES256')
    const signed = `${base64url('{"alg":"ES256"}')}.${base64url(payload)}`
    const der = algorithm('ES256').sign(Buffer.from(signed), privateKey)
    expect(
      isGood(`${signed}.${base64url(Buffer.concat([Buffer.from('3044', 'hex'), der]))}`, keysOf([pairOf('ES256'), {}])),
    ).toBe(false)
  })

  test('after one bit of what it signs, or of itself, was turned', () => {
    const token = signedText('{"alg":"RS256"}', '{"sub":"aaaaaaaaaa"}', 'RS256', rsa.privateKey)
    const keys = keysOf([rsa, {}])
    const parts = token.split('.').map((part) => Buffer.from(part, 'base64url'))
    parts.forEach((bytes, at) => {
      for (let byte = 0; byte < bytes.length; byte += 7) {
        const turned = Buffer.from(bytes)
        turned[byte] = (turned[byte] ?? 0) ^ 1
        const other = parts.map((part, index) => base64url(index === at ? turned : part)).join('.')
        expect(isGood(other, keys)).toBe(false)
      }
    })
  })
})

describe('of a key set', () => {
  const jwkOf = (pair: Pair): object => pair.publicKey.export({ format: 'jwk' })
  const read = (...keys: readonly unknown[]) => readKeySet(Buffer.from(JSON.stringify({ keys })))
  const good = { ...jwkOf(rsa), kid: 'k' }

  test('a key that can be used is used', () => {
    expect(read(good)).toMatchObject([{ kty: 'RSA', kid: 'k' }])
    expect(read({ ...good, use: 'sig', key_ops: ['verify'], x5t: 'a', x5c: ['b'] })).toHaveLength(1)
  })

  test.each([
    ['is for encryption', { ...good, use: 'enc' }],
    ['is for something that is no text', { ...good, use: 1 }],
    ['is not for verifying', { ...good, key_ops: ['encrypt'] }],
    ['is for operations that are no list', { ...good, key_ops: 'verify' }],
    ['is a secret that both sides have', { kty: 'oct', k: 'AAAA', kid: 'k' }],
    ['is of a type that nobody knows', { ...good, kty: 'XYZ' }],
    ['is of a type that every object has', { ...good, kty: 'constructor' }],
    ['has no type', { n: 'AQAB', e: 'AQAB' }],
    ['is private', { ...rsa.privateKey.export({ format: 'jwk' }) }],
    ['has an id that is no text', { ...good, kid: 1 }],
    ['has an algorithm that is no text', { ...good, alg: null }],
    ['is of 1024 bits', jwkOf(rsaPair(1024))],
    ['has the exponent 1', { ...good, e: 'AQ' }],
    ['has an even exponent', { ...good, e: 'Ag' }],
    ['has an exponent of many bytes', { ...good, e: 'AQAAAAAAAAAB' }],
    ['has no modulus', { kty: 'RSA', e: 'AQAB' }],
    ['has a modulus that is no number', { ...good, n: '***' }],
    ['has a modulus of more bits than any', { ...good, n: base64url(Buffer.alloc(1025, 255)) }],
    ['is on a curve that we do not take', jwkOf(ecPair('secp256k1'))],
    ['is on no curve', { ...jwkOf(ecPair('P-256')), crv: undefined }],
    ['is a point beside its curve', { ...jwkOf(ecPair('P-256')), x: base64url(Buffer.alloc(32, 1)) }],
    ['is a point of another curve', { ...jwkOf(ecPair('P-384')), crv: 'P-256' }],
    ['is for agreeing on keys', { kty: 'OKP', crv: 'X25519', x: base64url(Buffer.alloc(32, 9)) }],
    ['is too short', { kty: 'OKP', crv: 'Ed25519', x: base64url(Buffer.alloc(31, 9)) }],
    ['is a text', 'key'],
    ['is null', null],
  ])('one that %s is passed over', (_what, key) => {
    expect(read(key, good)).toMatchObject([{ kid: 'k' }])
    expect(read(key, good)).toHaveLength(1)
  })

  const modulus = (bytes: number, first = 255) =>
    base64url(Buffer.concat([Buffer.of(first), Buffer.alloc(bytes - 1, 255)]))
  const sizes: readonly (readonly [what: string, key: object, taken: number])[] = [
    ['2048 bits', { n: modulus(256) }, 1],
    ['2047 bits', { n: modulus(256, 127) }, 0],
    ['8192 bits', { n: modulus(1024) }, 1],
    ['8193 bits', { n: modulus(1025, 1) }, 0],
    ['the exponent 3', { e: 'Aw' }, 1],
    ['the exponent 2^32 - 1', { e: '_____w' }, 1],
    ['the exponent 2^32 + 1', { e: 'AQAAAAE' }, 0],
    ['white space in its modulus', { n: `${modulus(256)}\n` }, 0],
  ]
  test.each(sizes)('a key of RSA with %s', (_what, parts, taken) => {
    expect(read({ ...good, ...parts })).toHaveLength(taken)
  })

  test('a hundred keys are read, and what each says of itself', () => {
    expect(read(...Array.from({ length: 100 }, () => good))).toHaveLength(100)
    const [plain] = read(jwkOf(rsa)) ?? []
    expect(Object.keys(plain ?? {}).sort()).toEqual(['key', 'kty'])
    const [curved] = read({ ...jwkOf(ecPair('P-384')), kid: 'c', alg: 'ES384' }) ?? []
    expect(curved).toMatchObject({ kty: 'EC', crv: 'P-384', kid: 'c', alg: 'ES384' })
    // A curve is nothing that a key of RSA has.
    expect(read({ ...good, crv: 'P-256' })?.[0]).not.toHaveProperty('crv')
    for (const [pair, crv] of [
      [ecPair('P-256'), 'P-256'],
      [ecPair('P-521'), 'P-521'],
      [edPair(), 'Ed25519'],
    ] as const)
      expect(read(jwkOf(pair))).toMatchObject([{ crv }])
    expect(read({ ...good, key_ops: [1, 'encrypt', 'verify'] })).toHaveLength(1)
    expect(read({ ...good, key_ops: [] })).toHaveLength(0)
  })

  test.each([
    ['no JSON', '{'],
    ['a web page', '<!doctype html><html></html>'],
    ['no object', '[]'],
    ['without keys', '{}'],
    ['with keys that are no list', '{"keys":{}}'],
    ['with keys twice', '{"keys":[],"keys":[]}'],
    ['with more keys than anybody has', `{"keys":[${Array(101).fill('{}').join(',')}]}`],
  ])('%s is none', (_what, text) => {
    expect(readKeySet(Buffer.from(text))).toBeUndefined()
  })

  test('and neither are bytes that are no text', () => {
    expect(readKeySet(Buffer.from([0xff, 0xfe]))).toBeUndefined()
  })
})

describe('whatever is sent', () => {
  const good = signedText('{"alg":"RS256","kid":"k"}', '{"iss":"https://a","sub":"b"}', 'RS256', rsa.privateKey)
  const trusted = keysOf([rsa, { kid: 'k' }])

  test('is a token or none, and nothing is thrown', () => {
    const part = fc.oneof(fc.json().map(base64url), fc.string(), fc.uint8Array().map(base64url))
    const parts = fc.array(part, { maxLength: 6 }).map((all) => all.join('.'))
    fc.assert(
      fc.property(fc.oneof(parts, fc.string({ unit: 'binary' })), (text) => {
        const jwt = readJwt(text)
        return jwt === undefined || !isSigned(jwt, trusted)
      }),
      { numRuns: 2_000 },
    )
  })

  test('is no good token with one character otherwise', () => {
    const other = fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n')
    fc.assert(
      fc.property(fc.nat(good.length - 1), other, (at, character) => {
        const changed = good.slice(0, at) + character + good.slice(at + 1)
        return changed === good || !isGood(changed, trusted)
      }),
      { numRuns: 2_000 },
    )
  })

  test('in the place of keys is a set or none, and nothing is thrown', () => {
    const member = fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.array(fc.string()), fc.constant('AQAB'))
    const name = fc.constantFrom('kty', 'crv', 'n', 'e', 'x', 'y', 'use', 'alg', 'kid', 'key_ops', 'd')
    const kty = fc.constantFrom('RSA', 'EC', 'OKP', 'oct')
    const key = fc.tuple(kty, fc.dictionary(name, member)).map(([type, rest]) => ({ kty: type, ...rest }))
    fc.assert(
      fc.property(fc.array(fc.oneof(key, member)), (keys) => {
        readKeySet(Buffer.from(JSON.stringify({ keys })))
      }),
      { numRuns: 2_000 },
    )
  })
})
