import { describe, expect, test } from 'vitest'
import {
  type Circumstances,
  contextOf,
  overlay,
  principalArn,
  principalTags,
  resourceAccount,
} from '../../src/access/context.ts'
import { rootArn } from '../../src/state/entity.ts'
import {
  away,
  circumstances,
  home,
  now,
  role,
  rootCaller,
  session,
  sessionCaller,
  user,
  userCaller,
  viewOf,
} from './scene.ts'

const root = circumstances({ caller: rootCaller() })
const alice = circumstances()
const worker = circumstances({ caller: sessionCaller() })
const withMfa = circumstances({ caller: userCaller(user(), { session: session({ mfaAt: now - 90_500 }) }) })
const withoutMfa = circumstances({ caller: userCaller(user(), { session: session() }) })
const tags = (...pairs: readonly (readonly [string, string])[]) => pairs.map(([key, value]) => ({ key, value }))

describe('a condition may ask for', () => {
  const rows: readonly [string, string, Circumstances, readonly string[] | null][] = [
    ['the ARN of root', 'aws:principalarn', root, [`arn:aws:iam::${home}:root`]],
    ['the ARN of a user, with its path', 'aws:principalarn', alice, [`arn:aws:iam::${home}:user/dev/Alice`]],
    [
      'the ARN of a session’s role with its path, not of the session',
      'aws:principalarn',
      worker,
      [`arn:aws:iam::${home}:role/team/worker`],
    ],
    ['the account of who asks', 'aws:principalaccount', alice, [home]],
    ['the type of root', 'aws:principaltype', root, ['Account']],
    ['the type of a user', 'aws:principaltype', alice, ['User']],
    ['the type of a session', 'aws:principaltype', worker, ['AssumedRole']],
    ['whether a service asks: no one here is one', 'aws:principalisawsservice', alice, ['false']],
    ['the user id of root: its account', 'aws:userid', root, [home]],
    ['the user id of a user', 'aws:userid', alice, ['AIDAALICE']],
    ['the user id of a session: role and session name', 'aws:userid', worker, ['AROAWORKER:job-1']],
    ['the name of a user', 'aws:username', alice, ['Alice']],
    ['the name of root, which has none', 'aws:username', root, null],
    ['the name of a session, which has none', 'aws:username', worker, null],
    [
      'the source identity of a session that has one',
      'aws:sourceidentity',
      circumstances({ caller: sessionCaller(role(), session({ sourceIdentity: 'ann' })) }),
      ['ann'],
    ],
    ['the source identity of a session that has none', 'aws:sourceidentity', worker, null],
    ['the source identity of a long-term key', 'aws:sourceidentity', alice, null],
    ['when temporary credentials were issued', 'aws:tokenissuetime', worker, ['2026-01-31T11:59:07Z']],
    ['when a long-term key was issued: not told', 'aws:tokenissuetime', alice, null],
    ['whether a second factor was shown: it was', 'aws:multifactorauthpresent', withMfa, ['true']],
    ['whether a second factor was shown: it was not', 'aws:multifactorauthpresent', withoutMfa, ['false']],
    ['QUIRK: mfa-key-absent. A long-term key does not say', 'aws:multifactorauthpresent', alice, null],
    ['the age of a second factor in whole seconds', 'aws:multifactorauthage', withMfa, ['90']],
    ['the age of a second factor that was not shown', 'aws:multifactorauthage', withoutMfa, null],
    ['the age of a second factor without a session', 'aws:multifactorauthage', alice, null],
    [
      'the age of a second factor that lies ahead by a clock’s error: none',
      'aws:multifactorauthage',
      circumstances({ caller: userCaller(user(), { session: session({ mfaAt: now + 5_000 }) }) }),
      ['0'],
    ],
    ['the time', 'aws:currenttime', alice, ['2026-01-31T12:00:07Z']],
    ['the time in seconds', 'aws:epochtime', alice, [String(now / 1000)]],
    ['the time in whole seconds', 'aws:epochtime', { ...alice, now: now + 999 }, [String(now / 1000)]],
    ['whether the connection is secure', 'aws:securetransport', alice, ['true']],
    ['whether it is not', 'aws:securetransport', circumstances({ connection: { secure: false } }), ['false']],
    ['the address', 'aws:sourceip', alice, ['203.0.113.7']],
    ['the program', 'aws:useragent', circumstances({ connection: { userAgent: 'aws-cli' } }), ['aws-cli']],
    ['the program, where it does not say', 'aws:useragent', alice, null],
    ['the page', 'aws:referer', circumstances({ connection: { referer: 'https://a.example' } }), ['https://a.example']],
    ['the page, where none is named', 'aws:referer', alice, null],
    ['the region', 'aws:requestedregion', alice, ['eu-west-1']],
    ['whether a service asks on behalf: none does', 'aws:viaawsservice', alice, ['false']],
    ['the account of the resource', 'aws:resourceaccount', alice, [home]],
    [
      'the account of a resource elsewhere',
      'aws:resourceaccount',
      circumstances({ need: { resource: `arn:aws:iam::${away}:role/r` } }),
      [away],
    ],
    ['the tag keys that a request names', 'aws:tagkeys', circumstances({ need: { tagKeys: ['a', 'B'] } }), ['a', 'B']],
    [
      'the tag keys of the tags that it brings',
      'aws:tagkeys',
      circumstances({ need: { requestTags: tags(['Team', 'x'], ['b', 'y']) } }),
      ['Team', 'b'],
    ],
    ['the tag keys of a request without tags', 'aws:tagkeys', alice, null],
    ['the tag keys of an empty list', 'aws:tagkeys', circumstances({ need: { requestTags: [] } }), null],
    [
      'a user’s tag, whatever the case of its key',
      'aws:principaltag/team',
      circumstances({ caller: userCaller(user({ tags: tags(['Other', 'x'], ['TEAM', 'Blue']) })) }),
      ['Blue'],
    ],
    [
      'a role’s tag',
      'aws:principaltag/team',
      circumstances({ caller: sessionCaller(role({ tags: tags(['team', 'red']) })) }),
      ['red'],
    ],
    [
      'a session’s tag over its role’s',
      'aws:principaltag/team',
      circumstances({
        caller: sessionCaller(role({ tags: tags(['team', 'red']) }), session({ tags: tags(['Team', 'blue']) })),
      }),
      ['blue'],
    ],
    ['a tag that nobody has', 'aws:principaltag/team', alice, null],
    ['a tag of root, which has none', 'aws:principaltag/team', root, null],
    [
      'a tag of the request',
      'aws:requesttag/team',
      circumstances({ need: { requestTags: tags(['Team', 'x']) } }),
      ['x'],
    ],
    ['a tag of a request without tags', 'aws:requesttag/team', alice, null],
    [
      'a tag of the resource',
      'aws:resourcetag/team',
      circumstances({ need: { resourceTags: tags(['team', 'x']) } }),
      ['x'],
    ],
    [
      'a tag of an IAM resource by the name of IAM',
      'iam:resourcetag/team',
      circumstances({ need: { resourceTags: tags(['team', 'x']) } }),
      ['x'],
    ],
    [
      'a tag of another service’s resource by the name of IAM: there is none',
      'iam:resourcetag/team',
      circumstances({ need: { action: 'sts:AssumeRole', resourceTags: tags(['team', 'x']) } }),
      null,
    ],
    [
      'a tag whose key holds a slash',
      'aws:resourcetag/a/b',
      circumstances({ need: { resourceTags: tags(['A/b', 'x']) } }),
      ['x'],
    ],
    [
      'a key that is no tag’s, though it begins so',
      'aws:principaltagx',
      circumstances({ caller: userCaller(user({ tags: tags(['', 'x'], ['aws:principaltagx', 'y']) })) }),
      null,
    ],
    ['a key that nobody knows', 'aws:nosuchkey', alice, null],
    ['a tagged key that nobody knows', 'aws:nosuch/team', alice, null],
  ]
  for (const [name, key, of, wanted] of rows) {
    test(`${name} (${key})`, () => expect(contextOf(of, viewOf())(key)).toEqual(wanted))
  }
})

describe('what an action itself tells', () => {
  const lookup = (key: string) =>
    contextOf(
      circumstances({
        need: {
          context: { 'sts:ExternalId': ['x'], 'sts:RoleSessionName': null, 'aws:SourceIp': ['::1'], later: undefined },
        },
      }),
      viewOf(),
    )(key)
  test('is found whatever its case', () => expect(lookup('sts:externalid')).toEqual(['x']))
  test('goes before what everything has', () => expect(lookup('aws:sourceip')).toEqual(['::1']))
  test('may be that there is none', () => expect(lookup('sts:rolesessionname')).toBeNull())
  test('may be that nobody knows', () => expect(lookup('later')).toBeUndefined())
  test('is silent about the rest', () => expect(lookup('sts:sourceidentity')).toBeNull())
})

describe('tags over tags', () => {
  const under = tags(['a', '1'], ['B', '2'])
  test('none over some leaves them', () => expect(overlay(under, [])).toBe(under))
  test('one of the same key replaces it, whatever its case', () =>
    expect(overlay(under, tags(['b', '3']))).toEqual(tags(['a', '1'], ['b', '3'])))
  test('one of another key joins them', () =>
    expect(overlay(under, tags(['c', '3']))).toEqual(tags(['a', '1'], ['B', '2'], ['c', '3'])))
  test('root has none, a user its own', () => {
    expect(principalTags(rootCaller())).toEqual([])
    expect(principalTags(userCaller(user({ tags: under })))).toEqual(under)
  })
})

describe('a resource is of', () => {
  const rows: readonly [string, string, string][] = [
    ['the account in its ARN', `arn:aws:iam::${away}:role/r`, away],
    ['the caller’s account where it is everything', '*', home],
    ['the caller’s account where its ARN names none', 'arn:aws:s3:::bucket', home],
    ['the caller’s account where it is AWS’s own policy', 'arn:aws:iam::aws:policy/ReadOnlyAccess', home],
  ]
  for (const [name, resource, account] of rows) {
    test(name, () => expect(resourceAccount(circumstances({ need: { resource } }))).toBe(account))
  }
})

test('an account as a principal is its root', () => {
  expect(rootArn(away)).toBe(`arn:aws:iam::${away}:root`)
  expect(principalArn(rootCaller())).toBe(rootArn(home))
})
