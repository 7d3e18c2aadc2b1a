import { CommanderError } from 'commander'
import { commandLine } from './command-line.ts'
import { exitFailed, exitUsage, Failure, systemWordsOf, wordsOf } from './failure.ts'

/** The command line. Ends with 0, with 1 where something failed, with 2 where it was typed wrong. */
export async function main(argv: readonly string[]): Promise<void> {
  // Whoever reads our words may leave early (`| head`): that ends nothing here, least of all a running authority.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
    })
  }
  try {
    await commandLine().parseAsync([...argv])
  } catch (error) {
    process.exitCode = told(error)
  }
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
  const unread = 'syscall' in error && (error.syscall === 'open' || error.syscall === 'read') && systemWordsOf(error)
  if (unread && 'path' in error) return `cannot read ${error.path}: ${unread}`
  const refused = error.constructor !== Error || 'code' in error ? wordsOf(error) : undefined
  return refused ?? error.stack ?? error.message
}
