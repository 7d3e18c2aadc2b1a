import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Fault } from '../../src/base/fault.ts'
import { readXml } from '../../src/base/xml.ts'
import { loadService } from '../../src/model/service.ts'
import { detect } from '../../src/wire/detect.ts'
import { formOf, pairs, readForm } from '../../src/wire/form.ts'
import type { HttpRequest } from '../../src/wire/http.ts'
import { query } from '../../src/wire/query.ts'
import { invalidAction, toHomePage, unknownPath } from '../../src/wire/refusal.ts'
import { processorMilliseconds } from '../processor.ts'
import { formRequest, getRequest } from './request.ts'

const sts = loadService('sts')
const iam = loadService('iam')
const id = 'b25f48e8-84fd-11e6-80d9-574e0c4664cb'

function operationOf(name: string) {
  const operation = sts.operation(name) ?? iam.operation(name)
  if (!operation) throw new Error(`no operation ${name}`)
  return operation
}

/** What a form is read as, or the code and message of the refusal. */
function read(name: string, form: string | HttpRequest): unknown {
  const request = typeof form === 'string' ? formRequest(`Action=${name}&${form}`) : form
  try {
    return query.decode(iam, operationOf(name), request)
  } catch (error) {
    if (error instanceof Fault)
      return `${error.code} ${error.status}${error.message === '' ? '' : `: ${error.message}`}`
    throw error
  }
}

describe('a form is read', () => {
  const rows: readonly [string, string, string, unknown][] = [
    ['plain members', 'GetUser', 'UserName=ann', { UserName: 'ann' }],
    ['plus and percent', 'GetUser', 'UserName=a+b%20c%2Bd%C3%A9', { UserName: 'a b c+dé' }],
    ['a name that is encoded', 'GetUser', 'User%4eame=ann', { UserName: 'ann' }],
    ['an empty text', 'GetUser', 'UserName=', { UserName: '' }],
    ['a name without an equals sign', 'GetUser', 'UserName', { UserName: '' }],
    ['a value with an equals sign', 'GetUser', 'UserName=a=b', { UserName: 'a=b' }],
    ['QUIRK: first-duplicate-wins', 'GetUser', 'UserName=ann&UserName=bob', { UserName: 'ann' }],
    ['unknown parameters are ignored', 'GetUser', 'Nope=1&UserName.x=1&Tags.member.1.Key=k', {}],
    ['names are told apart by case', 'GetUser', 'userName=ann', {}],
    ['members of Object are no parameters', 'GetUser', 'constructor=1&__proto__=2&__proto__.UserName=x', {}],
    ['a stray percent sign stays', 'GetUser', 'UserName=100%&Path=%zz', { UserName: '100%' }],
    ['bytes that are no UTF-8', 'GetUser', 'UserName=%ff%fe', { UserName: '\ufffd\ufffd' }],
    ['some of them', 'GetUser', 'UserName=a%ffb%C3%A9', { UserName: 'a\ufffdbé' }],
    [
      'lists of structures',
      'TagUser',
      'UserName=ann&Tags.member.1.Key=a&Tags.member.1.Value=1&Tags.member.2.Key=b&Tags.member.2.Value=',
      {
        UserName: 'ann',
        Tags: [
          { Key: 'a', Value: '1' },
          { Key: 'b', Value: '' },
        ],
      },
    ],
    [
      'a list whose numbers have gaps, in their order',
      'UntagUser',
      'TagKeys.member.10=b&TagKeys.member.2=a',
      { TagKeys: ['a', 'b'] },
    ],
    ['a hostile number', 'UntagUser', 'TagKeys.member.999999999=a', { TagKeys: ['a'] }],
    ['a number beyond all', 'UntagUser', 'TagKeys.member.99999999999999999999=a', { TagKeys: [] }],
    [
      'what is no number',
      'UntagUser',
      'TagKeys.member.-1=a&TagKeys.member.01=b&TagKeys.member.0=c&TagKeys.member.1e3=d',
      { TagKeys: [] },
    ],
    ['QUIRK: empty-list', 'UntagUser', 'TagKeys=', { TagKeys: [] }],
    ['a text for a list', 'UntagUser', 'TagKeys=a', 'MalformedInput 400: Unexpected list element termination'],
    ['a flat list for a list', 'UntagUser', 'TagKeys.1=a', 'MalformedInput 400: Unexpected list element termination'],
    [
      'a text for a structure',
      'TagUser',
      'Tags.member.1=a',
      'MalformedInput 400: Unexpected complex element termination',
    ],
    ['numbers', 'AssumeRole', 'DurationSeconds=900', { DurationSeconds: 900 }],
    ['numbers with a plus', 'AssumeRole', 'DurationSeconds=%2B900', { DurationSeconds: 900 }],
    ['numbers with a zero before', 'AssumeRole', 'DurationSeconds=0900', { DurationSeconds: 900 }],
    ['the largest number', 'AssumeRole', 'DurationSeconds=2147483647', { DurationSeconds: 2147483647 }],
    ['the smallest number', 'AssumeRole', 'DurationSeconds=-2147483648', { DurationSeconds: -2147483648 }],
    ['a number too large', 'AssumeRole', 'DurationSeconds=2147483648', 'MalformedInput 400'],
    ['a number too small', 'AssumeRole', 'DurationSeconds=-2147483649', 'MalformedInput 400'],
    ['QUIRK: malformed-integer: a fraction', 'AssumeRole', 'DurationSeconds=900.0', 'MalformedInput 400'],
    ['a word for a number', 'AssumeRole', 'DurationSeconds=abc', 'MalformedInput 400'],
    ['hexadecimal', 'AssumeRole', 'DurationSeconds=0x384', 'MalformedInput 400'],
    ['spaces around a number', 'AssumeRole', 'DurationSeconds=+900+', 'MalformedInput 400'],
    ['nothing for a number', 'AssumeRole', 'DurationSeconds=', 'MalformedInput 400: missing value for decimal type'],
    ['booleans', 'CreatePolicyVersion', 'SetAsDefault=true', { SetAsDefault: true }],
    ['the other boolean', 'CreatePolicyVersion', 'SetAsDefault=false', { SetAsDefault: false }],
    ['a word for a boolean', 'CreatePolicyVersion', 'SetAsDefault=yes', 'MalformedInput 400'],
  ]
  for (const [what, name, form, expected] of rows) it(what, () => expect(read(name, form)).toEqual(expected))

  const split: readonly (readonly [text: string, pairs: readonly (readonly [string, string])[]])[] = [
    ['', []],
    ['&', []],
    ['&a=1', [['a', '1']]],
    [
      'a=1&&b=2&',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    [
      'a&b=1',
      [
        ['a', ''],
        ['b', '1'],
      ],
    ],
    [
      '=1&a=',
      [
        ['', '1'],
        ['a', ''],
      ],
    ],
  ]
  it.each(split)('%j is taken apart', (text, expected) => expect([...pairs(text)]).toEqual(expected))

  it('as far as anyone writes one', () => {
    expect(readForm('a&'.repeat(20_000)).overflow).toBe(false)
    expect(readForm('a&'.repeat(20_001)).overflow).toBe(true)
    expect(readForm('a&'.repeat(20_000), 'b').overflow).toBe(true)
  })
  it('out of a body that is said to be one, and posted', () => {
    const type = (value: string) => ({ query: 'a=1', headers: [['content-type', value]] as const })
    const names = (over: Partial<HttpRequest>) => [...formOf(formRequest('b=2', over)).values.keys()]
    expect(names(type('application/x-www-form-urlencoded ; charset=utf-8'))).toEqual(['a', 'b'])
    expect(names(type('application/x-www-form-urlencodedx'))).toEqual(['a'])
    expect(names({ query: 'a=1', headers: [] })).toEqual(['a'])
    expect(names({ query: 'a=1', method: 'PUT' })).toEqual(['a'])
  })

  it('from a GET', () => {
    const request = getRequest('Action=GetUser&UserName=ann')
    expect(query.claims(request)).toBe(true)
    expect(read('GetUser', request)).toEqual({ UserName: 'ann' })
  })
  it('from the query string of a POST before its body', () => {
    const request = formRequest('Action=DeleteUser&UserName=bob', { query: 'Action=GetUser&UserName=ann' })
    expect(query.operation(request)).toEqual({ name: 'GetUser', version: undefined })
    expect(read('GetUser', request)).toEqual({ UserName: 'ann' })
  })
  it('of any size without delay', () => {
    const many = Array.from({ length: 60_000 }, (_, index) => `TagKeys.member.${index + 1}=x`).join('&')
    const deep = `${'a.'.repeat(500_000)}a=1`
    const took = processorMilliseconds(() => {
      expect(read('UntagUser', many)).toBe('MalformedInput 400')
      expect(read('UntagUser', deep)).toEqual({})
      expect(read('UntagUser', `TagKeys${'.member.1'.repeat(100_000)}=1`)).toEqual({})
    })
    expect(took).toBeLessThan(2000)
  })
  it('INVARIANT: total: nothing makes it throw but a fault', () => {
    const piece = fc.constantFrom(
      'Tags',
      'TagKeys',
      'member',
      '1',
      '2',
      '.',
      '=',
      '&',
      '%',
      '%25',
      '+',
      'Key',
      'Value',
      'é',
      'UserName',
      '__proto__',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        for (const name of ['TagUser', 'UntagUser', 'SimulateCustomPolicy']) {
          const value = read(name, pieces.join(''))
          expect(typeof value === 'string' || typeof value === 'object').toBe(true)
        }
      }),
    )
  })
})

describe('an answer is written as AWS writes it', () => {
  const encode = (name: string, output: object) =>
    query.encode(sts.operation(name) ? sts : iam, operationOf(name), output, id)

  it('QUIRK: member-order: GetCallerIdentity', () => {
    const { status, headers, body } = encode('GetCallerIdentity', {
      UserId: 'AIDAJDPLRKLG7UEXAMPLE',
      Account: '123456789012',
      Arn: 'arn:aws:iam::123456789012:user/ann',
    })
    expect(status).toBe(200)
    expect(headers).toEqual({
      'x-amzn-RequestId': id,
      'content-type': 'text/xml',
    })
    expect(body).toBe(`<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetCallerIdentityResult>
    <Arn>arn:aws:iam::123456789012:user/ann</Arn>
    <UserId>AIDAJDPLRKLG7UEXAMPLE</UserId>
    <Account>123456789012</Account>
  </GetCallerIdentityResult>
  <ResponseMetadata>
    <RequestId>${id}</RequestId>
  </ResponseMetadata>
</GetCallerIdentityResponse>
`)
  })

  it('QUIRK: member-order: AssumeRole', () => {
    const { body } = encode('AssumeRole', {
      Credentials: {
        AccessKeyId: 'ASIA',
        SecretAccessKey: 's',
        SessionToken: 't',
        Expiration: Date.UTC(2026, 10, 23, 3, 0, 0),
      },
      AssumedRoleUser: { AssumedRoleId: 'AROA:s', Arn: 'arn' },
      SourceIdentity: 'ann',
      PackedPolicySize: 16,
    })
    expect(body).toBe(`<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleResult>
    <AssumedRoleUser>
      <AssumedRoleId>AROA:s</AssumedRoleId>
      <Arn>arn</Arn>
    </AssumedRoleUser>
    <Credentials>
      <AccessKeyId>ASIA</AccessKeyId>
      <SecretAccessKey>s</SecretAccessKey>
      <SessionToken>t</SessionToken>
      <Expiration>2026-11-23T03:00:00Z</Expiration>
    </Credentials>
    <PackedPolicySize>16</PackedPolicySize>
    <SourceIdentity>ann</SourceIdentity>
  </AssumeRoleResult>
  <ResponseMetadata>
    <RequestId>${id}</RequestId>
  </ResponseMetadata>
</AssumeRoleResponse>
`)
  })

  it('an operation without output has metadata alone', () => {
    const { body, headers } = encode('DeleteUser', {})
    expect(headers).toEqual({ 'x-amzn-RequestId': id, 'content-type': 'text/xml' })
    expect(body).toBe(`<DeleteUserResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <ResponseMetadata>
    <RequestId>${id}</RequestId>
  </ResponseMetadata>
</DeleteUserResponse>
`)
  })

  it('lists, maps, flags, empty and absent members', () => {
    const { body } = encode('GetOpenIDConnectProvider', { Url: undefined, ClientIDList: ['a', 'b'], Tags: [] })
    expect(body).toContain(
      '    <ClientIDList>\n      <member>a</member>\n      <member>b</member>\n    </ClientIDList>\n',
    )
    expect(body).toContain('    <Tags/>\n')
    expect(body).not.toContain('Url')
    expect(encode('GetAccountSummary', { SummaryMap: { Users: 3 } }).body).toContain(
      '    <SummaryMap>\n      <entry>\n        <key>Users</key>\n        <value>3</value>\n      </entry>\n    </SummaryMap>\n',
    )
    expect(encode('ListUsers', { Users: [], IsTruncated: false }).body).toContain(
      '    <Users/>\n    <IsTruncated>false</IsTruncated>\n',
    )
  })

  it('what XML cannot carry does not break it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const { body } = encode('GetUser', {
          User: { Path: '/', UserName: name, UserId: 'i', Arn: 'a', CreateDate: 0 },
        })
        const user = readXml(String(body))?.children[0]?.children[0]
        const told = user?.children.find((child) => child.name === 'UserName')?.text
        // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML cannot carry
        expect(told).toBe(name.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd'))
      }),
    )
    expect(String(encode('GetUser', { User: { UserName: '</UserName>&amp;"\r\n\ud800' } }).body)).toContain(
      '<UserName>&lt;/UserName&gt;&amp;amp;&quot;&#xD;\n\ufffd</UserName>',
    )
  })

  it('INVARIANT: no-header-injection', () => {
    for (const bad of ['a\r\nset-cookie: x', 'a b', '', 'ü', 'x'.repeat(129)]) {
      expect(() => query.encode(iam, operationOf('DeleteUser'), {}, bad)).toThrow('a request id must be a token')
      expect(() => query.refuse(undefined, { code: 'x', message: '' }, bad)).toThrow('a request id must be a token')
      for (const answer of [toHomePage, unknownPath]) expect(() => answer(bad)).toThrow('a request id must be a token')
    }
    const { headers } = query.refuse(iam, { code: 'a\r\nb: c', message: 'a\r\nb: c' }, id)
    expect(JSON.stringify(headers)).not.toContain('\\r')
  })

  it('a value of another type is a bug, not an answer', () => {
    expect(() => encode('GetUser', { User: { UserName: 3 } })).toThrow('cannot be written from a number')
    expect(() => encode('GetUser', { User: 'ann' })).toThrow('cannot be written from a string')
    expect(() => encode('ListUsers', { Users: 'ann' })).toThrow('cannot be written from a string')
  })
})

describe('a refusal is written as AWS writes it', () => {
  it('with the status and the sender that the model has', () => {
    const { status, body } = query.refuse(
      iam,
      { code: 'NoSuchEntity', message: 'The user with name <x> cannot be found.' },
      id,
    )
    expect(status).toBe(404)
    expect(body).toBe(`<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <Error>
    <Type>Sender</Type>
    <Code>NoSuchEntity</Code>
    <Message>The user with name &lt;x&gt; cannot be found.</Message>
  </Error>
  <RequestId>${id}</RequestId>
</ErrorResponse>
`)
  })
  it('without a message where there is none', () => {
    const { status, body } = query.refuse(sts, { code: 'MalformedInput', message: '' }, id)
    expect(status).toBe(400)
    expect(body).toContain('    <Code>MalformedInput</Code>\n  </Error>\n')
  })
  it('QUIRK: fault-namespace: where no service is known', () => {
    const { code, message, status } = invalidAction({ name: 'Nope', version: undefined })
    const refused = query.refuse(undefined, { code, message, status }, id)
    expect(refused.status).toBe(400)
    expect(refused.body).toContain('<ErrorResponse xmlns="http://webservices.amazon.com/AWSFault/2005-15-09">')
    expect(refused.body).toContain('<Message>Could not find operation Nope for version NO_VERSION_SPECIFIED</Message>')
  })

  const statuses: readonly [string, number, string][] = [
    ['EntityAlreadyExists', 409, 'Sender'],
    ['DeleteConflict', 409, 'Sender'],
    ['LimitExceeded', 409, 'Sender'],
    ['ReportNotPresent', 410, 'Sender'],
    ['MalformedPolicyDocument', 400, 'Sender'],
    ['ValidationError', 400, 'Sender'],
    ['AccessDenied', 403, 'Sender'],
    ['SignatureDoesNotMatch', 403, 'Sender'],
    ['ServiceFailure', 500, 'Receiver'],
    ['InternalFailure', 500, 'Receiver'],
    ['__proto__', 400, 'Sender'],
  ]
  for (const [code, status, type] of statuses)
    it(`${code} is ${status}`, () => {
      const refused = query.refuse(iam, { code, message: '' }, id)
      expect(refused.status).toBe(status)
      expect(refused.body).toContain(`<Type>${type}</Type>`)
    })
  it('with another status where the fault says so', () =>
    expect(query.refuse(iam, { code: 'NoSuchEntity', message: '', status: 400 }, id).status).toBe(400))
})

describe('a request is told apart by its form', () => {
  const type = (value: string) => ({ headers: [['content-type', value]] as const })
  const rows: readonly [string, HttpRequest, string][] = [
    ['a form with an action', formRequest('Action=GetUser'), 'query'],
    ['a form on another path', formRequest('Action=GetUser', { path: '/x' }), 'query'],
    ['a type in other letters', formRequest('Action=GetUser', type('Application/X-WWW-Form-Urlencoded')), 'query'],
    ['a GET with an action', getRequest('Action=GetUser'), 'query'],
    ['a GET with an action on a path that means /', getRequest('Action=GetUser', { path: '/./' }), 'query'],
    ['a GET with an action elsewhere', getRequest('Action=GetUser', { path: '/x' }), 'unknown'],
    ['QUIRK: no-action-redirect: no action', formRequest('Version=1'), 'home'],
    ['QUIRK: no-action-redirect: no type', formRequest('Action=GetUser', { headers: [] }), 'home'],
    ['another type', formRequest('Action=GetUser', type('text/plain')), 'home'],
    ['a GET of /', getRequest(''), 'home'],
    ['QUIRK: unknown-path', getRequest('', { path: '/x' }), 'unknown'],
    ['another method', formRequest('Action=GetUser', { method: 'PUT' }), 'unknown'],
    ['EC2', formRequest('Action=RunInstances&Version=2016-11-15'), 'ec2'],
    [
      'JSON',
      formRequest('{}', {
        headers: [
          ['content-type', 'application/x-amz-json-1.1'],
          ['x-amz-target', 'TrentService.Encrypt'],
        ],
      }),
      'json',
    ],
  ]
  for (const [what, request, expected] of rows)
    it(what, () => {
      const found = detect(request)
      const name = found.kind === 'served' ? found.protocol.name : found.kind === 'unserved' ? found.name : found.kind
      expect(name).toBe(expected)
    })

  it('and answered so', () => {
    expect(toHomePage(id)).toEqual({
      status: 302,
      headers: { 'x-amzn-RequestId': id, location: 'https://aws.amazon.com/iam' },
      body: '',
    })
    expect(unknownPath(id)).toMatchObject({ status: 404, body: '<UnknownOperationException/>\n' })
  })
})
