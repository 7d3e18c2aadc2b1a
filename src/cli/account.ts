import { type Command, InvalidArgumentError } from 'commander'
import { isAccountId } from '../base/arn.ts'
import { addCredentials } from '../host/credentials.ts'
import { callService } from './client.ts'
import { again, dataArgument, defaultData, findPlace, keysOf, shown } from './place.ts'
import { rotated } from './rotate.ts'
import { wrapped } from './session-list.ts'

/** Account ids are text of twelve digits; a spreadsheet or a YAML file that took one for a number has lost its zeros. */
export function accountIdArgument(text: string): string {
  if (isAccountId(text)) return text
  const hint = /^\d{1,11}$/.test(text) ? ` Did it lose its leading zeros? ${text.padStart(12, '0')} has twelve.` : ''
  throw new InvalidArgumentError(`An account id has twelve digits.${hint}`)
}

export function addAccount(program: Command): void {
  const account = program
    .command('account')
    .summary('create and list accounts, and renew their keys')
    .description('The accounts of a running authority.')
    .addHelpText(
      'after',
      '\nExamples:\n  rolecall account create --name staging\n  rolecall account ls\n  rolecall account rotate',
    )

  account
    .command('create')
    .summary('create an account')
    .description('Creates an account with an administrator user and its root keys. It can be used at once.')
    .option('--data <dir>', 'data directory of the running authority', dataArgument, defaultData)
    .option('--id <digits>', 'the twelve digits (default: random)', accountIdArgument)
    .option('--name <name>', 'a name for people')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  rolecall account create --name staging
  rolecall account create --id 012345678901 --json`,
    )
    .action(async (options: { data: string; id?: string; name?: string; json?: boolean }) => {
      const place = findPlace(options.data)
      const answer = await callService(place.endpoint, keysOf(place, undefined), 'rolecall', 'CreateAccount', {
        AccountId: options.id,
        Name: options.name,
      })
      const keys = {
        accountId: String(answer.AccountId),
        accessKeyId: String(answer.AccessKeyId),
        secretAccessKey: String(answer.SecretAccessKey),
        rootAccessKeyId: String(answer.RootAccessKeyId),
        rootSecretAccessKey: String(answer.RootSecretAccessKey),
      }
      try {
        addCredentials(place.directory, { ...keys, name: options.name ?? keys.accountId })
      } finally {
        // They are told this once: also where they could not be kept.
        const lines = Object.entries(keys).map(([name, value]) => `${name.padEnd(20)} ${value}`)
        process.stdout.write(`${options.json ? JSON.stringify(keys) : lines.join('\n')}\n`)
      }
    })

  account
    .command('ls')
    .summary('list accounts')
    .description('Lists the accounts of a running authority, the first one first.')
    .option('--data <dir>', 'data directory of the running authority', dataArgument, defaultData)
    .option('--json', 'print one JSON array')
    .addHelpText('after', '\nExample:\n  rolecall account ls')
    .action(async (options: { data: string; json?: boolean }) => {
      const place = findPlace(options.data)
      const { Accounts = [] } = await callService(
        place.endpoint,
        keysOf(place, undefined),
        'rolecall',
        'ListAccounts',
        {},
      )
      const accounts = (Array.isArray(Accounts) ? Accounts : []).map(({ AccountId, Name }) => ({
        accountId: String(AccountId),
        name: String(Name),
      }))
      if (options.json) process.stdout.write(`${JSON.stringify(accounts)}\n`)
      else {
        for (const { accountId, name } of accounts) process.stdout.write(`${accountId}  ${name}\n`)
        process.stdout.write(`\nTheir keys are kept in ${shown(place.directory)}/credentials.json\n`)
      }
    })

  account
    .command('rotate')
    .summary('renew the keys that are kept here')
    .description(
      'Makes a fresh key for an account’s administrator, keeps it in the data directory, and deletes the one that was kept there. Root makes it where that one was deactivated. Sessions that began with the old key go on until their time; rolecall contain ends them.',
    )
    .option('--data <dir>', 'data directory of the running authority', dataArgument, defaultData)
    .option('--id <digits>', 'the account (default: the first)', accountIdArgument)
    .option('--root', 'the key of the account’s root instead')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  rolecall account rotate
  rolecall account rotate --id 012345678901 --root`,
    )
    .action(async (options: { data: string; id?: string; root?: boolean; json?: boolean }) => {
      const place = findPlace(options.data)
      const { accountId, user, accessKeyId, deleted } = await rotated(
        place,
        keysOf(place, options.id),
        options.root === true ? 'root' : 'administrator',
      )
      if (options.json) {
        process.stdout.write(`${JSON.stringify({ accountId, user: user ?? null, accessKeyId, deleted })}\n`)
        return
      }
      process.stdout.write(
        `${[
          ...wrapped(
            `${user === undefined ? 'root' : `user ${user}`} of account ${accountId} has the key ${accessKeyId} now, kept in ${shown(place.directory)}/credentials.json. ${deleted} is deleted.`,
          ),
          ...wrapped(`Shells that have the old one: eval "$(${again('env')})"`),
        ].join('\n')}\n`,
      )
    })
}
