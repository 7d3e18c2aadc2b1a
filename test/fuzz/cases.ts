import { sign } from '../../src/wire/sigv4.ts'
import type { Dice } from './dice.ts'

/** Somebody who may do everything, and where. */
export interface Target {
  readonly host: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
  readonly now: number
}

const form = 'application/x-www-form-urlencoded; charset=utf-8'

/** Text that has broken servers: terminators, escapes, other alphabets, numbers at the edge, names of machinery. */
const hostile = [
  '',
  ' ',
  '\0',
  '\r\nX-Evil: 1',
  '%',
  '%00',
  '%zz',
  '%C0%AF',
  '%ED%A0%80',
  '../../etc/passwd',
  '__proto__',
  'constructor',
  '<script>alert(1)</script>',
  ']]>',
  '&amp;',
  '\u2028',
  '💥',
  'ﬀ',
  '-1',
  '0',
  '1e9',
  '9223372036854775808',
  'NaN',
  'true',
  '{',
  '{"Version":"2012-10-17","Statement":[]}',
  '[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[',
  'arn:aws:iam::123456789012:role/x',
  'arn:aws:iam:::',
  '*',
  '?'.repeat(64),
  'a'.repeat(5000),
]

const actions: readonly (readonly [action: string, version: string, service: string])[] = [
  ['GetCallerIdentity', '2011-06-15', 'sts'],
  ['AssumeRole', '2011-06-15', 'sts'],
  ['AssumeRoleWithSAML', '2011-06-15', 'sts'],
  ['GetSessionToken', '2011-06-15', 'sts'],
  ['GetAccessKeyInfo', '2011-06-15', 'sts'],
  ['CreateUser', '2010-05-08', 'iam'],
  ['CreateRole', '2010-05-08', 'iam'],
  ['CreatePolicy', '2010-05-08', 'iam'],
  ['PutUserPolicy', '2010-05-08', 'iam'],
  ['UpdateAssumeRolePolicy', '2010-05-08', 'iam'],
  ['ListUsers', '2010-05-08', 'iam'],
  ['TagRole', '2010-05-08', 'iam'],
  ['AttachUserPolicy', '2010-05-08', 'iam'],
  ['SimulateCustomPolicy', '2010-05-08', 'iam'],
  ['GetDecision', '2026-11-01', 'rolecall'],
  ['CreateAccount', '2026-11-01', 'rolecall'],
]

const parameters = [
  'UserName',
  'RoleName',
  'RoleArn',
  'RoleSessionName',
  'Path',
  'PolicyName',
  'PolicyDocument',
  'AssumeRolePolicyDocument',
  'Policy',
  'PolicyArns.member.1.arn',
  'DurationSeconds',
  'MaxItems',
  'Marker',
  'Tags.member.1.Key',
  'Tags.member.1.Value',
  'Tags.member.999999999.Key',
  'Tags.member.-1.Key',
  'Tags.member.1.Key.deeper',
  'Tags',
  'TransitiveTagKeys.member.1',
  'AccountId',
  'RequestId',
  '__proto__.x',
  '....',
]

const urlEncoded = (text: string): string => encodeURIComponent(text)

/** A request as bytes, well formed and signed, whatever stands in its parameters. */
function signed(target: Target, service: string, body: string, path = '/'): string {
  const bytes = new TextEncoder().encode(body)
  const headers = sign(
    {
      method: 'POST',
      path,
      query: '',
      headers: [
        ['host', target.host],
        ['content-type', form],
        ['content-length', String(bytes.length)],
      ],
      body: bytes,
    },
    target,
    { region: 'us-east-1', service, now: target.now },
  )
  return `POST ${path} HTTP/1.1\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`
}

/** Properly signed, with parameters that nobody sends. */
function hostileParameters(target: Target, die: Dice): string {
  const [action, version, service] = die.pick(actions)
  const pairs = [`Action=${action}`, `Version=${version}`]
  for (let count = die.upTo(8); count > 0; count--) {
    const value = die.upTo(4) === 0 ? new TextDecoder('latin1').decode(die.bytes(die.upTo(40))) : die.pick(hostile)
    pairs.push(
      `${urlEncoded(die.pick(parameters))}=${die.upTo(3) === 0 ? value.replaceAll(/[\r\n\0]/g, '') : urlEncoded(value)}`,
    )
  }
  return signed(target, service, pairs.join('&'))
}

/** A good request of which some bytes were changed, cut, doubled or moved. */
function mangled(target: Target, die: Dice): Uint8Array {
  const [action, version, service] = die.pick(actions)
  const good = Buffer.from(signed(target, service, `Action=${action}&Version=${version}&UserName=x`))
  let bytes: Uint8Array = good
  for (let count = 1 + die.upTo(6); count > 0; count--) {
    const at = die.upTo(bytes.length + 1)
    const length = die.upTo(16)
    const insert = [
      () => die.bytes(length),
      () => new TextEncoder().encode(die.pick(hostile)),
      () => bytes.slice(at, at + length),
      () => new Uint8Array(0),
    ]
    bytes = Buffer.concat([
      bytes.subarray(0, at),
      die.pick(insert)(),
      bytes.subarray(Math.min(bytes.length, at + die.upTo(8))),
    ])
  }
  return bytes
}

/** A good request with one header that says something else than the rest. */
function contradicting(target: Target, die: Dice): string {
  const [action, version, service] = die.pick(actions)
  const good = signed(target, service, `Action=${action}&Version=${version}`)
  const line = die.pick([
    'content-length: 0',
    'content-length: 99999999',
    'content-length: -1',
    'transfer-encoding: chunked',
    'transfer-encoding: identity, chunked',
    'expect: 100-continue',
    'expect: nonsense',
    'upgrade: h2c\r\nconnection: upgrade',
    'connection: close',
    'host: evil.example',
    'x-amz-date: 20200101T000000Z',
    'authorization: AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=host, Signature=00',
    `authorization: ${die.pick(hostile).replaceAll(/[\r\n\0]/g, '')}`,
    'x-amz-security-token: AAAA',
    `x-amz-security-token: ${Buffer.from(die.bytes(die.upTo(300))).toString('base64')}`,
    'content-type: text/html',
    'content-encoding: gzip',
    'accept: application/json',
    `user-agent: ${'x'.repeat(die.upTo(9000))}`,
    'x-amz-target: DynamoDB_20120810.ListTables\r\ncontent-type: application/x-amz-json-1.0',
  ])
  return good.replace('\r\n', `\r\n${line}\r\n`)
}

/** Bytes that never were a request. */
function noise(_target: Target, die: Dice): Uint8Array {
  const start = die.pick([
    '',
    'GET / HTTP/1.1\r\n',
    'POST / HTTP/1.1\r\nhost: x\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    '\x16\x03\x01\x02\x00',
    `GET /?${'a=b&'.repeat(die.upTo(500))}X-Amz-Signature HTTP/1.1\r\nhost: x\r\n\r\n`,
  ])
  return Buffer.concat([Buffer.from(start, 'latin1'), die.bytes(die.upTo(600))])
}

const kinds: readonly ((target: Target, die: Dice) => string | Uint8Array)[] = [
  hostileParameters,
  mangled,
  contradicting,
  noise,
]

export const fuzzCase = (target: Target, die: Dice): Uint8Array => {
  const made = die.pick(kinds)(target, die)
  return typeof made === 'string' ? Buffer.from(made, 'utf8') : made
}
