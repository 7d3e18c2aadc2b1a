import { createHmac } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import { base64url, ecPair, signedText, unsignedText } from '../token/forge.ts'
import {
  evil,
  Federation,
  header,
  honest,
  host,
  invalid,
  issuer,
  malformed,
  noKey,
  refusal,
  rsa,
  seconds,
  token,
  unknownIssuer,
  wrongAudience,
} from './federation.ts'
import { home } from './scene.ts'

const ec = ecPair('P-256')
const noJwt = invalid('The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)')
const badSignature = invalid('The signature of the ID Token is not valid')
const missing = (claim: string) => invalid(`Missing a required claim: ${claim}`)

let it: Federation
beforeEach(async () => {
  it = await Federation.open()
})

describe('no token is', () => {
  const text = (head: string, claims: string, key = rsa.privateKey) => signedText(head, claims, 'RS256', key)
  const plain = JSON.stringify(header)
  const with_ = (claim: string, literal: string) =>
    text(plain, `${JSON.stringify({ ...honest, [claim]: undefined }).slice(0, -1)},"${claim}":${literal}}`)
  const without = (claim: string) => text(plain, JSON.stringify({ ...honest, [claim]: undefined }))
  const claims = JSON.stringify(honest)

  const rows: readonly (readonly [string, () => string, readonly unknown[]])[] = [
    // Algorithms and keys.
    ['unsigned', () => unsignedText('{"alg":"none"}', claims), noJwt],
    ['unsigned in capitals', () => unsignedText('{"alg":"NONE"}', claims), noJwt],
    ['unsigned, with a signature', () => text('{"alg":"none","kid":"one"}', claims), noJwt],
    [
      'signed with the public key as a secret',
      () => {
        const signed = `${base64url('{"alg":"HS256","kid":"one"}')}.${base64url(claims)}`
        const secret = rsa.publicKey.export({ format: 'pem', type: 'spki' })
        return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
      },
      noJwt,
    ],
    [
      'signed with a secret, and said to be by RSA',
      () => {
        const signed = `${base64url(plain)}.${base64url(claims)}`
        const secret = rsa.publicKey.export({ format: 'pem', type: 'spki' })
        return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
      },
      badSignature,
    ],
    ['signed with another key', () => token({}, {}, evil.privateKey), badSignature],
    [
      'signed by another algorithm than its key is for',
      () => signedText(JSON.stringify({ ...header, alg: 'RS512' }), claims, 'RS512', rsa.privateKey),
      noKey,
    ],
    [
      'signed on a curve, with the id of an RSA key',
      () => signedText(JSON.stringify({ ...header, alg: 'ES256' }), claims, 'ES256', ec.privateKey),
      noKey,
    ],
    ['signed with an unknown key', () => token({}, { kid: 'two' }, evil.privateKey), noKey],
    ['of a key whose id is a path', () => token({}, { kid: '../../../etc/passwd' }, evil.privateKey), noKey],
    ['of a key whose id is a query', () => token({}, { kid: "' OR 1=1 --" }, evil.privateKey), noKey],
    [
      'signed with the key in its header',
      () => token({}, { jwk: evil.publicKey.export({ format: 'jwk' }) }, evil.privateKey),
      badSignature,
    ],
    [
      'signed with a key from elsewhere',
      () => token({}, { jku: 'https://evil.example/jwks' }, evil.privateKey),
      badSignature,
    ],
    [
      'signed with a certificate from elsewhere',
      () => token({}, { x5u: 'https://evil.example/crt' }, evil.privateKey),
      badSignature,
    ],
    ['signed with a certificate of its own', () => token({}, { x5c: ['MIIB'] }, evil.privateKey), badSignature],
    ['read otherwise because of something critical', () => token({}, { crit: ['exp'], exp: 1 }), noJwt],
    ['one with a payload that is not encoded', () => token({}, { b64: false, crit: ['b64'] }), noJwt],
    ['compressed', () => token({}, { zip: 'DEF' }), noJwt],
    ['for ending a session', () => token({}, { typ: 'logout+jwt' }), noJwt],
    // What could be read in two ways, or in none.
    ['one with its header twice', () => text('{"alg":"RS256","kid":"one","kid":"two"}', claims), noJwt],
    ['one with a subject twice', () => text(plain, claims.replace('{', '{"sub":"admin",')), noJwt],
    ['one with an audience twice', () => text(plain, claims.replace('}', ',"aud":"another"}')), noJwt],
    ['a list', () => text(plain, `[${claims}]`), noJwt],
    ['an access token', () => 'ya29.a0AfH6SMBx', noJwt],
    ['of two parts', () => token().split('.').slice(0, 2).join('.'), noJwt],
    ['of five parts', () => `${token()}.a.b`, noJwt],
    ['spelled in another way', () => `${token()}=`, noJwt],
    // Claims.
    ...['iss', 'sub', 'aud', 'exp', 'iat'].map(
      (claim) => [`without ${claim}`, () => without(claim), missing(claim)] as const,
    ),
    ['without an end that is a number', () => with_('exp', `"${seconds + 300}"`), malformed('exp')],
    ['without an end', () => with_('exp', 'null'), malformed('exp')],
    ['endless', () => with_('exp', '1e400'), malformed('exp')],
    ['endless, in digits', () => with_('exp', '9'.repeat(40)), malformed('exp')],
    ['ended before it began', () => with_('exp', '-1'), malformed('exp')],
    ['of a list of times', () => with_('exp', '[1]'), malformed('exp')],
    ['of a time that is no number', () => with_('nbf', 'true'), malformed('nbf')],
    ['of nobody', () => with_('sub', '""'), malformed('sub')],
    ['of a number', () => with_('sub', '7'), malformed('sub')],
    ['of somebody of 256 letters', () => with_('sub', `"${'a'.repeat(256)}"`), malformed('sub')],
    ['for nobody', () => with_('aud', '[]'), malformed('aud')],
    ['for a number', () => with_('aud', '[7]'), malformed('aud')],
    // Whose it is, and for whom.
    ['for another audience', () => token({ aud: 'https://github.com/octo-org' }), wrongAudience],
    ['for other audiences', () => token({ aud: ['a', 'b'] }), wrongAudience],
    ['for the audience in other letters', () => token({ aud: 'STS.amazonaws.com' }), wrongAudience],
    ['for the audience and more', () => token({ aud: 'sts.amazonaws.com.evil.example' }), wrongAudience],
    ['issued to another party', () => token({ azp: 'somebody' }), wrongAudience],
    ['issued by another party', () => token({ iss: 'https://evil.example' }), unknownIssuer('https://evil.example')],
    [
      'issued by a part of the issuer',
      () => token({ iss: 'https://token.actions.githubusercontent' }),
      unknownIssuer('https://token.actions.githubusercontent'),
    ],
    [
      'issued by the issuer and more',
      () => token({ iss: `${issuer}.evil.example` }),
      unknownIssuer(`${issuer}.evil.example`),
    ],
    ['issued below the issuer', () => token({ iss: `${issuer}/octo-org` }), unknownIssuer(`${issuer}/octo-org`)],
    ['issued by the issuer with a slash', () => token({ iss: `${issuer}/` }), unknownIssuer(`${issuer}/`)],
    [
      'issued by the issuer in other letters',
      () => token({ iss: issuer.toUpperCase().replace('HTTPS', 'https') }),
      unknownIssuer(issuer.toUpperCase().replace('HTTPS', 'https')),
    ],
    ['issued by the issuer with a port', () => token({ iss: `${issuer}:443` }), unknownIssuer(`${issuer}:443`)],
    [
      'issued by plain HTTP',
      () => token({ iss: issuer.replace('https', 'http') }),
      invalid('Issuer must be a valid URL'),
    ],
    ['issued by a name', () => token({ iss: host }), invalid('Issuer must be a valid URL')],
    ['issued with a query', () => token({ iss: `${issuer}?x=y` }), invalid('Issuer must be a valid URL')],
    [
      'issued by a password',
      () => token({ iss: 'https://a:b@token.actions.githubusercontent.com' }),
      invalid('Issuer must be a valid URL'),
    ],
    // When it is good.
    [
      'good after its end',
      () => token({ exp: seconds }),
      [
        400,
        'ExpiredTokenException',
        `Token expired: current date/time ${seconds} must be before the expiration date/time ${seconds}`,
      ],
    ],
    [
      'good long after its end',
      () => token({ exp: 1.5 }),
      [
        400,
        'ExpiredTokenException',
        `Token expired: current date/time ${seconds} must be before the expiration date/time 1`,
      ],
    ],
    [
      'good before its beginning',
      () => token({ nbf: seconds + 61 }),
      invalid(`The ID Token is not valid yet: the current date/time is ${seconds}`),
    ],
    [
      'good before it was issued',
      () => token({ iat: seconds + 61 }),
      invalid(`The ID Token is not valid yet: the current date/time is ${seconds}`),
    ],
  ]

  test.each(rows)('%s', async (_what, made, expected) => {
    const answer = await it.assume(made())
    expect(refusal(answer)).toEqual(expected)
    expect(it.scene.alarms).toEqual([])
    // Told to whoever sent it, and written down: in the account that it was shown to, and without the token.
    const [record, ...more] = await it.scene.recordsOf(answer)
    expect(more).toEqual([])
    expect(record).toMatchObject({
      recipientAccountId: home,
      userIdentity: { type: 'Unknown' },
      responseElements: null,
    })
    expect(JSON.stringify(record)).not.toContain('eyJ')
  })

  test('longer than any is', async () => {
    const answer = await it.assume(token({ x: 'a'.repeat(15_000) }))
    expect([answer.status, answer.code]).toEqual([400, 'ValidationError'])
    expect(answer.text).not.toContain('eyJ')
    expect(JSON.stringify(await it.scene.recordsOf(answer))).not.toContain('eyJ')
  })

  test('a reason to ask the issuer, where it is none by itself', async () => {
    for (const made of [() => 'x.y.z', () => token({ exp: 1 }), () => token({ iss: 'https://evil.example' })])
      await it.assume(made())
    expect(it.asked).toBe(0)
  })
})
