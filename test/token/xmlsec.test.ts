import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { canonical } from '../../src/token/c14n.ts'
import { readSamlAssertion } from '../../src/token/saml-assertion.ts'
import { issue, metadataOf, newProviderKey } from '../../src/token/saml-issue.ts'
import { readSamlMetadata } from '../../src/token/saml-metadata.ts'
import { selfSigned } from '../../src/token/self-signed.ts'
import { parsed } from '../../src/token/xml-signature.ts'
import {
  assertion,
  assertionNamespace,
  dsig,
  encoded,
  exclusive,
  identityProvider,
  idpNow,
  openingKey,
  response,
  signed,
} from './idp.ts'

const has = (program: string) => spawnSync(program, ['--version']).status === 0
const hasXmlsec = has('xmlsec1')
const hasXmllint = has('xmllint')
const xmlsecOut = hasXmlsec ? '' : ' (left out: there is no xmlsec1 here; Debian: apt install xmlsec1)'
const xmllintOut = hasXmllint ? '' : ' (left out: there is no xmllint here; Debian: apt install libxml2-utils)'
for (const out of [xmlsecOut, xmllintOut]) if (out !== '') console.warn(`tests against other readers of XML${out}`)

const folder = mkdtempSync(join(tmpdir(), 'rolecall-xmlsec-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const file = (name: string, text: string): string => {
  const path = join(folder, name)
  writeFileSync(path, text, { mode: 0o600 })
  return path
}
const pem = (certificate: string) =>
  `-----BEGIN CERTIFICATE-----\n${certificate.match(/.{1,64}/g)?.join('\n')}\n-----END CERTIFICATE-----\n`

const providers = { rsa: identityProvider('rsa'), ec: identityProvider('ec') }
const trustIn = (certificate: string, keys: readonly string[] = []) => ({
  id: 'SAMLSP0000000000000000001',
  issuer: providers.rsa.issuer,
  certificates: [certificate],
  keys: () => keys,
})
const protocol = 'urn:oasis:names:tc:SAML:2.0:protocol'
const ids = [`--id-attr:ID`, `${assertionNamespace}:Assertion`, `--id-attr:ID`, `${protocol}:Response`]

const more = 'http://www.w3.org/2001/04/xmldsig-more#'
const xenc = 'http://www.w3.org/2001/04/xmlenc#'
const template = (
  id: string,
  method: string,
  digest = `${xenc}sha256`,
  prefixes = '',
) => `<ds:Signature xmlns:ds="${dsig}">
      <ds:SignedInfo>
        <ds:CanonicalizationMethod Algorithm="${exclusive}"/>
        <ds:SignatureMethod Algorithm="${method}"/>
        <ds:Reference URI="#${id}">
          <ds:Transforms>
            <ds:Transform Algorithm="${dsig}enveloped-signature"/>
            <ds:Transform Algorithm="${exclusive}">${prefixes === '' ? '' : `<ec:InclusiveNamespaces xmlns:ec="${exclusive}" PrefixList="${prefixes}"/>`}</ds:Transform>
          </ds:Transforms>
          <ds:DigestMethod Algorithm="${digest}"/>
          <ds:DigestValue/>
        </ds:Reference>
      </ds:SignedInfo>
      <ds:SignatureValue/>
    </ds:Signature>`

/** Responses as they are written elsewhere: by people, by libraries with tastes of their own, with all that XML allows. */
const body = (name: string, issuer: string, prefix: 'saml:' | '') => {
  const p = prefix
  const time = (minutes: number) => new Date(idpNow + minutes * 60_000).toISOString()
  return `<${p}Issuer>${issuer}</${p}Issuer>
    SIGNATURE
    <${p}Subject>
      <${p}NameID\tFormat='urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'
      >${name}</${p}NameID>
      <${p}SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">
        <${p}SubjectConfirmationData Recipient='https://signin.aws.amazon.com/saml' NotOnOrAfter="${time(5)}"/>
      </${p}SubjectConfirmation>
    </${p}Subject>
    <${p}Conditions NotOnOrAfter="${time(60)}" NotBefore="${time(-1)}">
      <${p}AudienceRestriction><${p}Audience>urn:amazon:webservices</${p}Audience></${p}AudienceRestriction>
    </${p}Conditions>
    <${p}AuthnStatement AuthnInstant="${time(0)}"><${p}AuthnContext><${p}AuthnContextClassRef>x</${p}AuthnContextClassRef></${p}AuthnContext></${p}AuthnStatement>
    <${p}AttributeStatement>
      <${p}Attribute Name="colour" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
        <${p}AttributeValue xsi:type="xs:string">red &amp; <![CDATA[<green>]]>&#x20;&#233;\u00e9\u{1f600}</${p}AttributeValue>
        <${p}AttributeValue b:z='1' a:y="&quot;&lt;'&#10;&#x9;&#13; >" xmlns:b="urn:a" xmlns:a="urn:b" plain="x
y"></${p}AttributeValue>
      </${p}Attribute>
    </${p}AttributeStatement>`
}

interface Style {
  readonly name: string
  readonly by: 'rsa' | 'ec'
  readonly method: string
  readonly digest?: string
  readonly over: 'assertion' | 'response'
  readonly prefixes?: string
  readonly prefix: 'saml:' | ''
  readonly ends?: '\r\n'
}
const styles: readonly Style[] = [
  { name: 'rsa-prefix', by: 'rsa', method: `${more}rsa-sha256`, over: 'assertion', prefix: 'saml:' },
  { name: 'rsa-default', by: 'rsa', method: `${more}rsa-sha256`, over: 'assertion', prefix: '' },
  {
    name: 'rsa-response',
    by: 'rsa',
    method: `${more}rsa-sha512`,
    digest: `${xenc}sha512`,
    over: 'response',
    prefix: 'saml:',
  },
  {
    name: 'rsa-listed',
    by: 'rsa',
    method: `${more}rsa-sha384`,
    digest: `${more}sha384`,
    over: 'assertion',
    prefixes: 'xs xsi samlp nobody',
    prefix: 'saml:',
  },
  {
    name: 'rsa-listed-default',
    by: 'rsa',
    method: `${more}rsa-sha256`,
    over: 'response',
    prefixes: '#default xs',
    prefix: '',
  },
  { name: 'rsa-lines', by: 'rsa', method: `${more}rsa-sha256`, over: 'assertion', prefix: '', ends: '\r\n' },
  { name: 'ec-256', by: 'ec', method: `${more}ecdsa-sha256`, over: 'assertion', prefix: 'saml:' },
  { name: 'ec-512', by: 'ec', method: `${more}ecdsa-sha512`, over: 'response', prefix: '' },
]

const written = ({ method, digest, over, prefixes, prefix, ends }: Style): string => {
  const { issuer } = providers.rsa
  const own = prefix === '' ? ` xmlns="${assertionNamespace}"` : ''
  const place = (id: string) => template(id, method, digest, prefixes)
  const inner = body('al&#x69;ce', issuer, prefix).replace('SIGNATURE', over === 'assertion' ? place('_a') : '')
  const text = `<?xml version="1.0" encoding="UTF-8"?>
<samlp:Response xmlns:samlp="${protocol}" xmlns:saml="${assertionNamespace}" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:unused"
    Version="2.0" ID="_r" IssueInstant="${new Date(idpNow).toISOString()}">
  <saml:Issuer>${issuer}</saml:Issuer>
  ${over === 'response' ? place('_r') : ''}
  <samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>
  <${prefix}Assertion${own} Version="2.0"
      ID="_a" IssueInstant="${new Date(idpNow).toISOString()}">
    ${inner}
  </${prefix}Assertion>
</samlp:Response>
`
  return ends === undefined ? text : text.replaceAll('\n', ends)
}

const expected = {
  id: '_a',
  subject: 'alice',
  attributes: new Map([['colour', ['red & <green> é\u00e9\u{1f600}', '']]]),
}

/** ROLECALL_RECORD=saml writes what xmlsec1 signs to test/data/saml, for machines that have none. */
const recorded = join(import.meta.dirname, '..', 'data', 'saml')

describe.skipIf(!hasXmlsec)(`xmlsec1${xmlsecOut}`, () => {
  for (const style of styles)
    test(`signs what is believed here: ${style.name}`, () => {
      const { key, certificate } = providers[style.by]
      const pemFile = file('key.pem', key.export({ format: 'pem', type: 'pkcs8' }).toString())
      const made = execFileSync('xmlsec1', ['--sign', '--privkey-pem', pemFile, ...ids, file('in.xml', written(style))])
      const message = made.toString('base64')
      expect(readSamlAssertion(message, trustIn(certificate), idpNow)).toMatchObject(expected)
      const bent = made.toString().replace(/al(&#x69;|i)ce/, 'alicia')
      expect(readSamlAssertion(encoded(bent), trustIn(certificate), idpNow)).toBe('signature')
      if (process.env.ROLECALL_RECORD === 'saml') {
        writeFileSync(join(recorded, `${style.name}.xml`), made)
        writeFileSync(join(recorded, `${style.name}.pem`), pem(certificate))
      }
    })

  test('believes what our own identity provider signs, and nothing that was changed', () => {
    for (const idp of Object.values(providers))
      for (const over of ['assertion', 'response'] as const) {
        const bare = assertion(idp, { attributes: { colour: ['red & green'] } })
        const whole = over === 'assertion' ? response(idp, signed(bare, idp)) : signed(response(idp, bare), idp)
        const verify = (text: string) =>
          spawnSync('xmlsec1', [
            '--verify',
            '--pubkey-cert-pem',
            file('cert.pem', pem(idp.certificate)),
            ...ids,
            file('out.xml', text),
          ]).status
        expect(verify(whole)).toBe(0)
        expect(verify(whole.replace('>alice<', '>mallory<'))).not.toBe(0)
      }
  })

  test('believes what the command line signs', () => {
    const key = newProviderKey()
    const provider = { issuer: 'urn:local', key, certificate: selfSigned(key, 'local', idpNow, randomBytes(16)) }
    const message = issue(provider, {
      ids: ['_r', '_a'],
      now: idpNow,
      subject: 'al<i>ce & "Bob"',
      format: 'urn:x',
      audience: 'urn:amazon:webservices',
      recipient: 'https://signin.aws.amazon.com/saml',
      sessionEndsAt: undefined,
      attributes: [['colour', ['<red>', '']]],
    })
    const text = Buffer.from(message, 'base64').toString()
    const files = [file('cert.pem', pem(provider.certificate)), file('out.xml', text)] as const
    expect(spawnSync('xmlsec1', ['--verify', '--pubkey-cert-pem', files[0], ...ids, files[1]]).status).toBe(0)
    const trust = { ...trustIn(provider.certificate), issuer: 'urn:local' }
    expect(readSamlAssertion(message, trust, idpNow)).toMatchObject({ subject: 'al<i>ce & "Bob"' })
    expect(readSamlMetadata(metadataOf(provider))).toMatchObject({
      issuer: 'urn:local',
      certificates: [provider.certificate],
    })
  })

  const ciphers = [
    ['http://www.w3.org/2009/xmlenc11#aes256-gcm', 'aes-256'],
    ['http://www.w3.org/2009/xmlenc11#aes128-gcm', 'aes-128'],
  ] as const
  for (const [algorithm, session] of ciphers)
    test(`encrypts what is opened here: ${session}`, () => {
      const { pem: privatePem, publicPem } = openingKey()
      const idp = providers.rsa
      const envelope = file(
        'template.xml',
        `<xenc:EncryptedData xmlns:xenc="${xenc}" Type="${xenc}Element"><xenc:EncryptionMethod Algorithm="${algorithm}"/><ds:KeyInfo xmlns:ds="${dsig}"><xenc:EncryptedKey><xenc:EncryptionMethod Algorithm="${xenc}rsa-oaep-mgf1p"/><xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo><xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedData>`,
      )
      const plain = file(
        'plain.xml',
        response(
          idp,
          `<saml:EncryptedAssertion xmlns:saml="${assertionNamespace}">${signed(assertion(idp, { id: '_a' }), idp)}</saml:EncryptedAssertion>`,
        ),
      )
      const made = execFileSync('xmlsec1', [
        '--encrypt',
        '--pubkey-pem',
        file('public.pem', publicPem),
        '--session-key',
        session,
        '--xml-data',
        plain,
        '--node-xpath',
        "//*[local-name()='Assertion']",
        envelope,
      ])
      const message = made.toString('base64')
      expect(made.toString()).not.toContain('alice')
      expect(readSamlAssertion(message, trustIn(idp.certificate, [privatePem]), idpNow)).toMatchObject({
        id: '_a',
        subject: 'alice',
      })
    })
})

describe('what xmlsec1 signed once', () => {
  for (const name of readdirSync(recorded).filter((name) => name.endsWith('.xml')))
    test(`is believed: ${name}`, () => {
      const certificate = readFileSync(join(recorded, name.replace('.xml', '.pem')), 'utf8').replace(
        /-----[^-]+-----|\s/g,
        '',
      )
      const text = readFileSync(join(recorded, name))
      expect(readSamlAssertion(text.toString('base64'), trustIn(certificate), idpNow)).toMatchObject(expected)
    })
})

const prefixes = ['', 'a:', 'b:', 'c:']
const uris = ['urn:one', 'urn:two', 'http://three/']
const piece = fc.string({ unit: fc.constantFrom(...'ab &<>"\'\t\n\ré\u{1f600}'), maxLength: 6 })
const inText = (text: string) => text.replace(/[&<>\r]/g, (char) => `&#${char.charCodeAt(0)};`)
const inQuotes = (text: string) => text.replace(/[&<"\t\n\r]/g, (char) => `&#${char.charCodeAt(0)};`)

/** A document that declares, hides and repeats namespaces wherever it likes. */
const element: fc.Arbitrary<string> = fc.letrec<{ node: string }>((tie) => ({
  node: fc
    .record({
      prefix: fc.constantFrom(...prefixes),
      name: fc.constantFrom('x', 'y', 'Z'),
      declared: fc.uniqueArray(fc.tuple(fc.constantFrom(...prefixes), fc.constantFrom(...uris, '')), {
        selector: ([prefix]) => prefix,
        maxLength: 3,
      }),
      attributes: fc.uniqueArray(fc.tuple(fc.constantFrom('k', 'l', 'a:k', 'b:k', 'c:m', 'xml:lang'), piece), {
        selector: ([name]) => name,
        maxLength: 4,
      }),
      content: fc.array(fc.oneof({ maxDepth: 4 }, piece.map(inText), tie('node')), { maxLength: 4 }),
    })
    .map(({ prefix, name, declared, attributes, content }) => {
      const told = declared
        .filter(([at, uri]) => at === '' || uri !== '')
        .map(([at, uri]) => ` ${at === '' ? 'xmlns' : `xmlns:${at.slice(0, -1)}`}="${uri}"`)
      const values = attributes.map(([key, value]) => ` ${key}="${inQuotes(value)}"`)
      return `<${prefix}${name}${[...told, ...values].join('')}>${content.join('')}</${prefix}${name}>`
    }),
})).node

describe.skipIf(!hasXmllint)(`xmllint${xmllintOut}`, () => {
  test('has the same canonical form for whatever is read here', () => {
    let agreed = 0
    fc.assert(
      fc.property(element, (inner) => {
        const text = `<r xmlns:a="urn:one" xmlns:b="urn:two" xmlns:c="urn:one">${inner}</r>`
        const ours = parsed(text)
        const theirs = spawnSync('xmllint', ['--exc-c14n', '-'], { input: text, encoding: 'utf8' })
        if (ours === undefined) {
          // Two attributes turned out to be the same.
          expect(theirs.stderr).not.toBe('')
          return
        }
        agreed++
        expect(canonical(ours)).toBe(theirs.stdout)
      }),
      { numRuns: 150 },
    )
    expect(agreed).toBeGreaterThan(50)
  })
})
