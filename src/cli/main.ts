import { Command, CommanderError } from 'commander'
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
import { exitFailed, exitUsage, Failure, wordsOf } from './failure.ts'
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

/** The command line. Ends with 0, with 1 where something failed, with 2 where it was typed wrong. */
export async function main(argv: readonly string[]): Promise<void> {
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
  // Whoever reads our words may leave early (`| head`): that ends nothing here, least of all a running authority.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
    })
  }
  try {
    await program.parseAsync([...argv])
  } catch (error) {
    process.exitCode = told(error)
  }
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

function told(error: unknown): number {
  // Commander has printed its message, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitUsage
  if (error instanceof Failure) {
    process.stderr.write(`rolecall: ${error.message}\n`)
    return error.code
  }
  process.stderr.write(`rolecall: ${detailOf(error)}\n`)
  return exitFailed
}

/** What the system refused (a file in the way, a full disk) is told in its words; a bug of ours comes with its stack. */
function detailOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const refused = error.constructor !== Error || 'code' in error ? wordsOf(error) : undefined
  return refused ?? error.stack ?? error.message
}
