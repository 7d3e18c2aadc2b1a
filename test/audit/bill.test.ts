import { describe, expect, test } from 'vitest'
import { billedFor } from '../../src/audit/bill.ts'
import { billIn } from '../../src/audit/bill-sum.ts'
import type { Question } from '../../src/audit/lookup.ts'
import { Recorded } from '../../src/audit/recorded.ts'
import type { TrailEntry } from '../../src/store/store.ts'

const a = '111111111111'
const b = '222222222222'
const record = (recipient: string, type: string, caller: string | undefined, more: object = {}) => ({
  recipientAccountId: recipient,
  eventSource: 's3.amazonaws.com',
  eventName: 'GetObject',
  userIdentity: { type, ...(caller === undefined ? {} : { accountId: caller }) },
  ...more,
})
const of = (...accounts: readonly string[]) => accounts.map((accountId) => ({ accountId, type: 'x', ARN: 'x' }))
const across = (...accounts: readonly string[]) => ({ sharedEventID: 'one', resources: of(...accounts) })
const sts = { eventSource: 'sts.amazonaws.com', eventName: 'AssumeRole' }
const pays = { requestParameters: { 'x-amz-request-payer': 'requester' } }

describe('who pays for a call', () => {
  test.each([
    ['a user in its own account', record(a, 'IAMUser', a), a, a, 'own-call'],
    ['root', record(a, 'Root', a), a, a, 'own-call'],
    ['a federated user', record(a, 'FederatedUser', a), a, a, 'own-call'],
    ['its own resource', record(a, 'IAMUser', a, { resources: of(a) }), a, a, 'own-call'],
    ['a session of a role, whoever began it', record(b, 'AssumedRole', b), b, b, 'role-session'],
    ['a role of the same account', record(a, 'IAMUser', a, { ...sts, resources: of(a) }), a, a, 'own-call'],
    ['a role of B, as A has it', record(a, 'IAMUser', a, { ...sts, ...across(b) }), b, a, 'session-began'],
    ['a role of B, as B has it', record(b, 'AWSAccount', a, { ...sts, ...across(b) }), b, a, 'session-began'],
    ['from role to role', record(a, 'AssumedRole', a, { ...sts, ...across(b) }), b, a, 'session-began'],
    ['a bucket of B, as A has it', record(a, 'IAMUser', a, across(b)), b, b, 'resource-owner'],
    ['a bucket of B, as B has it', record(b, 'AWSAccount', a, across(b)), b, b, 'resource-owner'],
    ['a bucket of B, by a role of A', record(a, 'AssumedRole', a, across(b)), b, b, 'resource-owner'],
    ['beside a resource of its own', record(a, 'IAMUser', a, across(a, b)), b, b, 'resource-owner'],
    [
      'where the requester pays, as A has it',
      record(a, 'IAMUser', a, { ...across(b), ...pays }),
      b,
      a,
      'requester-pays',
    ],
    ['the same, as B has it', record(b, 'AWSAccount', a, { ...across(b), ...pays }), b, a, 'requester-pays'],
    ['who pays for its own bucket anyway', record(a, 'IAMUser', a, { resources: of(a), ...pays }), a, a, 'own-call'],
    ['a SAML user', record(b, 'SAMLUser', undefined, { ...sts, resources: of(b) }), b, b, 'caller-without-account'],
    ['a service of AWS', record(b, 'AWSService', undefined), b, b, 'caller-without-account'],
    ['a refusal that an organization has too', record(b, 'IAMUser', a, { sharedEventID: 'one' }), a, a, 'own-call'],
    ['what AWS owns is nobody’s', record(a, 'IAMUser', a, across('aws')), a, a, 'own-call'],
    ['a resource that names no event in two', record(a, 'IAMUser', a, { resources: of(b) }), a, a, 'own-call'],
  ])('%s', (_, event, owner, account, because) => {
    expect(billedFor(new Recorded(JSON.stringify(event)))).toEqual({ owner, account, because })
  })

  test.each(['', '{}', 'null', '[]', '{"recipientAccountId":"-"}', '{"recipientAccountId":7}'])(
    'nobody pays for what is no record of an account: %s',
    (text) => {
      expect(billedFor(new Recorded(text))).toBeUndefined()
    },
  )
})

describe('the sum of a month', () => {
  const entry = (event: object, at: number): TrailEntry => ({
    sequence: at,
    at,
    account: a,
    eventId: '',
    requestId: '',
    event: JSON.stringify(event),
  })
  /** A trail as it is looked up, newest first; every second page is empty and not the last. */
  function lookupIn(entries: readonly TrailEntry[]) {
    const asked: Question[] = []
    let full = false
    const lookup = (question: Question) => {
      asked.push(question)
      full = !full
      const older = entries.filter(({ at }) => at < (question.after?.at ?? Number.POSITIVE_INFINITY))
      const page = full ? older.slice(0, question.limit) : []
      const next = full ? page.at(-1) : question.after
      return Promise.resolve({
        entries: page,
        next: full && page.length === older.length ? undefined : next && { at: next.at, sequence: next.at },
      })
    }
    return { asked, lookup }
  }
  const span = { from: 0, until: 100_000, before: undefined }

  test('counts calls by account, owner, service, operation and reason, and those that failed apart', async () => {
    const own = record(a, 'IAMUser', a)
    const { lookup, asked } = lookupIn([
      entry(own, 5),
      entry(own, 4),
      entry({ ...own, errorCode: 'AccessDenied' }, 3),
      entry({ ...own, eventName: 'Anything', errorCode: 'InvalidAction' }, 2),
      entry(record(a, 'IAMUser', a, { ...sts, ...across(b) }), 1),
    ])
    const mine = { owner: a, account: a, because: 'own-call', service: 's3' }
    expect(await billIn(lookup, a, span)).toEqual({
      lines: [
        { ...mine, operation: 'GetObject', calls: 2, failed: 0 },
        { ...mine, operation: undefined, calls: 0, failed: 2 },
        {
          owner: b,
          account: a,
          because: 'session-began',
          service: 'sts',
          operation: 'AssumeRole',
          calls: 1,
          failed: 0,
        },
      ],
      next: undefined,
    })
    expect(asked).toEqual([{ account: a, from: 0, until: 100_000, limit: 1000 }])
  })

  test('goes on where a part ended, and counts every record once', async () => {
    const count = 9500
    const { lookup, asked } = lookupIn(
      Array.from({ length: count }, (_, index) => entry(record(a, 'IAMUser', a), count - index)),
    )
    const parts: number[] = []
    for (let before: Parameters<typeof billIn>[2]['before']; ; ) {
      const { lines, next } = await billIn(lookup, a, { ...span, before })
      parts.push(lines.reduce((sum, { calls }) => sum + calls, 0))
      before = next
      if (next === undefined) break
    }
    expect(parts).toEqual([4000, 4000, 1500])
    expect(asked.every(({ limit }) => limit <= 1000)).toBe(true)
  })
})
