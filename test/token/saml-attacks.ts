import { createHmac } from 'node:crypto'
import {
  assertion,
  aws,
  bothTransforms,
  dsig,
  encoded,
  encrypted,
  exclusive,
  freshId,
  type Idp,
  idpNow,
  type Manner,
  response,
  type Said,
  type Sealing,
  signatureOver,
  signed,
} from './idp.ts'

/** What an attacker has who logged in once: messages of the provider's, and its public key. */
export interface Attack {
  readonly name: string
  /** Base64, as it is sent. */
  readonly message: string
  /** What it is told. */
  readonly trouble: string
}

/** Who attacks, with whose word, and against what. */
export interface Field {
  readonly idp: Idp
  /** Another provider, whose key the attacker has. */
  readonly other: Idp
  readonly opening: { readonly publicPem: string }
  /** What the true assertion says, and what the attacker wants said. */
  readonly truth: Said
  readonly wish: Said
}

type Over = 'response' | 'assertion'

/** A text with a change. A change that changes nothing would be an attack that is none. */
function changed(text: string, from: string | RegExp, to: string): string {
  const made = text.replace(from, () => to)
  if (made === text) throw new Error(`there is no ${from} to be changed`)
  return made
}

/** A true message, in its parts. */
interface Captured {
  readonly whole: string
  readonly held: string
  readonly signature: string
}

function capture({ idp, truth }: Field, over: Over): Captured {
  const bare = assertion(idp, truth)
  const held = over === 'assertion' ? signed(bare, idp) : bare
  const outer = response(idp, held)
  const whole = over === 'response' ? signed(outer, idp) : outer
  const signature = /<ds:Signature .*<\/ds:Signature>/.exec(whole)?.[0] ?? ''
  return { whole, held, signature }
}

/** Text that goes in before the end tag of the first element of that name that ends. */
const into = (text: string, name: string, more: string): string => {
  const end = text.lastIndexOf(`</${name}>`)
  return text.slice(0, end) + more + text.slice(end)
}

/**
 * Signature wrapping ("On Breaking SAML: Be Whoever You Want to Be", eight ways): the true element, whose signature is good, is
 * kept somewhere in the message, and another takes its place.
 */
function wrappings(field: Field, over: Over): readonly Attack[] {
  const { idp, wish } = field
  const { whole, held, signature } = capture(field, over)
  const bareHeld = held.replace(signature, '')
  const bareWhole = whole.replace(signature, '')
  /** What is signed, without its signature; and the same thing as the attacker wants it. */
  const original = over === 'response' ? bareWhole : bareHeld
  const evil = assertion(idp, { ...wish, id: freshId() })
  const forged = over === 'response' ? response(idp, evil) : evil
  const element = over === 'response' ? 'samlp:Response' : 'saml:Assertion'
  const around = (inner: string): string => (over === 'response' ? inner : response(idp, inner))
  const withSignature = (text: string, more = signature): string =>
    text.replace('</saml:Issuer>', () => `</saml:Issuer>${more}`)
  const holding = (inner: string): string =>
    signature.replace('</ds:Signature>', () => `<ds:Object>${inner}</ds:Object></ds:Signature>`)

  const ways: readonly (readonly [string, string])[] = [
    [
      '1: the original inside the signature of the forged one',
      around(
        withSignature(
          forged,
          signature.replace('</ds:Signature>', () => `${original}</ds:Signature>`),
        ),
      ),
    ],
    [
      '2: the original before a detached signature in the forged one',
      around(withSignature(forged, original + signature)),
    ],
    [
      '3: the forged one first, the original behind it',
      over === 'assertion'
        ? response(idp, evil + held)
        : whole.replace('</samlp:Status>', () => `</samlp:Status>${evil}`),
    ],
    ['4: the original inside the forged one', around(into(forged, element, over === 'assertion' ? held : whole))],
    [
      '5: the forged one with the signature, the original at the end',
      over === 'assertion'
        ? response(idp, withSignature(forged) + original)
        : into(withSignature(forged), element, original),
    ],
    [
      '6: the forged one with the signature, which has the original in it',
      around(withSignature(forged, holding(original))),
    ],
    [
      '7: the forged one in an extension before the original',
      over === 'assertion'
        ? response(idp, held).replace(
            '<samlp:Status>',
            () => `<samlp:Extensions>${evil}</samlp:Extensions><samlp:Status>`,
          )
        : whole.replace('<samlp:Status>', () => `<samlp:Extensions>${evil}</samlp:Extensions><samlp:Status>`),
    ],
    ['8: the forged one inside an object of the signature', whole.replace(signature, () => holding(evil))],
  ]
  return ways.map(([name, text]) => ({
    name: `wrapping ${name} (${over} signed)`,
    message: encoded(text),
    trouble: 'form',
  }))
}

/** A true message that was changed somewhere after it was signed. */
function changes(field: Field): readonly Attack[] {
  const { idp, truth } = field
  const { whole } = capture(field, 'assertion')
  const name = truth.nameId ?? 'alice'
  const cut = name.slice(0, 3)
  const change = (what: string, from: string | RegExp, to: string, trouble: string): Attack => ({
    name: what,
    message: encoded(changed(whole, from, to)),
    trouble,
  })
  return [
    change('another name', `>${name}<`, '>mallory<', 'signature'),
    change('a name with a comment in it', `>${name}<`, `>${cut}<!-- x -->${name.slice(3)}<`, 'form'),
    change('a name with a processing instruction in it', `>${name}<`, `>${cut}<?x y?>${name.slice(3)}<`, 'form'),
    change('a name with an element in it', `>${name}<`, `>${cut}<x/>${name.slice(3)}<`, 'signature'),
    change('a comment in a digest', '</ds:DigestValue>', '<!-- x --></ds:DigestValue>', 'form'),
    change('an element in a digest', '</ds:DigestValue>', '<x/></ds:DigestValue>', 'signature'),
    change('a second digest', '</ds:Reference>', '<ds:DigestValue>AAAA</ds:DigestValue></ds:Reference>', 'signature'),
    change('a comment in a value', '</saml:AttributeValue>', '<!-- x --></saml:AttributeValue>', 'form'),
    change(
      'a value more',
      '</saml:Attribute>',
      `<saml:AttributeValue>x</saml:AttributeValue></saml:Attribute>`,
      'signature',
    ),
    change('no digest', /<ds:DigestValue>.*<\/ds:DigestValue>/, '', 'signature'),
    change('no signature value', /<ds:SignatureValue>.*<\/ds:SignatureValue>/, '', 'signature'),
    change('an element in a signature value', '</ds:SignatureValue>', '<x/></ds:SignatureValue>', 'signature'),
    change(
      'an empty signature value',
      /<ds:SignatureValue>.*<\/ds:SignatureValue>/,
      '<ds:SignatureValue></ds:SignatureValue>',
      'signature',
    ),
    change('no statement', /<ds:SignedInfo>.*<\/ds:SignedInfo>/, '', 'signature'),
    change('no signature', /<ds:Signature .*<\/ds:Signature>/, '', 'signature'),
    change(
      'a signature of another namespace',
      `<ds:Signature xmlns:ds="${dsig}">`,
      '<ds:Signature xmlns:ds="urn:x">',
      'signature',
    ),
    change(
      'an assertion of another namespace',
      /<saml:Assertion xmlns:saml="[^"]*"/,
      '<saml:Assertion xmlns:saml="urn:x"',
      'form',
    ),
    change('a response of another namespace', /xmlns:samlp="[^"]*"/, 'xmlns:samlp="urn:x"', 'form'),
    change('a response of another version', /Version="2.0">/, 'Version="1.1">', 'form'),
    change('a document type', '<samlp:Response', '<!DOCTYPE r><samlp:Response', 'form'),
    change('an entity of its own', '<samlp:Response', '<!DOCTYPE r [<!ENTITY e "mallory">]><samlp:Response', 'form'),
    change(
      'an entity of a file',
      '<samlp:Response',
      '<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]><samlp:Response',
      'form',
    ),
    change(
      'a bomb of entities',
      '<samlp:Response',
      `<!DOCTYPE r [<!ENTITY a "x">${Array.from({ length: 20 }, (_, at) => `<!ENTITY a${at} "&a;&a;">`).join('')}]><samlp:Response`,
      'form',
    ),
    change('a style sheet', '<samlp:Response', '<?xml-stylesheet href="x"?><samlp:Response', 'form'),
    change(
      'a declaration of another encoding',
      '<samlp:Response',
      '<?xml version="1.0" encoding="UTF-7"?><samlp:Response',
      'form',
    ),
    change('a comment before everything', '<samlp:Response', '<!-- x --><samlp:Response', 'form'),
    change('depth', '</samlp:Status>', `</samlp:Status>${'<a>'.repeat(64)}${'</a>'.repeat(64)}`, 'form'),
    change('an id twice', '<samlp:Status>', `<samlp:Status><x ID="${truth.id ?? ''}"></x>`, 'form'),
    change(
      'an id twice, in other letters',
      '<samlp:Status>',
      `<samlp:Status><x xml:id="${truth.id ?? ''}"></x>`,
      'form',
    ),
    change(
      'an empty id',
      /<samlp:Response([^>]*) ID="[^"]*"/,
      '<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID=""',
      'form',
    ),
    change('a status that is no success', 'status:Success', 'status:Responder', 'status'),
    change('no status', /<samlp:Status>.*<\/samlp:Status>/, '', 'status'),
    change('a second status', '<samlp:Status>', '<samlp:Status></samlp:Status><samlp:Status>', 'status'),
    change(
      'a signature where none is looked for',
      '<samlp:Status>',
      `<samlp:Status><ds:Signature xmlns:ds="${dsig}"></ds:Signature>`,
      'form',
    ),
    change(
      'an issuer of the response with an element in it',
      `>${idp.issuer}</saml:Issuer><samlp:Status>`,
      `>${idp.issuer}<x/></saml:Issuer><samlp:Status>`,
      'issuer',
    ),
    {
      name: 'an assertion of another namespace in a response that is signed',
      message: encoded(
        signed(response(idp, assertion(idp, truth).replace(/xmlns:saml="[^"]*"/, 'xmlns:saml="urn:x"')), idp),
      ),
      trouble: 'form',
    },
    change('no assertion', /<saml:Assertion.*<\/saml:Assertion>/, '', 'form'),
    change(
      'another issuer of the response',
      `<saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">${idp.issuer}`,
      '<saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">https://evil.example',
      'issuer',
    ),
    { name: 'nothing', message: '', trouble: 'form' },
    { name: 'no base64', message: `${encoded(whole)}*`, trouble: 'form' },
    { name: 'base64 with loose bits', message: 'QUJD' + 'QR==', trouble: 'form' },
    { name: 'no XML', message: encoded('mallory'), trouble: 'form' },
    { name: 'bytes that are no text', message: Buffer.from([0xff, 0xfe, 0x3c]).toString('base64'), trouble: 'form' },
    { name: 'half of it', message: encoded(whole.slice(0, whole.length / 2)), trouble: 'form' },
    { name: 'the assertion alone', message: encoded(signed(assertion(idp, truth), idp)), trouble: 'form' },
    {
      name: 'too many elements',
      message: encoded(whole.replace('</samlp:Status>', () => `</samlp:Status>${'<a/>'.repeat(60_000)}`)),
      trouble: 'form',
    },
    {
      name: 'too much of it',
      message: encoded(whole.replace('</samlp:Status>', () => `</samlp:Status><a>${'x'.repeat(256 * 1024)}</a>`)),
      trouble: 'form',
    },
    {
      name: 'a canonical form that is far larger',
      message: encoded(
        whole.replace('</saml:Assertion>', () =>
          `<n:a xmlns:n="urn:${'x'.repeat(250)}"></n:a>`.replace(
            '</n:a>',
            `${'<b xmlns=""></b>'.repeat(9_000)}</n:a></saml:Assertion>`,
          ),
        ),
      ),
      trouble: 'signature',
    },
  ]
}

/** The same bytes in another text: the last character before the padding has bits that say nothing. */
const loosened = (text: string): string =>
  text.replace(/(.)(==?<\/ds:SignatureValue>)/, (_, last: string, rest: string) => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
    return `${alphabet[alphabet.indexOf(last) + 1]}${rest}`
  })

/** A signature that is made wrongly, by who has the key or by who has not. */
function signatures(field: Field): readonly Attack[] {
  const { idp, other, truth, wish } = field
  const make = (
    name: string,
    manner: Manner,
    trouble = 'signature',
    by: Pick<Idp, 'key'> = idp,
    what = truth,
  ): Attack => ({
    name,
    message: encoded(response(idp, signed(assertion(idp, what), by, manner))),
    trouble,
  })
  const transform = (algorithm: string, inside = '') =>
    `<ds:Transform Algorithm="${algorithm}">${inside}</ds:Transform>`
  const publicPem = idp.certificate
  const x509 = `<ds:KeyInfo><ds:X509Data><ds:X509Certificate>${other.certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>`
  const second = (text: string) =>
    text.replace(
      '</ds:SignedInfo>',
      () => `</ds:SignedInfo>${/<ds:SignedInfo>.*<\/ds:SignedInfo>/.exec(text)?.[0] ?? ''}`,
    )
  const reference = (text: string) => /<ds:Reference .*<\/ds:Reference>/.exec(text)?.[0] ?? ''
  return [
    make('the key of another', {}, 'signature', other, wish),
    make('the key of another, with its certificate in the message', { keyInfo: x509 }, 'signature', other, wish),
    make('a shared secret that is the public key', {
      method: 'http://www.w3.org/2001/04/xmldsig-more#hmac-sha256',
      mac: (text) => createHmac('sha256', Buffer.from(publicPem, 'base64')).update(text).digest(),
    }),
    make('SHA-1', { hash: 'sha1' }),
    make('a digest by SHA-1', { digest: 'sha1' }),
    make('an algorithm that there is not', { method: 'urn:none' }),
    make('an algorithm of another kind of key', { method: 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256' }),
    make('an algorithm with parameters', {
      statement: (text) =>
        text.replace('</ds:SignatureMethod>', '<ds:HMACOutputLength>1</ds:HMACOutputLength></ds:SignatureMethod>'),
    }),
    make('inclusive canonicalization', { c14n: 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315' }),
    make('a digest that is no base64', {
      statement: (text) => text.replace(/(<ds:DigestValue>)[^<]*/, '$1!'),
    }),
    make('no transform', { transforms: '' }),
    make('one transform alone', { transforms: transform(`${dsig}enveloped-signature`) }),
    make('the transforms turned around', {
      transforms: transform(exclusive) + transform(`${dsig}enveloped-signature`),
    }),
    make('a transform by XSLT', {
      transforms: bothTransforms + transform('http://www.w3.org/TR/1999/REC-xslt-19991116'),
    }),
    make('a transform by XPath', {
      transforms:
        transform('http://www.w3.org/TR/1999/REC-xpath-19991116', '<ds:XPath>1</ds:XPath>') + transform(exclusive),
    }),
    make('a reference to the whole document', { uri: '' }),
    make('a reference to somewhere else', { uri: '#_elsewhere' }),
    make('a reference to a file', { uri: 'file:///etc/passwd' }),
    make('a reference by XPointer', { uri: `#xpointer(id('${truth.id ?? ''}'))` }),
    make('a digest of something else', { over: 'something else' }),
    make('two references', {
      statement: (text) => text.replace('</ds:SignedInfo>', () => `${reference(text)}</ds:SignedInfo>`),
    }),
    make('no reference', { statement: (text) => text.replace(reference(text), () => '') }),
    make('two statements', { signature: second }),
    make('two signatures', { signature: (text) => text + text }, 'form'),
    make('an unknown parameter of a transform', {
      transforms: transform(`${dsig}enveloped-signature`) + transform(exclusive, '<x></x>'),
    }),
    make('parameters of a transform, twice', {
      transforms:
        transform(`${dsig}enveloped-signature`) +
        transform(exclusive, `<ec:InclusiveNamespaces xmlns:ec="${exclusive}"></ec:InclusiveNamespaces>`.repeat(2)),
    }),
    make('loose bits in the signature', { signature: loosened }),
    make('text in the statement', { statement: (text) => text.replace('</ds:SignedInfo>', 'x</ds:SignedInfo>') }),
    make('prefixes without end', {
      transforms:
        transform(`${dsig}enveloped-signature`) +
        transform(
          exclusive,
          `<ec:InclusiveNamespaces xmlns:ec="${exclusive}" PrefixList="${Array.from({ length: 5_000 }, (_, at) => `p${at}`).join(' ')}"></ec:InclusiveNamespaces>`,
        ),
    }),
    {
      name: 'a signature of the response over its assertion',
      message: encoded(
        response(idp, assertion(idp, truth)).replace(
          '</saml:Issuer><samlp:Status>',
          () => `</saml:Issuer>${signatureOver(assertion(idp, truth), idp)}<samlp:Status>`,
        ),
      ),
      trouble: 'signature',
    },
    {
      name: 'a good signature of the assertion and a bad one of the response',
      message: encoded(signed(response(idp, signed(assertion(idp, truth), idp)), other)),
      trouble: 'signature',
    },
    {
      name: 'a good signature of the response and a bad one of the assertion',
      message: encoded(signed(response(idp, signed(assertion(idp, truth), other)), idp)),
      trouble: 'signature',
    },
    {
      name: 'two assertions, both signed',
      message: encoded(
        response(idp, signed(assertion(idp, truth), idp) + signed(assertion(idp, { ...truth, id: freshId() }), idp)),
      ),
      trouble: 'form',
    },
  ]
}

/** A true word that is not for us, or not for now. Signed by the provider itself. */
function claims({ idp, truth }: Field): readonly Attack[] {
  const at = truth.at ?? idpNow
  const minute = 60_000
  const make = (name: string, what: Said, trouble: string, change = (text: string) => text): Attack => ({
    name,
    message: encoded(response(idp, signed(change(assertion(idp, { ...truth, ...what })), idp))),
    trouble,
  })
  const without = (name: string, pattern: RegExp, trouble = 'form', to = ''): Attack =>
    make(name, {}, trouble, (text) => changed(text, pattern, to))
  /** An assertion that has no signature of its own: its response is signed. */
  const vouched = (name: string, pattern: RegExp, trouble = 'form', to = ''): Attack => ({
    name: `${name}, in a response that is signed`,
    message: encoded(signed(response(idp, changed(assertion(idp, truth), pattern, to)), idp)),
    trouble,
  })
  return [
    // Without an id it would be good as often as it is shown.
    vouched('no id', / ID="[^"]*"/),
    vouched('no issuer', /<saml:Issuer>.*<\/saml:Issuer>/),
    vouched('an issuer with an element in it', /<\/saml:Issuer>/, 'issuer', '<x></x></saml:Issuer>'),
    make('an id without end', { id: `_${'x'.repeat(256)}` }, 'form'),
    without('no data of the confirmation', /<saml:SubjectConfirmationData .*<\/saml:SubjectConfirmationData>/),
    without(
      'a confirmation of the future',
      /<saml:SubjectConfirmationData/,
      'early',
      `<saml:SubjectConfirmationData NotBefore="${new Date(at + minute + 1000).toISOString()}"`,
    ),
    without(
      'a condition that has a known name in another namespace',
      /<\/saml:Conditions>/,
      'form',
      '<x:OneTimeUse xmlns:x="urn:x"></x:OneTimeUse></saml:Conditions>',
    ),
    without('an audience with an element in it', /<\/saml:Audience>/, 'audience', '<x></x></saml:Audience>'),
    make('an audience with a number in it', { audience: 'https://signin#1.aws.amazon.com/saml' }, 'audience'),
    make('an audience with no number behind it', { audience: 'https://signin.aws.amazon.com/saml#1x' }, 'audience'),
    make(
      'an audience with a long number behind it',
      { audience: 'https://signin.aws.amazon.com/saml#12345' },
      'audience',
    ),
    make('another issuer of the assertion', { issuer: 'https://evil.example' }, 'issuer'),
    make('another audience', { audience: 'https://sp.example' }, 'audience'),
    make('an audience that begins like ours', { audience: 'urn:amazon:webservices.evil.example' }, 'audience'),
    make('no audience', { conditions: '' }, 'audience'),
    make('an empty restriction', { conditions: '<saml:AudienceRestriction></saml:AudienceRestriction>' }, 'audience'),
    make(
      'two restrictions, one of them not to us',
      {
        conditions:
          '<saml:AudienceRestriction><saml:Audience>urn:amazon:webservices</saml:Audience></saml:AudienceRestriction><saml:AudienceRestriction><saml:Audience>https://sp.example</saml:Audience></saml:AudienceRestriction>',
      },
      'audience',
    ),
    make(
      'a condition that nobody knows',
      {
        conditions:
          '<saml:AudienceRestriction><saml:Audience>urn:amazon:webservices</saml:Audience></saml:AudienceRestriction><saml:Condition></saml:Condition>',
      },
      'form',
    ),
    make('another recipient', { recipient: 'https://sp.example/acs' }, 'recipient'),
    make(
      'a recipient that begins like ours',
      { recipient: 'https://signin.aws.amazon.com/saml.evil.example' },
      'recipient',
    ),
    make(
      'a recipient that ends like ours',
      { recipient: 'https://evil.example/signin.aws.amazon.com/saml' },
      'recipient',
    ),
    make(
      'the endpoint of another provider',
      { recipient: 'https://signin.aws.amazon.com/saml/acs/SAMLSP0000000000000000002' },
      'recipient',
    ),
    make('five minutes ago', { at: at - 5 * minute, confirmedUntil: at + minute, notOnOrAfter: at + minute }, 'late'),
    make('a confirmation that is over', { confirmedUntil: at - minute }, 'late'),
    make('conditions that are over', { notOnOrAfter: at - minute }, 'late'),
    make('a login that is over', { sessionUntil: at - minute }, 'late'),
    make('issued in the future', { at: at + minute + 1000 }, 'early'),
    make('conditions of the future', { notBefore: at + minute + 1000 }, 'early'),
    without('no name', /<saml:NameID.*<\/saml:NameID>/),
    without('an empty name', /(<saml:NameID[^>]*>).*<\/saml:NameID>/, 'form', '<saml:NameID> </saml:NameID>'),
    without('two names', /<\/saml:NameID>/, 'form', '</saml:NameID><saml:NameID>mallory</saml:NameID>'),
    without('a name with an element in it', /<\/saml:NameID>/, 'form', '<x></x></saml:NameID>'),
    make('a format without end', { format: `urn:${'x'.repeat(125)}` }, 'form'),
    make('a name without end', { nameId: 'x'.repeat(257) }, 'form'),
    without('no subject', /<saml:Subject>.*<\/saml:Subject>/),
    without('no confirmation', /<saml:SubjectConfirmation .*<\/saml:SubjectConfirmation>/),
    without('a confirmation by a key', /cm:bearer/, 'form', 'cm:holder-of-key'),
    without(
      'two confirmations',
      /<\/saml:SubjectConfirmation>/,
      'form',
      '</saml:SubjectConfirmation><saml:SubjectConfirmation Method="x"></saml:SubjectConfirmation>',
    ),
    without('no recipient', / Recipient="[^"]*"/),
    without(
      'no end of the confirmation',
      /(<saml:SubjectConfirmationData) NotOnOrAfter="[^"]*"/,
      'form',
      '<saml:SubjectConfirmationData',
    ),
    without('no conditions', /<saml:Conditions.*<\/saml:Conditions>/),
    without('no login', /<saml:AuthnStatement.*<\/saml:AuthnStatement>/),
    without('no issuer', /<saml:Issuer>.*<\/saml:Issuer>/, 'signature'),
    without('no time of issue', / IssueInstant="[^"]*"/),
    without('a time that is none', /IssueInstant="[^"]*"/, 'form', 'IssueInstant="soon"'),
    without('an end that is none', /SessionIndex="s1"/, 'form', 'SessionIndex="s1" SessionNotOnOrAfter="soon"'),
    without('another version', /Version="2.0"/, 'form', 'Version="2.1"'),
    without('no id', / ID="[^"]*"/, 'signature'),
    without('an attribute without a name', /<saml:Attribute Name="[^"]*">/, 'form', '<saml:Attribute>'),
    without(
      'a value of values',
      /<saml:AttributeValue>/,
      'form',
      '<saml:AttributeValue><saml:NameID><x></x></saml:NameID></saml:AttributeValue><saml:AttributeValue>',
    ),
  ]
}

/** Encryption that is worth less than it looks. */
function sealed({ idp, other: stranger, opening, truth, wish }: Field): readonly Attack[] {
  const make = (name: string, held: string, how: Sealing = {}, trouble = 'encryption'): Attack => ({
    name,
    message: encoded(response(idp, encrypted(held, opening.publicPem, how))),
    trouble,
  })
  const good = signed(assertion(idp, truth), idp)
  const envelope = encrypted(good, opening.publicPem)
  const other = encrypted(good, opening.publicPem, { transport: 'oaep-sha256' })
  const bend = (name: string, from: string | RegExp, to: string): Attack => {
    const bent = other.replace(from, to)
    if (bent === other) throw new Error(`there is no ${from} to be changed`)
    return { name: `an envelope with ${name}`, message: encoded(response(idp, bent)), trouble: 'encryption' }
  }
  return [
    make('encrypted, and signed by nobody', assertion(idp, wish), {}, 'signature'),
    make('encrypted, and signed by another', signed(assertion(idp, wish), stranger), {}, 'signature'),
    make('encrypted by CBC, and not signed over it', good, { cipher: 'aes-256-cbc' }),
    make('a key by PKCS #1 v1.5', good, { transport: 'v1_5' }),
    make('encrypted, and no XML', 'mallory'),
    make('encrypted, with a prefix that stands for nothing', good.replaceAll('saml:NameID', 'nobody:NameID')),
    make('encrypted, and another element', response(idp, good)),
    make('encrypted, with an assertion in it', into(good, 'saml:Assertion', assertion(idp, wish))),
    make('encrypted, with a comment in it', good.replace('</saml:NameID>', '<!-- x --></saml:NameID>')),
    make('encrypted, with a document type', `<!DOCTYPE r>${good}`),
    {
      name: 'encrypted, beside one that is not',
      message: encoded(response(idp, envelope + assertion(idp, wish))),
      trouble: 'form',
    },
    {
      name: 'a bent ciphertext',
      message: encoded(
        response(
          idp,
          envelope.replace(/(<xenc:CipherValue>.{40})./g, (_, same: string) => `${same}${'A'}`),
        ),
      ),
      trouble: 'encryption',
    },
    bend('content, not an element', 'xmlenc#Element"', 'xmlenc#Content"'),
    bend('two ciphertexts', '</xenc:CipherValue>', '</xenc:CipherValue><xenc:CipherValue>AAAA</xenc:CipherValue>'),
    bend('another element for the ciphertext', /xenc:CipherValue>/g, 'xenc:Cipher>'),
    bend('two keys', /(<xenc:EncryptedKey.*<\/xenc:EncryptedKey>)/, '$1$1'),
    bend('no key', /<xenc:EncryptedKey.*<\/xenc:EncryptedKey>/, ''),
    bend('no ciphertext', /<xenc:CipherData>.*?<\/xenc:CipherData>/g, ''),
    bend('another mask', 'mgf1sha256', 'mgf1sha1'),
    bend('a mask that nobody knows', 'mgf1sha256', 'mgf1md5'),
    bend('another digest', 'xmlenc#sha256', 'xmldsig#sha1'),
    bend(
      'parameters of the padding',
      '</xenc:EncryptionMethod><xenc:CipherData>',
      '<xenc:OAEPparams>AAAA</xenc:OAEPparams></xenc:EncryptionMethod><xenc:CipherData>',
    ),
    bend('another way to send a key', 'xmlenc11#rsa-oaep"', 'xmlenc11#rsa-other"'),
    bend('another cipher', 'aes256-gcm', 'aes128-gcm'),
    bend('a cipher that nobody knows', 'aes256-gcm', 'aes256-ecb'),
    {
      name: 'an envelope with another way to send a key, without parameters',
      message: encoded(response(idp, envelope.replace('rsa-oaep-mgf1p', 'rsa-1_5'))),
      trouble: 'encryption',
    },
    {
      name: 'a ciphertext elsewhere',
      message: encoded(
        response(
          idp,
          envelope.replace(
            /<xenc:CipherValue>.*?<\/xenc:CipherValue>/,
            '<xenc:CipherReference URI="file:///etc/passwd"></xenc:CipherReference>',
          ),
        ),
      ),
      trouble: 'encryption',
    },
    {
      name: 'an id inside that is outside, too',
      message: encoded(response(idp, encrypted(good, opening.publicPem), { id: truth.id ?? '' })),
      trouble: 'encryption',
    },
  ]
}

export const attacks = (field: Field): readonly Attack[] => [
  ...wrappings(field, 'response'),
  ...wrappings(field, 'assertion'),
  ...changes(field),
  ...signatures(field),
  ...claims(field),
  ...sealed(field),
]

/** What the attacker's own assertion would have said. */
export const wishOf = (truth: Said): Said => ({
  ...truth,
  nameId: 'mallory',
  attributes: { ...truth.attributes, [aws('RoleSessionName')]: ['mallory'] },
})
