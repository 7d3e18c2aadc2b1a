import {
  AddUserToGroupCommand,
  CreateGroupCommand,
  CreatePolicyCommand,
  CreateUserCommand,
  CreateVirtualMFADeviceCommand,
  DeleteUserCommand,
  EnableMFADeviceCommand,
  PutGroupPolicyCommand,
  PutRolePolicyCommand,
  PutUserPermissionsBoundaryCommand,
  UpdateRoleCommand,
} from '@aws-sdk/client-iam'
import { type AssumeRoleCommandInput, GetSessionTokenCommand } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Explanation, renderExplanation } from '../../src/policy/explain.ts'
import { codeAt, seedBytes, stepAt } from '../../src/token/totp.ts'
import {
  type Actor,
  actorOf,
  allow,
  assume,
  type Document,
  denied,
  deny,
  makeAccount,
  makeRole,
  makeUser,
  type Refused,
  refusal,
  statement,
  textOf,
  trusting,
  withKeys,
} from './actor.ts'
import { call } from './call.ts'
import { discard, envOf, type Running, startRolecall } from './process.ts'

/**
 * Every way in which AssumeRole is refused: what AWS tells the caller, which is little, and what the owner of the side that refused
 * is told who asks why, which is another thing for every cause. What an organization's policies refuse is in
 * `refused-by-organization.test.ts`.
 */
const home = '012345678901'
const other = '987654321098'

let running: Running
let here: Actor
let root: Actor
let there: Actor

beforeAll(async () => {
  running = await startRolecall({ args: ['--account-id', home] })
  here = actorOf(await envOf(running))
  const account = await makeAccount(running, other)
  there = account.administrator
  root = account.root
})
afterAll(() => discard(running))

/** What an owner sees of the newest refusal of the account, as `rolecall why --last` does. */
async function why(owner: Actor): Promise<string> {
  const { result } = await call(running.endpoint, owner.env, 'rolecall', 'GetDecision')
  const explanation = JSON.parse(String(result.Decision)) as Explanation
  return renderExplanation(explanation, { account: owner.env.accountId, columns: 1_000 })
}
/** The page from its reason on: what stands before tells who asked for what. */
const because = (page: string): string => page.slice(page.indexOf('because'))

const sts = ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity']
const trustingFor = (Action: readonly string[], Condition?: object) =>
  statement({ Effect: 'Allow', Principal: { AWS: home }, Action, ...(Condition ? { Condition } : {}) })
const arnOf = (kind: string, name: string, account = home) => `arn:aws:iam::${account}:${kind}/${name}`
const tag = { Tags: [{ Key: 'team', Value: 'red' }] }
const identity = (action = 'sts:AssumeRole') => `because no identity-based policy allows the ${action} action`

/** Who asks for which role, and how. */
interface Attempt {
  readonly caller: string
  readonly role: string
  readonly ask: () => Promise<unknown>
}
/** How AWS answers, and what the owner is told: the line of the reason, and one that names the very cause. */
interface Row {
  readonly cause: string
  readonly prepare: (name: string) => Promise<Attempt>
  readonly answer?: (attempt: Attempt) => Refused
  /** Who is told; the first account's administrator. */
  readonly owner?: () => Actor
  readonly reason: RegExp
  readonly hint: RegExp
}

const plain = ({ caller, role }: Attempt): Refused => denied(caller, 'sts:AssumeRole', role)
const forWantOf =
  (reason: string, action = 'sts:AssumeRole') =>
  ({ caller, role }: Attempt): Refused =>
    denied(caller, action, role, reason)
const of =
  (action: string) =>
  ({ caller, role }: Attempt): Refused =>
    denied(caller, action, role)
const noTrust = (action = 'sts:AssumeRole') =>
  new RegExp(`^because no statement of the trust policy lets \\S+ do ${action} on \\S+$`)
const invalid = (message: string) => (): Refused => ({ code: 'ValidationError', message, status: 400 })
const forbidden = (message: string) => (): Refused => ({ code: 'AccessDenied', message, status: 403 })

/** A user of that name who may do this, and a role of that name which trusts so. */
const couple =
  (
    may: Document | undefined,
    trust: Document | ((user: string) => Document),
    more: Partial<AssumeRoleCommandInput> = {},
  ) =>
  async (name: string): Promise<Attempt> => {
    const user = await makeUser(here, name, may)
    const { arn } = await makeRole(here, name, typeof trust === 'function' ? trust(user.arn) : trust)
    return { caller: user.arn, role: arn, ask: () => assume(user, arn, more) }
  }
/** The same, where the role lets in on a condition. */
const on = (Condition: object, more: Partial<AssumeRoleCommandInput> = {}) =>
  couple(allow(sts), trustingFor(sts, Condition), more)

/** A session of a role of that name, and another role. */
const session =
  (
    may: Document,
    more: Partial<AssumeRoleCommandInput> = {},
    then: Partial<AssumeRoleCommandInput> = {},
    trust: Document = trustingFor(sts),
  ) =>
  async (name: string): Promise<Attempt> => {
    const user = await makeUser(here, name, allow(sts))
    await makeRole(here, name, trustingFor(sts))
    await here.iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: 'own', PolicyDocument: textOf(may) }))
    const { arn } = await makeRole(here, `${name}-next`, trust)
    const caller = await assume(user, arnOf('role', name), more)
    return {
      caller: `arn:aws:sts::${home}:assumed-role/${name}/session`,
      role: arn,
      ask: () => assume(caller, arn, then),
    }
  }

/** A user with a device, and its codes. */
async function withDevice(
  name: string,
): Promise<{ readonly user: Actor; readonly serial: string; code(steps: number): string }> {
  const user = await makeUser(here, name, allow(sts))
  const made = await here.iam.send(new CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: name }))
  const seed = seedBytes(Buffer.from(made.VirtualMFADevice?.Base32StringSeed ?? []).toString())
  const serial = made.VirtualMFADevice?.SerialNumber ?? ''
  const code = (steps: number) => codeAt(seed, stepAt(Date.now()) + steps)
  const [AuthenticationCode1, AuthenticationCode2] = [code(-2), code(-1)]
  await here.iam.send(
    new EnableMFADeviceCommand({ UserName: name, SerialNumber: serial, AuthenticationCode1, AuthenticationCode2 }),
  )
  await makeRole(here, name, trusting(home))
  return { user, serial, code }
}
const byCode =
  (
    offer: (
      device: { readonly serial: string; code(steps: number): string },
      user: Actor,
      name: string,
    ) => Promise<object>,
  ) =>
  async (name: string): Promise<Attempt> => {
    const { user, ...device } = await withDevice(name)
    const offered = await offer(device, user, name)
    const role = arnOf('role', name)
    return { caller: arnOf('user', name), role, ask: () => assume(user, role, offered) }
  }
const wrongCode = forbidden('MultiFactorAuthentication failed with invalid MFA one time pass code.')
const wrongDevice = forbidden(
  'MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.',
)

const rows: readonly Row[] = [
  {
    cause: 'the caller has no policy for it',
    prepare: couple(undefined, trusting(home)),
    answer: forWantOf(identity()),
    reason: /^because no statement of \S+'s policies allows sts:AssumeRole on \S+$/,
    hint: /^-> add \{ "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "\S+" \} to a policy of \S+$/m,
  },
  {
    cause: 'the caller may assume another role',
    prepare: couple(allow('sts:AssumeRole', arnOf('role', 'elsewhere')), trusting(home)),
    answer: forWantOf(identity()),
    reason: /^because no statement of \S+'s policies allows/,
    hint: /^-> statement 1 \(line 1\) of own allows the action, but on arn:aws:iam::012345678901:role\/elsewhere$/m,
  },
  {
    cause: 'a policy of the caller denies it',
    prepare: couple(statement(...allow('*').Statement, ...deny('sts:AssumeRole').Statement), trusting(home)),
    answer: forWantOf('with an explicit deny in an identity-based policy'),
    reason: /^because of an explicit deny in the identity-based policy$/,
    hint: /^-> remove or narrow statement 2 \(line 1\) of own, which denies it$/m,
  },
  {
    cause: "a policy of the caller's group denies it",
    prepare: async (name) => {
      const attempt = await couple(allow('*'), trusting(home))(name)
      await here.iam.send(new CreateGroupCommand({ GroupName: name }))
      await here.iam.send(new AddUserToGroupCommand({ GroupName: name, UserName: name }))
      const PolicyDocument = textOf(deny('sts:*'))
      await here.iam.send(new PutGroupPolicyCommand({ GroupName: name, PolicyName: 'of-the-group', PolicyDocument }))
      return attempt
    },
    answer: forWantOf('with an explicit deny in an identity-based policy'),
    reason: /^because of an explicit deny in the identity-based policy$/,
    hint: /^-> remove or narrow statement 1 \(line 1\) of of-the-group, which denies it$/m,
  },
  {
    cause: 'a policy of the caller wants a tag of the role',
    prepare: couple(
      statement({
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Resource: '*',
        Condition: { StringEquals: { 'aws:ResourceTag/open': 'yes' } },
      }),
      trusting(home),
    ),
    answer: forWantOf(identity()),
    reason: /^because no statement of \S+'s policies allows/,
    hint: /^-> statement 1 \(line 1\) of own would allow it if aws:ResourceTag\/open were right: StringEquals wants "yes", the request has none$/m,
  },
  {
    cause: 'the boundary does not allow it',
    prepare: bounded(allow('s3:*')),
    answer: forWantOf('because no permissions boundary allows the sts:AssumeRole action'),
    reason: /^because no statement of the permissions boundary allows sts:AssumeRole on \S+$/,
    hint: /^-> let the permissions boundary \S+ allow sts:AssumeRole too$/m,
  },
  {
    cause: 'the boundary denies it',
    prepare: bounded(statement(...allow('*').Statement, ...deny('sts:*').Statement)),
    answer: forWantOf('with an explicit deny in a permissions boundary'),
    reason: /^because of an explicit deny in the permissions boundary$/,
    hint: /^-> remove or narrow statement 2 \(line 1\) of \S+-boundary, which denies it$/m,
  },
  {
    cause: 'the session policy does not allow it',
    prepare: session(allow('sts:*'), { Policy: textOf(allow('s3:*')) }),
    answer: forWantOf('because no session policy allows the sts:AssumeRole action'),
    reason: /^because no statement of the session policy allows sts:AssumeRole on \S+$/,
    hint: /^-> begin the session with a session policy that allows sts:AssumeRole$/m,
  },
  {
    cause: 'the session policy denies it',
    prepare: session(allow('sts:*'), {
      Policy: textOf(statement(...allow('*').Statement, ...deny('sts:*').Statement)),
    }),
    answer: forWantOf('with an explicit deny in a session policy'),
    reason: /^because of an explicit deny in the session policy$/,
    hint: /^-> remove or narrow statement 2 \(line 1\) of session policy, which denies it$/m,
  },
  {
    cause: 'the role trusts another user',
    prepare: couple(allow('*'), trusting(arnOf('user', 'administrator'))),
    reason: noTrust(),
    hint: /^ {4}principal is "arn:aws:iam::012345678901:user\/administrator"; the request has "\S+"$/m,
  },
  {
    cause: 'the role trusts a service',
    prepare: couple(
      allow('*'),
      statement({ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }),
    ),
    reason: noTrust(),
    hint: /^ {4}principal is "ec2\.amazonaws\.com"; the request has "\S+"$/m,
  },
  {
    cause: 'the role trusts for another action',
    prepare: couple(allow('*'), trustingFor(['sts:TagSession'])),
    reason: noTrust(),
    hint: /^trust policy: allows nothing of the kind \(1 policy\)\n\nidentity-based policy/m,
  },
  {
    cause: 'the trust policy denies the caller',
    prepare: couple(allow('*'), (user) =>
      statement(...trusting(home).Statement, {
        Sid: 'NotThisOne',
        Effect: 'Deny',
        Principal: { AWS: user },
        Action: 'sts:AssumeRole',
      }),
    ),
    reason: /^because of an explicit deny in the resource-based policy$/,
    hint: /^-> remove or narrow statement NotThisOne \(line 1\) of trust policy, which denies it$/m,
  },
  {
    cause: 'the one who was trusted is gone, and another has its name',
    prepare: async (name) => {
      await here.iam.send(new CreateUserCommand({ UserName: name }))
      const { arn } = await makeRole(here, name, trusting(arnOf('user', name)))
      await here.iam.send(new DeleteUserCommand({ UserName: name }))
      const user = await makeUser(here, name, allow('*'))
      return { caller: user.arn, role: arn, ask: () => assume(user, arn) }
    },
    reason: noTrust(),
    hint: /^-> statement 1 \(line 1\) of trust policy names \S+, but means one of that name that is gone; put the policy again$/m,
  },
  {
    cause: 'a role does not trust itself',
    prepare: async (name) => {
      const user = await makeUser(here, name, allow(sts))
      const { arn } = await makeRole(here, name, trusting(user.arn))
      const PolicyDocument = textOf(allow('sts:*'))
      await here.iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: 'own', PolicyDocument }))
      const itself = await assume(user, arn)
      return { caller: `arn:aws:sts::${home}:assumed-role/${name}/session`, role: arn, ask: () => assume(itself, arn) }
    },
    reason: noTrust(),
    hint: /^-> add \{ "AWS": "arn:aws:iam::012345678901:role\/\S+" \} as Principal of an Allow of sts:AssumeRole to the trust policy$/m,
  },
  ...(
    [
      ['the external id is missing', { StringEquals: { 'sts:ExternalId': 'right' } }, {}, 'sts:ExternalId', 'none'],
      [
        'the external id is another',
        { StringEquals: { 'sts:ExternalId': 'right' } },
        { ExternalId: 'wrong' },
        'sts:ExternalId',
        '"wrong"',
      ],
      [
        'a second factor is wanted',
        { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
        {},
        'aws:MultiFactorAuthPresent',
        'none; a second factor is shown by SerialNumber and TokenCode',
      ],
      [
        'a fresh second factor is wanted',
        { NumericLessThan: { 'aws:MultiFactorAuthAge': '300' } },
        {},
        'aws:MultiFactorAuthAge',
        'none',
      ],
      ['the address is another', { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } }, {}, 'aws:SourceIp', '"127.0.0.1"'],
      [
        'the source identity is missing',
        { StringEquals: { 'sts:SourceIdentity': 'ann' } },
        {},
        'sts:SourceIdentity',
        'none',
      ],
      ['a tag is missing', { StringEquals: { 'aws:RequestTag/team': 'red' } }, {}, 'aws:RequestTag/team', 'none'],
      [
        'a tag has another value',
        { StringEquals: { 'aws:RequestTag/team': 'blue' } },
        tag,
        'aws:RequestTag/team',
        '"red"',
      ],
      [
        'a tag has another key',
        { 'ForAllValues:StringEquals': { 'aws:TagKeys': 'stage' } },
        tag,
        'aws:TagKeys',
        '"team"',
      ],
      [
        'a tag is handed on',
        { Null: { 'sts:TransitiveTagKeys': 'true' } },
        { ...tag, TransitiveTagKeys: ['team'] },
        'sts:TransitiveTagKeys',
        '"team"',
      ],
      [
        'the caller has another tag',
        { StringEquals: { 'aws:PrincipalTag/team': 'red' } },
        {},
        'aws:PrincipalTag/team',
        'none',
      ],
      [
        'the name of the session is not the name of the user',
        { StringEquals: { 'sts:RoleSessionName': `\${aws:username}` } },
        {},
        'sts:RoleSessionName',
        '"session"',
      ],
      [
        'the caller is in no organization',
        { StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } },
        {},
        'aws:PrincipalOrgID',
        'none',
      ],
      [
        'the time is over',
        { DateLessThan: { 'aws:CurrentTime': '2020-01-01T00:00:00Z' } },
        {},
        'aws:CurrentTime',
        '"20',
      ],
      [
        'the connection is in the clear',
        { Bool: { 'aws:SecureTransport': 'true' } },
        {},
        'aws:SecureTransport',
        '"false"',
      ],
    ] as const
  ).map(
    ([cause, condition, more, key, has]): Row => ({
      cause: `the trust has a condition: ${cause}`,
      // The table is of one kind; the SDK's own lists are not readonly.
      prepare: on(condition, more as Partial<AssumeRoleCommandInput>),
      reason: noTrust(),
      hint: new RegExp(
        `^-> statement 1 \\(line 1\\) of trust policy would allow it if ${key} were right: \\w+(?::\\w+)? wants "\\S+", the request has ${has}`,
        'm',
      ),
    }),
  ),
  {
    cause: 'the source identity is another',
    prepare: on({ StringEquals: { 'sts:SourceIdentity': 'ann' } }, { SourceIdentity: 'bob' }),
    answer: of('sts:SetSourceIdentity'),
    reason: noTrust(),
    hint: /if sts:SourceIdentity were right: StringEquals wants "ann", the request has "bob"/,
  },
  {
    cause: 'the role lets nobody name a source',
    prepare: couple(allow(sts), trusting(home), { SourceIdentity: 'ann' }),
    answer: of('sts:SetSourceIdentity'),
    reason: noTrust('sts:SetSourceIdentity'),
    hint: /^-> add .* as Principal of an Allow of sts:SetSourceIdentity to the trust policy$/m,
  },
  {
    cause: 'the caller may not name a source',
    prepare: couple(allow('sts:AssumeRole'), trustingFor(sts), { SourceIdentity: 'ann' }),
    answer: forWantOf(identity('sts:SetSourceIdentity'), 'sts:SetSourceIdentity'),
    reason: /^because no statement of \S+'s policies allows sts:SetSourceIdentity/,
    hint: /^-> add \{ "Effect": "Allow", "Action": "sts:SetSourceIdentity"/m,
  },
  {
    cause: 'the role takes no source that is handed on',
    prepare: session(allow('sts:*'), { SourceIdentity: 'ann' }, {}, trusting(home)),
    answer: of('sts:SetSourceIdentity'),
    reason: noTrust('sts:SetSourceIdentity'),
    hint: /^-> add \{ "AWS": "arn:aws:iam::012345678901:role\/\S+" \} as Principal of an Allow of sts:SetSourceIdentity/m,
  },
  {
    cause: 'the role lets nobody tag its sessions',
    prepare: couple(allow(sts), trusting(home), tag),
    answer: of('sts:TagSession'),
    reason: noTrust('sts:TagSession'),
    hint: /^-> add .* as Principal of an Allow of sts:TagSession to the trust policy$/m,
  },
  {
    cause: 'the caller may not tag sessions',
    prepare: couple(allow('sts:AssumeRole'), trustingFor(sts), tag),
    answer: forWantOf(identity('sts:TagSession'), 'sts:TagSession'),
    reason: /^because no statement of \S+'s policies allows sts:TagSession/,
    hint: /^-> add \{ "Effect": "Allow", "Action": "sts:TagSession"/m,
  },
  {
    cause: 'the role takes no tags that are handed on',
    prepare: session(allow('sts:*'), { ...tag, TransitiveTagKeys: ['team'] }, {}, trusting(home)),
    answer: of('sts:TagSession'),
    reason: noTrust('sts:TagSession'),
    hint: /^-> add \{ "AWS": "arn:aws:iam::012345678901:role\/\S+" \} as Principal of an Allow of sts:TagSession/m,
  },
  {
    cause: 'there is no such role',
    prepare: async (name) => {
      const user = await makeUser(here, name, allow('*'))
      const role = arnOf('role', name)
      return { caller: user.arn, role, ask: () => assume(user, role) }
    },
    reason: /^because there is no role arn:aws:iam::012345678901:role\/\S+$/,
    hint: /^-> create it, or correct its ARN: path and case are part of the name$/m,
  },
  {
    cause: 'the role is under another path',
    prepare: async (name) => {
      const user = await makeUser(here, name, allow('*'))
      await makeRole(here, name, trusting(home), { Path: '/team/' })
      const role = arnOf('role', name)
      return { caller: user.arn, role, ask: () => assume(user, role) }
    },
    reason: /^because there is no role arn:aws:iam::012345678901:role\/\S+$/,
    hint: /^-> there is arn:aws:iam::012345678901:role\/team\/\S+$/m,
  },
  {
    cause: 'root asks',
    prepare: async (name) => {
      const { arn } = await makeRole(there, name, trusting(other))
      return { caller: `arn:aws:iam::${other}:root`, role: arn, ask: () => assume(root, arn) }
    },
    owner: () => there,
    answer: forbidden('Roles may not be assumed by root accounts.'),
    reason: /^because the root user of an account can assume no role$/,
    hint: /^-> ask as a user or a role of the account$/m,
  },
  {
    cause: 'the code is wrong',
    prepare: byCode(async ({ serial, code }) => ({ SerialNumber: serial, TokenCode: code(400) })),
    answer: wrongCode,
    reason: /^because the code is none that the device showed within the last minute$/,
    hint: /^DENY/,
  },
  {
    cause: 'the code was used',
    prepare: byCode(async ({ serial, code }, user) => {
      const shown = { SerialNumber: serial, TokenCode: code(1) }
      await user.sts.send(new GetSessionTokenCommand(shown))
      return shown
    }),
    answer: wrongCode,
    reason: /^because the code was good, and was used before: each is good for one call$/,
    hint: /^DENY/,
  },
  {
    cause: 'too many codes were wrong',
    prepare: byCode(async ({ serial, code }, user) => {
      for (let at = 0; at < 5; at++)
        await refusal(user.sts.send(new GetSessionTokenCommand({ SerialNumber: serial, TokenCode: code(400 + at) })))
      return { SerialNumber: serial, TokenCode: code(1) }
    }),
    answer: wrongCode,
    reason: /^because too many wrong codes were tried with this device, and none is looked at for a while$/,
    hint: /^DENY/,
  },
  {
    cause: "the device is another user's",
    prepare: byCode(async (_device, _user, name) => {
      const theirs = await withDevice(`${name}-other`)
      return { SerialNumber: theirs.serial, TokenCode: theirs.code(0) }
    }),
    answer: wrongDevice,
    reason: /^because device \S+ is another one's$/,
    hint: /^DENY/,
  },
  {
    cause: 'there is no such device',
    prepare: byCode(async () => ({ SerialNumber: 'GAHT12345678', TokenCode: '123456' })),
    answer: wrongDevice,
    reason: /^because there is no device GAHT12345678 in this account$/,
    hint: /^DENY/,
  },
  {
    cause: 'the device is not enabled',
    prepare: byCode(async (_device, _user, name) => {
      const made = await here.iam.send(new CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: `${name}-new` }))
      return { SerialNumber: made.VirtualMFADevice?.SerialNumber, TokenCode: '123456' }
    }),
    answer: wrongDevice,
    reason: /^because device \S+ is not enabled$/,
    hint: /^DENY/,
  },
  {
    cause: 'a session shows a code',
    prepare: session(allow('sts:*'), {}, { SerialNumber: 'GAHT12345678', TokenCode: '123456' }),
    answer: wrongDevice,
    reason: /^because a session has no device of its own: a second factor is shown by the user who begins it$/,
    hint: /^DENY/,
  },
  {
    cause: 'half of a second factor is shown',
    prepare: byCode(async ({ serial }) => ({ SerialNumber: serial })),
    answer: forbidden('MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.'),
    reason: /^because a second factor is a serial number and a code, and only one of them was given$/,
    hint: /^DENY/,
  },
  {
    cause: 'it is to last longer than the role allows',
    prepare: couple(allow('*'), trusting(home), { DurationSeconds: 7_200 }),
    answer: invalid('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.'),
    reason: /^because a session of the role lasts 3600 seconds at most, and 7200 were asked for$/,
    hint: /^-> ask for no more\n-> raise the role's MaxSessionDuration, to 43200 at most$/m,
  },
  {
    cause: 'it is to last longer than a session that grows out of another',
    prepare: async (name) => {
      const attempt = await session(allow('sts:*'), {}, { DurationSeconds: 3_601 })(name)
      await here.iam.send(new UpdateRoleCommand({ RoleName: `${name}-next`, MaxSessionDuration: 43_200 }))
      return attempt
    },
    answer: invalid(
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    ),
    reason: /^because a session that grows out of a session lasts 3600 seconds at most$/,
    hint: /^-> ask for no more, or assume the role with a user's own keys$/m,
  },
  {
    cause: 'the source identity is to change',
    prepare: session(allow('sts:*'), { SourceIdentity: 'ann' }, { SourceIdentity: 'bob' }),
    answer: invalid('The source identity is already set for this assume role session'),
    reason: /^because the session has the source identity ann, and keeps it$/,
    hint: /^-> leave SourceIdentity out: ann goes on by itself$/m,
  },
]

function bounded(boundary: Document) {
  return async (name: string): Promise<Attempt> => {
    const attempt = await couple(allow('*'), trusting(home))(name)
    const { Policy } = await here.iam.send(
      new CreatePolicyCommand({ PolicyName: `${name}-boundary`, PolicyDocument: textOf(boundary) }),
    )
    await here.iam.send(
      new PutUserPermissionsBoundaryCommand({ UserName: name, PermissionsBoundary: Policy?.Arn ?? '' }),
    )
    return attempt
  }
}

describe('of AssumeRole refused within one account, the caller is told what AWS tells, and the owner why:', () => {
  const told = new Map<string, string>()

  test.each(rows.map((row, at) => [row.cause, row, `t${at}`] as const))('%s', async (cause, row, name) => {
    const attempt = await row.prepare(name)
    expect(await refusal(attempt.ask())).toEqual((row.answer ?? plain)(attempt))
    const page = await why(row.owner?.() ?? here)
    expect(because(page).split('\n')[0]).toMatch(row.reason)
    expect(page).toMatch(row.hint)
    // What names this very attempt is taken out, so that what is left is the cause.
    told.set(
      cause,
      because(page)
        .replaceAll(name, 'NAME')
        .replaceAll(/"20\d\d-[^"]*"/g, 'NOW'),
    )
  })

  test('in other words for every cause', () => {
    expect(told.size).toBe(rows.length)
    expect(new Set(told.values()).size).toBe(told.size)
  })
})

describe('of AssumeRole refused between two accounts, the caller is told one thing, and each owner of its own side:', () => {
  const may =
    (document: Document | undefined, trust: Document | ((user: string) => Document), more = {}) =>
    async (name: string) => {
      const user = await makeUser(here, name, document)
      const { arn } = await makeRole(there, name, typeof trust === 'function' ? trust(user.arn) : trust)
      return { caller: user.arn, role: arn, ask: () => assume(user, arn, more) }
    }
  const nothing = /^because no statement of \S+'s policies allows sts:AssumeRole/
  const untold = /^because both accounts must agree, and they do not$/

  test.each([
    ['the caller may not', may(undefined, trusting(home)), nothing, untold],
    ['the role does not trust', may(allow('*'), trusting(arnOf('user', 'administrator'))), untold, noTrust()],
    ['neither', may(undefined, trusting(arnOf('user', 'administrator'))), nothing, noTrust()],
    [
      'the external id is wrong',
      may(allow('*'), trusting(home, { StringEquals: { 'sts:ExternalId': 'secret' } }), { ExternalId: 'guess' }),
      untold,
      noTrust(),
    ],
    [
      'there is no such role',
      async (name: string) => {
        const user = await makeUser(here, name, allow('*'))
        const role = arnOf('role', name, other)
        return { caller: user.arn, role, ask: () => assume(user, role) }
      },
      untold,
      /^because there is no role arn:aws:iam::987654321098:role\/\S+$/,
    ],
    [
      'the role is under another path',
      async (name: string) => {
        const user = await makeUser(here, name, allow('*'))
        await makeRole(there, name, trusting(home), { Path: '/team/' })
        const role = arnOf('role', name, other)
        return { caller: user.arn, role, ask: () => assume(user, role) }
      },
      untold,
      /^because there is no role/,
    ],
  ] as const)('%s', async (cause, prepare, mine, theirs) => {
    const attempt = await prepare(`x${cause.replaceAll(' ', '-')}`)
    expect(await refusal(attempt.ask())).toEqual(plain(attempt))
    const [here_, there_] = await Promise.all([why(here), why(there)])
    expect(because(here_).split('\n')[0]).toMatch(mine)
    expect(because(there_).split('\n')[0]).toMatch(theirs)
    expect(here_).not.toMatch(/secret|\/team\//)
    if (cause === 'the role is under another path') expect(there_).toContain('-> there is')
  })

  test('where the role is the only one that can be told, as of its longest session, each is told its own', async () => {
    const { ask } = await may(allow('*'), trusting(home), { DurationSeconds: 7_200 })('long')
    expect((await refusal(ask())).code).toBe('ValidationError')
    const [here_, there_] = await Promise.all([why(here), why(there)])
    expect(here_).toMatch(/^-> ask for no more$/m)
    expect(here_).not.toContain('MaxSessionDuration')
    expect(there_).toMatch(/^-> raise the role's MaxSessionDuration/m)
    expect(there_).not.toContain('ask for no more')
  })

  test('what is the matter with a second factor is told to its own account alone', async () => {
    const { user, serial } = await withDevice('factor-abroad')
    const before = await why(there)
    const role = (await makeRole(there, 'factor-abroad', trusting(home))).arn
    const offered = { SerialNumber: serial, TokenCode: '000000' }
    expect(await refusal(assume(user, role, offered))).toEqual(wrongCode())
    expect(await why(here)).toContain('the code is none that the device showed')
    expect(await why(there)).toBe(before)
  })
})

test('credentials of GetSessionToken assume roles as their user does', async () => {
  const user = await makeUser(here, 'lender', allow(sts))
  const { arn } = await makeRole(here, 'lender', trusting(user.arn))
  const { Credentials } = await user.sts.send(new GetSessionTokenCommand({}))
  const own = withKeys(user, {
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
  })
  await assume(own, arn)
})
