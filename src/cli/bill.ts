import { type Command, InvalidArgumentError, Option } from 'commander'
import { machineClock } from '../host/machine.ts'
import { accountIdArgument } from './account.ts'
import { type Bill, csvOf, type Line, summed, tableOf } from './bill-table.ts'
import { type Answer, callService, type Keys } from './client.ts'
import { exitFailed, exitUsage, Failure } from './failure.ts'
import { dataArgument, defaultData, findPlace } from './place.ts'
import { authorityOf, endpointOption, type Target } from './reached.ts'

interface Options extends Target {
  readonly month?: string
  readonly by: 'service' | 'operation'
  readonly csv?: boolean
  readonly json?: boolean
}

function monthArgument(text: string): string {
  if (/^\d{4}-(0[1-9]|1[0-2])$/.test(text)) return text
  throw new InvalidArgumentError('A month is written as 2026-11.')
}

export function addBill(program: Command): void {
  program
    .command('bill')
    .summary('show which account pays for which calls, and why')
    .description(
      'Sums the calls of a month by the account that is billed for them, from the audit trail. Who acts as a role acts as the role’s account, which pays; AssumeRole itself is the caller’s. AWS charges nothing for what is answered here, so this is who would pay, not how much.',
    )
    .option('--month <month>', 'a month in UTC, as 2026-11 (default: this one)', monthArgument)
    .option('--account <id>', 'this account alone (default: all whose keys are kept)', accountIdArgument)
    .addOption(new Option('--by <what>', 'a row each').choices(['service', 'operation']).default('service'))
    .option('--data <dir>', 'data directory of the running authority', dataArgument, defaultData)
    .addOption(endpointOption)
    .option('--csv', 'print CSV with columns of AWS’s Cost and Usage Reports')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  rolecall bill\n  rolecall bill --month 2026-11 --by operation\n  rolecall bill --account 012345678901 --csv > bill.csv',
    )
    .action(bill)
}

async function bill(options: Options): Promise<void> {
  if (options.csv === true && options.json === true) throw new Failure('give one of --csv and --json', exitUsage)
  // One month for all accounts, also where this one ends meanwhile.
  const now = new Date(machineClock.now()).toISOString().slice(0, 7)
  const month = options.month ?? now
  if (month > now) throw new Failure(`${month} has not begun: it is ${now}, in UTC`, exitUsage)
  const { endpoint, keys, unasked } = asked(options)
  const bills: Bill[] = []
  for (const each of keys) {
    try {
      bills.push(await billOf(endpoint, each.keys, month))
    } catch (error) {
      // One that was closed does not hide what the others pay.
      if (!unasked || !(error instanceof Failure)) throw error
      process.stderr.write(`rolecall: account ${each.account}: ${error.message}\n`)
      process.exitCode = exitFailed
    }
  }
  if (options.json) {
    const told = bills.map((one) => ({ ...one, lines: summed(one.lines, options.by) }))
    process.stdout.write(`${JSON.stringify(told)}\n`)
    return
  }
  const lines = options.csv ? csvOf(bills) : tableOf(bills, options.by, process.stdout.columns)
  process.stdout.write(`${lines.join('\n')}\n`)
}

interface Asked {
  readonly endpoint: string
  readonly keys: readonly { readonly account: string; readonly keys: Keys }[]
  /** Whether no account was named. */
  readonly unasked: boolean
}

/** Every account is asked as its own administrator: each sees its own trail. */
function asked(options: Options): Asked {
  if (options.endpoint === undefined && options.account === undefined) {
    const { endpoint, accounts } = findPlace(options.data)
    return { endpoint, keys: accounts.map((kept) => ({ account: kept.accountId, keys: kept })), unasked: true }
  }
  const { endpoint, keys } = authorityOf(options, 'of an account of this authority')
  return { endpoint, keys: [{ account: options.account ?? '', keys }], unasked: false }
}

/** A bill is told in parts, which are added up. */
async function billOf(endpoint: string, keys: Keys, month: string): Promise<Bill> {
  let lines: readonly Line[] = []
  for (let Marker: string | undefined; ; ) {
    const part = await callService(endpoint, keys, 'rolecall', 'GetBill', { Month: month, Marker })
    const account = String(part.AccountId)
    // A list of the model; `Answer` has words for members only.
    const found: readonly Answer[] = Array.isArray(part.Lines) ? part.Lines : []
    lines = summed([...lines, ...found.map((line) => lineIn(line, account))], 'operation')
    if (String(part.IsTruncated) !== 'true') return { account, payer: String(part.PayerAccountId), month, lines }
    Marker = String(part.Marker)
  }
}

const lineIn = (line: Answer, trail: string): Line => ({
  trail,
  account: String(line.AccountId),
  owner: String(line.OwnerId),
  reason: String(line.Reason),
  service: String(line.Service),
  ...(line.Operation === undefined || line.Operation === null ? {} : { operation: String(line.Operation) }),
  calls: Number(line.Calls),
  failed: Number(line.Failed),
  cost: String(line.Cost),
})
