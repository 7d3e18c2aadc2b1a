import { type Command, InvalidArgumentError } from 'commander'
import { accountOfKey } from '../base/id.ts'
import { machineClock } from '../host/machine.ts'
import { accountIdArgument } from './account.ts'
import { countArgument, durationArgument } from './argument.ts'
import { Refused } from './client.ts'
import { Failure } from './failure.ts'
import { dataArgument, defaultData } from './place.ts'
import { principalIn, subjectOf } from './principal.ts'
import { endpointOption, type Target } from './reached.ts'
import { accountsOf, homeOf, type Seen, seenFrom } from './seen.ts'
import { traceText } from './trace-text.ts'
import { type Bounds, type Subject, type Trace, traced } from './trace-walk.ts'

interface Options extends Target {
  readonly limit: number
  readonly since?: number
  readonly json?: boolean
}

/** Options of everything that asks trails. */
export const trailOptions = (command: Command): Command =>
  command
    .option('--since <span>', 'calls of the last so long: 30m, 12h, 7d (default: 90 days)', durationArgument)
    .option('--limit <n>', 'no more than so many calls, the newest', countArgument(1, 100_000), 200)
    .option('--account <id>', 'ask this account’s trail alone (default: all whose keys are here)', accountIdArgument)
    .option('--data <dir>', 'data directory of the running authority', dataArgument, defaultData)
    .addOption(endpointOption)
    .option('--json', 'print one JSON object')

export function addTrace(program: Command): void {
  trailOptions(
    program
      .command('trace')
      .summary('follow credentials back to who began, and on to everything done')
      .description(
        'From an access key, a session’s ARN, an event id or a request id, or from all that a user, a role or root did: back through every role to the person or workload it began with, and on to every session that grew out of it and every call that was made. Across accounts as far as there are keys of theirs.',
      )
      .argument(
        '<what>',
        'AKIA…, ASIA…, arn:aws:sts::…:assumed-role/…, an event id, a request id, user/NAME, role/NAME or root',
        soughtArgument,
      ),
  )
    .addHelpText(
      'after',
      `
Examples:
  rolecall trace ASIAIOSFODNN7EXAMPLE
  rolecall trace arn:aws:sts::012345678901:assumed-role/app/deploy
  rolecall trace 0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d --json
  rolecall trace user/alice`,
    )
    .action(trace)
}

/** What was typed: several readings of it, tried one after the other, and the account that it is of, where it says so. */
interface Sought {
  readonly subjects: readonly Subject[]
  readonly account?: string | undefined
}

function soughtArgument(typed: string): Sought {
  if (accountOfKey(typed) !== undefined) return { subjects: [{ AccessKeyId: typed }] }
  const principal = principalIn(typed)
  if (principal !== undefined) {
    return { subjects: [subjectOf(principal)], account: principal.account }
  }
  if (/^arn:aws:sts::\d{12}:(?:assumed-role|federated-user)\/./.test(typed))
    return { subjects: [{ SessionArn: typed }] }
  const id = typed.toLowerCase()
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id))
    return { subjects: [{ EventId: id }, { RequestId: id }, { SharedEventId: id }] }
  throw new InvalidArgumentError(
    'It is an access key id, the ARN of a session, an event id, a request id, user/NAME, role/NAME or root.',
  )
}

/** The first reading that anybody knows of. */
export async function tracedAs(seen: Seen, subjects: readonly Subject[], options: Bounds): Promise<Trace> {
  let unknown: unknown
  for (const subject of subjects) {
    try {
      return await traced(seen, subject, options)
    } catch (error) {
      if (!(error instanceof Refused) || error.refusal !== 'NoSuchEvent') throw error
      unknown ??= error
    }
  }
  throw unknown
}

async function trace({ subjects, account }: Sought, options: Options): Promise<void> {
  const seen = await seenFrom(options)
  const now = machineClock.now()
  const since = options.since === undefined ? undefined : now - options.since
  const found = await tracedAs(seen, subjects, { since, limit: options.limit, account })
  if (isUnknown(found)) throw new Failure(unknownText(seen, found))
  if (options.json) {
    process.stdout.write(
      `${JSON.stringify({ ...found, calls: found.calls.map(({ event, ...call }) => ({ ...call, event: JSON.parse(event) })) })}\n`,
    )
    return
  }
  process.stdout.write(traceText(found, { columns: terminalColumns(), now }))
}

/** Every key of the right form can be traced; of one that nobody has, or somebody elsewhere, no trail says anything. */
const isUnknown = ({ origin, steps, sessions, calls }: Trace): boolean =>
  origin === undefined && steps.length + sessions.length + calls.length === 0

function unknownText(seen: Seen, { accessKeyId = '' }: Trace): string {
  const home = homeOf(accessKeyId)
  const elsewhere = seen.accounts.has(home)
    ? ''
    : `; it is of account ${home}, whose trail cannot be asked with these keys`
  return `${accessKeyId} is in no record of ${accountsOf(seen).join(', ')}${elsewhere}`
}

/** As wide as the terminal is, and no wider than people read. */
export const terminalColumns = (): number => Math.max(40, Math.min(process.stdout.columns ?? 80, 100))
