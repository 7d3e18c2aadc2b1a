/** A few context keys of every kind, with values that are near each other or spell the same thing. */
export type Kind = 'string' | 'arn' | 'number' | 'date' | 'boolean' | 'address' | 'binary'

export interface Key {
  readonly name: string
  readonly kind: Kind
  readonly many?: true
  /** It follows from the caller, so requests seldom say it. */
  readonly derived?: true
  readonly values: readonly string[]
}

const roles = ['arn:aws:iam::111111111111:role/Reader', 'arn:aws:iam::222222222222:role/team/Reader']
const ids = ['AROAEXAMPLE0000000001:Ann', 'AIDAEXAMPLE0000000001', '111111111111:Ann', 'anonymous']
const dates = [
  '2026-03-04T05:06:07Z',
  '2026-03-04t05:06:07z',
  '2026-03-04T05:06:07',
  '2026-03-04T05:06:07.000Z',
  '2026-03-04T05:06:07.5Z',
  '2026-03-04T07:06:07+02:00',
  '2026-03-03T23:06:07-06:00',
  '2026-03-04T05:06Z',
  '2026-03-04T00:00:00Z',
  '2026-03-04',
  '2026-03',
  '1772600767',
  '1772600768',
  '1772582400',
]

const services = ['ec2.amazonaws.com', 'lambda.amazonaws.com']

export const keys: readonly Key[] = [
  { name: 'aws:PrincipalTag/team', kind: 'string', values: ['red', 'blue', 'Red', 'Ann', ''] },
  { name: 'aws:ResourceTag/team', kind: 'string', values: ['red', 'blue', 'Red', ''] },
  { name: 'aws:RequestTag/env', kind: 'string', values: ['prod', 'Prod', 'red', 'true', '7'] },
  { name: 's3:prefix', kind: 'string', values: ['home/Ann/', 'home/', '', 'home/*'] },
  { name: 'aws:username', kind: 'string', derived: true, values: ['Ann', 'Bob'] },
  { name: 'aws:userid', kind: 'string', derived: true, values: ids },
  { name: 'aws:PrincipalAccount', kind: 'string', derived: true, values: ['111111111111', '222222222222'] },
  {
    name: 'aws:PrincipalType',
    kind: 'string',
    derived: true,
    values: ['User', 'AssumedRole', 'Account', 'FederatedUser'],
  },
  { name: 'aws:PrincipalServiceNamesList', kind: 'string', many: true, derived: true, values: services },
  { name: 'aws:PrincipalServiceName', kind: 'string', derived: true, values: ['ec2.amazonaws.com'] },
  { name: 'aws:PrincipalArn', kind: 'arn', derived: true, values: [...roles, 'arn:aws:iam::111111111111:user/Ann'] },
  {
    name: 'aws:SourceArn',
    kind: 'arn',
    values: ['arn:aws:sns:eu-west-1:111111111111:red:Ann', ...roles, 'red', 'arn:aws:s3:::box'],
  },
  { name: 'aws:TagKeys', kind: 'string', many: true, values: ['env', 'team', 'Team', 'red', ''] },
  { name: 'aws:CalledVia', kind: 'string', many: true, values: ['athena.amazonaws.com', 'red'] },
  { name: 'aws:SourceArns', kind: 'arn', many: true, values: roles },
  {
    name: 's3:max-keys',
    kind: 'number',
    values: [
      '7',
      '7.0',
      '07',
      '6.999',
      '10',
      '-7',
      '0',
      '0.1',
      '9007199254740993',
      '9007199254740992',
      '+7',
      '7.',
      '.1',
      '1e1',
      ' 7',
      '-0',
      '0x7',
      'red',
    ],
  },
  { name: 'x:Counts', kind: 'number', many: true, values: ['1', '7', '10'] },
  {
    name: 'aws:CurrentTime',
    kind: 'date',
    values: [
      ...dates,
      'red',
      '2026-03-04T5:06:07Z',
      '2026-03-04T05:06:07+00',
      '2026-02-30',
      '2026-03-04T24:00:00Z',
      '9223372036854775808',
      '1772600767.0',
      ' 1772600767',
    ],
  },
  {
    name: 'aws:TokenIssueTime',
    kind: 'date',
    values: [
      ...dates,
      'red',
      '2026-03-04T5:06:07Z',
      '2026-03-04T05:06:07+00',
      '2026-02-30',
      '2026-03-04T24:00:00Z',
      '9223372036854775808',
      '1772600767.0',
      ' 1772600767',
    ],
  },
  { name: 'aws:SecureTransport', kind: 'boolean', values: ['true', 'false'] },
  { name: 'aws:MultiFactorAuthPresent', kind: 'boolean', values: ['true', 'false', 'TRUE', 'red'] },
  { name: 'aws:PrincipalIsAWSService', kind: 'boolean', derived: true, values: ['true', 'false'] },
  {
    name: 'aws:SourceIp',
    kind: 'address',
    values: ['10.1.2.3', '10.1.2.1', '11.0.0.1', '2001:db8::1', '2001:db8:0:0:0:0:0:0', '::ffff:10.1.2.3', 'red'],
  },
  { name: 'kms:Blob', kind: 'binary', values: ['cmVk', 'Ymx1ZQ==', 'AAH/', '', 'Ymx1ZQ', 'Ymx1ZQ=', 'red!', 'cmVk\n'] },
]

export function keyNamed(name: string): Key {
  const found = keys.find((key) => key.name === name)
  if (found === undefined) throw new Error(`no key ${name}`)
  return found
}

const compared = ['Equals', 'NotEquals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals']

export const operators: Readonly<Record<Kind, readonly string[]>> = {
  string: [
    'StringEquals',
    'StringNotEquals',
    'StringEqualsIgnoreCase',
    'StringNotEqualsIgnoreCase',
    'StringLike',
    'StringNotLike',
    'StringLike',
  ],
  arn: ['ArnEquals', 'ArnNotEquals', 'ArnLike', 'ArnNotLike'],
  number: compared.map((test) => `Numeric${test}`),
  date: compared.map((test) => `Date${test}`),
  boolean: ['Bool'],
  address: ['IpAddress', 'NotIpAddress'],
  binary: ['BinaryEquals'],
}
