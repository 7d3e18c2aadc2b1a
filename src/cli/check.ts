import type { Command } from 'commander'
import { oneLine } from '../audit/redact.ts'
import { type Checked, check } from '../host/check.ts'
import type { KeyOptions } from '../host/key.ts'
import { StoreDamaged } from '../store/store.ts'
import { type WhereOptions, whereOptions, withDatabases } from './databases.ts'
import { exitFailed, Failure, wordsOf } from './failure.ts'
import { keyCommandOption, keyFileOption, vaultFor } from './key.ts'

interface Options extends WhereOptions, KeyOptions {
  readonly json?: boolean
}

export function addCheck(program: Command): void {
  whereOptions(
    program
      .command('check')
      .summary('hold the store and the audit trail against everything they say')
      .description(
        'Reads everything: rows against their checksums, entities against one another, policies against their grammar, secrets ' +
          'against the key, records against their chains. Works beside a running authority, and changes nothing. Ends with 1 where ' +
          'anything is wrong.',
      ),
  )
    .addOption(keyFileOption)
    .addOption(keyCommandOption)
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  rolecall check
  rolecall check --store postgres://rolecall@db/rolecall --json`,
    )
    .action(run)
}

async function run(options: Options): Promise<void> {
  await withDatabases(options, async (databases) => {
    const { vault, why } = vaultFor(options, databases.directory)
    const checked = await check(databases, vault).catch((error: unknown) => {
      if (error instanceof StoreDamaged) throw new Failure(`${databases.name} is damaged: ${error.message}`)
      const words = wordsOf(error)
      throw words === undefined ? error : new Failure(`${databases.name} cannot be read: ${words}`)
    })
    const sound = checked.complaints.length === 0
    process.stdout.write(options.json ? `${JSON.stringify({ sound, ...checked })}\n` : told(checked, why))
    if (!sound) process.exitCode = exitFailed
  })
}

/** Complaints on a terminal; all of them are in the JSON. */
const shownMax = 50

function told({ entities, revision, records, underWay, opened, complaints }: Checked, why: string | undefined): string {
  const lines = [complaints.length === 0 ? 'All is well.' : `${counted(complaints.length, 'complaint')}:`]
  for (const complaint of complaints.slice(0, shownMax)) lines.push(oneLine(`  ${complaint}`, 512))
  if (complaints.length > shownMax) lines.push(`  … and ${complaints.length - shownMax} more (--json has all of them)`)
  lines.push(
    '',
    `  ${counted(entities, 'entity', 'entities')} at revision ${revision}`,
    `  ${counted(records, 'audit record')}${underWay === 0 ? '' : `, and ${underWay} on their way there`}`,
    `  secrets ${opened ? 'open under the key' : `NOT checked: ${why ?? 'no key'}`}`,
  )
  return `${lines.join('\n')}\n`
}

const counted = (number: number, one: string, many = `${one}s`): string =>
  `${number.toLocaleString('en-US')} ${number === 1 ? one : many}`
