import { beforeAll, describe, expect, test } from 'vitest'
import { MemoryAudit } from '../../src/audit/memory.ts'
import { type Authority, openAuthority } from '../../src/host/authority.ts'
import { machineRandom } from '../../src/host/machine.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import type { HttpRequest } from '../../src/wire/http.ts'
import { keysFrom } from '../token/keys.ts'
import { textOf, trusting } from './actor.ts'
import type { Keys } from './call.ts'
import {
  headerOf,
  host,
  identityForm,
  outcome,
  posted,
  presigned,
  textOfBody,
  type Wanted,
  withHeader,
} from './signer.ts'

/** The way in, with a clock that stands where it is told to: signed by AWS's own signer, answered by the whole authority. */
const home = '012345678901'
const noon = Date.UTC(2026, 10, 23, 12, 0, 0)
const second = 1_000
const minute = 60 * second

let now = noon
let authority: Authority
let administrator: Keys

beforeAll(async () => {
  authority = await openAuthority(
    {
      store: new MemoryStore(),
      openLog: async () => new MemoryAudit(),
      founding: {
        propose(keys) {
          administrator = keys
        },
        settle: () => undefined,
      },
    },
    {
      clock: { now: () => now },
      random: machineRandom(),
      keys: keysFrom(),
      schedule: () => () => undefined,
      alarm: (what, error) => {
        throw new Error(what, { cause: error })
      },
    },
    home,
  )
  await Promise.all(['living', 'doomed'].map((RoleName) => makeRole(RoleName)))
})

const answer = (request: HttpRequest) => authority.answer(request)
const told = async (request: HttpRequest) => outcome(await answer(request))

/** A call that must succeed, and its answer. */
async function done(keys: Keys, service: 'iam' | 'sts', parameters: Readonly<Record<string, string>>) {
  const Version = service === 'iam' ? '2010-05-08' : '2011-06-15'
  const form = new URLSearchParams({ Version, ...parameters }).toString()
  const response = await answer(await posted(keys, { form, service, at: now }))
  const text = textOfBody(response)
  if (response.status !== 200) throw new Error(text)
  return (name: string): string => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1] ?? ''
}

const makeRole = (RoleName: string) =>
  done(administrator, 'iam', {
    Action: 'CreateRole',
    RoleName,
    AssumeRolePolicyDocument: textOf(trusting(`arn:aws:iam::${home}:user/administrator`)),
  })

async function session(role = 'living'): Promise<Keys> {
  const read = await done(administrator, 'sts', {
    Action: 'AssumeRole',
    RoleArn: `arn:aws:iam::${home}:role/${role}`,
    RoleSessionName: 'session',
    DurationSeconds: '900',
  })
  return {
    accessKeyId: read('AccessKeyId'),
    secretAccessKey: read('SecretAccessKey'),
    sessionToken: read('SessionToken'),
  }
}

const wrongSecret = (keys: Keys): Keys => ({ ...keys, secretAccessKey: 'x'.repeat(40) })

const unknownToken = {
  status: 403,
  code: 'InvalidClientTokenId',
  message: 'The security token included in the request is invalid.',
}
const mismatch = {
  status: 403,
  code: 'SignatureDoesNotMatch',
  message:
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
}
const expired = {
  status: 403,
  code: 'ExpiredToken',
  message: 'The security token included in the request is expired',
}
const mismatched = (message: string) => ({ status: 403, code: 'SignatureDoesNotMatch', message })
const noToken = { status: 403, code: 'MissingAuthenticationToken', message: 'Request is missing Authentication Token' }
const welcome = { status: 200 }

const ask = async (keys: Keys, wanted: Partial<Wanted> = {}) => told(await posted(keys, { at: now, ...wanted }))

describe('keys', () => {
  test.each([
    ['right ones', async () => administrator, welcome],
    ['an unknown key id', async () => ({ ...administrator, accessKeyId: 'AKIAIOSFODNN7EXAMPLE' }), unknownToken],
    ['a wrong secret', async () => wrongSecret(administrator), mismatch],
    ['a session', () => session(), welcome],
    ['a session, with a wrong secret', async () => wrongSecret(await session()), mismatch],
    [
      'a session without its token, and with a wrong secret',
      async () => {
        const { accessKeyId } = await session()
        return wrongSecret({ accessKeyId, secretAccessKey: '' })
      },
      unknownToken,
    ],
    [
      'a session with the token of another, and with a wrong secret',
      async () => wrongSecret({ ...(await session()), sessionToken: (await session()).sessionToken ?? '' }),
      unknownToken,
    ],
    [
      'a long-term key with a token of its own making',
      async () => ({ ...administrator, sessionToken: 'AAAA' }),
      unknownToken,
    ],
  ])('%s', async (_what, keys, expected) => {
    expect(await ask(await keys())).toEqual(expected)
  })

  test('a key that was made inactive, made active, and deleted', async () => {
    await done(administrator, 'iam', { Action: 'CreateUser', UserName: 'keyed' })
    const read = await done(administrator, 'iam', { Action: 'CreateAccessKey', UserName: 'keyed' })
    const keys = { accessKeyId: read('AccessKeyId'), secretAccessKey: read('SecretAccessKey') }
    const change = (parameters: Readonly<Record<string, string>>) =>
      done(administrator, 'iam', { UserName: 'keyed', AccessKeyId: keys.accessKeyId, ...parameters })
    expect(await ask(keys)).toEqual(welcome)
    await change({ Action: 'UpdateAccessKey', Status: 'Inactive' })
    expect(await ask(keys)).toEqual(unknownToken)
    await change({ Action: 'UpdateAccessKey', Status: 'Active' })
    expect(await ask(keys)).toEqual(welcome)
    await change({ Action: 'DeleteAccessKey' })
    expect(await ask(keys)).toEqual(unknownToken)
  })
})

describe('the end of a session', () => {
  test.each([
    ['its last second', 899 * second, (keys: Keys) => keys, welcome],
    ['the second after', 900 * second, (keys: Keys) => keys, expired],
    ['long after', 40 * 24 * 60 * minute, (keys: Keys) => keys, expired],
    ['the second after, with a wrong secret', 900 * second, wrongSecret, expired],
  ])('%s', async (_when, later, change, expected) => {
    const keys = await session()
    now = noon + later
    try {
      expect(await ask(change(keys))).toEqual(expected)
    } finally {
      now = noon
    }
  })

  test('comes with its role: told before the signature is looked at, and after the time', async () => {
    const keys = await session('doomed')
    expect(await ask(keys)).toEqual(welcome)
    await done(administrator, 'iam', { Action: 'DeleteRole', RoleName: 'doomed' })
    expect(await ask(keys)).toEqual(unknownToken)
    expect(await ask(wrongSecret(keys))).toEqual(unknownToken)
    now = noon + 901 * second
    try {
      expect(await ask(keys)).toEqual(expired)
    } finally {
      now = noon
    }
  })
})

describe('what a signature is for', () => {
  const region = 'Credential should be scoped to a valid region. '
  const service = (name: string) => `Credential should be scoped to correct service: '${name}'. `
  const iam = 'Action=ListUsers&Version=2010-05-08'

  test.each([
    ['any region', { region: 'ap-southeast-2' }, welcome],
    ['no region', { region: 'nowhere' }, mismatched(region)],
    ['another service', { service: 'iam' }, mismatched(service('sts'))],
    ['another service, the other way round', { form: iam, service: 'sts' }, mismatched(service('iam'))],
    ['both', { region: 'nowhere', service: 's3' }, mismatched(region + service('sts'))],
  ])('%s', async (_what, wanted, expected) => {
    expect(await ask(administrator, wanted)).toEqual(expected)
  })

  test('comes before everything else that is wrong: the key, the token and its end', async () => {
    const wanted = { service: 's3' }
    expect(await ask({ ...administrator, accessKeyId: 'AKIAIOSFODNN7EXAMPLE' }, wanted)).toEqual(
      mismatched(service('sts')),
    )
    const keys = await session()
    now = noon + 60 * minute
    try {
      expect(await ask(keys, wanted)).toEqual(mismatched(service('sts')))
    } finally {
      now = noon
    }
  })

  test('names the terminator and the day', async () => {
    const request = await posted(administrator, { at: now })
    const edit = (from: string, to: string) =>
      told(withHeader(request, 'authorization', headerOf(request, 'authorization').replace(from, to)))
    expect(await edit('aws4_request', 'aws5_request')).toEqual(
      mismatched("Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5_request'. "),
    )
    expect(await edit('/20261123/', '/20261122/')).toEqual(
      mismatched(
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20261122' != '20261123', from '20261123T120000Z'. ",
      ),
    )
  })
})

describe('the time of a signature', () => {
  test.each([
    ['five minutes old', -300, welcome],
    [
      'a second older',
      -301,
      mismatched(
        'Signature expired: 20261123T115459Z is now earlier than 20261123T115500Z (20261123T120000Z - 5 min.)',
      ),
    ],
    ['five minutes ahead', 300, welcome],
    [
      'a second further ahead',
      301,
      mismatched(
        'Signature not yet current: 20261123T120501Z is still later than 20261123T120500Z (20261123T120000Z + 5 min.)',
      ),
    ],
  ])('%s', async (_what, seconds, expected) => {
    expect(await ask(administrator, { at: noon + seconds * second })).toEqual(expected)
  })
})

describe('no signature, or half of one', () => {
  const authorized = async (value: string | undefined) =>
    told(withHeader(await posted(administrator, { at: now }), 'authorization', value))

  test('none', async () => {
    expect(await authorized(undefined)).toEqual(noToken)
  })

  test.each([
    ['of another kind', 'Bearer abc'],
    ['of nothing', ''],
    ['of the scheme alone', 'AWS4-HMAC-SHA256'],
    ['without a signature', `AWS4-HMAC-SHA256 Credential=A/20261123/us-east-1/sts/aws4_request, SignedHeaders=host`],
    ['of words', 'AWS4-HMAC-SHA256 hello world'],
    ['with a part twice', 'AWS4-HMAC-SHA256 Credential=a, Credential=b, SignedHeaders=host, Signature=c'],
    [
      'with three parts of a scope',
      `AWS4-HMAC-SHA256 Credential=A/20261123/us-east-1, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
    ],
    [
      'with a short signature',
      'AWS4-HMAC-SHA256 Credential=A/20261123/us-east-1/sts/aws4_request, SignedHeaders=host;x-amz-date, Signature=00',
    ],
    ['with another algorithm', 'AWS4-ECDSA-P256-SHA256 Credential=A/20261123/sts/aws4_request, SignedHeaders=host'],
  ])('%s: refused as such, and never taken for none', async (_what, value) => {
    const { status, code } = await authorized(value)
    expect([400, 403]).toContain(status)
    expect(code).toMatch(/^(IncompleteSignature|SignatureDoesNotMatch)$/)
  })

  test('tells what it lacks, in words of AWS', async () => {
    expect(await authorized('AWS4-HMAC-SHA256 Credential=x')).toEqual({
      status: 400,
      code: 'IncompleteSignature',
      message:
        "Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization=AWS4-HMAC-SHA256 Credential=x",
    })
    const request = await posted(administrator, { at: now })
    const authorization = headerOf(request, 'authorization')
    expect(await told(withHeader(request, 'x-amz-date', undefined))).toEqual({
      status: 400,
      code: 'IncompleteSignature',
      message: `Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=${authorization}`,
    })
  })
})

describe('order: signature, then shape, then permission', () => {
  const form = 'Action=AssumeRole&Version=2011-06-15&RoleArn=x'
  test('a bad signature hides what is wrong with the parameters', async () => {
    expect(await ask(wrongSecret(administrator), { form })).toEqual(mismatch)
    expect(await ask(administrator, { form })).toMatchObject({ status: 400, code: 'ValidationError' })
  })
  test('who may not hears first what is wrong with the parameters', async () => {
    const keys = await session()
    expect(await ask(keys, { form })).toMatchObject({ status: 400, code: 'ValidationError' })
    expect(await ask(keys, { form: 'Action=ListUsers&Version=2010-05-08&MaxItems=0', service: 'iam' })).toMatchObject({
      status: 400,
      code: 'ValidationError',
    })
    expect(await ask(keys, { form: 'Action=ListUsers&Version=2010-05-08', service: 'iam' })).toMatchObject({
      status: 403,
      code: 'AccessDenied',
    })
  })
})

describe('where credentials come from', () => {
  const anonymous = (request: HttpRequest) =>
    request.headers
      .filter(([name]) => name === 'authorization' || name.startsWith('x-amz-'))
      .reduce((left, [name]) => withHeader(left, name, undefined), request)

  test('the header', async () => {
    expect(await told(await posted(administrator, { at: now }))).toEqual(welcome)
  })
  test('the query string', async () => {
    expect(await told(await presigned(administrator, { at: now }))).toEqual(welcome)
  })
  test('the query string, with a token', async () => {
    expect(await told(await presigned(await session(), { at: now }))).toEqual(welcome)
  })
  test('neither', async () => {
    expect(await told(anonymous(await posted(administrator, { at: now })))).toEqual(noToken)
  })
  test('not both, also where either is good', async () => {
    const header = await posted(administrator, { at: now })
    const { query } = await presigned(administrator, { at: now })
    expect(await told({ ...header, query })).toMatchObject({ status: 400, code: 'IncompleteSignature' })
    const one = new URLSearchParams(query).get('X-Amz-Credential') ?? ''
    expect(await told({ ...header, query: `X-Amz-Credential=${encodeURIComponent(one)}` })).toMatchObject({
      status: 400,
      code: 'IncompleteSignature',
    })
  })
  test('not the form', async () => {
    const { query } = await presigned(administrator, { at: now })
    const body = new TextEncoder().encode(query)
    expect(await told({ ...anonymous(await posted(administrator, { at: now })), body })).toEqual(noToken)
  })
  test('not the query string in another spelling', async () => {
    const request = await presigned(administrator, { at: now })
    for (const name of ['X-Amz-Signature', 'X-Amz-Credential', 'X-Amz-Date']) {
      const other = request.query.replace(name, name.toLowerCase())
      expect((await told({ ...request, query: other })).status).not.toBe(200)
      const twice = `${request.query}&${name}=${new URLSearchParams(request.query).get(name) ?? ''}`
      expect((await told({ ...request, query: twice })).status).not.toBe(200)
    }
  })
  test('not a header twice', async () => {
    const request = await posted(await session(), { at: now })
    for (const name of ['authorization', 'x-amz-date', 'x-amz-security-token']) {
      const headers = [...request.headers, [name, headerOf(request, name)] as const]
      expect((await told({ ...request, headers })).status).not.toBe(200)
    }
  })
  test('the token only where it is signed', async () => {
    const request = await posted(administrator, { at: now })
    const { sessionToken = '' } = await session()
    expect((await told(withHeader(request, 'x-amz-security-token', sessionToken))).status).not.toBe(200)
  })
})

describe('a presigned GetCallerIdentity, as a cluster checks who somebody is', () => {
  const cluster = { 'x-k8s-aws-id': 'my-cluster' }
  const wanted = { headers: { host, ...cluster } }

  test('QUIRK: query-json. It is answered, in JSON where that is accepted', async () => {
    const request = await presigned(await session(), { ...wanted, at: now })
    expect(new URLSearchParams(request.query).get('X-Amz-SignedHeaders')).toBe('host;x-k8s-aws-id')
    const response = await answer(withHeader(request, 'accept', 'application/json'))
    expect(response.status).toBe(200)
    expect(response.headers['content-type']).toBe('application/json')
    const { GetCallerIdentityResponse } = JSON.parse(textOfBody(response))
    expect(GetCallerIdentityResponse).toEqual({
      GetCallerIdentityResult: {
        Account: home,
        Arn: `arn:aws:sts::${home}:assumed-role/living/session`,
        UserId: expect.stringMatching(/^AROA[A-Z0-9]{17}:session$/),
      },
      ResponseMetadata: { RequestId: response.headers['x-amzn-RequestId'] },
    })
  })

  test.each([
    ['for another cluster', (request: HttpRequest) => withHeader(request, 'x-k8s-aws-id', 'other'), false],
    ['without the cluster', (request: HttpRequest) => withHeader(request, 'x-k8s-aws-id', undefined), false],
    ['for another host', (request: HttpRequest) => withHeader(request, 'host', 'sts.amazonaws.com'), false],
    ['as a POST', (request: HttpRequest) => ({ ...request, method: 'POST' }), false],
    [
      'for another action',
      (request: HttpRequest) => ({
        ...request,
        query: request.query.replace('GetCallerIdentity', 'GetSessionToken'),
      }),
      false,
    ],
    [
      'with another action before',
      (request: HttpRequest) => ({ ...request, query: `Action=GetSessionToken&${request.query}` }),
      false,
    ],
    [
      'with another action behind',
      (request: HttpRequest) => ({ ...request, query: `${request.query}&Action=GetSessionToken` }),
      false,
    ],
    ['with an unsigned header besides', (request: HttpRequest) => withHeader(request, 'user-agent', 'x'), true],
    [
      'with its parameters in another order',
      (request: HttpRequest) => ({ ...request, query: request.query.split('&').reverse().join('&') }),
      true,
    ],
  ])('%s', async (_what, change, accepted) => {
    const request = change(await presigned(administrator, { ...wanted, at: now }))
    const { status } = await told(request)
    if (accepted) expect(status).toBe(200)
    else expect(status).toBeGreaterThanOrEqual(300)
  })

  test('is good for a quarter of an hour, whatever it says', async () => {
    for (const [age, status] of [
      [14 * minute, 200],
      [15 * minute, 200],
      [15 * minute + second, 403],
      [-5 * minute, 200],
      [-5 * minute - second, 403],
    ] as const) {
      const request = await presigned(administrator, { ...wanted, at: now - age, expiresSeconds: 60 })
      expect((await told(request)).status, String(age)).toBe(status)
    }
  })
})

describe('the first of two counts', () => {
  test('for router, validation and permission alike', async () => {
    const form = `${identityForm}&Action=AssumeRole&Version=x`
    expect(await ask(administrator, { form })).toEqual(welcome)
    const names = 'Action=GetUser&Version=2010-05-08&UserName=administrator&UserName=none'
    const response = await answer(await posted(administrator, { form: names, service: 'iam', at: now }))
    expect(textOfBody(response)).toContain('<UserName>administrator</UserName>')
  })

  test('the query string stands before the form, and both are signed', async () => {
    const request = await posted(administrator, { at: now })
    expect((await told({ ...request, query: 'Action=GetSessionToken' })).status).toBe(403)
  })

  test('what is no parameter is passed over, also where it looks like one', async () => {
    const form = 'Action=AssumeRole&Version=2011-06-15&RoleSessionName=ab&RoleArn.member.1=x&Nonsense=1&__proto__=x'
    expect(await ask(administrator, { form })).toEqual({
      status: 400,
      code: 'ValidationError',
      message:
        "1 validation error detected: Value null at 'roleArn' failed to satisfy constraint: Member must not be null",
    })
  })
})

describe('every bit of a signed request counts', () => {
  /** All texts that differ in one bit of one character; characters beyond a byte are left alone. */
  function* flips(text: string): Generator<string> {
    for (let at = 0; at < text.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        yield text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ (1 << bit)) + text.slice(at + 1)
      }
    }
  }
  const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0))

  test('of a POST with a session: body, method, path and every header', async () => {
    const request = await posted(await session(), { at: now, headers: { 'x-amz-meaning': 'some' } })
    expect(await told(request)).toEqual(welcome)
    let tried = 0
    const refused = async (changed: HttpRequest, what: string) => {
      tried++
      const { status } = await answer(changed)
      if (status === 200) throw new Error(`accepted: ${what}`)
    }
    for (const method of flips(request.method)) await refused({ ...request, method }, `method ${method}`)
    for (const path of flips(request.path)) await refused({ ...request, path }, `path ${path}`)
    for (const body of flips(identityForm)) await refused({ ...request, body: bytes(body) }, `body ${body}`)
    for (const [name, value] of request.headers) {
      for (const changed of flips(value)) await refused(withHeader(request, name, changed), `${name}: ${changed}`)
      await refused(withHeader(request, name, undefined), `without ${name}`)
    }
    expect(tried).toBeGreaterThan(5_000)
  })

  test('of a presigned GET: the query string', async () => {
    const request = await presigned(administrator, { at: now })
    expect(await told(request)).toEqual(welcome)
    // Two spellings of one text (`%2f` for `%2F`, a letter for its encoding) are one text, to the signer as to the reader.
    const meaning = (query: string) =>
      [...new URLSearchParams(query)].map(([name, value]) => `${name}=${value}`).join('&')
    const intended = meaning(request.query)
    let tried = 0
    for (const query of flips(request.query)) {
      const { status } = await answer({ ...request, query })
      if (status !== 200) tried++
      else expect(meaning(query)).toBe(intended)
    }
    expect(tried).toBeGreaterThan(2_000)
  })
})
