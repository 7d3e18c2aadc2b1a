import { matches } from '../../src/model/pattern.ts'
import type { Member, Shape, StructureShape } from '../../src/model/shape.ts'

/** Values that some parameter or other takes: the first that its shape allows stands for it. */
const texts = (account: string): readonly string[] => [
  'example',
  `arn:aws:iam::${account}:role/example`,
  '/',
  'v1',
  '123456',
  account,
  '{"Version":"2012-10-17","Statement":[]}',
  'AKIAIOSFODNN7EXAMPLE',
  '0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d',
  'https://example.com',
  '0123456789abcdef0123456789abcdef01234567',
  'x'.repeat(1200),
]

const iamResource = (resource: string) => (account: string) => `arn:aws:iam::${account}:${resource}`
const trail = (account: string) => `arn:aws:cloudtrail:us-east-1:${account}:trail/example`
/** Parameters whose names say more than their types: an operation would refuse another kind before anybody is asked. */
const known: Readonly<Record<string, (account: string) => string>> = {
  PolicyArn: iamResource('policy/example'),
  PermissionsBoundary: iamResource('policy/example'),
  OpenIDConnectProviderArn: iamResource('oidc-provider/example.com'),
  SAMLProviderArn: iamResource('saml-provider/example'),
  PrincipalArn: iamResource('saml-provider/example'),
  Url: () => 'https://example.com',
  SigningAlgorithm: () => 'RS256',
  EntityPath: () => 'o-a1b2c3d4e5/r-f6g7',
  'TaskPolicyArn.arn': () => 'arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials',
  TargetPrincipal: (account) => account,
  HandshakeId: () => 'h-0123456789',
  CreateAccountRequestId: () => 'car-0123456789',
  PolicyId: () => 'p-0123456789',
  OrganizationalUnitId: () => 'ou-abcd-01234567',
  ParentId: () => 'ou-abcd-01234567',
  SourceParentId: () => 'ou-abcd-01234567',
  DestinationParentId: () => 'ou-abcd-01234567',
  RootId: () => 'r-abcd',
  Email: () => 'somebody@example.com',
  Id: () => 'rt-0123456789',
  ResourceId: trail,
  ResourceIdList: trail,
}

function textFor(
  shape: Extract<Shape, { type: 'string' | 'character' }>,
  path: string,
  name: string,
  account: string,
): string {
  if (shape.enum?.[0] !== undefined) return shape.enum[0]
  const named = known[path] ?? known[name]
  const fitting = [...(named === undefined ? [] : [named(account)]), ...texts(account)]
  const found = fitting.find(
    (text) =>
      (shape.pattern === undefined || matches(shape.pattern, text)) &&
      text.length >= (shape.min ?? 0) &&
      text.length <= (shape.max ?? Number.POSITIVE_INFINITY),
  )
  if (found === undefined) throw new Error(`no sample fits ${name}: ${shape.pattern ?? ''}`)
  return found
}

/** Parameters that may be left out, and without which it is not said whom or what the request is about. */
const subjects: ReadonlySet<string> = new Set(['UserName', 'TrailName'])

/** The members that a sample has. A structure that is wanted and wants nothing itself must have one to be there at all. */
function leastOf({ members }: StructureShape, path: string): readonly Member[] {
  const wanted = members.filter(({ name, required }) => required || (path === '' && subjects.has(name)))
  return wanted.length === 0 && path !== '' ? members.slice(0, 1) : wanted
}

/**
 * The least input that a model allows, as the query protocol names it: every required parameter, and the subject where it
 * may be left out: a user's name would be the caller's own.
 */
export function sampleInput(shape: StructureShape | undefined, account: string): Record<string, string> {
  const found: Record<string, string> = {}
  const walk = (at: Shape, path: string, name: string): void => {
    switch (at.type) {
      case 'structure':
        for (const member of leastOf(at, path))
          walk(member.shape, path === '' ? member.name : `${path}.${member.name}`, member.name)
        return
      case 'list':
        walk(at.element.shape, `${path}.member.1`, name)
        return
      case 'string':
      case 'character':
        found[path] = textFor(at, path, name, account)
        return
      case 'boolean':
        found[path] = 'false'
        return
      case 'timestamp':
        found[path] = '2026-01-01T00:00:00Z'
        return
      case 'blob':
        found[path] = 'AAAA'
        return
      case 'map':
        return
      default:
        found[path] = String(at.min ?? 1)
    }
  }
  if (shape !== undefined) walk(shape, '', '')
  return found
}
