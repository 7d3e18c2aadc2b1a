import type { Command } from 'commander'
import { dataArgument, defaultData, findPlace } from './place.ts'
import { quoted } from './shell.ts'
import { openSession, variablesOf } from './variables.ts'

export function addEnv(program: Command): void {
  program
    .command('env')
    .summary('print the environment of an account or of a role')
    .description(
      'Prints shell exports for the administrator of the first account, or for a session of a role. Nothing is written anywhere: ~/.aws stays as it is.',
    )
    .option('--data <dir>', 'data directory of the running authority', dataArgument, defaultData)
    .option('--account <id>', 'another account of this authority')
    .option('--role <arn>', 'a session of this role (ARN, or a name in the account) instead of the administrator')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  eval "$(rolecall env)"               act as the administrator
  eval "$(rolecall env --role app)"    act as the role app of that account
  rolecall env --json                  the same for a program to read`,
    )
    .action(async (options: { data: string; account?: string; role?: string; json?: boolean }) => {
      const session = await openSession(findPlace(options.data), options)
      if (options.json) {
        process.stdout.write(`${JSON.stringify(session)}\n`)
        return
      }
      const lines = Object.entries(variablesOf(session)).map(([name, value]) =>
        value === undefined ? `unset ${name}` : `export ${name}=${quoted(value)}`,
      )
      process.stdout.write(`${lines.join('\n')}\n`)
    })
}
