import { describe, expect, test } from 'vitest'
import { askerOf } from '../../src/policy/asker.ts'
import { Mistake } from '../../src/policy/reading.ts'
import type { Principal } from '../../src/policy/request.ts'
import { away, home } from './scene.ts'

const iam = (name: string, account = home) => `arn:aws:iam::${account}:${name}`
const sts = (name: string, account = home) => `arn:aws:sts::${account}:${name}`
const session = sts('assumed-role/worker/job-1')
const role = iam('role/team/worker')
const guest = sts('federated-user/guest')
const user = iam('user/dev/alice')

type Keys = Readonly<Record<string, string>>
const arnKeys = { 'aws:principalaccount': home, 'aws:principalisawsservice': 'false' }

describe('who asks is', () => {
  const rows: readonly [string, object, Principal, Keys][] = [
    [
      'the root user of an account',
      { principal: iam('root') },
      { kind: 'root', account: home, arns: [iam('root')] },
      { ...arnKeys, 'aws:principalarn': iam('root'), 'aws:principaltype': 'Account', 'aws:userid': home },
    ],
    [
      'a user',
      { principal: user },
      { kind: 'user', account: home, arns: [user] },
      { ...arnKeys, 'aws:principalarn': user, 'aws:principaltype': 'User', 'aws:username': 'alice' },
    ],
    [
      'a user of an id, in another partition',
      { principal: `arn:aws-cn:iam::${home}:user/bob`, principalId: 'AIDABOB' },
      { kind: 'user', account: home, arns: [`arn:aws-cn:iam::${home}:user/bob`], uniqueId: 'AIDABOB' },
      {
        ...arnKeys,
        'aws:principalarn': `arn:aws-cn:iam::${home}:user/bob`,
        'aws:principaltype': 'User',
        'aws:username': 'bob',
        'aws:userid': 'AIDABOB',
      },
    ],
    [
      'a role',
      { principal: role, principalId: 'AROAWORKER', roleArn: role },
      { kind: 'role-session', account: home, arns: [role], uniqueId: 'AROAWORKER' },
      { ...arnKeys, 'aws:principalarn': role, 'aws:principaltype': 'AssumedRole' },
    ],
    [
      'a session, of a role without a path',
      { principal: session },
      { kind: 'role-session', account: home, arns: [session, iam('role/worker')] },
      { ...arnKeys, 'aws:principalarn': iam('role/worker'), 'aws:principaltype': 'AssumedRole' },
    ],
    [
      'a session of a role that is told',
      { principal: session, roleArn: role, principalId: 'AROAWORKER' },
      { kind: 'role-session', account: home, arns: [session, role], uniqueId: 'AROAWORKER' },
      {
        ...arnKeys,
        'aws:principalarn': role,
        'aws:principaltype': 'AssumedRole',
        'aws:userid': 'AROAWORKER:job-1',
      },
    ],
    [
      'a federated user',
      { principal: guest },
      { kind: 'federated-user', account: home, arns: [guest] },
      {
        ...arnKeys,
        'aws:principalarn': guest,
        'aws:principaltype': 'FederatedUser',
        'aws:userid': `${home}:guest`,
      },
    ],
    [
      'a federated user of a user that is told',
      { principal: guest, userArn: user, principalId: 'AIDAALICE' },
      { kind: 'federated-user', account: home, arns: [guest, user], uniqueId: 'AIDAALICE' },
      {
        ...arnKeys,
        'aws:principalarn': guest,
        'aws:principaltype': 'FederatedUser',
        'aws:userid': `${home}:guest`,
      },
    ],
    [
      'a service',
      { principal: { service: 'ec2.amazonaws.com' } },
      { kind: 'service', arns: [], services: ['ec2.amazonaws.com'] },
      {
        'aws:principalisawsservice': 'true',
        'aws:principalservicename': 'ec2.amazonaws.com',
        'aws:principalservicenameslist': 'ec2.amazonaws.com',
      },
    ],
    [
      'the holder of a web identity, by a domain',
      { principal: { federated: 'accounts.google.com' } },
      { kind: 'web-identity', arns: [], federated: 'accounts.google.com' },
      {},
    ],
    [
      'the holder of a web identity, by a provider',
      { principal: { federated: iam('oidc-provider/host.example/p') } },
      { kind: 'web-identity', arns: [], federated: iam('oidc-provider/host.example/p') },
      {},
    ],
    [
      'the holder of an assertion',
      { principal: { federated: iam('saml-provider/corp') } },
      { kind: 'saml', arns: [], federated: iam('saml-provider/corp') },
      {},
    ],
    [
      'nobody',
      { principal: 'anonymous' },
      { kind: 'anonymous', arns: [] },
      { 'aws:principaltype': 'Anonymous', 'aws:principalaccount': 'anonymous', 'aws:userid': 'anonymous' },
    ],
  ]
  for (const [name, asked, principal, keys] of rows) {
    test(name, () => {
      const asker = askerOf({ ...asked })
      expect(asker.principal).toEqual(principal)
      expect(Object.fromEntries([...asker.keys].map(([key, values]) => [key, values.join(' and ')]))).toEqual(keys)
    })
  }
})

describe('nobody is', () => {
  const forms =
    'a principal is :root, :user/…, :role/…, :assumed-role/ROLE/SESSION or :federated-user/NAME of an account'
  const noArn = `${forms}, "anonymous", or an object with service or federated`
  const provider = 'a provider is arn:aws:iam::ACCOUNT:oidc-provider/…, …:saml-provider/…, or a domain'
  const service = 'a service goes by a name like ec2.amazonaws.com'
  const onlyIds = 'only users and roles have a unique id'
  const behind = `the role behind ${session} is ${iam('role/')}PATH/worker`
  const behindGuest = `the user behind ${guest} is ${iam('user/')}NAME`
  const rows: readonly [string, object, string, string][] = [
    ['no one at all', {}, 'this is missing', 'request.principal'],
    ['a word', { principal: 'alice' }, noArn, 'request.principal'],
    ['an empty word', { principal: '' }, noArn, 'request.principal'],
    ['a number', { principal: 7 }, 'an object belongs here, not a number', 'request.principal'],
    ['null', { principal: null }, 'an object belongs here, not null', 'request.principal'],
    ['a list', { principal: ['x'] }, 'an object belongs here, not a list', 'request.principal'],
    ['an empty object', { principal: {} }, 'this is missing', 'request.principal.service'],
    [
      'a service that is a number',
      { principal: { service: 1 } },
      'a text belongs here, not a number',
      'request.principal.service',
    ],
    [
      'a service of more members',
      { principal: { service: 'a.b', name: 'c' } },
      'there is no member "name" here: service',
      'request.principal',
    ],
    [
      'a provider of more members',
      { principal: { federated: 'a.b', service: 'c.d' } },
      'there is no member "service" here: federated',
      'request.principal',
    ],
    [
      'a provider that is empty',
      { principal: { federated: '' } },
      'a text belongs here, not an empty text',
      'request.principal.federated',
    ],
    ['a service without its domain', { principal: { service: 'ec2' } }, service, 'request.principal.service'],
    [
      'a service with more in front',
      { principal: { service: '*ec2.amazonaws.com' } },
      service,
      'request.principal.service',
    ],
    [
      'a service with more behind',
      { principal: { service: 'ec2.amazonaws.com/' } },
      service,
      'request.principal.service',
    ],
    [
      'a provider of an ARN that is none',
      { principal: { federated: 'arn:aws:iam' } },
      provider,
      'request.principal.federated',
    ],
    ['a provider that is a role', { principal: { federated: role } }, provider, 'request.principal.federated'],
    [
      'a provider without a name',
      { principal: { federated: iam('saml-provider/') } },
      provider,
      'request.principal.federated',
    ],
    [
      'a provider of another name',
      { principal: { federated: iam('x-saml-provider/y') } },
      provider,
      'request.principal.federated',
    ],
    ['a group', { principal: iam('group/g') }, forms, 'request.principal'],
    ['a user without a name', { principal: iam('user/') }, forms, 'request.principal'],
    ['a user of nothing', { principal: iam('user') }, forms, 'request.principal'],
    ['a user of two slashes without a name', { principal: iam('user/p//') }, forms, 'request.principal'],
    ['a user of a path without a name', { principal: iam('user/p/') }, forms, 'request.principal'],
    ['a user of an empty path', { principal: iam('user//x') }, forms, 'request.principal'],
    ['a role without a name', { principal: iam('role/') }, forms, 'request.principal'],
    ['a root of STS', { principal: sts('root') }, forms, 'request.principal'],
    ['a user of STS', { principal: sts('user/x') }, forms, 'request.principal'],
    ['a role of STS', { principal: sts('role/x') }, forms, 'request.principal'],
    ['a session of IAM', { principal: iam('assumed-role/r/s') }, forms, 'request.principal'],
    ['a session without a name', { principal: sts('assumed-role/r') }, forms, 'request.principal'],
    ['a session of an empty name', { principal: sts('assumed-role/r/') }, forms, 'request.principal'],
    ['a session of a role with its path', { principal: sts('assumed-role/p/r/s') }, forms, 'request.principal'],
    ['a federated user of IAM', { principal: iam('federated-user/f') }, forms, 'request.principal'],
    ['a federated user of a path', { principal: sts('federated-user/f/g') }, forms, 'request.principal'],
    ['a federated user without a name', { principal: sts('federated-user/') }, forms, 'request.principal'],
    ['someone of no partition', { principal: `arn::iam::${home}:user/x` }, forms, 'request.principal'],
    ['someone in a region', { principal: `arn:aws:iam:r:${home}:user/x` }, forms, 'request.principal'],
    ['someone of a short account', { principal: 'arn:aws:iam::1:user/x' }, forms, 'request.principal'],
    ['someone with a star', { principal: iam('user/x*') }, forms, 'request.principal'],
    ['someone with a question mark', { principal: iam('user/x?') }, forms, 'request.principal'],
    ['someone with a space', { principal: iam('user/x y') }, forms, 'request.principal'],
    ['a bucket', { principal: 'arn:aws:s3:::bucket' }, forms, 'request.principal'],
    ['root of a unique id', { principal: iam('root'), principalId: 'AIDAX' }, onlyIds, 'request.principalId'],
    ['anonymous of a unique id', { principal: 'anonymous', principalId: 'AIDAX' }, onlyIds, 'request.principalId'],
    [
      'a service of a unique id',
      { principal: { service: 'a.b' }, principalId: 'AIDAX' },
      onlyIds,
      'request.principalId',
    ],
    [
      'a user of a role’s id',
      { principal: user, principalId: 'AROAX' },
      'the unique id of a user begins with AIDA',
      'request.principalId',
    ],
    [
      'a user of an id in small letters',
      { principal: user, principalId: 'AIDAx' },
      'the unique id of a user begins with AIDA',
      'request.principalId',
    ],
    [
      'a user of an id with more behind',
      { principal: user, principalId: 'AIDAX*' },
      'the unique id of a user begins with AIDA',
      'request.principalId',
    ],
    [
      'a user of an id with a star inside',
      { principal: user, principalId: 'AIDA*X' },
      'the unique id of a user begins with AIDA',
      'request.principalId',
    ],
    [
      'a role of a user’s id',
      { principal: role, principalId: 'AIDAX' },
      'the unique id of a role begins with AROA',
      'request.principalId',
    ],
    [
      'a session of a user’s id',
      { principal: session, principalId: 'AIDAX' },
      'the unique id of a role begins with AROA',
      'request.principalId',
    ],
    [
      'a federated user of a role’s id',
      { principal: guest, principalId: 'AROAX' },
      'the unique id of a user begins with AIDA',
      'request.principalId',
    ],
    [
      'an id that is a number',
      { principal: user, principalId: 7 },
      'a text belongs here, not a number',
      'request.principalId',
    ],
    [
      'a user before a role',
      { principal: user, roleArn: role },
      'only the session of a role has a role behind it',
      'request.roleArn',
    ],
    [
      'anonymous before a role',
      { principal: 'anonymous', roleArn: role },
      'only the session of a role has a role behind it',
      'request.roleArn',
    ],
    [
      'a federated user before a role',
      { principal: guest, roleArn: role },
      'only the session of a role has a role behind it',
      'request.roleArn',
    ],
    [
      'a session before a user',
      { principal: session, userArn: user },
      'only a federated user has a user behind it',
      'request.userArn',
    ],
    [
      'a service before a user',
      { principal: { service: 'a.b' }, userArn: user },
      'only a federated user has a user behind it',
      'request.userArn',
    ],
    [
      'a role before another',
      { principal: role, roleArn: iam('role/x') },
      'this is not the role that asks',
      'request.roleArn',
    ],
    [
      'a session before another role',
      { principal: session, roleArn: iam('role/team/other') },
      behind,
      'request.roleArn',
    ],
    [
      'a session before a role of a longer name',
      { principal: session, roleArn: iam('role/xworker') },
      behind,
      'request.roleArn',
    ],
    [
      'a session before a role elsewhere',
      { principal: session, roleArn: iam('role/worker', away) },
      behind,
      'request.roleArn',
    ],
    [
      'a session before a user of its role’s name',
      { principal: session, roleArn: iam('user/worker') },
      behind,
      'request.roleArn',
    ],
    [
      'a session before roles in part',
      { principal: session, roleArn: iam('role/*/worker') },
      behind,
      'request.roleArn',
    ],
    ['a federated user before a role as its user', { principal: guest, userArn: role }, behindGuest, 'request.userArn'],
    [
      'a federated user before a user elsewhere',
      { principal: guest, userArn: iam('user/x', away) },
      behindGuest,
      'request.userArn',
    ],
    [
      'a federated user before a user without a name',
      { principal: guest, userArn: iam('user/') },
      behindGuest,
      'request.userArn',
    ],
    [
      'a role behind that is a list',
      { principal: session, roleArn: [] },
      'a text belongs here, not a list',
      'request.roleArn',
    ],
    [
      'a user behind that is an object',
      { principal: guest, userArn: {} },
      'a text belongs here, not an object',
      'request.userArn',
    ],
  ]
  for (const [name, asked, message, at] of rows) {
    test(name, () => {
      let caught: unknown
      try {
        askerOf({ ...asked })
      } catch (error) {
        caught = error
      }
      expect(caught).toBeInstanceOf(Mistake)
      expect(caught).toEqual({ message, at })
    })
  }
})
