import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import type { Command } from 'commander'
import { Failure } from './failure.ts'
import { dataArgument, defaultData, findPlace } from './place.ts'
import { openSession, variablesOf } from './variables.ts'

/** As a shell reports a command that could not be run, that could not be found, or that a signal ended. */
const exitNotRun = 126
const exitNotFound = 127
const exitSignalled = 128

export function addExec(program: Command): void {
  program
    .command('exec')
    .summary('run a command as an account or a role')
    .description('Runs a command with the environment that `rolecall env` prints. Its exit code is ours.')
    .option('--data <dir>', 'data directory of the running authority', dataArgument, defaultData)
    .option('--account <id>', 'another account of this authority')
    .option('--role <arn>', 'a session of this role (ARN, or a name in the account) instead of the administrator')
    .argument('<command...>', 'the command and its arguments, after --')
    .passThroughOptions()
    .addHelpText(
      'after',
      `
Examples:
  rolecall exec -- aws sts get-caller-identity
  rolecall exec --role app -- npm test`,
    )
    .action(async ([command, ...args]: string[], options: { data: string; account?: string; role?: string }) => {
      const session = await openSession(findPlace(options.data), options)
      process.exitCode = await run(command ?? '', args, variablesOf(session))
    })
}

/** Runs to the end and hands signals on: Ctrl-C is the command's to deal with. */
function run(
  command: string,
  args: readonly string[],
  variables: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  if (command === '') throw new Failure('the command has no name', exitNotFound)
  const environment = { ...process.env, ...variables }
  for (const [name, value] of Object.entries(variables)) if (value === undefined) delete environment[name]
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  // Ctrl-C on a terminal reaches the command by itself; handed on as well it would count as the second, which waits for nothing.
  const terminal = process.stdout.isTTY || process.stderr.isTTY
  const forward = (signal: NodeJS.Signals) => {
    if (signal !== 'SIGINT' || !terminal) child.kill(signal)
  }
  // Before there is a command: it may be at work, and a signal on its way, while we are still on the next line.
  for (const signal of signals) process.on(signal, forward)
  const child = spawn(command, args, { stdio: 'inherit', env: environment })
  return new Promise((resolve, reject) => {
    child.on('error', (error: NodeJS.ErrnoException) => {
      const missing = error.code === 'ENOENT'
      reject(
        missing
          ? new Failure(`${command}: command not found`, exitNotFound)
          : new Failure(`${command}: ${error.message}`, exitNotRun),
      )
    })
    child.on('exit', (code, signal) => {
      for (const each of signals) process.off(each, forward)
      resolve(code ?? exitSignalled + (signal === null ? 0 : constants.signals[signal]))
    })
  })
}
