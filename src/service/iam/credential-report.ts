import { isoSeconds } from '../../base/instant.ts'
import type { AccessKey, LoginProfile } from '../../state/credential.ts'
import { arnOf, rootArn } from '../../state/entity.ts'
import type { User } from '../../state/identity.ts'
import { inAccount, ownedBy } from '../../state/index-keys.ts'
import type { View } from '../../state/view.ts'
import { operationsOf } from '../operation.ts'
import { wholeSecond } from './make.ts'
import { expiryOf } from './password.ts'

const iam = operationsOf('iam')

/** A report is made in a moment; AWS takes about so long, and clients wait for it. */
const makingMilliseconds = 1_000
/** For so long a report is handed out again. */
const keptMilliseconds = 4 * 60 * 60_000

export const generateCredentialReport = iam.write('GenerateCredentialReport', {
  level: 'read',
  needs: () => [{ action: 'iam:GenerateCredentialReport', resource: '*' }],
  run: ({ state, caller: { account }, now }) => {
    const last = state.get('credential-report', account)
    if (last !== undefined && now - last.startedAt <= keptMilliseconds)
      return { State: now - last.startedAt < makingMilliseconds ? 'INPROGRESS' : 'COMPLETE' }
    state.put({
      kind: 'credential-report',
      id: account,
      account,
      startedAt: now,
      content: reportOn(state, account),
    })
    return { State: 'STARTED', Description: 'No report exists. Starting a new report generation task' }
  },
})

/** QUIRK: report-without-words. What is wrong with a report is told by its code alone. */
export const getCredentialReport = iam.read('GetCredentialReport', {
  level: 'read',
  needs: () => [{ action: 'iam:GetCredentialReport', resource: '*' }],
  run: (scene) => {
    const report = scene.state.get('credential-report', scene.caller.account)
    if (report === undefined) return scene.fail('ReportNotPresent')
    const age = scene.now - report.startedAt
    if (age < makingMilliseconds) return scene.fail('ReportInProgress')
    if (age > keptMilliseconds) return scene.fail('ReportExpired')
    return {
      Content: new TextEncoder().encode(report.content),
      ReportFormat: 'text/csv',
      GeneratedTime: wholeSecond(report.startedAt + makingMilliseconds),
    }
  },
})

/** IAM User Guide, "Generate credential reports for your AWS account". */
const columns = [
  ...['user', 'arn', 'user_creation_time'],
  ...['password_enabled', 'password_last_used', 'password_last_changed', 'password_next_rotation', 'mfa_active'],
  ...[1, 2].flatMap((number) =>
    ['active', 'last_rotated', 'last_used_date', 'last_used_region', 'last_used_service'].map(
      (what) => `access_key_${number}_${what}`,
    ),
  ),
  ...[1, 2].flatMap((number) => ['active', 'last_rotated'].map((what) => `cert_${number}_${what}`)),
]

/** The root user's row first, then users by name without regard to case. Lines end in LF, but for the last. */
function reportOn(state: View, account: string): string {
  const users = [...state.find('user', inAccount(account))].sort((a, b) =>
    a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1,
  )
  const rows = [columns, rootRow(state, account), ...users.map((user) => userRow(state, user))]
  return rows.map((row) => row.map(csv).join(',')).join('\n')
}

/** Names may have commas in them. */
const csv = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

const absent = 'N/A'
const dateOr = (at: number | undefined, otherwise: string): string => (at === undefined ? otherwise : isoSeconds(at))

/** A user, or an account as the owner of what its root has. */
type Holder = Parameters<typeof ownedBy>[0]

function rootRow(state: View, account: string): readonly string[] {
  const root = { account, id: account }
  return [
    '<root_account>',
    rootArn(account),
    dateOr(state.get('account', account)?.createdAt, absent),
    ...['not_supported', 'no_information', 'not_supported', 'not_supported'],
    hasDevice(state, root),
    ...keysOf(state, root),
    ...certificatesOf(state, root),
  ]
}

function userRow(state: View, user: User): readonly string[] {
  return [
    user.name,
    arnOf(user),
    isoSeconds(user.createdAt),
    ...passwordOf(state, state.get('login-profile', user.id)),
    hasDevice(state, user),
    ...keysOf(state, user),
    ...certificatesOf(state, user),
  ]
}

const hasDevice = (state: View, owner: Holder): string => String(state.find('mfa-device', ownedBy(owner)).length > 0)

function passwordOf(state: View, profile: LoginProfile | undefined): readonly string[] {
  if (profile === undefined) return ['false', absent, absent, absent]
  return [
    'true',
    dateOr(profile.usedAt, 'no_information'),
    isoSeconds(profile.changedAt),
    dateOr(expiryOf(state, profile), absent),
  ]
}

/** Two keys, by their ids; where there are fewer, the rest is as if inactive. */
function keysOf(state: View, owner: Holder): readonly string[] {
  const keys = [...state.find('access-key', ownedBy(owner))].sort((a, b) => (a.id < b.id ? -1 : 1))
  return [...keyColumns(keys[0]), ...keyColumns(keys[1])]
}

const keyColumns = (key: AccessKey | undefined): readonly string[] =>
  key === undefined
    ? ['false', absent, absent, absent, absent]
    : [
        String(key.status === 'Active'),
        isoSeconds(key.createdAt),
        dateOr(key.lastUsed?.at, absent),
        key.lastUsed?.region ?? absent,
        key.lastUsed?.service ?? absent,
      ]

/** Two certificates, in the same way. */
function certificatesOf(state: View, owner: Holder): readonly string[] {
  const certificates = [...state.find('signing-certificate', ownedBy(owner))].sort((a, b) => (a.id < b.id ? -1 : 1))
  return [certificates[0], certificates[1]].flatMap((certificate) =>
    certificate === undefined
      ? ['false', absent]
      : [String(certificate.status === 'Active'), isoSeconds(certificate.createdAt)],
  )
}
