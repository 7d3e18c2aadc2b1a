import { type Command, InvalidArgumentError } from 'commander'
import { accountIdArgument } from './account.ts'
import { type Answer, callService } from './client.ts'
import { Failure } from './failure.ts'
import { dataArgument, defaultData, findPlace, keysOf } from './place.ts'

function limitArgument(text: string): string {
  if (/^\d{1,7}$/.test(text)) return text
  throw new InvalidArgumentError('A limit is a whole number.')
}

interface Options {
  readonly data: string
  readonly account?: string
  readonly json?: boolean
}

export function addQuota(program: Command): void {
  const quota = program
    .command('quota')
    .summary('show and change the quotas of an account')
    .description(
      'How many users, roles, policies and so on an account may have. Every account starts with AWS’s defaults; the first account gives it others, as AWS does on request.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  rolecall quota ls\n  rolecall quota set AttachedPoliciesPerRoleQuota 20\n  rolecall quota reset',
    )

  const onAccount = (name: string) =>
    quota
      .command(name)
      .option('--data <dir>', 'data directory of the running authority', dataArgument, defaultData)
      .option('--account <id>', 'the account (default: the first)', accountIdArgument)

  onAccount('ls')
    .summary('list quotas: limit, used, left')
    .description(
      'Lists the quotas of an account. Where each user, role, policy … has a quota for itself, the one that uses the most of it is shown.',
    )
    .option('--json', 'print one JSON array')
    .addHelpText('after', '\nExamples:\n  rolecall quota ls\n  rolecall quota ls --account 012345678901 --json')
    .action(async (options: Options) => {
      const quotas = await listed(options)
      if (options.json) process.stdout.write(`${JSON.stringify(quotas)}\n`)
      else process.stdout.write(`${table(quotas).join('\n')}\n`)
    })

  onAccount('set')
    .argument('<name>', 'the quota, as `rolecall quota ls` lists it')
    .argument('<limit>', 'a whole number', limitArgument)
    .summary('give an account a limit of its own')
    .description('Changes one quota of an account, at once. A limit below what is used takes nothing away.')
    .addHelpText(
      'after',
      '\nExamples:\n  rolecall quota set RolesQuota 5000\n  rolecall quota set UsersQuota 3 --account 012345678901',
    )
    .action(async (typed: string, limit: string, options: Options) => {
      const Name = await named(typed, options)
      await ask(options, 'SetQuota', { Name, Limit: limit })
      process.stdout.write(`${Name} is ${limit}\n`)
    })

  onAccount('reset')
    .argument('[name]', 'the quota (default: all)')
    .summary('put AWS’s defaults back')
    .description('Puts AWS’s default of a quota back, or of all quotas of an account.')
    .addHelpText(
      'after',
      '\nExamples:\n  rolecall quota reset RolesQuota\n  rolecall quota reset --account 012345678901',
    )
    .action(async (typed: string | undefined, options: Options) => {
      const Name = typed === undefined ? undefined : await named(typed, options)
      await ask(options, 'ResetQuota', { Name })
      process.stdout.write(`${Name ?? 'every quota'} is AWS’s default\n`)
    })
}

interface Quota {
  readonly name: string
  readonly limit: number
  readonly default: number
  readonly used: number
  readonly left: number
  readonly usedBy?: string
}

function ask(
  { data, account }: Options,
  action: string,
  parameters: Readonly<Record<string, string | undefined>>,
): Promise<Answer> {
  const place = findPlace(data)
  return callService(place.endpoint, keysOf(place, undefined), 'rolecall', action, {
    AccountId: account,
    ...parameters,
  })
}

async function listed(options: Options): Promise<readonly Quota[]> {
  const { Quotas } = await ask(options, 'ListQuotas', {})
  // A list of the model; `Answer` has words for members only.
  const quotas: readonly Answer[] = Array.isArray(Quotas) ? Quotas : []
  return quotas.map(({ Name, Limit, Default, Used, Left, UsedBy }) => ({
    name: String(Name),
    limit: Number(Limit),
    default: Number(Default),
    used: Number(Used),
    left: Number(Left),
    ...(UsedBy === undefined || UsedBy === null ? {} : { usedBy: String(UsedBy) }),
  }))
}

/** The quota's name as it is written, from how it was typed. */
async function named(typed: string, options: Options): Promise<string> {
  const names = (await listed(options)).map(({ name }) => name)
  const found = names.find((name) => name.toLowerCase() === typed.toLowerCase())
  if (found !== undefined) return found
  throw new Failure(`there is no quota '${typed}'. There are:\n  ${names.join('\n  ')}`)
}

function table(quotas: readonly Quota[]): readonly string[] {
  const rows = quotas.map((quota) => [
    quota.name,
    String(quota.limit),
    String(quota.used),
    String(quota.left),
    [
      quota.usedBy === undefined ? '' : `most: ${quota.usedBy}`,
      quota.limit === quota.default ? '' : `AWS’s default: ${quota.default}`,
    ]
      .filter((said) => said !== '')
      .join('; '),
  ])
  const all = [['QUOTA', 'LIMIT', 'USED', 'LEFT', ''], ...rows]
  const width = (column: number) => Math.max(...all.map((row) => row[column]?.length ?? 0))
  return all.map(([name = '', limit = '', used = '', left = '', said = '']) =>
    [name.padEnd(width(0)), limit.padStart(width(1)), used.padStart(width(2)), left.padStart(width(3)), said]
      .join('  ')
      .trimEnd(),
  )
}
