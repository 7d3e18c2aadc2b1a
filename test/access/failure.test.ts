import { describe, expect, test } from 'vitest'
import { ask } from '../../src/access/ask.ts'
import type { Caller } from '../../src/access/caller.ts'
import { type Failure, failureOf } from '../../src/access/failure.ts'
import type { Need } from '../../src/access/need.ts'
import {
  allow,
  away,
  circumstances,
  deny,
  document,
  home,
  managed,
  role,
  rootCaller,
  sessionCaller,
  user,
  userCaller,
  viewOf,
} from './scene.ts'

/** What a refusal says to whoever may decode it: as much as its own account may know. */
const having = (...statements: object[]): Caller =>
  userCaller(user({ inline: [{ name: 'own', document: document(...statements) }] }))

function told(caller: Caller, need: Partial<Need>): Failure {
  const asked = circumstances({ caller, need })
  const [fullest] = failureOf(asked, ask(viewOf(managed('limit', document())), asked))
  if (fullest === undefined) throw new Error('nothing is told')
  return fullest
}
const keysOf = ({ context }: Failure): readonly string[] => context.conditions.items.map(({ key }) => key)

const denying = {
  document: document({ Sid: 'Theirs', Effect: 'Deny', Action: 'sts:AssumeRole', Principal: '*' }),
  pins: {},
}
const tags = [{ key: 'secret', value: 'yes' }]
const assuming = (account: string): Partial<Need> => ({
  action: 'sts:AssumeRole',
  resource: `arn:aws:iam::${account}:role/team/worker`,
  assuming: { account, role: role({ account, trust: denying, tags }) },
  resourceTags: tags,
})

describe('a refusal within one account', () => {
  test('tells of the resource: what its own policy denied, and its tags', () => {
    const failure = told(having(allow()), assuming(home))
    expect(failure.explicitDeny).toBe(true)
    expect(failure.matchedStatements.items).toMatchObject([
      { statementId: 'Theirs', principals: { items: [{ value: '*' }] }, resources: { items: [{ value: '*' }] } },
    ])
    expect(keysOf(failure)).toContain('aws:ResourceTag/secret')
  })

  test('tells of tags and keys that the request brought, and of the action’s own', () => {
    const requestTags = [
      { key: 'team', value: 'red' },
      { key: 'stage', value: 'test' },
    ]
    const context = { 'sts:ExternalId': ['e-42'], 'sts:SourceIdentity': null, 'sts:Unknown': undefined }
    const { context: seen } = told(having(), { ...assuming(home), requestTags, context })
    expect(seen.conditions.items.map(({ key, values }) => [key, values.items.map(({ value }) => value)])).toEqual([
      ['aws:Region', ['eu-west-1']],
      ['aws:Service', ['sts']],
      ['aws:Resource', ['role/team/worker']],
      ['aws:Type', ['role']],
      ['aws:Account', [home]],
      ['sts:ExternalId', ['e-42']],
      ['aws:RequestTag/team', ['red']],
      ['aws:RequestTag/stage', ['test']],
      ['aws:TagKeys', ['team', 'stage']],
      ['aws:ResourceTag/secret', ['yes']],
      ['aws:ARN', [`arn:aws:iam::${home}:role/team/worker`]],
    ])
  })

  test('names a session by its id, and its role as whom its policies are of', () => {
    const failure = told(sessionCaller(role({ inline: [{ name: 'own', document: document(deny()) }] })), {})
    expect(failure.context.principal.id).toMatch(/^AROAWORKER:/)
    expect(failure.context.principal).not.toHaveProperty('name')
    expect(failure.matchedStatements.items[0]?.principals.items).toEqual([{ value: 'AROAWORKER' }])
  })

  test('names root by its account', () => {
    expect(told(rootCaller(), assuming(home)).context.principal).toEqual({ id: home, arn: `arn:aws:iam::${home}:root` })
  })
})

describe('a refusal between two accounts', () => {
  test('tells nothing of the other one: neither that it denied, nor by what, nor its tags', () => {
    const failure = told(having(allow()), assuming(away))
    expect(failure).toMatchObject({ explicitDeny: false, matchedStatements: { items: [] } })
    expect(JSON.stringify(failure)).not.toMatch(/Theirs|secret/)
  })

  test('tells what the caller’s own policies denied, also where both did', () => {
    const failure = told(having(allow(), deny({ Sid: 'Mine' })), assuming(away))
    expect(failure.explicitDeny).toBe(true)
    expect(failure.matchedStatements.items.map(({ statementId }) => statementId)).toEqual(['Mine'])
  })
})
