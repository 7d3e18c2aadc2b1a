import type { Command } from 'commander'
import { oneLine } from '../audit/redact.ts'
import { machineClock } from '../host/machine.ts'
import { loadService } from '../model/service.ts'
import { Factors, isToldTwice } from './factor.ts'
import { exitUsage, Failure } from './failure.ts'
import { type Call, callsOf, callText, merged, timeText, type Within } from './history.ts'
import { type Principal, principalArgument, subjectOf } from './principal.ts'
import type { Target } from './reached.ts'
import { accountsOf, type Seen, seenFrom } from './seen.ts'
import { underFirst } from './session-list.ts'
import { KeyPlaces, sharedText } from './shared-keys.ts'
import { terminalColumns, tracedAs, trailOptions } from './trace.ts'
import { ownCalls } from './trace-walk.ts'

interface Options extends Target {
  readonly user?: Principal
  readonly role?: Principal
  readonly root?: boolean
  readonly throughRoles?: boolean
  readonly logins?: boolean
  readonly withoutMfa?: boolean
  readonly writes?: boolean
  readonly sharedKeys?: boolean
  readonly limit: number
  readonly since?: number
  readonly json?: boolean
}

export function addActivity(program: Command): void {
  trailOptions(
    program
      .command('activity')
      .summary('list what users and roles did')
      .description(
        'Lists calls from the accounts’ event history, newest last: those of a user, a role or root, with --through-roles also those of every session that grew out of theirs, in whichever account; or the calls that began sessions.',
      )
      .option('--user <name>', 'what this user did; a name or an ARN', principalArgument('user'))
      .option('--role <name>', 'what sessions of this role did; a name or an ARN', principalArgument('role'))
      .option('--root', 'what root did, in each account')
      .option('--through-roles', 'and what was done with the roles that were assumed')
      .option('--logins', 'calls that gave out credentials, each once')
      .option('--without-mfa', 'of these, those behind which no second factor stands, however many roles lie between')
      .option('--writes', 'only what changes something')
      .option('--shared-keys', 'instead of calls, the lasting keys that were used from more than one address'),
  )
    .addHelpText(
      'after',
      `
Examples:
  rolecall activity --user alice --through-roles
  rolecall activity --root --since 90d
  rolecall activity --logins --without-mfa --since 24h
  rolecall activity --role app --writes --json
  rolecall activity --shared-keys --since 7d`,
    )
    .action(activity)
}

const root: Principal = { kind: 'root', name: 'root', account: undefined }

/** Operations that give out credentials, as the model says which do, and the console's sign-in, which is none. */
const loginNames = (): readonly string[] => [
  ...[...loadService('sts').operations.values()]
    .filter(({ output }) => output?.members.some(({ name }) => name === 'Credentials'))
    .map(({ name }) => name),
  'ConsoleLogin',
]

async function activity(options: Options): Promise<void> {
  const { user, role, logins = false, throughRoles = false, withoutMfa = false } = options
  const [principal, another] = [user, role, options.root === true ? root : undefined].filter((one) => one !== undefined)
  if (another !== undefined) throw new Failure('give one of --user, --role and --root', exitUsage)
  if (throughRoles && principal === undefined)
    throw new Failure('--through-roles goes with --user, --role or --root', exitUsage)
  if (withoutMfa && !logins) throw new Failure('--without-mfa goes with --logins', exitUsage)
  if (options.sharedKeys) return sharedKeys(options)
  const seen = await seenFrom(options)
  const names = logins ? loginNames() : []
  const within = { since: sinceOf(options), limit: options.limit, keep: wantedBy(seen, options, names) }
  const lists: (readonly Call[])[] = []
  if (principal?.kind === 'root')
    for (const account of accountsOf(seen))
      lists.push(...(await ofPrincipal(seen, { ...principal, account }, throughRoles, within)))
  else if (principal !== undefined) lists.push(...(await ofPrincipal(seen, principal, throughRoles, within)))
  else
    for (const accountId of accountsOf(seen))
      for (const asked of logins ? names.map((value) => ({ key: 'EventName', value })) : [undefined])
        lists.push((await callsOf(seen, accountId, asked, within)).calls)
  const calls = merged(lists).slice(0, options.limit)
  if (options.json) {
    process.stdout.write(
      `${JSON.stringify(calls.map(({ event, ...call }) => ({ ...call, event: JSON.parse(event) })))}\n`,
    )
    return
  }
  const columns = terminalColumns()
  for (const call of [...calls].reverse()) process.stdout.write(`${lineOf(call, columns).join('\n')}\n`)
  process.stdout.write(`${calls.length} call${calls.length === 1 ? '' : 's'}\n`)
}

const sinceOf = ({ since }: Options): number | undefined =>
  since === undefined ? undefined : machineClock.now() - since

/** Reads everything that the trails hold of that time: a key that lies in two places may be used seldom in one of them. */
async function sharedKeys(options: Options): Promise<void> {
  const { user, role, root: byRoot, throughRoles, logins, writes, json } = options
  if (user ?? role ?? byRoot ?? throughRoles ?? logins ?? writes)
    throw new Failure('--shared-keys looks at all keys: it goes with --since, --limit, --account and --json', exitUsage)
  const seen = await seenFrom(options)
  const places = new KeyPlaces()
  let read = 0
  const keep = (call: Call) => {
    places.note(call)
    if (++read % 1000 === 0 && process.stderr.isTTY) process.stderr.write(`\r${read} calls read`)
    return false
  }
  for (const accountId of accountsOf(seen))
    await callsOf(seen, accountId, undefined, { since: sinceOf(options), limit: 1, keep })
  if (read >= 1000 && process.stderr.isTTY) process.stderr.write('\n')
  const shared = places.shared().slice(0, options.limit)
  process.stdout.write(json ? `${JSON.stringify(shared)}\n` : `${sharedText(shared, terminalColumns()).join('\n')}\n`)
}

/**
 * Whether a call is asked for. Of logins each is told once, by the account that it was made from, and none that was refused: nobody came
 * in by it.
 */
function wantedBy(
  seen: Seen,
  { logins = false, withoutMfa = false, writes = false }: Options,
  names: readonly string[],
) {
  const factors = new Factors(seen)
  return async (call: Call): Promise<boolean> => {
    if (writes && call.readOnly) return false
    if (!logins) return true
    if (!names.includes(call.eventName)) return false
    if (call.error !== undefined || isToldTwice(seen, call)) return false
    return !withoutMfa || !(await factors.behind(call))
  }
}

/** What a principal did itself, and where it is asked for what was done with everything that grew out of it. */
async function ofPrincipal(
  seen: Seen,
  principal: Principal,
  throughRoles: boolean,
  within: Within,
): Promise<readonly (readonly Call[])[]> {
  const { kind, name, account } = principal
  const found = await tracedAs(seen, [subjectOf(principal)], { ...within, account })
  const keys = new Set(throughRoles ? found.sessions.map(({ accessKeyId }) => accessKeyId) : [])
  const itself =
    kind === 'role' ? [] : (await ownCalls(seen, found.accountId, kind === 'user' ? name : undefined, within)).calls
  // Of a role, what it did is what its sessions did.
  const own =
    kind === 'role'
      ? found.sessions.filter(({ arn }) => arn.split('/')[1] === name && arn.split(':')[4] === found.accountId)
      : []
  for (const { accessKeyId } of own) keys.add(accessKeyId)
  return [found.calls.filter(({ accessKeyId = '' }) => keys.has(accessKeyId)), itself]
}

function lineOf(call: Call, columns: number): readonly string[] {
  const by = call.username ?? call.accessKeyId ?? ''
  const line = oneLine(`${timeText(call.time)}  ${callText(call)}  (${by}, account ${call.accountId})`, 4096)
  return underFirst(line, columns)
}
