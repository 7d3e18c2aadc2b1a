import { type Command, InvalidArgumentError } from 'commander'
import { machineClock } from '../host/machine.ts'
import { accountIdArgument } from './account.ts'
import { countArgument, textArgument } from './argument.ts'
import { type Answer, callService } from './client.ts'
import { exitUsage, Failure } from './failure.ts'
import { again, dataArgument, defaultData } from './place.ts'
import { authorityOf, endpointOption, type Reached, type Target } from './reached.ts'
import { listOf, type Session, sessionIn, wrapped } from './session-list.ts'
import { word } from './shell.ts'
import { terminalColumns } from './trace.ts'

interface Options extends Target {
  readonly role?: string
  readonly user?: string
  readonly root?: boolean
  readonly accessKey?: string
}

function nameArgument(text: string): string {
  if (!text.startsWith('arn:')) return textArgument(text)
  throw new InvalidArgumentError(`It is the name alone: ${text.slice(text.lastIndexOf('/') + 1)}`)
}

export function addSessions(program: Command): void {
  const sessions = program
    .command('sessions')
    .summary('see which sessions are alive, and end them')
    .description(
      'Sessions are what temporary credentials stand for. They outlive the key that they were made with, and what a role trusts: here is who has one, and how to end them.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  rolecall sessions ls\n  rolecall sessions ls --user ann\n  rolecall sessions revoke --user ann',
    )

  const verb = (name: string) =>
    sessions
      .command(name)
      .option('--role <name>', 'of this role, and what grew out of them', nameArgument)
      .option('--user <name>', 'of this user, and what grew out of them', nameArgument)
      .option('--root', 'of the account’s root user, and what grew out of them')
      .option(
        '--access-key <id>',
        'that began with this key (AKIA…), or this session and what grew out of it (ASIA…)',
        textArgument,
      )
      .option('--account <id>', 'in this account (default: the first)', accountIdArgument)
      .option('--data <dir>', 'data directory of the running authority', dataArgument, defaultData)
      .addOption(endpointOption)
      .option('--json', 'print JSON')

  verb('ls')
    .option('--limit <n>', 'no more than so many, the newest', countArgument(1, 100_000), 100)
    .summary('list the sessions whose time has not come')
    .description(
      'Lists the sessions of an account, and those that its users and roles began in others, newest first: whose, by whom and from where, until when, and whether they were ended.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  rolecall sessions ls\n  rolecall sessions ls --role app --json\n  rolecall sessions ls --access-key AKIAIOSFODNN7EXAMPLE',
    )
    .action(list)

  verb('revoke')
    .summary('end sessions before their time')
    .description(
      'Ends sessions, and whatever grew out of them in any account, at once and on every node. Long-term keys are no sessions: they go on, and so does whatever begins afterwards.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  rolecall sessions revoke --role app\n  rolecall sessions revoke --user ann\n  rolecall sessions revoke --access-key AKIAIOSFODNN7EXAMPLE',
    )
    .action(revoke)
}

const mine = 'of an account of this authority'

const namedBy = ({ role, user, root, accessKey }: Options) => ({
  RoleName: role,
  UserName: user,
  RootUser: root === true ? 'true' : undefined,
  AccessKeyId: accessKey,
})

function checked(options: Options, needed: boolean): void {
  const named = Object.values(namedBy(options)).filter((name) => name !== undefined).length
  if (named > 1 || (needed && named === 0))
    throw new Failure(`give one of --role, --user, --root and --access-key${needed ? '' : ', or none'}`, exitUsage)
}

async function list(options: Options & { limit: number; json?: boolean }): Promise<void> {
  checked(options, false)
  const { sessions, more } = await listed(authorityOf(options, mine), options, options.limit)
  if (options.json) {
    process.stdout.write(`${JSON.stringify(sessions)}\n`)
    return
  }
  for (const line of listOf(sessions, machineClock.now(), terminalColumns())) process.stdout.write(`${line}\n`)
  if (more) process.stdout.write(`There are more: --limit ${options.limit * 10}\n`)
}

/** Pages are read until enough was found: one may be short, or empty, and not be the last. */
async function listed(
  { endpoint, keys }: Reached,
  options: Options,
  limit: number,
): Promise<{ readonly sessions: readonly Session[]; readonly more: boolean }> {
  const sessions: Session[] = []
  let Marker: string | undefined
  do {
    const page = await callService(endpoint, keys, 'rolecall', 'ListSessions', {
      ...namedBy(options),
      Marker,
      MaxItems: String(Math.min(200, limit - sessions.length)),
    })
    // A list of the model; `Answer` has words for members only.
    const found: readonly Answer[] = Array.isArray(page.Sessions) ? page.Sessions : []
    sessions.push(...found.map(sessionIn))
    Marker = String(page.IsTruncated) === 'true' ? String(page.Marker) : undefined
  } while (Marker !== undefined && sessions.length < limit)
  return { sessions, more: Marker !== undefined }
}

/** So many are looked at to tell what a revocation has ended. */
const countedMax = 1000

async function revoke(options: Options & { json?: boolean }): Promise<void> {
  checked(options, true)
  const reached = authorityOf(options, mine)
  const { Id, Time } = await callService(reached.endpoint, reached.keys, 'rolecall', 'RevokeSessions', namedBy(options))
  const revoked = { id: String(Id), time: new Date(Number(Time) * 1000).toISOString() }
  // It is done: whoever may not list is told as much.
  const found = await listed(reached, options, countedMax).catch(() => undefined)
  const over = found?.sessions.filter(({ ended }) => ended === 'revoked').length
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ ...revoked, ...(over === undefined ? {} : { sessions: over }) })}\n`)
    return
  }
  process.stdout.write(
    `${[...ending(options, over, found?.more === true), ...(await goesOn(reached, options, found?.sessions))].join('\n')}\n`,
  )
}

function ending(
  { role, user, root, accessKey = '' }: Options,
  over: number | undefined,
  more: boolean,
): readonly string[] {
  const whose =
    role !== undefined
      ? `role ${role}`
      : user !== undefined
        ? `user ${user}`
        : root === true
          ? 'root'
          : `key ${accessKey}`
  const count =
    over === undefined
      ? 'the sessions are over'
      : `${more ? 'more than ' : ''}${over} session${over === 1 ? ' is' : 's are'} over`
  return wrapped(`${whose}: ${count}, on every node, and nothing that grew out of them is taken any more`)
}

/** What a revocation does not end, in words. */
async function goesOn(
  { endpoint, keys }: Reached,
  { role, user, root, accessKey = '' }: Options,
  sessions: readonly Session[] | undefined,
): Promise<readonly string[]> {
  if (role !== undefined)
    return [
      ...wrapped(
        'What goes on: whoever the role trusts can begin a new session at once. To keep them out, change whom it trusts:',
      ),
      `  aws iam update-assume-role-policy --role-name ${word(role)} --policy-document …`,
    ]
  if (root === true)
    return [
      ...wrapped('What goes on: root’s access keys, which can begin new sessions. To end that too:'),
      `  ${again('contain root')}`,
    ]
  if (user !== undefined) {
    const answer = await callService(endpoint, keys, 'iam', 'ListAccessKeys', { UserName: user }).catch(() => undefined)
    // As above.
    const all: readonly Answer[] = Array.isArray(answer?.AccessKeyMetadata) ? answer.AccessKeyMetadata : []
    const active = all.filter(({ Status }) => String(Status) === 'Active').map(({ AccessKeyId }) => String(AccessKeyId))
    if (answer !== undefined && active.length === 0)
      return wrapped(`What goes on: nothing. ${user} has no active access key.`)
    return [
      ...wrapped(
        `What goes on: ${answer === undefined ? 'active access keys' : active.length === 1 ? 'an active access key' : `${active.length} active access keys`} of ${user}, which can begin new sessions. To end that too:`,
      ),
      ...(active.length === 0 ? ['AKIA…'] : active).map((key) => deactivating(key, user)),
    ]
  }
  if (accessKey.startsWith('AKIA'))
    return [
      ...wrapped('What goes on: the key itself, as long as it is active; it can begin new sessions. To end that too:'),
      deactivating(accessKey),
    ]
  const source = sessions?.find((session) => session.accessKeyId === accessKey)?.source.accessKeyId
  return [
    ...wrapped('What goes on: whoever began this session can begin another. To end all that began with the same key:'),
    `  ${again(`sessions revoke --access-key ${source ?? 'AKIA…'}`)}`,
  ]
}

const deactivating = (key: string, user?: string): string =>
  `  aws iam update-access-key --access-key-id ${key} --status Inactive${user === undefined ? '' : ` --user-name ${word(user)}`}`
