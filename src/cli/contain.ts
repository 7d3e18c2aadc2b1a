import { createInterface } from 'node:readline/promises'
import { type Command, InvalidArgumentError } from 'commander'
import { oneLine } from '../audit/redact.ts'
import { accountOfKey } from '../base/id.ts'
import { machineClock } from '../host/machine.ts'
import { accountIdArgument } from './account.ts'
import { type Answer, callService } from './client.ts'
import { exitUsage, Failure } from './failure.ts'
import { type Call, callsOf, callText, merged } from './history.ts'
import { dataArgument, defaultData } from './place.ts'
import { endpointOption, type Target } from './reached.ts'
import { homeOf, keysFor, type Seen, seenFrom } from './seen.ts'
import { many, type Session, text, whoIn, wrapped } from './session-list.ts'
import { word } from './shell.ts'
import { terminalColumns } from './trace.ts'
import { type Subject, type Trace, traced } from './trace-walk.ts'

interface Options extends Target {
  readonly dryRun?: boolean
  readonly yes?: boolean
  readonly json?: boolean
}

/** Whom it is about. */
type Suspect =
  | { readonly kind: 'user' | 'role'; readonly name: string; readonly account: string | undefined }
  | { readonly kind: 'key'; readonly name: string; readonly account: string }

export function addContain(program: Command): void {
  program
    .command('contain')
    .summary('shut out a user, a role or a leaked key')
    .description(
      'Deactivates the keys, ends the sessions, and with them every session that grew out of them through however many roles, in whichever account; and tells what remains, and why. Shows what it will do and asks before it acts.',
    )
    .argument('<whom>', 'user/NAME, role/NAME, their ARN, AKIA… or ASIA…', suspectArgument)
    .option('--dry-run', 'only show what would be done')
    .option('--yes', 'act without asking')
    .option('--account <id>', 'the account (default: the first, or that of the ARN or key)', accountIdArgument)
    .option('--data <dir>', 'data directory of the running authority', dataArgument, defaultData)
    .addOption(endpointOption)
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  rolecall contain user/alice --dry-run
  rolecall contain AKIAIOSFODNN7EXAMPLE
  rolecall contain arn:aws:iam::012345678901:role/app --yes`,
    )
    .action(contain)
}

function suspectArgument(typed: string): Suspect {
  const account = accountOfKey(typed)
  if (account !== undefined) return { kind: 'key', name: typed, account }
  const [, arnAccount, kind, path = ''] = /^(?:arn:aws:iam::(\d{12}):)?(user|role)\/(\S+)$/.exec(typed) ?? []
  const name = path.slice(path.lastIndexOf('/') + 1)
  if ((kind === 'user' || kind === 'role') && name !== '') return { kind, name, account: arnAccount }
  throw new InvalidArgumentError('It is user/NAME, role/NAME, the ARN of one, or an access key id.')
}

/** What is to be done, and what is left when it is. */
interface Plan {
  readonly account: string
  /** Active keys that are deactivated. */
  readonly keys: readonly string[]
  /** Whose they are; root's have no user's name. */
  readonly user: string | undefined
  /** What is named to RevokeSessions. */
  readonly revoke: Readonly<Record<string, string>>
  /** Sessions that are alive and end with it. */
  readonly sessions: readonly Session[]
  readonly trace: Trace
  /** What was done by it and by what grew out of it. */
  readonly calls: readonly Call[]
}

async function contain(suspect: Suspect, options: Options): Promise<void> {
  if (options.dryRun && options.yes) throw new Failure('give one of --dry-run and --yes', exitUsage)
  const { account, ...target } = options
  const seen = await seenFrom(target)
  const [first = ''] = seen.accounts.keys()
  const plan = await planFor(seen, suspect, suspect.account ?? account ?? first)
  const columns = terminalColumns()
  if (options.dryRun) {
    const left = await remains(seen, suspect, plan, false)
    print(options, { done: false, ...told(plan), remains: left }, [
      ...planned(suspect, plan, columns),
      '',
      ...leftText(left, columns),
    ])
    return
  }
  if (options.yes !== true) {
    if (options.json || !process.stdin.isTTY)
      throw new Failure(
        'it asks before it acts, and there is nobody to ask: give --yes, or --dry-run to only look',
        exitUsage,
      )
    process.stdout.write(`${planned(suspect, plan, columns).join('\n')}\n\n`)
    if (!(await agreed('Do it?'))) {
      process.stdout.write('Nothing was done.\n')
      return
    }
  }
  await act(seen, plan)
  const left = await remains(seen, suspect, plan, true)
  print(options, { done: true, ...told(plan), remains: left }, [
    ...doneText(plan, columns),
    '',
    ...leftText(left, columns),
  ])
}

const print = ({ json }: Options, value: object, lines: readonly string[]) =>
  process.stdout.write(json ? `${JSON.stringify(value)}\n` : `${lines.join('\n')}\n`)

const told = ({ account, keys, sessions, revoke }: Plan) => ({
  account,
  keys,
  revoke,
  sessions: sessions.map(({ accessKeyId, arn, expires }) => ({ accessKeyId, arn, expires })),
})

async function agreed(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  try {
    return /^y(?:es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim())
  } finally {
    terminal.close()
  }
}

const callsRead = 500

async function planFor(seen: Seen, suspect: Suspect, account: string): Promise<Plan> {
  const subject: Subject =
    suspect.kind === 'key'
      ? { AccessKeyId: suspect.name }
      : suspect.kind === 'user'
        ? { UserName: suspect.name }
        : { RoleName: suspect.name }
  const trace = await traced(seen, subject, { limit: callsRead, account })
  const own = trace.steps.at(-1)
  const now = machineClock.now()
  const alive = [...(own === undefined ? [] : [own]), ...trace.sessions].filter(
    ({ ended, expires }) => ended === undefined && Date.parse(expires) > now,
  )
  const user =
    suspect.kind === 'user'
      ? suspect.name
      : suspect.kind === 'key' && trace.origin?.type === 'IAMUser'
        ? trace.origin.arn?.split('/').at(-1)
        : undefined
  const keys = await activeKeys(seen, account, suspect, user)
  const itself =
    suspect.kind === 'user'
      ? await callsOf(seen, account, { key: 'Username', value: suspect.name }, { limit: callsRead })
      : undefined
  const revoke: Readonly<Record<string, string>> =
    'UserName' in subject
      ? { UserName: subject.UserName }
      : 'RoleName' in subject
        ? { RoleName: subject.RoleName }
        : { AccessKeyId: suspect.name }
  return { account, keys, user, revoke, sessions: alive, trace, calls: merged([trace.calls, itself?.calls ?? []]) }
}

/** Of a user all that are active, of a lasting key that one; sessions and roles have none. */
async function activeKeys(
  seen: Seen,
  account: string,
  suspect: Suspect,
  user: string | undefined,
): Promise<readonly string[]> {
  if (suspect.kind === 'role' || suspect.name.startsWith('ASIA')) return []
  const answer = await callService(seen.endpoint, keysFor(seen, account), 'iam', 'ListAccessKeys', {
    UserName: user,
  })
  return many(answer.AccessKeyMetadata)
    .filter(({ Status }) => text(Status) === 'Active')
    .map(({ AccessKeyId }) => String(AccessKeyId))
    .filter((key) => suspect.kind === 'user' || key === suspect.name)
}

/** Keys first: what begins between the two would live on. */
async function act(seen: Seen, { account, keys, user, revoke }: Plan): Promise<void> {
  const own = keysFor(seen, account)
  for (const AccessKeyId of keys)
    await callService(seen.endpoint, own, 'iam', 'UpdateAccessKey', { AccessKeyId, Status: 'Inactive', UserName: user })
  await callService(seen.endpoint, own, 'rolecall', 'RevokeSessions', revoke)
}

/** Something that lives on. */
interface Remaining {
  readonly what: string
  readonly why: string
  /** What to type, where something can be done about it. */
  readonly how?: string
}

async function remains(seen: Seen, suspect: Suspect, plan: Plan, done: boolean): Promise<readonly Remaining[]> {
  const left: Remaining[] = []
  const own = keysFor(seen, plan.account)
  const list = async (action: string, member: string): Promise<readonly Answer[]> =>
    many((await callService(seen.endpoint, own, 'iam', action, { UserName: plan.user }))[member])
  if (suspect.kind === 'user') {
    const password = await callService(seen.endpoint, own, 'iam', 'GetLoginProfile', { UserName: suspect.name }).then(
      () => true,
      () => false,
    )
    if (password)
      left.push({
        what: 'a password',
        why: 'deactivating keys does not touch it',
        how: `aws iam delete-login-profile --user-name ${word(suspect.name)}`,
      })
    for (const [action, member, id, what] of [
      [
        'ListServiceSpecificCredentials',
        'ServiceSpecificCredentials',
        'ServiceSpecificCredentialId',
        'a credential for a service',
      ],
      ['ListSSHPublicKeys', 'SSHPublicKeys', 'SSHPublicKeyId', 'an SSH key'],
      ['ListSigningCertificates', 'Certificates', 'CertificateId', 'a signing certificate'],
    ] as const)
      for (const each of await list(action, member))
        if (text(each.Status) === 'Active')
          left.push({ what: `${what}, ${text(each[id]) ?? ''}`, why: 'it signs in by other means than access keys' })
  }
  if (suspect.kind === 'role')
    left.push({
      what: 'the role itself',
      why: 'whoever it trusts can begin a new session at once',
      how: `aws iam update-assume-role-policy --role-name ${word(suspect.name)} --policy-document …`,
    })
  if (suspect.kind === 'key') left.push(...(await beside(seen, suspect, plan)))
  if (done) left.push(...(await living(seen, plan)))
  left.push(...made(plan))
  if (plan.trace.beyond !== undefined)
    left.push({
      what: `whoever began it in account ${plan.trace.beyond}`,
      why: 'it is of another account, whose keys are not here',
    })
  return left
}

/** What a key's holder has besides. */
async function beside(seen: Seen, suspect: Suspect, { account, user, trace }: Plan): Promise<readonly Remaining[]> {
  if (suspect.name.startsWith('ASIA')) {
    const from = trace.steps.at(-1)?.source.accessKeyId
    const origin = trace.origin?.accessKeyId ?? from
    return [
      {
        what: 'whoever began this session',
        why: 'they can begin another',
        ...(origin === undefined ? {} : { how: `rolecall contain ${origin}` }),
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
      how: `rolecall contain user/${user}`,
    }))
}

/** Sessions that are not over although they should be: they were looked at anew. */
async function living(seen: Seen, { account, revoke, sessions }: Plan): Promise<readonly Remaining[]> {
  const [[, name] = ['', '']] = Object.entries(revoke)
  const subject = (
    'UserName' in revoke ? { UserName: name } : 'RoleName' in revoke ? { RoleName: name } : { AccessKeyId: name }
  ) as Subject
  const after = await traced(seen, subject, { limit: 1, account })
  const ended = new Set(
    [...after.steps, ...after.sessions].filter((each) => each.ended !== undefined).map((each) => each.accessKeyId),
  )
  return sessions
    .filter(({ accessKeyId }) => !ended.has(accessKeyId) && seen.accounts.has(homeOf(accessKeyId)))
    .map(({ accessKeyId, arn, expires }) => ({
      what: `session ${accessKeyId}, ${whoIn(arn)}`,
      why: `it is alive until ${expires}`,
    }))
}

/** What lasts although who made it is shut out: where intruders leave themselves a way back. */
function made({ calls }: Plan): readonly Remaining[] {
  const lasting = calls.filter(
    ({ readOnly, error, eventSource }) => !readOnly && error === undefined && eventSource === 'iam.amazonaws.com',
  )
  const named = (call: Call) => `${callText(call)}${call.resources.length === 0 ? '' : ` (${call.resources.at(-1)})`}`
  return [...lasting]
    .reverse()
    .map((call) => ({ what: named(call), why: `changed at ${call.time} in account ${call.accountId}, and stays so` }))
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`
const nameOf = (suspect: Suspect): string => `${suspect.kind} ${suspect.name}`

function planned(suspect: Suspect, { account, keys, sessions, revoke }: Plan, columns: number): readonly string[] {
  const [[name, value] = ['', '']] = Object.entries(revoke)
  return [
    ...wrapped(`To contain ${nameOf(suspect)} of account ${account}:`, '', columns),
    ...(keys.length === 0 ? ['  no active key to deactivate'] : keys.map((key) => `  deactivate key ${key}`)),
    ...wrapped(
      `end all sessions by ${name} ${value}, and what grew out of them: ${counted(sessions.length, 'session')} that ${sessions.length === 1 ? 'is' : 'are'} alive`,
      '  ',
      columns,
    ),
    ...sessions.flatMap(sessionLines(columns)),
  ]
}

const sessionLines =
  (columns: number) =>
  ({ accessKeyId, arn, expires }: Session): readonly string[] =>
    wrapped(
      oneLine(`${accessKeyId}  ${whoIn(arn)}, account ${arn.split(':')[4]}, until ${expires}`, 1024),
      '    ',
      columns,
    )

const doneText = ({ keys, sessions }: Plan, columns: number): readonly string[] =>
  wrapped(
    `${counted(keys.length, 'key')} deactivated, ${counted(sessions.length, 'session')} ended, on every node; nothing that grew out of them is taken any more.`,
    '',
    columns,
  )

function leftText(left: readonly Remaining[], columns: number): readonly string[] {
  if (left.length === 0) return ['Nothing remains.']
  return [
    'What remains, and why:',
    ...left.flatMap(({ what, why, how }) => [
      ...wrapped(oneLine(`${what}: ${why}`, 1024), '  ', columns),
      ...(how === undefined ? [] : [`    ${how}`]),
    ]),
  ]
}
