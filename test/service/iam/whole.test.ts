import fc from 'fast-check'
import { expect, test } from 'vitest'
import { policySize } from '../../../src/policy/check.ts'
import { limitOf } from '../../../src/service/iam/quota.ts'
import { arnOf } from '../../../src/state/entity.ts'
import { inAccount } from '../../../src/state/index-keys.ts'
import { issue } from '../../token/x509.ts'
import { Authority, document, documentOfSize, ec2Trust, here, noon, trusting } from './authority.ts'

/** Few names, in two cases, so that operations meet. */
const name = fc.constantFrom('a', 'b', 'A')
const path = fc.constantFrom('/', '/', '/p/')
const policyArn = fc.tuple(path, name).map(([under, called]) => `arn:aws:iam::${here}:policy${under}${called}`)
const key = fc.constantFrom('k', 'K', 'l')
const size = fc.constantFrom(120, 1500, 2048)

const signer = fc.constantFrom(...['a', 'b'].map((called) => issue(called, undefined, noon).certificate))
const alias = fc.constantFrom('one', 'two')

const step = fc.oneof(
  fc.tuple(fc.constantFrom('CreateUser', 'DeleteUser', 'CreateAccessKey'), fc.record({ UserName: name })),
  fc.tuple(
    fc.constantFrom('CreateLoginProfile', 'DeleteLoginProfile'),
    fc.record({ UserName: name, Password: fc.constant('Correct-Horse-7') }),
  ),
  fc.tuple(
    fc.constant('CreateServiceSpecificCredential'),
    fc.record({ UserName: name, ServiceName: fc.constant('codecommit.amazonaws.com') }),
  ),
  fc.tuple(fc.constant('UploadSigningCertificate'), fc.record({ UserName: name, CertificateBody: signer })),
  fc.tuple(fc.constantFrom('CreateAccountAlias', 'DeleteAccountAlias'), fc.record({ AccountAlias: alias })),
  fc.tuple(fc.constant('UpdateUser'), fc.record({ UserName: name, NewUserName: name, NewPath: path })),
  fc.tuple(fc.constantFrom('CreateGroup', 'DeleteGroup'), fc.record({ GroupName: name })),
  fc.tuple(fc.constant('UpdateGroup'), fc.record({ GroupName: name, NewGroupName: name, NewPath: path })),
  fc.tuple(fc.constantFrom('AddUserToGroup', 'RemoveUserFromGroup'), fc.record({ GroupName: name, UserName: name })),
  fc.tuple(
    fc.constant('CreateRole'),
    fc.record({
      RoleName: name,
      Path: path,
      AssumeRolePolicyDocument: fc.constantFrom(ec2Trust, trusting({ AWS: `arn:aws:iam::${here}:user/a` })),
    }),
  ),
  fc.tuple(fc.constant('DeleteRole'), fc.record({ RoleName: name })),
  fc.tuple(
    fc.constant('CreatePolicy'),
    fc.record({ PolicyName: name, Path: path, PolicyDocument: fc.constant(document()) }),
  ),
  fc.tuple(fc.constant('DeletePolicy'), fc.record({ PolicyArn: policyArn })),
  fc.tuple(
    fc.constantFrom('AttachUserPolicy', 'DetachUserPolicy'),
    fc.record({ UserName: name, PolicyArn: policyArn }),
  ),
  fc.tuple(
    fc.constantFrom('AttachRolePolicy', 'DetachRolePolicy'),
    fc.record({ RoleName: name, PolicyArn: policyArn }),
  ),
  fc.tuple(
    fc.constantFrom('PutUserPermissionsBoundary', 'DeleteUserPermissionsBoundary'),
    fc.record({ UserName: name, PermissionsBoundary: policyArn }),
  ),
  fc.tuple(
    fc.constant('PutUserPolicy'),
    fc.record({ UserName: name, PolicyName: key, PolicyDocument: size.map(documentOfSize) }),
  ),
  fc.tuple(fc.constant('DeleteUserPolicy'), fc.record({ UserName: name, PolicyName: key })),
  fc.tuple(fc.constantFrom('CreateInstanceProfile', 'DeleteInstanceProfile'), fc.record({ InstanceProfileName: name })),
  fc.tuple(
    fc.constantFrom('AddRoleToInstanceProfile', 'RemoveRoleFromInstanceProfile'),
    fc.record({ InstanceProfileName: name, RoleName: name }),
  ),
  fc.tuple(
    fc.constant('TagRole'),
    fc.record({ RoleName: name, Tags: fc.array(fc.record({ Key: key, Value: key }), { maxLength: 2 }) }),
  ),
)

const kinds = ['user', 'group', 'role', 'policy', 'instance-profile'] as const
const folded = (words: readonly string[]) => words.map((word) => word.toLowerCase())
const unique = (words: readonly string[]) => new Set(words).size === words.length

function mustBeWhole({ state }: Authority): void {
  const all = <K extends (typeof kinds)[number]>(kind: K) => state.find(kind, inAccount(here))
  for (const kind of kinds) expect(unique(folded(all(kind).map((entity) => entity.name)))).toBe(true)

  const policies = new Set(all('policy').map(arnOf))
  for (const holder of [...all('user'), ...all('group'), ...all('role')]) {
    expect(holder.attached.every((arn) => policies.has(arn))).toBe(true)
    expect(unique(holder.attached)).toBe(true)
    expect(unique(holder.inline.map((policy) => policy.name))).toBe(true)
  }
  for (const user of all('user')) {
    expect(user.boundary === undefined || policies.has(user.boundary)).toBe(true)
    expect(user.groups.every((id) => state.get('group', id) !== undefined)).toBe(true)
    const bytes = user.inline.reduce((sum, policy) => sum + policySize(policy.document), 0)
    expect(bytes).toBeLessThanOrEqual(limitOf({ state, caller: { account: here } }, 'UserPolicySizeQuota'))
  }
  for (const role of all('role')) expect(unique(folded(role.tags.map((tag) => tag.key)))).toBe(true)
  for (const { role } of all('instance-profile'))
    expect(role === undefined || state.get('role', role) !== undefined).toBe(true)
  for (const kind of ['access-key', 'service-credential', 'signing-certificate'] as const)
    for (const { owner } of state.find(kind, inAccount(here))) expect(state.get('user', owner)).toBeDefined()
  for (const { id } of state.find('login-profile', inAccount(here))) expect(state.get('user', id)).toBeDefined()
  expect(unique(state.find('signing-certificate', inAccount(here)).map(({ body }) => body))).toBe(true)
  expect(state.find('account-alias', inAccount(here)).length).toBeLessThanOrEqual(1)
}

test('whatever is done in whatever order, nothing points at what is gone, and no name or quota is broken', () => {
  let done = 0
  fc.assert(
    fc.property(fc.array(step, { minLength: 100, maxLength: 200, size: 'max' }), (steps) => {
      const iam = new Authority()
      // Operation and input are paired by the table above, which the compiler cannot follow.
      for (const [operation, input] of steps) if (iam.told(operation as never, input as never) === 'ok') done++
      mustBeWhole(iam)
    }),
    { numRuns: 60 },
  )
  // A run in which nothing succeeds would prove nothing.
  expect(done).toBeGreaterThan(1500)
})
