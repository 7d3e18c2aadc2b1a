import { Command, Option } from 'commander'
import { countArgument } from '../src/cli/argument.ts'
import { root, run } from './clients/process.ts'

/** Programs that anyone may run for as long as they like: what they are called, and what can be typed behind it. */
export function program(name: string, description: string, examples: readonly string[]): Command {
  const typed = `npm run ${name} --`
  return new Command(typed)
    .description(description)
    .configureHelp({ helpWidth: 100 })
    .showHelpAfterError('(add --help for what can be typed here)')
    .addHelpText(
      'after',
      `\nExamples:\n${examples.map((each) => `  ${`${typed} ${each}`.replace(/ -- $/, '')}\n`).join('')}`,
    )
}

const seeds = 1_000_000

/** The same, of those that draw what they do at random: all of it comes from one number, which they say, and can be given. */
export const seeded = (name: string, description: string, examples: readonly string[]): Command =>
  program(name, description, examples).addOption(
    new Option('--seed <number>', 'do again what this seed makes')
      .argParser(countArgument(0, seeds))
      .default(Math.floor(Math.random() * seeds), 'one at random'),
  )

/** A whole number that is not nothing. */
export const many = countArgument(1, 999_999_999)

/** What was checked out when it ran, to find a failure again. */
export const commit = async (): Promise<string> =>
  (await run('git', ['rev-parse', '--short', 'HEAD'], {}, root)).stdout.trim() || 'unknown'
