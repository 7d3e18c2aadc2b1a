import { describe, expect, test } from 'vitest'
import { type Decision, decide, type Situation } from '../../src/policy/decide.ts'
import {
  accessDeniedReason,
  asSeenBy,
  explain,
  renderExplanation,
  withOwnersSide,
  withToken,
} from '../../src/policy/explain.ts'
import type { Principal } from '../../src/policy/request.ts'
import {
  alice,
  allow,
  away,
  context,
  deny,
  ec2,
  github,
  guest,
  guestArn,
  home,
  nobody,
  policy,
  request,
  roleArn,
  root,
  rootOf,
  sessionArn,
  worker,
} from './scene.ts'

const aliceArn = alice.arns[0] ?? ''
const grants = [policy(allow())]
const silent = policy(allow({ Action: 'none:None' }))
const on = 's3:GetObject on arn:aws:s3:::bucket/key'
const grant = '{ "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/key" }'
const asking = (principal: Principal, parts: Partial<Situation> = {}): Situation => ({
  request: request({ principal }),
  ...parts,
})
const resource = (rule: 'ordinary' | 'trust' | 'key', statements: object | readonly object[], account = home) => ({
  account,
  rule,
  policies: [policy(statements, { type: rule === 'trust' ? 'trust' : 'resource', name: 'its', account })],
})
const told = (situation: Situation) => {
  const { missing, hints } = explain(decide(situation))
  return {
    missing: missing.map(({ account, text }) => [account, text]),
    hints: hints.map(({ account, text }) => [account, text]),
  }
}
const hints = (situation: Situation) => told(situation).hints.map(([, text]) => text)
const page = (situation: Situation, account: string | undefined = undefined) =>
  renderExplanation(explain(decide(situation)), { account }).split('\n')

describe('what is missing, and what would mend it:', () => {
  const as = (name: string, type = 'AWS') =>
    `add { "${type}": "${name}" } as Principal of an Allow of s3:GetObject to the resource policy`
  const trustAs = (name: string) =>
    `add { "AWS": "${name}" } as Principal of an Allow of s3:GetObject to the trust policy`
  const rows: readonly [string, Situation, readonly (readonly string[])[], readonly (readonly string[])[]][] = [
    [
      'a user’s grant',
      asking(alice),
      [[home, `no statement of alice's policies allows ${on}`]],
      [[home, `add ${grant} to a policy of alice`]],
    ],
    [
      'a session’s grant, which is its role’s',
      asking(worker),
      [[home, `no statement of worker's policies allows ${on}`]],
      [[home, `add ${grant} to a policy of worker`]],
    ],
    [
      'the grant of a session whose role is not known by its ARN',
      asking({ ...worker, arns: [sessionArn] }),
      [[home, `no statement of job-1's policies allows ${on}`]],
      [[home, `add ${grant} to a policy of job-1`]],
    ],
    [
      'a federated user’s grant',
      asking(guest, { session: grants }),
      [[home, `no statement of guest's policies allows ${on}`]],
      [[home, `add ${grant} to a policy of guest`]],
    ],
    [
      'a federated user’s session policy',
      asking(guest, { identity: grants }),
      [[home, `no statement of the session policy allows ${on}`]],
      [[home, 'begin the session with a session policy that allows s3:GetObject']],
    ],
    [
      'a boundary without its name, where two stand',
      asking(alice, {
        identity: grants,
        boundary: [policy(allow(), { name: 'Wide' }), policy(allow({ Action: 'x:y' }), { name: 'Edge' })],
      }),
      [[home, `no statement of the permissions boundary allows ${on}`]],
      [[home, 'let the permissions boundary Edge allow s3:GetObject too']],
    ],
    [
      'an endpoint’s policy',
      asking(alice, { identity: grants, endpoint: policy(allow({ Action: 'x:y' }), { account: '999999999999' }) }),
      [['999999999999', `no statement of the VPC endpoint policy allows ${on}`]],
      [['999999999999', "let the endpoint's policy allow s3:GetObject"]],
    ],
    [
      'a resource control policy',
      asking(alice, { identity: grants, rcps: [[policy(allow({ Action: 'x:y' }), { account: '999999999999' })]] }),
      [['999999999999', `no statement of the resource control policy allows ${on}`]],
      [['999999999999', 's3:GetObject must be allowed at level 0 too']],
    ],
    [
      'a level of an organization above which all allow',
      asking(alice, {
        identity: grants,
        scps: [
          [policy(allow(), { account: '888888888888' })],
          [policy(allow({ Action: 'x:y' }), { account: '999999999999' })],
        ],
      }),
      [['999999999999', `no statement of the service control policy allows ${on}`]],
      [['999999999999', 's3:GetObject must be allowed at level 1 too']],
    ],
    [
      'a resource’s grant to a service',
      asking(ec2, { resource: resource('ordinary', allow({ Principal: { AWS: away } })) }),
      [[home, `no statement of the resource policy lets ec2.amazonaws.com do ${on}`]],
      [[home, as('ec2.amazonaws.com', 'Service')]],
    ],
    [
      'a resource’s grant to a provider',
      asking(github, { resource: resource('ordinary', allow({ Principal: { AWS: away } })) }),
      [[home, `no statement of the resource policy lets ${github.federated} do ${on}`]],
      [[home, as(github.federated ?? '', 'Federated')]],
    ],
    [
      'a resource’s grant to anybody',
      asking(nobody, { resource: resource('ordinary', allow({ Principal: { AWS: away } })) }),
      [[home, `no statement of the resource policy lets anonymous do ${on}`]],
      [[home, as('*')]],
    ],
    [
      'a role’s trust in a session, which is in its role',
      asking(worker, { identity: grants, resource: resource('trust', allow({ Principal: { AWS: away } })) }),
      [[home, `no statement of the trust policy lets ${sessionArn} do ${on}`]],
      [[home, trustAs(roleArn)]],
    ],
    [
      'a role’s trust in a federated user',
      asking(guest, {
        identity: grants,
        session: grants,
        resource: resource('trust', allow({ Principal: { AWS: away } })),
      }),
      [[home, `no statement of the trust policy lets ${guestArn} do ${on}`]],
      [[home, trustAs(guestArn)]],
    ],
    [
      'a key’s own grant',
      asking(alice, { identity: grants, resource: resource('key', allow({ Principal: { AWS: away } })) }),
      [[home, `no statement of the key policy lets ${aliceArn} do ${on}`]],
      [[home, `add { "AWS": "${aliceArn}" } as Principal of an Allow of s3:GetObject to the key policy`]],
    ],
    [
      'root’s grant from a key',
      asking(root, { resource: resource('key', allow({ Principal: { AWS: away } })) }),
      [[home, `no statement of the key policy lets ${rootOf(home)} do ${on}`]],
      [[home, `add { "AWS": "${rootOf(home)}" } as Principal of an Allow of s3:GetObject to the key policy`]],
    ],
    [
      'a grant beside a key’s delegation, or a name in the key’s policy',
      asking(alice, { resource: resource('key', allow({ Principal: { AWS: home } })) }),
      [[home, `no statement of alice's policies allows ${on}`]],
      [
        [home, `add ${grant} to a policy of alice`],
        [home, `or name ${aliceArn} in the key policy`],
      ],
    ],
    [
      'a role that there is not',
      asking(alice, { identity: grants, resource: { account: home, rule: 'trust', policies: [] } }),
      [[home, 'there is no role arn:aws:s3:::bucket/key']],
      [[home, 'create it, or correct its ARN: path and case are part of the name']],
    ],
    [
      'a key’s grant, where it has no policy at all',
      asking(alice, { identity: grants, resource: { account: home, rule: 'key', policies: [] } }),
      [[home, `no statement of the key policy lets ${aliceArn} do ${on}`]],
      [[home, `add { "AWS": "${aliceArn}" } as Principal of an Allow of s3:GetObject to the key policy`]],
    ],
    [
      'a grant from an account that says nothing of it',
      { request: request({ resourceAccount: away }), identity: grants },
      [[away, `no statement of the resource policy lets ${aliceArn} do ${on}`]],
      [[away, as(aliceArn)]],
    ],
    [
      'both sides’ grants between accounts, each to its own',
      asking(alice, { resource: resource('trust', allow({ Principal: { AWS: rootOf('999999999999') } }), away) }),
      [
        [home, `no statement of alice's policies allows ${on}`],
        [away, `no statement of the trust policy lets ${aliceArn} do ${on}`],
      ],
      [
        [home, `add ${grant} to a policy of alice`],
        [away, trustAs(aliceArn)],
      ],
    ],
  ]
  for (const [name, situation, missing, wanted] of rows) {
    test(name, () => expect(told(situation)).toEqual({ missing, hints: wanted }))
  }

  test('nothing, where it is granted', () =>
    expect(told(asking(alice, { identity: grants }))).toEqual({ missing: [], hints: [] }))
  test('nothing is missing where it is denied', () =>
    expect(told(asking(alice, { identity: [policy(deny())] }))).toEqual({
      missing: [],
      hints: [[home, 'remove or narrow statement 1 (line 1) of p, which denies it']],
    }))
})

describe('the nearest change', () => {
  const where = (key: string, wanted: string | readonly string[], seen?: string | readonly string[]) =>
    hints({
      request: request({ lookup: context(seen === undefined ? {} : { [key]: seen }) }),
      identity: [policy(allow({ Condition: { StringEquals: { [key]: wanted } } }))],
    })[0]
  const almost = 'statement 1 (line 1) of p would allow it if aws:A were right: StringEquals wants '
  const rows: readonly [string, () => string | undefined, string][] = [
    ['one value', () => where('aws:A', 'x', 'y'), `${almost}"x", the request has "y"`],
    ['one value of a key that is not there', () => where('aws:A', 'x'), `${almost}"x", the request has none`],
    ['two values', () => where('aws:A', ['x', 'y'], ['a', 'b']), `${almost}one of "x", "y", the request has "a", "b"`],
    ['three values', () => where('aws:A', ['x', 'y', 'z'], 'a'), `${almost}one of "x", "y", "z", the request has "a"`],
    [
      'more values',
      () => where('aws:A', ['x', 'y', 'z', 'q'], 'a'),
      `${almost}one of "x", "y", "z", "…", the request has "a"`.replace('"…"', '…'),
    ],
  ]
  for (const [name, hint, text] of rows) test(`is ${name}`, () => expect(hint()).toBe(text))

  test('is named three times at most', () => {
    const identity = [policy(Array.from({ length: 5 }, () => allow({ Condition: { Bool: { 'aws:A': 'true' } } })))]
    expect(hints(asking(alice, { identity })).filter((text) => text?.includes('would allow it'))).toHaveLength(3)
    expect(hints(asking(alice, { identity }))).toHaveLength(4)
  })
  test('is no Deny that almost applies', () => {
    const identity = [policy(deny({ Condition: { Bool: { 'aws:A': 'true' } } }))]
    expect(hints(asking(alice, { identity }))).toEqual([`add ${grant} to a policy of alice`])
  })
  test('is another resource, twice at most and after what is nearer', () => {
    const near = allow({ Condition: { Bool: { 'aws:A': 'true' } } })
    const far = (bucket: string) => allow({ Resource: `arn:aws:s3:::${bucket}` })
    const count = (...statements: object[]) => {
      const given = hints(asking(alice, { identity: [policy(statements)] }))
      return [
        given.filter((text) => text?.includes('would allow it')).length,
        given.filter((text) => text?.includes('but on')).length,
      ]
    }
    expect(count(far('a'), far('b'), far('c'))).toEqual([0, 2])
    expect(count(near, near, far('a'), far('b'))).toEqual([2, 1])
    expect(count(near, near, near, far('a'))).toEqual([3, 0])
  })
  test('is another resource, three of them by name', () => {
    const Resource = ['a', 'b', 'c', 'd'].map((bucket) => `arn:aws:s3:::${bucket}`)
    expect(hints(asking(alice, { identity: [policy(allow({ Resource }))] }))[0]).toBe(
      'statement 1 (line 1) of p allows the action, but on arn:aws:s3:::a, arn:aws:s3:::b, arn:aws:s3:::c',
    )
  })
  test('is nothing of a principal that is not alike', () => {
    const near = allow({ Principal: { AWS: rootOf(away) } })
    expect(hints(asking(alice, { identity: grants, resource: resource('trust', near) }))).toHaveLength(1)
  })
  test('is the name that means another now', () => {
    const [attached] = resource('trust', allow({ Principal: { AWS: aliceArn } })).policies
    if (attached === undefined) throw new Error('no policy')
    const gone = { ...attached, pins: { [aliceArn]: 'AIDAGONE' } }
    const situation = asking(alice, { identity: grants, resource: { account: home, rule: 'trust', policies: [gone] } })
    expect(hints(situation)[0]).toBe(
      `statement 1 (line 1) of its names ${aliceArn}, but means one of that name that is gone; put the policy again`,
    )
  })
  test('is the name that differs in its case, of a session also its role’s', () => {
    const near = allow({ Principal: { AWS: roleArn.toUpperCase() } })
    expect(hints(asking(worker, { identity: grants, resource: resource('trust', near) }))[0]).toBe(
      `statement 1 (line 1) of its names ${roleArn.toUpperCase()}; the one who asks is ${roleArn}`,
    )
  })
  test('is four Denies at most, and no Allow', () => {
    const identity = [policy([allow(), ...Array.from({ length: 6 }, (_, at) => deny({ Sid: `D${at}` }))])]
    expect(hints(asking(alice, { identity }))).toEqual(
      [0, 1, 2, 3].map((at) => `remove or narrow statement D${at} (line 1) of p, which denies it`),
    )
  })
  test('is what an unknown hangs on, four times at most, each to its account', () => {
    const untold = ['aws:a', 'aws:b', 'aws:c', 'aws:d', 'aws:e']
    const identity = [policy(untold.map((key) => allow({ Sid: key, Condition: { Bool: { [key]: 'true' } } })))]
    const situation = { request: request({ lookup: context({}, untold) }), identity }
    expect(told(situation)).toEqual({
      missing: [],
      hints: untold.slice(0, 4).map((key) => [home, `it hangs on ${key}: statement ${key} (line 1) of p`]),
    })
  })
})

describe('an unknown between accounts', () => {
  test('hangs on what is each account’s own', () => {
    const on = (key: string) => ({ Condition: { Bool: { [key]: 'true' } } })
    const situation = {
      request: request({ lookup: context({}, ['aws:a', 'aws:b']) }),
      identity: [policy(allow({ Sid: 'Mine', ...on('aws:a') }))],
      resource: resource('ordinary', allow({ Sid: 'Theirs', Principal: '*', ...on('aws:b') }), away),
    }
    expect(told(situation)).toEqual({
      missing: [],
      hints: [
        [away, 'it hangs on aws:b: statement Theirs (line 1) of its'],
        [home, 'it hangs on aws:a: statement Mine (line 1) of p'],
      ],
    })
    expect(asSeenBy(explain(decide(situation)), home)).toMatchObject({ effect: 'unknown', because: 'unknown' })
  })
  test('may hang on two keys of one resource', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: policy variables look like this.
    const identity = [policy(allow({ Resource: 'arn:aws:s3:::bucket/${aws:a}${aws:b}' }))]
    const situation = { request: request({ lookup: context({}, ['aws:a', 'aws:b']) }), identity }
    expect(hints(situation)).toEqual(['it hangs on aws:a, aws:b: statement 1 (line 1) of p'])
    expect(page(situation).join('\n')).toContain('    nobody told aws:a, aws:b; wanted is')
  })
})

describe('an explanation is small:', () => {
  const many = (count: number, width: number) => Array.from({ length: count }, (_, at) => String(at).repeat(width))
  const failed = (wanted: readonly string[], seen: readonly string[]) =>
    explain(
      decide({
        request: request({ lookup: context({ 'aws:A': seen }) }),
        identity: [policy(allow({ Condition: { StringEquals: { 'aws:A': wanted } } }))],
      }),
    ).layers[0]?.statements[0]?.failed

  test('four values are shown, and more are counted', () => {
    expect(failed(many(4, 1), ['x'])?.wanted).toEqual(['0', '1', '2', '3'])
    expect(failed(many(5, 1), ['x'])?.wanted).toEqual(['0', '1', '2', '3', '… 1 more'])
    expect(failed(['y'], many(7, 1))?.seen).toEqual(['0', '1', '2', '3', '… 3 more'])
  })
  test('a hundred and twenty characters of a value are shown', () => {
    const long = (length: number) => 'v'.repeat(length)
    expect(failed([long(120)], ['x'])?.wanted).toEqual([long(120)])
    expect(failed([long(121)], ['x'])?.wanted).toEqual([`${long(120)}…`])
    expect(failed([long(121), 'a'], ['x'])?.wanted).toEqual([`${long(120)}…`, 'a'])
    expect(failed([...many(4, 1), long(121), 'b'], ['x'])?.wanted).toEqual(['0', '1', '2', '3', '… 2 more'])
    expect(failed([long(121), 'a', 'b', 'c', 'd'], ['x'])?.wanted).toEqual([`${long(120)}…`, 'a', 'b', 'c', '… 1 more'])
    const asked = explain(decide({ request: request({ resource: `arn:aws:s3:::${long(300)}` }) }))
    expect(asked.resource).toBe(`arn:aws:s3:::${long(107)}…`)
    const fits = `arn:aws:s3:::${long(107)}`
    expect(explain(decide({ request: request({ resource: fits }) })).resource).toBe(fits)
  })
  test('four hundred and eighty characters of advice are shown', () => {
    const { hints } = explain(decide({ request: request({ resource: `arn:aws:s3:::${'r'.repeat(600)}` }) }))
    expect(hints[0]?.text).toHaveLength(481)
    expect(hints[0]?.text.endsWith('r…')).toBe(true)
    expect(hints[0]?.account).toBe(home)
  })
  test('eight statements are shown, what applies first, and the others are counted', () => {
    const untold = context({}, ['aws:later'])
    const statements = [
      ...Array.from({ length: 4 }, (_, at) => allow({ Sid: `far${at}`, Resource: 'arn:aws:s3:::x' })),
      ...Array.from({ length: 3 }, (_, at) => allow({ Sid: `near${at}`, Condition: { Bool: { 'aws:A': 'true' } } })),
      allow({ Sid: 'hangs', Condition: { Bool: { 'aws:later': 'true' } } }),
      ...Array.from({ length: 2 }, (_, at) => allow({ Sid: `is${at}` })),
    ]
    const [layer] = explain(decide({ request: request({ lookup: untold }), identity: [policy(statements)] })).layers
    expect(layer?.statements.map(({ part, sid }) => [part, sid])).toEqual([
      ['applies', 'is0'],
      ['applies', 'is1'],
      ['unknown', 'hangs'],
      ['near', 'near0'],
      ['near', 'near1'],
      ['near', 'near2'],
      ['elsewhere', 'far0'],
      ['elsewhere', 'far1'],
    ])
    expect(layer).toMatchObject({ omitted: 2, policies: 1, kind: 'identity', says: 'allow', account: home })
  })
})

describe('a page says', () => {
  const rows: readonly [string, () => readonly string[], readonly string[]][] = [
    [
      'that it is granted',
      () => page(asking(alice, { identity: grants })),
      [
        `ALLOW  ${on}`,
        `by ${aliceArn}`,
        'because it is granted',
        '',
        'identity-based policy: allows (1 policy)',
        '  applies: Allow, statement 1 of p (inline, line 1 column 37)',
      ],
    ],
    [
      'that root is root',
      () => page(asking(root)),
      [
        `ALLOW  ${on}`,
        `by ${rootOf(home)}`,
        'because the root user of an account may do everything in it',
        '',
        'identity-based policy: allows nothing of the kind (0 policies)',
      ],
    ],
    [
      'what denies, at which level',
      () =>
        page(
          asking(alice, {
            identity: grants,
            scps: [grants, [policy(deny({ Sid: 'No' }), { type: 'scp', name: 'guard' }), policy(allow())]],
          }),
        ),
      [
        `DENY  ${on}`,
        `by ${aliceArn}`,
        'because of an explicit deny in the service control policy',
        '',
        'service control policy, level 0: allows (1 policy)',
        '  applies: Allow, statement 1 of p (inline, line 1 column 37)',
        '',
        'service control policy, level 1: denies (2 policies)',
        '  applies: Deny, statement No of guard (scp, line 1 column 37)',
        '  applies: Allow, statement 1 of p (inline, line 1 column 37)',
        '',
        'identity-based policy: allows (1 policy)',
        '  applies: Allow, statement 1 of p (inline, line 1 column 37)',
        '',
        '-> remove or narrow statement No (line 1) of guard, which denies it',
      ],
    ],
    [
      'what nobody told',
      () =>
        page({
          request: request({ lookup: context({}, ['aws:a', 'aws:b']) }),
          identity: [policy(allow({ Condition: { StringEquals: { 'aws:A': ['x', 'y'] } } }))],
        }),
      [
        `UNKNOWN  ${on}`,
        `by ${aliceArn}`,
        'because the request does not tell enough',
        '',
        'identity-based policy: cannot be told (1 policy)',
        '  cannot be told: Allow, statement 1 of p (inline, line 1 column 37)',
        '    nobody told aws:A; wanted is "x", "y"',
        '',
        '-> it hangs on aws:A: statement 1 (line 1) of p',
      ],
    ],
    [
      'what almost applies, and how many more there are',
      () =>
        page(
          asking(ec2, {
            resource: resource('key', [
              allow({ Principal: { AWS: away } }),
              allow({ Principal: '*', Resource: 'arn:aws:s3:::other' }),
              { Effect: 'Allow', Action: '*', Resource: '*' },
              ...Array.from({ length: 7 }, () => allow({ Principal: { AWS: away } })),
            ]),
          }),
        ).slice(0, 10),
      [
        `DENY  ${on}`,
        'by ec2.amazonaws.com',
        'because no statement of the key policy lets ec2.amazonaws.com do s3:GetObject on',
        '  arn:aws:s3:::bucket/key',
        '',
        'key policy: allows nothing of the kind (1 policy)',
        '  does not apply: Allow, statement 1 of its (resource, line 1 column 38)',
        `    principal is "${away}"; the request has "ec2.amazonaws.com"`,
        '  does not apply: Allow, statement 3 of its (resource, line 1 column 200)',
        '    principal is nothing; the request has "ec2.amazonaws.com"',
      ],
    ],
    [
      'which other resources a statement is about',
      () => page(asking(alice, { identity: [policy(allow({ Resource: 'arn:aws:s3:::other' }))] })).slice(3, 7),
      [
        '',
        'identity-based policy: allows nothing of the kind (1 policy)',
        '  is about other resources: Allow, statement 1 of p (inline, line 1 column 37)',
        '    resource is "arn:aws:s3:::other"; the request has "arn:aws:s3:::bucket/key"',
      ],
    ],
    [
      'what a condition wants of a key that is not there',
      () =>
        page(asking(alice, { identity: [policy(allow({ Condition: { Bool: { 'aws:A': 'true' } } }))] })).slice(5, 7),
      [
        '  does not apply: Allow, statement 1 of p (inline, line 1 column 37)',
        '    Bool aws:A wants "true"; the request has none',
      ],
    ],
  ]
  for (const [name, lines, wanted] of rows) test(name, () => expect(lines()).toEqual(wanted))

  test('nothing of a layer that is absent', () => {
    expect(page(asking(ec2, { resource: resource('ordinary', allow({ Principal: '*' })) }))).toEqual([
      `ALLOW  ${on}`,
      'by ec2.amazonaws.com',
      'because it is granted',
      '',
      'resource-based policy: allows (1 policy)',
      '  applies: Allow, statement 1 of its (resource, line 1 column 37)',
    ])
  })
  test('how many statements it leaves out', () => {
    const statements = Array.from({ length: 10 }, () => allow())
    expect(page(asking(alice, { identity: [policy(statements)] })).at(-1)).toBe('  … and 2 more')
  })
})

describe('lines are of a hundred columns:', () => {
  const first = (resource: string) => page({ request: request({ resource }), identity: grants }).slice(0, 3)
  const head = 'ALLOW  s3:GetObject on '
  test('a text that fits stays whole', () => {
    const word = 'w'.repeat(100 - head.length)
    expect(first(word)[0]).toBe(head + word)
  })
  test('a word that does not fit goes to the next line, two columns in', () => {
    const word = 'w'.repeat(101 - head.length)
    expect(first(word).slice(0, 2)).toEqual([head.trimEnd(), `  ${word}`])
  })
  test('a word that is wider than a line is cut', () => {
    const word = 'w'.repeat(110)
    expect(first(word)).toEqual([head.trimEnd(), `  ${'w'.repeat(98)}`, `  ${'w'.repeat(12)}`])
  })
  test('a control character is a space', () => {
    expect(first('a\nb\u001b[1mc')[0]).toBe(`${head}a b [1mc`)
  })
})

describe('each account is told of its own side:', () => {
  const both = decide(
    asking(alice, {
      identity: [policy(deny({ Sid: 'Mine' }))],
      scps: [grants],
      resource: resource('trust', allow({ Sid: 'Theirs', Principal: { AWS: rootOf('999999999999') } }), away),
    }),
  )
  const whole = explain(both)

  test('who asked, of its own layers and its own verdict', () => {
    const seen = asSeenBy(whole, home)
    expect(seen.layers.map(({ kind }) => kind)).toEqual(['scp', 'identity'])
    expect(seen).toMatchObject({ because: 'explicit-deny', blocking: 'identity', withheld: true })
    expect(seen.missing).toEqual([])
    expect(seen.hints.map(({ account }) => account)).toEqual([home])
  })
  test('who owns, of its own layers and its own verdict', () => {
    const seen = asSeenBy(whole, away)
    expect(seen.layers.map(({ kind }) => kind)).toEqual(['resource'])
    expect(seen).toMatchObject({ because: 'no-grant', blocking: 'resource', withheld: true })
    expect(seen.hints.map(({ account }) => account)).toEqual([away])
  })
  test('what the token of a login says is the owner’s, and in the owner’s page', () => {
    const said = { 'oidc.test:sub': ['me'], 'oidc.test:amr': ['a', 'b'] }
    const page = withToken(explain(decide(asking(github, { resource: resource('trust', allow()) }))), said)
    const owner = String(page.resourceAccount)
    expect(asSeenBy(page, owner).token).toEqual(said)
    expect(renderExplanation(page, { account: owner })).toContain(
      'the token says:\n  oidc.test:sub "me"\n  oidc.test:amr "a", "b"\n',
    )
    expect(asSeenBy(page, '333333333333').token).toBeUndefined()
    expect(renderExplanation(page, { account: '333333333333' })).not.toContain('oidc.test')
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`k${at}`, ['v'.repeat(10_000)]]))
    expect(JSON.stringify(withToken(page, many)).length).toBeLessThan(8_000)
  })

  test('a third, of nothing', () => {
    const seen = asSeenBy(whole, '333333333333')
    expect(seen).toMatchObject({ because: 'no-grant', layers: [], missing: [], hints: [], withheld: true })
    expect('blocking' in seen).toBe(false)
  })
  test('a side that does not refuse has no layer that does', () => {
    const decision = decide(
      asking(alice, { identity: grants, resource: resource('trust', deny({ Principal: '*' }), away) }),
    )
    const seen = asSeenBy(explain(decision), home)
    expect(seen).toMatchObject({ effect: 'deny', because: 'no-grant' })
    expect('blocking' in seen).toBe(false)
  })
  test('a side that lacks a grant lacks it', () => {
    const decision = decide(asking(alice, { resource: resource('trust', deny({ Principal: '*' }), away) }))
    expect(asSeenBy(explain(decision), home)).toMatchObject({ because: 'no-grant', blocking: 'identity' })
  })
  test('a ceiling on its own side is one', () => {
    const decision = decide(
      asking(alice, {
        identity: grants,
        boundary: silent,
        resource: resource('trust', deny({ Principal: '*' }), away),
      }),
    )
    expect(asSeenBy(explain(decision), home)).toMatchObject({ because: 'ceiling', blocking: 'boundary' })
  })
  test('all of it, where all is its own', () => {
    const own = explain(decide(asking(alice)))
    expect(asSeenBy(own, home)).toBe(own)
  })
  test('within one account the verdict stays, also where an organization wrote it', () => {
    const guard = [[policy(deny(), { type: 'scp', account: '999999999999' })]]
    const seen = asSeenBy(explain(decide(asking(alice, { identity: grants, scps: guard }))), home)
    expect(seen).toMatchObject({ because: 'explicit-deny', blocking: 'scp' })
    expect(seen.withheld).toBeUndefined()
    expect(seen.layers.map(({ kind }) => kind)).toEqual(['scp', 'identity'])
  })

  describe('QUIRK: ceilings-by-name. Of its organization’s policies a member', () => {
    const boss = '999999999999'
    const arn = (id: string) => `arn:aws:organizations::${boss}:policy/o-1/service_control_policy/${id}`
    const hung = (statement: object, id: string, place = 'root') => [
      policy(
        { Sid: 'Secret', ...statement },
        { type: 'scp', account: boss, name: `named ${id}`, arn: arn(id), holder: place },
      ),
    ]
    const denied = explain(
      decide(asking(alice, { identity: grants, scps: [hung(allow(), 'p-1'), hung(deny(), 'p-2', 'ou-secret')] })),
    )
    test('is told which denied, and not what it says nor where it hangs', () => {
      const seen = asSeenBy(denied, home)
      expect(seen.layers[0]).toEqual({
        kind: 'scp',
        account: home,
        says: 'deny',
        policies: 0,
        statements: [],
        omitted: 0,
        denying: [arn('p-2')],
      })
      expect(JSON.stringify(seen)).not.toMatch(/Secret|secret|named|p-1/)
      expect(asSeenBy(seen, home)).toBe(seen)
      expect(renderExplanation(denied, { account: home }).split('\n').slice(2, 8)).toEqual([
        'because of an explicit deny in the service control policy',
        '',
        'service control policy: denies',
        `  ${arn('p-2')}`,
        '',
        'identity-based policy: allows (1 policy)',
      ])
      expect(renderExplanation(denied, { account: home })).toContain('told to the account that manages it')
    })
    test('is told that none allows', () => {
      const lacking = explain(
        decide(asking(alice, { identity: grants, scps: [hung(allow({ Action: 'x:y' }), 'p-1')] })),
      )
      expect(asSeenBy(lacking, home)).toMatchObject({
        because: 'ceiling',
        blocking: 'scp',
        layers: [{ kind: 'scp', says: 'silent', denying: [] }, { kind: 'identity' }],
        missing: [],
        hints: [],
      })
      expect(renderExplanation(lacking, { account: home })).toContain('because no service control policy allows it')
    })
    test('is told so of its own side between two accounts, and the other account is told nothing of it', () => {
      const between = explain(
        decide(
          asking(alice, {
            identity: grants,
            scps: [hung(deny(), 'p-2')],
            resource: resource('trust', allow({ Principal: '*' }), away),
          }),
        ),
      )
      expect(asSeenBy(between, home)).toMatchObject({
        because: 'explicit-deny',
        blocking: 'scp',
        layers: [{ kind: 'scp', denying: [arn('p-2')] }, { kind: 'identity' }],
        withheld: true,
      })
      expect(asSeenBy(between, away).layers.map(({ kind }) => kind)).toEqual(['resource'])
    })
    test('is told of those over its resources, and who asks from elsewhere is not', () => {
      const between = explain(
        decide(
          asking(alice, {
            identity: grants,
            rcps: [hung(deny(), 'p-2')],
            resource: resource('trust', allow({ Principal: '*' }), away),
          }),
        ),
      )
      expect(asSeenBy(between, away)).toMatchObject({ because: 'explicit-deny', blocking: 'rcp' })
      expect(asSeenBy(between, home).layers.map(({ kind }) => kind)).toEqual(['identity'])
    })
    test('and who manages the organization is told all of them, and how to mend it', () => {
      const page = renderExplanation(denied, { account: boss })
      expect(page).toContain('service control policy, level 0 (root): allows (1 policy)')
      expect(page).toContain('service control policy, level 1 (ou-secret): denies (1 policy)')
      expect(page).toContain('applies: Deny, statement Secret of named p-2 (scp, line 1 column')
      expect(page).toContain('-> remove or narrow statement Secret (line 1) of named p-2, which denies it')
      expect(page).not.toContain('identity-based policy')
      expect(page).toContain(`The other side belongs to account ${home}`)
    })
  })
  test('a grant between accounts stays a grant', () => {
    const decision = decide(
      asking(alice, { identity: grants, resource: resource('ordinary', allow({ Principal: '*' }), away) }),
    )
    const seen = asSeenBy(explain(decision), home)
    expect(seen).toMatchObject({ effect: 'allow', because: 'granted' })
    expect('blocking' in seen).toBe(false)
  })

  const closing = (account: string, explanation = whole) =>
    renderExplanation(explanation, { account })
      .split('\n')
      .find((line) => line.startsWith('The other side'))
  test('whose the other side is', () => {
    expect(closing(home)).toBe(`The other side belongs to account ${away}: its owner can ask with the same request id.`)
    expect(closing(away)).toBe(`The other side belongs to account ${home}: its owner can ask with the same request id.`)
    const service = explain(decide(asking(ec2, { resource: resource('ordinary', deny({ Principal: '*' }), away) })))
    expect(closing(home, service)).toBe(
      'The other side belongs to another account: its owner can ask with the same request id.',
    )
    expect(closing(away, service)).toBeUndefined()
  })
  test('on a page, and no word more', () => {
    expect(renderExplanation(whole, { account: away }).split('\n')).toEqual([
      `DENY  ${on}`,
      `by ${aliceArn}`,
      `because no statement of the trust policy lets ${aliceArn} do`,
      `  ${on}`,
      '',
      'trust policy: allows nothing of the kind (1 policy)',
      '  does not apply: Allow, statement Theirs of its (trust, line 1 column 37)',
      `    principal is "${rootOf('999999999999')}"; the request has`,
      `      "${aliceArn}"`,
      '',
      `The other side belongs to account ${home}: its owner can ask with the same request id.`,
      '',
      `-> add { "AWS": "${aliceArn}" } as Principal of an Allow of`,
      '  s3:GetObject to the trust policy',
    ])
  })

  test('the resource’s side may be explained from another time than the rest', () => {
    const then = explain(
      decide(
        asking(alice, { identity: grants, resource: resource('trust', deny({ Sid: 'Then', Principal: '*' }), away) }),
      ),
    )
    const merged = withOwnersSide(away, then, whole)
    expect(merged.layers.map(({ kind, says }) => [kind, says])).toEqual([
      ['resource', 'deny'],
      ['scp', 'allow'],
      ['identity', 'deny'],
    ])
    expect(merged.hints.map(({ text }) => text)).toEqual([
      'remove or narrow statement Then (line 1) of its, which denies it',
      'remove or narrow statement Mine (line 1) of p, which denies it',
    ])
    expect(merged.missing).toEqual([])
    expect(merged.because).toBe(then.because)
  })
})

describe('AWS’s reason is for refusals', () => {
  const reason = (decision: Decision) => accessDeniedReason(decision, 'a:b')
  test('QUIRK: denying-policy-named. Of an organization’s denial it names the policy, within one account', () => {
    const arn = 'arn:aws:organizations::999999999999:policy/o-1/service_control_policy/p-1'
    const scps = [[policy(deny(), { type: 'scp', account: '999999999999', arn })]]
    expect(reason(decide(asking(alice, { identity: grants, scps })))).toBe(
      `with an explicit deny in a service control policy: ${arn}`,
    )
    const elsewhere = resource('ordinary', allow({ Principal: '*' }), away)
    expect(reason(decide(asking(alice, { identity: grants, scps, resource: elsewhere })))).toBe(
      'with an explicit deny in a service control policy',
    )
    const own = policy(deny(), { type: 'managed', arn: `arn:aws:iam::${home}:policy/x` })
    expect(reason(decide(asking(alice, { identity: [own] })))).toBe('with an explicit deny in an identity-based policy')
  })
  test('and not for what hangs', () => {
    const identity = [policy(allow({ Condition: { Bool: { 'aws:A': 'true' } } }))]
    expect(reason(decide({ request: request({ lookup: context({}, ['aws:a']) }), identity }))).toBe('')
  })
  test('and not for a side that does not refuse', () => {
    const decision = decide(asking(alice))
    expect(reason({ ...decision, blocking: undefined })).toBe('')
    expect(reason(decision)).toBe('because no identity-based policy allows the a:b action')
  })
})
