import { Command } from 'commander'
import { addAccount } from './account.ts'
import { addActivity } from './activity.ts'
import { addAudit } from './audit.ts'
import { addBackup, addRestore } from './backup.ts'
import { addBill } from './bill.ts'
import { addCheck } from './check.ts'
import { addContain } from './contain.ts'
import { addDecide } from './decide.ts'
import { addEnv } from './env.ts'
import { addExec } from './exec.ts'
import { addKey } from './key.ts'
import { addOidc } from './oidc.ts'
import { addQuota } from './quota.ts'
import { addSaml } from './saml.ts'
import { addServe } from './serve.ts'
import { addSessions } from './sessions.ts'
import { addTrace } from './trace.ts'
import { addUp } from './up.ts'
import { version } from './version.ts'
import { addWhy } from './why.ts'

/** Everything that can be typed, with its help. */
export function commandLine(): Command {
  const program = new Command('rolecall')
  program
    .description(
      'An AWS-compatible IAM and STS authority: the stock aws CLI and SDKs talk to it, and policies are really enforced.',
    )
    .version(version(), '-V, --version')
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .showHelpAfterError('(add --help for what can be typed here)')
    .addHelpText(
      'after',
      `
Examples:
  rolecall up                      start it
  eval "$(rolecall env)"           be its administrator in this shell
  aws sts get-caller-identity      talk to it with the stock aws CLI
  rolecall why --last              ask why the last refusal was one`,
    )
  for (const add of [
    addUp,
    addServe,
    addEnv,
    addAccount,
    addKey,
    addQuota,
    addSessions,
    addBill,
    addSaml,
    addExec,
    addWhy,
    addDecide,
    addOidc,
    addTrace,
    addActivity,
    addContain,
    addAudit,
    addBackup,
    addRestore,
    addCheck,
  ])
    add(program)
  override(program)
  for (const verb of program.commands) versioned(verb)
  return program
}

/** Errors of the command line come back to us, so that the exit codes are ours. */
function override(command: Command): void {
  command.exitOverride()
  for (const verb of command.commands) override(verb)
}

/** `--version` answers wherever it is typed; the help of a verb need not say so. */
function versioned(command: Command): void {
  command.version(version(), '-V, --version')
  for (const option of command.options) if (option.long === '--version') option.hideHelp()
  for (const verb of command.commands) versioned(verb)
}
