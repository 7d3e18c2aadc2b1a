import { type Answer, callService, Refused } from './client.ts'
import { callsRead, type Plan } from './contain-plan.ts'
import { callText, timeText } from './history.ts'
import { again } from './place.ts'
import { homeOf, keysFor, type Seen } from './seen.ts'
import { many, text, whoIn } from './session-list.ts'
import { word } from './shell.ts'
import { traced } from './trace-walk.ts'

/** Something that lives on. */
export interface Remaining {
  readonly what: string
  readonly why: string
  /** What to type, where something can be done about it. */
  readonly how?: string
}

/** What is left when the plan is carried out. It is looked for before, since afterwards there may be no key to look with. */
export async function remains(seen: Seen, plan: Plan): Promise<readonly Remaining[]> {
  const { suspect, trace } = plan
  return [
    ...(suspect.kind === 'user' ? await otherWaysIn(seen, plan) : []),
    ...(suspect.kind === 'role'
      ? [
          {
            what: 'the role itself',
            why: 'whoever it trusts can begin a new session at once',
            how: `aws iam update-assume-role-policy --role-name ${word(suspect.name)} --policy-document …`,
          },
        ]
      : []),
    ...(suspect.kind === 'key' ? await beside(seen, plan) : []),
    ...kept(seen, plan),
    ...made(plan),
    ...unread(plan),
    ...(trace.beyond === undefined
      ? []
      : [
          {
            what: `whoever began it in account ${trace.beyond}`,
            why: 'it is of another account, whose keys are not here',
          },
        ]),
  ]
}

const credentials = [
  [
    'ListServiceSpecificCredentials',
    'ServiceSpecificCredentials',
    'ServiceSpecificCredentialId',
    'a credential for a service',
  ],
  ['ListSSHPublicKeys', 'SSHPublicKeys', 'SSHPublicKeyId', 'an SSH key'],
  ['ListSigningCertificates', 'Certificates', 'CertificateId', 'a signing certificate'],
] as const

/** How a user comes in who has no access key. */
async function otherWaysIn(seen: Seen, { account, user }: Plan): Promise<readonly Remaining[]> {
  const left: Remaining[] = []
  const look = async (what: string, action: string, tell: (answer: Answer) => readonly Remaining[]): Promise<void> => {
    try {
      left.push(...tell(await callService(seen.endpoint, keysFor(seen, account), 'iam', action, { UserName: user })))
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      if (error.refusal !== 'NoSuchEntity')
        left.push({ what: `${what}, perhaps`, why: `it could not be looked for: ${error.message}` })
    }
  }
  await look('a password', 'GetLoginProfile', () => [
    {
      what: 'a password',
      why: 'deactivating keys does not touch it',
      how: `aws iam delete-login-profile --user-name ${word(user ?? '')}`,
    },
  ])
  for (const [action, member, id, what] of credentials)
    await look(what, action, (answer) =>
      many(answer[member])
        .filter(({ Status }) => text(Status) === 'Active')
        .map((each) => ({
          what: `${what}, ${text(each[id]) ?? ''}`,
          why: 'it signs in by other means than access keys',
        })),
    )
  return left
}

/** What a key's holder has besides. */
async function beside(seen: Seen, { account, user, suspect, trace }: Plan): Promise<readonly Remaining[]> {
  if (suspect.name.startsWith('ASIA')) {
    const from = trace.steps.at(-1)?.source.accessKeyId
    const origin = trace.origin?.accessKeyId ?? from
    return [
      {
        what: 'whoever began this session',
        why: 'they can begin another',
        ...(origin === undefined ? {} : { how: again(`contain ${origin}`) }),
      },
    ]
  }
  if (user === undefined) return []
  const answer = await callService(seen.endpoint, keysFor(seen, account), 'iam', 'ListAccessKeys', { UserName: user })
  return many(answer.AccessKeyMetadata)
    .filter(({ Status, AccessKeyId }) => text(Status) === 'Active' && text(AccessKeyId) !== suspect.name)
    .map(({ AccessKeyId }) => ({
      what: `another key of user ${user}, ${text(AccessKeyId) ?? ''}`,
      why: 'only the one that was named is shut out',
      how: again(`contain user/${word(user)}`),
    }))
}

/** The keys by which the data directory speaks for the account. */
function kept(seen: Seen, { account, keys }: Plan): readonly Remaining[] {
  const { accounts, roots } = seen
  const root = roots.get(account)
  // Without a data directory nothing is kept.
  if (root === undefined) return []
  const administrator = accounts.get(account)
  // Root asks where the administrator's key was shut out before.
  const gone = administrator === root || keys.includes(administrator?.accessKeyId ?? '')
  return [
    ...(gone
      ? [
          {
            what: 'no key of the administrator in the data directory',
            why: 'the one that is kept there is shut out: what asks with it is refused',
            how: again(`account rotate --id ${account}`),
          },
        ]
      : []),
    ...(keys.includes(root.accessKeyId)
      ? [
          {
            what: 'no key of root in the data directory',
            why: 'the one that is kept there is shut out, and only root itself could make another',
          },
        ]
      : []),
  ]
}

/** What lasts although who made it is shut out: where intruders leave themselves a way back. */
function made({ trace }: Plan): readonly Remaining[] {
  const lasting = trace.calls.filter(
    ({ readOnly, error, eventSource }) => !readOnly && error === undefined && eventSource !== 'sts.amazonaws.com',
  )
  return [...lasting].reverse().map((call) => ({
    what: callText(call),
    why: `changed at ${timeText(call.time)} in account ${call.accountId}, and stays so`,
  }))
}

/** Where more may have been changed than is told above. */
function unread({ suspect, trace }: Plan): readonly Remaining[] {
  return [
    ...(trace.truncated
      ? [
          {
            what: 'what was changed before that',
            why: `only the newest ${callsRead} calls were read`,
            how: again(
              `${suspect.kind === 'key' ? `trace ${suspect.name}` : suspect.kind === 'root' ? 'activity --root' : `activity --${suspect.kind} ${word(suspect.name)}`} --limit 100000`,
            ),
          },
        ]
      : []),
    ...trace.unseen.map((account) => ({
      what: `what was changed in account ${account}`,
      why: 'its trail cannot be asked with the keys that are here',
    })),
  ]
}

/** Sessions that are not over although they should be: they are looked at anew. */
export async function living(
  seen: Seen,
  { account, subject, sessions, surviving }: Plan,
): Promise<readonly Remaining[]> {
  if (surviving === undefined) {
    if (sessions.length === 0) return []
    return [
      { what: 'perhaps a session', why: 'nobody could look again: the keys that this was done with are shut out too' },
    ]
  }
  const looking = { ...seen, accounts: new Map([...seen.accounts, [account, surviving]]) }
  const after = await traced(looking, subject, { limit: 1, account })
  const ended = new Set(
    [...after.steps, ...after.sessions].filter((each) => each.ended !== undefined).map((each) => each.accessKeyId),
  )
  return sessions
    .filter(({ accessKeyId }) => !ended.has(accessKeyId) && seen.accounts.has(homeOf(accessKeyId)))
    .map(({ accessKeyId, arn, expires }) => ({
      what: `session ${accessKeyId}, ${whoIn(arn)}`,
      why: `it is alive until ${timeText(expires)}`,
    }))
}
