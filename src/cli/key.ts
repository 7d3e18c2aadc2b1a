import { type Command, InvalidArgumentError, Option } from 'commander'
import { newSealingKey, textOfKey } from '../host/key-file.ts'
import { machineRandom } from '../host/machine.ts'

const given = (text: string): string => {
  if (text !== '') return text
  throw new InvalidArgumentError('An empty text is a variable that was never set.')
}

/** What an authority is started with, to be told where its key comes from. */
export const keyFileOption = new Option(
  '--key-file <file>',
  'keys that secrets are sealed under, one a line, the current one first (default: a file of its own in the data directory)',
).argParser(given)
export const keyCommandOption = new Option(
  '--key-command <command>',
  'a program that prints those keys; it is run without a shell',
).argParser(given)

export function addKey(program: Command): void {
  const key = program
    .command('key')
    .summary('make and change the key that secrets are sealed under')
    .description(
      'Secrets are kept sealed. What they are sealed under is kept apart from them: a key of 32 random bytes.',
    )
    .addHelpText('after', '\nExamples:\n  (umask 077; rolecall key new > rolecall.key)\n  rolecall key rotate')

  key
    .command('new')
    .summary('print a fresh key')
    .description('Prints a fresh key, and on stderr the id by which it is called where people can see it.')
    .addHelpText(
      'after',
      `
Example:
  (umask 077; rolecall key new > rolecall.key)
  rolecall up --key-file rolecall.key`,
    )
    .action(() => {
      const fresh = newSealingKey(machineRandom())
      process.stderr.write(`key ${fresh.id}\n`)
      process.stdout.write(`${textOfKey(fresh)}\n`)
    })
}
