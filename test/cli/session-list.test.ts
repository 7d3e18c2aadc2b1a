import { describe, expect, test } from 'vitest'
import { listOf, type Session } from '../../src/cli/session-list.ts'

const session = (source: Session['source']): Session => ({
  accessKeyId: 'ASIAQFX64DQ23ONCERBL',
  arn: 'arn:aws:sts::012345678901:assumed-role/OrganizationAccountAccessRole/administrator',
  principalId: 'AROAWNZAX2ZBKMSJKZG4O:administrator',
  operation: 'AssumeRole',
  source,
  created: '2026-11-23T18:00:00.000Z',
  expires: '2026-11-23T19:00:00.000Z',
  mfa: true,
  sourceIdentity: 'ann@corp',
  tagKeys: ['team', 'cost'],
  hops: [],
})
const listed = (source: Session['source'], columns = 100) =>
  listOf([session(source)], Date.parse('2026-11-23T18:30:00.000Z'), columns)

describe('a session is listed', () => {
  test('with who logged in, also where that is nobody of the account', () => {
    expect(listed({ type: 'SAMLUser', arn: 'bm9ib2R5', principalId: 'bm9ib2R5:carol' })[1]).toMatch(
      /^ {4}AssumeRole by SAML user carol of bm9ib2R5;/,
    )
    const provider = 'arn:aws:iam::012345678901:oidc-provider/id.example.com'
    expect(listed({ type: 'WebIdentityUser', arn: provider, principalId: `${provider}:aud:sub` }, 200)[1]).toContain(
      `by web identity user aud:sub of ${provider};`,
    )
    expect(listed({ type: 'AWSAccount', accountId: '987654321098', principalId: 'AIDA' })[1]).toContain(
      'by account 987654321098 (AIDA)',
    )
  })

  test('in lines that fit a narrow terminal', () => {
    const lines = listed({ type: 'IAMUser', arn: 'arn:aws:iam::012345678901:user/ann', sourceIp: '127.0.0.1' }, 60)
    expect(lines.filter((line) => line.length > 60)).toEqual([])
    expect(lines.join(' ').replace(/ +/g, ' ')).toContain(
      'role OrganizationAccountAccessRole, session administrator AssumeRole by user ann',
    )
  })
})
