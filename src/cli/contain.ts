import { createInterface } from 'node:readline/promises'
import { type Command, InvalidArgumentError } from 'commander'
import { accountOfKey } from '../base/id.ts'
import { accountIdArgument } from './account.ts'
import { living, remains } from './contain-left.ts'
import { carryOut, type Plan, planFor, type Suspect } from './contain-plan.ts'
import { doneText, leftText, plannedText } from './contain-text.ts'
import { exitUsage, Failure } from './failure.ts'
import { dataArgument, defaultData } from './place.ts'
import { principalIn } from './principal.ts'
import { endpointOption, firstGood, type Target } from './reached.ts'
import { type Seen, seenFrom } from './seen.ts'
import { terminalColumns } from './trace.ts'

interface Options extends Target {
  readonly dryRun?: boolean
  readonly yes?: boolean
  readonly json?: boolean
}

export function addContain(program: Command): void {
  program
    .command('contain')
    .summary('shut out a user, a role, root or a leaked key')
    .description(
      'Deactivates the keys, ends the sessions, and with them every session that grew out of them through however many roles, in whichever account; and tells what remains, and why. Shows what it will do and asks before it acts.',
    )
    .argument('<whom>', 'user/NAME, role/NAME, root, the ARN of one, AKIA… or ASIA…', suspectArgument)
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
  const principal = principalIn(typed)
  if (principal !== undefined) return principal
  throw new InvalidArgumentError('It is user/NAME, role/NAME, root, the ARN of one, or an access key id.')
}

async function contain(suspect: Suspect, options: Options): Promise<void> {
  if (options.dryRun && options.yes) throw new Failure('give one of --dry-run and --yes', exitUsage)
  const { account: named, ...target } = options
  const reached = await seenFrom(target)
  const [first = ''] = reached.accounts.keys()
  const account = suspect.account ?? named ?? first
  const seen = await withGoodKeys(reached, account)
  const plan = await planFor(seen, suspect, account)
  const left = await remains(seen, plan)
  const columns = terminalColumns()
  if (options.dryRun) {
    print(options, { done: false, ...told(plan, plan.keys), remains: left }, [
      ...plannedText(plan, columns),
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
    process.stdout.write(`${plannedText(plan, columns).join('\n')}\n\n`)
    if (!(await agreed('Do it?'))) {
      process.stdout.write('Nothing was done.\n')
      return
    }
  }
  const keys = await carryOut(seen, plan)
  const still = [...(await living(seen, plan)), ...left]
  print(options, { done: true, ...told(plan, keys), remains: still }, [
    ...doneText(plan, keys, columns),
    '',
    ...leftText(still, columns),
  ])
}

/** The administrator's key may be shut out by now, and then root's serves. */
async function withGoodKeys(seen: Seen, account: string): Promise<Seen> {
  const [own, root] = [seen.accounts.get(account), seen.roots.get(account)]
  if (own === undefined || root === undefined || (await firstGood(seen.endpoint, [own])) === own) return seen
  return { ...seen, accounts: new Map([...seen.accounts, [account, root]]) }
}

const print = ({ json }: Options, value: object, lines: readonly string[]) =>
  process.stdout.write(json ? `${JSON.stringify(value)}\n` : `${lines.join('\n')}\n`)

const told = ({ account, sessions, subject }: Plan, keys: readonly string[]) => ({
  account,
  keys,
  revoke: subject,
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
