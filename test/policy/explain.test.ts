// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables look like this.
import { describe, expect, test } from 'vitest'
import { compileText } from '../../src/policy/compile.ts'
import { decide, type Situation } from '../../src/policy/decide.ts'
import { accessDeniedReason, explain, renderExplanation } from '../../src/policy/explain.ts'
import { alice, allow, away, context, deny, ec2, home, nobody, policy, request, roleArn, worker } from './scene.ts'

const grants = [policy(allow())]
const nothing = policy(allow({ Action: 'none:None' }))
const assume = (parts: Partial<Situation> = {}, resource = roleArn): Situation => ({
  request: request({ action: 'sts:AssumeRole', resource }),
  ...parts,
})
const trusts = (Principal: unknown, account = home) => ({
  account,
  rule: 'trust' as const,
  policies: [
    policy(
      { Effect: 'Allow', Action: 'sts:AssumeRole', Principal },
      { type: 'trust', name: 'trust policy', account, holder: roleArn },
    ),
  ],
})

describe("AWS's reason", () => {
  const action = 's3:GetObject'
  const rows: readonly [string, Situation, string][] = [
    ['granted', { request: request(), identity: grants }, ''],
    [
      'no identity policy',
      { request: request(), identity: [] },
      'because no identity-based policy allows the s3:GetObject action',
    ],
    [
      'no resource policy',
      { request: request({ principal: nobody }) },
      'because no resource-based policy allows the s3:GetObject action',
    ],
    [
      'no boundary',
      { request: request(), identity: grants, boundary: nothing },
      'because no permissions boundary allows the s3:GetObject action',
    ],
    [
      'no session policy',
      { request: request({ principal: worker }), identity: grants, session: [] },
      'because no session policy allows the s3:GetObject action',
    ],
    [
      'no SCP',
      { request: request(), identity: grants, scps: [[]] },
      'because no service control policy allows the s3:GetObject action',
    ],
    [
      'no RCP',
      { request: request(), identity: grants, rcps: [[]] },
      'because no resource control policy allows the s3:GetObject action',
    ],
    [
      'no endpoint policy',
      { request: request(), identity: grants, endpoint: nothing },
      'because no VPC endpoint policy allows the s3:GetObject action',
    ],
    [
      'identity denies',
      { request: request(), identity: [policy(deny())] },
      'with an explicit deny in an identity-based policy',
    ],
    [
      'a boundary denies',
      { request: request(), identity: grants, boundary: policy(deny()) },
      'with an explicit deny in a permissions boundary',
    ],
    [
      'a session policy denies',
      { request: request(), identity: grants, session: [policy(deny())] },
      'with an explicit deny in a session policy',
    ],
    [
      'an SCP denies',
      { request: request(), identity: grants, scps: [[policy(deny())]] },
      'with an explicit deny in a service control policy',
    ],
    [
      'an RCP denies',
      { request: request(), identity: grants, rcps: [[policy(deny())]] },
      'with an explicit deny in a resource control policy',
    ],
    [
      'a resource policy denies',
      {
        request: request(),
        identity: grants,
        resource: { account: home, rule: 'ordinary', policies: [policy(deny({ Principal: '*' }))] },
      },
      'with an explicit deny in a resource-based policy',
    ],
    [
      'an endpoint denies',
      { request: request(), identity: grants, endpoint: policy(deny()) },
      'with an explicit deny in a VPC endpoint policy',
    ],
    [
      'two layers deny, and one is named',
      { request: request(), identity: [policy(deny())], scps: [[policy(deny())]] },
      'with an explicit deny in a service control policy',
    ],
  ]
  for (const [name, given, expected] of rows) {
    test(`${name}: ${expected}`, () => expect(accessDeniedReason(decide(given), action)).toBe(expected))
  }
})

describe('the smallest change', () => {
  const hints = (given: Situation) => explain(decide(given)).hints.map(({ text }) => text)
  const grant = `{ "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "${roleArn}" }`

  test('is a statement for the one who asks, or a name in the trust policy', () => {
    expect(hints(assume({ identity: [], resource: trusts({ AWS: home }) }))).toEqual([
      `add ${grant} to a policy of alice`,
      `or name ${alice.arns[0]} in the trust policy`,
    ])
  })
  test('is a principal, where the trust policy names none that fits', () => {
    expect(hints(assume({ identity: grants, resource: trusts({ AWS: away }) }))).toEqual([
      `add { "AWS": "${alice.arns[0]}" } as Principal of an Allow of sts:AssumeRole to the trust policy`,
    ])
    const service = {
      request: request({ principal: ec2, action: 'sts:AssumeRole' }),
      resource: trusts({ Service: 'x.amazonaws.com' }),
    }
    expect(hints(service)[0]).toContain('{ "Service": "ec2.amazonaws.com" }')
  })
  test('says so where a name differs in its case only', () => {
    const [hint] = hints(assume({ identity: grants, resource: trusts({ AWS: alice.arns[0]?.toUpperCase() }) }))
    expect(hint).toContain(`the one who asks is ${alice.arns[0]}`)
  })
  test('says so where the name means one that is gone', () => {
    const [attached] = trusts({ AWS: alice.arns[0] }).policies
    const pins = { [alice.arns[0] ?? '']: 'AIDAGONE000000000' }
    const resource = { ...trusts('*'), policies: attached === undefined ? [] : [{ ...attached, pins }] }
    expect(hints(assume({ identity: grants, resource }))[0]).toContain('means one of that name that is gone')
  })
  test('is the value that a condition wants', () => {
    const identity = [policy(allow({ Sid: 'Mfa', Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } }))]
    expect(
      hints({ request: request({ lookup: context({ 'aws:MultiFactorAuthPresent': 'false' }) }), identity })[0],
    ).toBe(
      'statement Mfa (line 1) of p would allow it if aws:MultiFactorAuthPresent were right: Bool wants "true", the request has "false"; a second factor is shown by SerialNumber and TokenCode',
    )
  })
  test('is the resource that a statement forgot', () => {
    expect(hints({ request: request(), identity: [policy(allow({ Resource: 'arn:aws:s3:::bucket' }))] })[0]).toBe(
      'statement 1 (line 1) of p allows the action, but on arn:aws:s3:::bucket',
    )
  })
  test('is the Deny to narrow', () => {
    expect(hints({ request: request(), identity: [policy([allow(), deny({ Sid: 'No' })])] })).toEqual([
      'remove or narrow statement No (line 1) of p, which denies it',
    ])
  })
  test('is the ceiling to raise', () => {
    const named = policy(allow({ Action: 'x:y' }), { type: 'boundary', name: 'Edge' })
    expect(hints({ request: request(), identity: grants, boundary: named })).toEqual([
      'let the permissions boundary Edge allow s3:GetObject too',
    ])
    expect(hints({ request: request(), identity: grants, scps: [grants, []] })).toEqual([
      's3:GetObject must be allowed at level 1 too',
    ])
  })
  test('is what an unknown hangs on', () => {
    const identity = [policy(allow({ Condition: { StringEquals: { 'aws:SourceVpc': 'v' } } }))]
    expect(hints({ request: request({ lookup: context({}, ['aws:sourcevpc']) }), identity })).toEqual([
      'it hangs on aws:SourceVpc: statement 1 (line 1) of p',
    ])
  })
  test('is nothing where nothing is refused', () => expect(hints({ request: request(), identity: grants })).toEqual([]))
})

describe('an explanation', () => {
  const hostile = Array.from({ length: 100 }, (_, index) =>
    allow({ Condition: { StringLike: { [`aws:k${index}`]: Array.from({ length: 50 }, () => 'x'.repeat(400)) } } }),
  )

  test('is plain JSON, and small whatever the policies are', () => {
    const explanation = explain(
      decide({
        request: request({ resource: `arn:aws:s3:::${'r'.repeat(5_000)}` }),
        identity: [policy(hostile)],
        boundary: policy(hostile),
      }),
    )
    expect(JSON.parse(JSON.stringify(explanation))).toEqual(explanation)
    expect(JSON.stringify(explanation).length).toBeLessThan(24_000)
    expect(explanation.layers[0]?.omitted).toBe(92)
  })

  test('points at statements by policy, line and column', () => {
    const text =
      '{\n  "Version": "2012-10-17",\n  "Statement": [\n    {"Sid": "A", "Effect": "Deny", "Action": "*", "Resource": "*"}\n  ]\n}'
    const compiled = compileText(text)
    if (compiled === undefined) throw new Error('no JSON')
    const source = {
      type: 'inline',
      name: 'q',
      account: home,
      holder: alice.arns[0] ?? '',
      arn: 'arn:aws:iam::111111111111:policy/q',
    } as const
    const explanation = explain(decide({ request: request(), identity: [{ policy: compiled, source }] }))
    expect(explanation.layers[0]?.statements).toEqual([
      {
        part: 'applies',
        effect: 'Deny',
        policy: { type: 'inline', name: 'q', arn: 'arn:aws:iam::111111111111:policy/q', holder: alice.arns[0] },
        sid: 'A',
        index: 0,
        line: 4,
        column: 5,
      },
    ])
  })

  test('is text of a hundred columns', () => {
    const text = renderExplanation(
      explain(
        decide({
          request: request({ resource: `arn:aws:s3:::${'r'.repeat(300)}\n\u001b[31m` }),
          identity: [policy(hostile)],
        }),
      ),
      { account: home },
    )
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(100)
    expect(text).not.toContain('\u001b')
    expect(text.startsWith('DENY  s3:GetObject on')).toBe(true)
  })

  test('reads as a page', () => {
    const identity = [
      policy([allow({ Sid: 'Mfa', Action: 'sts:*', Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } })], {
        name: 'work',
      }),
    ]
    const page = renderExplanation(explain(decide(assume({ identity, resource: trusts({ AWS: home }) }))), {
      account: home,
    })
    expect(page.split('\n')).toEqual([
      'DENY  sts:AssumeRole on arn:aws:iam::111111111111:role/team/worker',
      'by arn:aws:iam::111111111111:user/dev/alice',
      "because no statement of alice's policies allows sts:AssumeRole on",
      '  arn:aws:iam::111111111111:role/team/worker',
      '',
      'trust policy: allows (1 policy)',
      '  applies: Allow, statement 1 of trust policy (trust, line 1 column 37)',
      '',
      'identity-based policy: allows nothing of the kind (1 policy)',
      '  does not apply: Allow, statement Mfa of work (inline, line 1 column 38)',
      '    Bool aws:MultiFactorAuthPresent wants "true"; the request has none',
      '',
      '-> statement Mfa (line 1) of work would allow it if aws:MultiFactorAuthPresent were right: Bool',
      '  wants "true", the request has none; a second factor is shown by SerialNumber and TokenCode',
      '-> add { "Effect": "Allow", "Action": "sts:AssumeRole", "Resource":',
      '  "arn:aws:iam::111111111111:role/team/worker" } to a policy of alice',
      '-> or name arn:aws:iam::111111111111:user/dev/alice in the trust policy',
    ])
  })
})

test('a page is as narrow as the terminal, down to forty columns', () => {
  const explanation = explain(decide(assume({ identity: [], resource: trusts({ AWS: home }) })))
  for (const [columns, widest] of [
    [60, 60],
    [10, 40],
  ] as const) {
    const page = renderExplanation(explanation, { account: home, columns })
    const widths = page.split('\n').map((line) => line.length)
    expect(Math.max(...widths)).toBeLessThanOrEqual(widest)
    expect(Math.max(...widths)).toBeGreaterThan(widest - 15)
    // Breaking loses nothing but the breaks.
    expect(page.replaceAll(/\s+/g, '')).toBe(renderExplanation(explanation, { account: home }).replaceAll(/\s+/g, ''))
  }
})

describe('each side is told of its own layers only', () => {
  const secret = 'x-external-id-x'
  const resource = {
    account: away,
    rule: 'trust' as const,
    policies: [
      policy(
        {
          Sid: 'HiddenSid',
          Effect: 'Allow',
          Action: 'sts:AssumeRole',
          Principal: { AWS: home },
          Condition: { StringEquals: { 'sts:ExternalId': secret } },
        },
        { type: 'trust', name: 'hidden', account: away },
      ),
    ],
  }
  const decision = decide(
    assume(
      { identity: [policy(allow({ Sid: 'MineSid' }), { name: 'mine' })], resource },
      `arn:aws:iam::${away}:role/R`,
    ),
  )

  test('the caller learns nothing of the trust policy', () => {
    const page = renderExplanation(explain(decision), { account: home })
    expect(page).toContain('MineSid')
    expect(page).toContain('The other side belongs to account ')
    expect(page).toContain('because both accounts must agree, and they do not')
    for (const word of [secret, 'HiddenSid', 'hidden', 'ExternalId', 'resource-based', 'trust policy'])
      expect(page).not.toContain(word)
  })
  test("the owner learns nothing of the caller's policies", () => {
    const page = renderExplanation(explain(decision), { account: away })
    expect(page).toContain(secret)
    for (const word of ['MineSid', 'mine', 'identity-based']) expect(page).not.toContain(word)
  })
  test('a third account learns neither', () => {
    const page = renderExplanation(explain(decision), { account: '999999999999' })
    for (const word of [secret, 'MineSid', 'HiddenSid']) expect(page).not.toContain(word)
  })
  test('the operator sees both', () => {
    const page = renderExplanation(explain(decision), { account: undefined })
    for (const word of [secret, 'MineSid', 'HiddenSid']) expect(page).toContain(word)
  })
  test('a denial there is not given away here', () => {
    const denies = {
      ...resource,
      policies: [policy([allow({ Principal: '*' }), deny({ Principal: '*' })], { account: away })],
    }
    const page = renderExplanation(
      explain(decide(assume({ identity: grants, resource: denies }, `arn:aws:iam::${away}:role/R`))),
      { account: home },
    )
    expect(page).not.toContain('explicit deny')
  })
})
