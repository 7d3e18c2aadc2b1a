import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonical } from '../../src/token/c14n.ts'
import { readSamlAssertion, type SamlProviderTrust } from '../../src/token/saml-assertion.ts'
import { provenAssertion } from '../../src/token/saml-response.ts'
import { namespaceOf } from '../../src/token/xml-node.ts'
import { processorMilliseconds } from '../processor.ts'
import {
  assertion,
  assertionNamespace,
  aws,
  bothTransforms,
  dsig,
  encoded,
  encrypted,
  exclusive,
  type Hash,
  identityProvider,
  idpNow,
  login,
  openingKey,
  response,
  type Said,
  type Sealing,
  signed,
} from './idp.ts'
import { attacks, type Field, wishOf } from './saml-attacks.ts'
import { issue } from './x509.ts'

const idp = identityProvider()
const elliptic = identityProvider('ec')
const opening = openingKey()
const wrongKey = openingKey()
const trust: SamlProviderTrust = {
  id: 'SAMLSP0000000000000000001',
  issuer: idp.issuer,
  certificates: [elliptic.certificate, idp.certificate],
  keys: () => [wrongKey.pem, opening.pem],
}
const read = (message: string, now = idpNow, by: SamlProviderTrust = trust) => readSamlAssertion(message, by, now)
const said = (what: Said) => read(login(idp, what))

describe('a SAML response', () => {
  test('tells who logged in, and where to', () => {
    const message = login(idp, {
      id: '_one',
      sessionUntil: idpNow + 3_600_000,
      attributes: { colour: ['red', 'green & blue'], empty: [] },
    })
    expect(read(message)).toEqual({
      id: '_one',
      issuer: 'https://idp.example/saml',
      issuedAt: idpNow,
      subject: 'alice',
      subjectType: 'persistent',
      recipient: 'https://signin.aws.amazon.com/saml',
      sessionEndsAt: idpNow + 3_600_000,
      attributes: new Map([
        ['colour', ['red', 'green & blue']],
        ['empty', []],
      ]),
    })
  })

  const hashes: readonly Hash[] = ['sha256', 'sha384', 'sha512']
  for (const by of [idp, elliptic])
    for (const hash of hashes)
      for (const over of ['assertion', 'response', 'both'] as const)
        test(`is believed with ${by.key.asymmetricKeyType} and ${hash} over ${over}`, () => {
          const manner = { hash, digest: hash }
          const one = assertion(by, { id: '_one' })
          const inner = over === 'response' ? one : signed(one, by, manner)
          const whole = response(by, inner)
          const message = over === 'assertion' ? whole : signed(whole, by, manner)
          expect(read(encoded(message))).toMatchObject({ id: '_one', subject: 'alice' })
        })

  test('is believed with what it says of its own key, which is not looked at', () => {
    const keyInfo = `<ds:KeyInfo><ds:X509Data><ds:X509Certificate>${idp.certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>`
    expect(read(login(idp, { id: '_one' }, { keyInfo }))).toMatchObject({ id: '_one' })
  })

  test('is believed with room between the parts of its signature', () => {
    const statement = (text: string) => text.replace(/><(?=\/?ds:)/g, '>\n \t<')
    const signature = (text: string) => text.replace('<ds:SignatureValue>', '\n\n<ds:SignatureValue>')
    expect(read(login(idp, { id: '_one' }, { statement, signature }))).toMatchObject({ id: '_one' })
  })

  test('is believed by a key that is just long enough', () => {
    const pair = generateKeyPairSync('rsa', { modulusLength: 1024 })
    const { certificate } = issue('short.example', undefined, idpNow, [-1, 90], pair)
    const short = { ...trust, certificates: [certificate.replace(/-----[^-]+-----|\s/g, '')] }
    expect(read(login({ ...idp, key: pair.privateKey }, { id: '_one' }), idpNow, short)).toMatchObject({ id: '_one' })
  })

  test('is believed up to a quarter of a million bytes', () => {
    const whole = response(idp, signed(assertion(idp, { id: '_one' }), idp))
    expect(read(encoded(whole.padEnd(256 * 1024)))).toMatchObject({ id: '_one' })
    expect(read(encoded(whole.padEnd(256 * 1024 + 1)))).toBe('form')
  })

  /** Prefixes that the signed text declares although nothing uses them: they are declared further out. */
  const told = (listed: string, declared: string, further: string) => {
    const parameters = `<ec:InclusiveNamespaces xmlns:ec="${exclusive}" PrefixList="${listed}"></ec:InclusiveNamespaces>`
    const transforms = bothTransforms.replace(/<\/ds:Transform>$/, () => `${parameters}</ds:Transform>`)
    const bare = assertion(idp, { id: '_one' })
    const over = bare.replace(/ xmlns:saml="[^"]*"/, () => declared)
    const message = response(idp, signed(bare, idp, { transforms, over }))
    return read(encoded(message.replace('<samlp:Response ', () => `<samlp:Response ${further} `)))
  }
  const own = ` xmlns:saml="${assertionNamespace}"`
  const lists: readonly (readonly [list: string, declared: string, further: string])[] = [
    ['xs', `${own} xmlns:xs="urn:xs"`, 'xmlns:xs="urn:xs"'],
    [' xs&#xA; &#x9;a  nobody ', ` xmlns:a="urn:a"${own} xmlns:xs="urn:xs"`, 'xmlns:a="urn:a" xmlns:xs="urn:xs"'],
    ['#default', ` xmlns="urn:d"${own}`, 'xmlns="urn:d"'],
    // Nobody has listed the default namespace.
    ['', own, 'xmlns="urn:d"'],
    [' xs ', `${own} xmlns:xs="urn:xs"`, 'xmlns="urn:d" xmlns:xs="urn:xs"'],
    [`xs${' x'.repeat(15)}`, `${own} xmlns:xs="urn:xs"`, 'xmlns:xs="urn:xs"'],
  ]
  test.each(lists)('is believed with the prefixes that its signature lists: %j', (list, declared, further) => {
    expect(told(list, declared, further)).toMatchObject({ id: '_one', subject: 'alice' })
  })

  test('is refused where a signature lists more prefixes than anybody has, or lists one that was not signed so', () => {
    const [[, declared = '', further = ''] = []] = lists
    expect(told(`xs${' x'.repeat(16)}`, declared, further)).toBe('signature')
    expect(told('xs', own, further)).toBe('signature')
    expect(told('x', declared, further)).toBe('signature')
  })

  test('is believed where prefixes are listed for the statement itself, as it was signed with them', () => {
    const parameters = `<ec:InclusiveNamespaces xmlns:ec="${exclusive}" PrefixList="xs"></ec:InclusiveNamespaces>`
    const listing = (text: string) =>
      text.replace('</ds:CanonicalizationMethod>', () => `${parameters}</ds:CanonicalizationMethod>`)
    const start = `<ds:SignedInfo xmlns:ds="${dsig}"`
    const declaring = (text: string) => text.replace(start, () => `${start} xmlns:xs="urn:xs"`)
    const sent = (statement: (text: string) => string) => {
      const whole = response(idp, signed(assertion(idp, { id: '_one' }), idp, { statement }))
      return encoded(
        whole
          .replace('<ds:SignedInfo xmlns:xs="urn:xs">', '<ds:SignedInfo>')
          .replace('<samlp:Response ', '<samlp:Response xmlns:xs="urn:xs" '),
      )
    }
    expect(read(sent((text) => declaring(listing(text))))).toMatchObject({ id: '_one' })
    expect(read(sent(listing))).toBe('signature')
  })

  const sealings: readonly Sealing[] = [
    {},
    { cipher: 'aes-128-gcm', keyInside: false },
    { cipher: 'aes-192-gcm', transport: 'oaep-sha256' },
  ]
  for (const how of sealings)
    test(`is opened where it is encrypted: ${JSON.stringify(how)}`, () => {
      const inner = signed(assertion(idp, { id: '_one' }), idp)
      const message = encoded(response(idp, encrypted(inner, opening.publicPem, how)))
      expect(read(message)).toMatchObject({ id: '_one', subject: 'alice' })
      expect(read(message, idpNow, { ...trust, keys: () => [] })).toBe('encryption')
    })
})

describe('an encrypted assertion', () => {
  const vouched = (how: Sealing, inner = assertion(idp, { id: '_one' })) =>
    encoded(signed(response(idp, encrypted(inner, opening.publicPem, how)), idp))
  test('needs no signature of its own in a response that is signed', () => {
    expect(read(vouched({}))).toMatchObject({ id: '_one', subject: 'alice' })
  })
  test('may be encrypted by CBC where the response is signed, and so nobody can try out other ciphertexts', () => {
    for (const cipher of ['aes-128-cbc', 'aes-256-cbc'] as const)
      expect(read(vouched({ cipher }))).toMatchObject({ id: '_one', subject: 'alice' })
  })
  test('is held to its own signature all the same', () => {
    expect(read(vouched({}, signed(assertion(idp, { id: '_one' }), idp)))).toMatchObject({ id: '_one' })
    expect(read(vouched({}, signed(assertion(idp, { id: '_one' }), identityProvider())))).toBe('signature')
  })
  test('is refused where its key is too short for its cipher', () => {
    const whole = encrypted(assertion(idp), opening.publicPem, { cipher: 'aes-128-cbc' })
    expect(read(encoded(signed(response(idp, whole.replace('aes128-cbc', 'aes256-cbc')), idp)))).toBe('encryption')
    expect(read(encoded(signed(response(idp, whole.replace('aes128-cbc', 'aes128-gcm')), idp)))).toBe('encryption')
  })
  test('is held to its own issuer', () => {
    expect(read(vouched({}, assertion(idp, { issuer: 'https://evil.example' })))).toBe('issuer')
    expect(read(vouched({}, assertion(idp).replace('</saml:Issuer>', '<x></x></saml:Issuer>')))).toBe('issuer')
  })
  const around = (inner: string, how: (whole: string) => string = (same) => same) =>
    how(response(idp, encrypted(inner, opening.publicPem)))
  const declare = (uri: string) => (whole: string) =>
    whole.replace('<samlp:Response ', () => `<samlp:Response xmlns:saml="${uri}" `)
  test('may use prefixes of the message around it, as far as its own signature says what they are', () => {
    const inner = signed(assertion(idp, { id: '_one' }), idp)
    const bare = inner.replace(` xmlns:saml="${assertionNamespace}"`, '')
    expect(read(encoded(around(bare)))).toMatchObject({ id: '_one' })
    // The prefix is declared by the envelope as well, so what is further out says nothing.
    expect(read(encoded(around(bare, declare('urn:x'))))).toMatchObject({ id: '_one' })
  })
  test('uses only those that were signed where the response alone is signed', () => {
    const inner = assertion(idp, { id: '_one', extra: '<x:Advice></x:Advice>' })
    const whole = signed(around(inner), idp).replace('<samlp:Response ', '<samlp:Response xmlns:x="urn:x" ')
    expect(read(encoded(whole))).toBe('signature')
  })
  test('is opened by a key that was there before the newest, too', () => {
    const older = openingKey()
    const inner = signed(assertion(idp, { id: '_one' }), idp)
    const message = encoded(response(idp, encrypted(inner, older.publicPem)))
    expect(read(message, idpNow, { ...trust, keys: () => [opening.pem, older.pem] })).toMatchObject({ id: '_one' })
  })
})

describe('a response is believed however it is written down', () => {
  const whole = response(idp, signed(assertion(idp, { id: '_one', attributes: { colour: ['red\ngreen'] } }), idp))
  const ways: readonly (readonly [string, (text: string) => string])[] = [
    ['with lines that end in two characters', (text) => text.replaceAll('\n', '\r\n')],
    ['with a declaration', (text) => `<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n${text}\n`],
    ['with a mark of its order of bytes', (text) => `\ufeff${text}`],
    ['with other quotes', (text) => text.replaceAll('"', "'")],
    ['with elements that close themselves', (text) => text.replace(/<([\w:]+)([^<>]*)><\/\1>/g, '<$1$2/>')],
    ['with references', (text) => text.replace('>alice<', '>&#97;l&#x69;ce<')],
    ['with character data', (text) => text.replace('>alice<', '><![CDATA[al]]>i<![CDATA[ce]]><')],
    [
      'with room in its tags',
      (text) => text.replaceAll(' ID=', '\n   ID\t=\n ').replaceAll('</saml:Subject>', '</saml:Subject\n>'),
    ],
    [
      'with its attributes turned around',
      (text) => text.replace(/( NotBefore="[^"]*")( NotOnOrAfter="[^"]*")/, '$2$1'),
    ],
    [
      'with prefixes that nothing uses',
      (text) => text.replaceAll('Version="2.0"', 'Version="2.0" xmlns:unused="urn:x"'),
    ],
    [
      'with namespaces that are declared further out',
      (text) =>
        text
          .replace('<samlp:Response ', () => `<samlp:Response xmlns:saml="${assertionNamespace}" `)
          .replace(`<saml:Assertion xmlns:saml="${assertionNamespace}"`, '<saml:Assertion'),
    ],
  ]
  for (const [name, way] of ways)
    test(name, () => {
      expect(way(whole)).not.toBe(whole)
      expect(read(encoded(way(whole)))).toMatchObject({ id: '_one', attributes: new Map([['colour', ['red\ngreen']]]) })
    })
  test('with its base64 in lines', () => {
    expect(read(encoded(whole).replace(/.{76}/g, '$&\r\n'))).toMatchObject({ id: '_one' })
  })
})

describe('an assertion is for us', () => {
  const acs = 'https://signin.aws.amazon.com/saml/acs/SAMLSP0000000000000000001'
  const places = [
    'https://signin.aws.amazon.com/saml',
    'https://eu-central-1.signin.aws.amazon.com/saml',
    'https://us-gov-west-1.signin.aws.amazon.com/saml',
    acs,
    acs.replace('signin', 'ap-southeast-2.signin'),
  ]
  for (const place of places) {
    test(`where its recipient is ${place}`, () => {
      expect(said({ recipient: place })).toMatchObject({ recipient: place })
    })
    test(`where its audience is ${place}`, () => {
      expect(said({ audience: place })).toMatchObject({ subject: 'alice' })
    })
  }
  test('where an audience has a number behind it', () => {
    for (const number of ['2', '1234'])
      expect(said({ audience: `https://signin.aws.amazon.com/saml#${number}` })).toMatchObject({ subject: 'alice' })
  })
  test('where there is room around the names of who it is from and for', () => {
    expect(said({ audience: '\n  urn:amazon:webservices ', issuer: `\n ${idp.issuer}\n` })).toMatchObject({
      issuer: idp.issuer,
    })
  })
  test('where it is for others as well', () => {
    const audiences = ['https://sp.example', 'urn:amazon:webservices'].map(
      (at) => `<saml:Audience>${at}</saml:Audience>`,
    )
    const conditions = `<saml:AudienceRestriction>${audiences.join('')}</saml:AudienceRestriction><saml:OneTimeUse></saml:OneTimeUse>`
    expect(said({ conditions })).toMatchObject({ subject: 'alice' })
  })
  test('only at the endpoint that is the provider’s own, where it must be encrypted', () => {
    const required: SamlProviderTrust = { ...trust, encryption: 'Required' }
    const sent = (recipient: string) =>
      encoded(response(idp, encrypted(signed(assertion(idp, { recipient }), idp), opening.publicPem)))
    expect(read(sent(acs), idpNow, required)).toMatchObject({ recipient: acs })
    expect(read(sent('https://signin.aws.amazon.com/saml'), idpNow, required)).toBe('recipient')
  })
})

describe('an assertion is for now', () => {
  const minute = 60_000
  const at = (offset: number, what: Said = {}) => read(login(idp, what), idpNow + offset)
  test('for less than five minutes', () => {
    expect(at(5 * minute - 1)).toMatchObject({ subject: 'alice' })
    expect(at(5 * minute)).toBe('late')
  })
  test('and a minute longer than it says, for clocks differ', () => {
    expect(at(minute - 1, { confirmedUntil: idpNow })).toMatchObject({ subject: 'alice' })
    expect(at(minute, { confirmedUntil: idpNow })).toBe('late')
    expect(at(minute, { notOnOrAfter: idpNow })).toBe('late')
    expect(at(minute, { sessionUntil: idpNow })).toBe('late')
  })
  test('and a minute earlier', () => {
    expect(at(-minute)).toMatchObject({ subject: 'alice' })
    expect(at(-minute - 1)).toBe('early')
    expect(at(0, { notBefore: idpNow + minute })).toMatchObject({ subject: 'alice' })
    expect(at(0, { notBefore: idpNow + minute + 1000 })).toBe('early')
  })
})

describe('a login', () => {
  const login = (until?: number) =>
    `<saml:AuthnStatement AuthnInstant="x"${until === undefined ? '' : ` SessionNotOnOrAfter="${new Date(until).toISOString()}"`}></saml:AuthnStatement>`
  const ending = (...logins: readonly string[]) => {
    const found = said({ extra: logins.join('') })
    return typeof found === 'string' ? found : found.sessionEndsAt
  }
  test('has no end where none is said, and of several the first', () => {
    const hour = 3_600_000
    expect(ending()).toBeUndefined()
    expect(ending(login())).toBeUndefined()
    expect(ending(login(idpNow + 2 * hour), login(idpNow + hour), login(), login(idpNow + 3 * hour))).toBe(
      idpNow + hour,
    )
  })
})

describe('a name', () => {
  test('may be as long as fits into a session, and its format and the id as well', () => {
    const long = { nameId: 'é'.repeat(256), format: `urn:${'x'.repeat(124)}`, id: `_${'x'.repeat(255)}` }
    expect(said(long)).toMatchObject({ subject: long.nameId, subjectType: long.format, id: long.id })
  })
  test('is not what another element inside a value says', () => {
    const inner = assertion(idp, { attributes: { id: ['x'] } }).replace('>x<', '><y>z</y><')
    const found = read(encoded(response(idp, signed(inner, idp))))
    expect(found).toMatchObject({ attributes: new Map([['id', ['']]]) })
  })

  test('tells its kind as AWS does', () => {
    const kind = (format: string) => {
      const found = said({ format })
      return typeof found === 'string' ? found : found.subjectType
    }
    expect(kind('urn:oasis:names:tc:SAML:2.0:nameid-format:transient')).toBe('transient')
    expect(kind('urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress')).toBe(
      'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
    )
  })
  test('may stand inside a value', () => {
    const inner = assertion(idp, { attributes: { id: ['x'] } }).replace('>x<', '><saml:NameID>targeted</saml:NameID><')
    const found = read(encoded(response(idp, signed(inner, idp))))
    expect(found).toMatchObject({ attributes: new Map([['id', ['targeted']]]) })
  })
})

const truth: Said = { id: '_truth', nameId: 'alice', attributes: { [aws('RoleSessionName')]: ['alice'] } }
const field: Field = { idp, other: identityProvider('rsa'), opening, truth, wish: wishOf(truth) }

describe('a forged response is refused', () => {
  test('while the true one is believed', () => {
    expect(said(truth)).toMatchObject({ id: '_truth', subject: 'alice' })
  })

  for (const { name, message, trouble } of attacks(field))
    test(name, () => {
      const took = processorMilliseconds(() => expect(read(message)).toBe(trouble))
      expect(took).toBeLessThan(2000)
    })

  test('as one is whose key anybody can find out', () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 768 })
    const { certificate } = issue('weak.example', undefined, idpNow, [-1, 90], { privateKey, publicKey })
    const weak = { ...trust, certificates: [certificate.replace(/-----[^-]+-----|\s/g, '')] }
    expect(read(login({ ...idp, key: privateKey }), idpNow, weak)).toBe('signature')
    const strong = { ...trust, certificates: ['QUJD', idp.certificate] }
    expect(read(login(idp), idpNow, strong)).toMatchObject({ subject: 'alice' })
  })

  test('and what is handed out was read anew from what was signed', () => {
    for (const over of ['assertion', 'response'] as const) {
      const bare = assertion(idp, truth)
      const whole = over === 'assertion' ? response(idp, signed(bare, idp)) : signed(response(idp, bare), idp)
      const proven = provenAssertion(
        encoded(whole.replace('<samlp:Response ', '<samlp:Response xmlns:x="urn:x" ')),
        trust,
      )
      if (typeof proven === 'string') expect.unreachable(proven)
      // Nothing of the message around it is there any more, the signature neither.
      expect(canonical(proven)).toBe(bare)
      expect(namespaceOf('x', proven.scope)).toBeUndefined()
    }
  })

  test('as a plain one is where it must be encrypted', () => {
    expect(read(login(idp), idpNow, { ...trust, encryption: 'Required' })).toBe('encryption')
  })
})

describe('whatever is changed in a message', () => {
  const whole = response(
    idp,
    signed(
      assertion(idp, { ...truth, sessionUntil: idpNow + 3_600_000, audience: 'https://signin.aws.amazon.com/saml' }),
      idp,
    ),
  )
  const facts = read(encoded(whole))
  const start = whole.indexOf('<saml:Assertion')

  test('it is refused, or says the same', () => {
    expect(facts).toMatchObject({ subject: 'alice' })
    const others = ['', 'x', '<', '>', '"', ' ', '&amp;', '<!---->', '\u0000', '\ud800', '/']
    let refused = 0
    let same = 0
    for (let at = 0; at < whole.length; at += at < start ? 1 : 2) {
      const other = others[at % others.length] ?? ''
      for (const text of [
        whole.slice(0, at) + other + whole.slice(at + 1),
        whole.slice(0, at) + other + whole.slice(at),
      ]) {
        const found = read(encoded(text))
        if (typeof found === 'string') refused++
        else {
          same++
          expect(found, text).toEqual(facts)
        }
      }
    }
    expect(refused).toBeGreaterThan(1000)
    expect(same).toBeGreaterThan(50)
  })

  test('at random, it is refused, or says the same', () => {
    const span = fc.tuple(fc.nat(whole.length), fc.nat(60), fc.nat(whole.length))
    fc.assert(
      fc.property(fc.array(span, { minLength: 1, maxLength: 4 }), (moves) => {
        let text = whole
        for (const [from, length, to] of moves) {
          const piece = text.slice(from, from + length)
          text = text.slice(0, to) + piece + text.slice(to)
        }
        const found = read(encoded(text))
        if (typeof found !== 'string') expect(found).toEqual(facts)
      }),
      { numRuns: 1000 },
    )
  })
})
