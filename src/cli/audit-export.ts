import { resolve } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { type Exported, exportTrail, NotExported, type Range } from '../audit/export.ts'
import { exportFolder } from '../host/export-folder.ts'
import type { KeyOptions } from '../host/key.ts'
import { readWitness, signerOf } from '../host/witness.ts'
import { textArgument } from './argument.ts'
import { type WhereOptions, whereOptions, withDatabases } from './databases.ts'
import { exitUsage, Failure, wordsOf } from './failure.ts'
import { keyCommandOption, keyFileOption, vaultFor } from './key.ts'
import { shown } from './place.ts'

interface Options extends KeyOptions, WhereOptions {
  readonly out: string
  readonly from?: number
  readonly to?: number
  readonly account?: string
  readonly json?: boolean
}

const hour = 60 * 60_000

/** A whole hour, in milliseconds since the epoch: digests are of hours. */
export function hourArgument(text: string): number {
  const parts = /^(\d{4}-\d\d-\d\d)(?:T(\d\d):00(?::00)?Z)?$/.exec(text)
  const at = parts === null ? Number.NaN : Date.parse(`${parts[1]}T${parts[2] ?? '00'}:00:00Z`)
  // A day that there is not (31 April) may be read as one that there is.
  if (at >= 0 && at % hour === 0 && new Date(at).toISOString().startsWith(parts?.[1] ?? ' ')) return at
  throw new InvalidArgumentError('A time is a day or a whole hour, in UTC: 2026-11-01, 2026-11-01T15:00Z.')
}

function accountArgument(text: string): string {
  if (/^\d{12}$/.test(text)) return text
  throw new InvalidArgumentError('An account is twelve digits.')
}

export function addAuditExport(audit: Command): void {
  whereOptions(
    audit
      .command('export')
      .summary('write the trail as files, as CloudTrail does')
      .description(
        'Writes records and signed digests as CloudTrail writes them into a bucket, for programs that read those. Works beside a running authority. ' +
          'Files that are there already, the same, are left: what was cut off is gone on with by typing it again. ' +
          'Records are taken as they stand in the trail; `rolecall audit verify` tells whether they were altered there.',
      )
      .requiredOption('--out <folder>', 'the folder that AWSLogs/ is written into', textArgument)
      .option('--from <time>', 'leave out what was before this day or hour (UTC)', hourArgument)
      .option('--to <time>', 'leave out what was at this day or hour, or after', hourArgument)
      .option('--account <id>', 'only the records of one account', accountArgument),
  )
    .addOption(keyFileOption)
    .addOption(keyCommandOption)
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  rolecall audit export --out trail
  rolecall audit export --out trail --from 2026-11-01 --to 2026-12-01
  rolecall audit export --out trail --account 111122223333 --json
  rolecall audit verify && rolecall audit export --out trail`,
    )
    .action(exportAll)
}

async function exportAll({ out, from, to, account, ...options }: Options): Promise<void> {
  if (from !== undefined && to !== undefined && from >= to) throw new Failure('--from must be before --to', exitUsage)
  process.umask(0o077)
  const folder = resolve(out)
  await withDatabases(options, async ({ name, directory, store, trail }) => {
    const witness = await readWitness(store)
    const { vault, why } = vaultFor(options, directory)
    if (vault === undefined) throw new Failure(`digests cannot be signed: ${why ?? 'there is no key'}`)
    const signer = signerOf(witness, vault)
    if (signer === undefined)
      throw new Failure(`digests cannot be signed: the store of ${name} has no key of the trail`)
    const exported = await written(folder, (shelf) =>
      exportTrail(trail, { from, to, account }, { signer, shelf, ...(process.stderr.isTTY && { progress }) }),
    )
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K')
    process.stdout.write(
      options.json
        ? `${JSON.stringify({ folder, ...timesOf({ from, to, account }), ...exported })}\n`
        : told(exported, folder),
    )
  })
}

async function written<T>(folder: string, work: (shelf: ReturnType<typeof exportFolder>) => Promise<T>): Promise<T> {
  try {
    const shelf = exportFolder(folder)
    try {
      return await work(shelf)
    } finally {
      shelf.close()
    }
  } catch (error) {
    const words = error instanceof NotExported ? error.message : wordsOf(error)
    throw words === undefined ? error : new Failure(`cannot export to ${shown(folder)}: ${words}`)
  }
}

const progress = (records: number): void => {
  process.stderr.write(`\r${counted(records, 'record')}`)
}

const timesOf = ({ from, to, account }: Range) => ({
  ...(from !== undefined && { from: new Date(from).toISOString() }),
  ...(to !== undefined && { to: new Date(to).toISOString() }),
  ...(account !== undefined && { account }),
})

const told = ({ records, accounts, logFiles, digests, written, kept }: Exported, folder: string): string =>
  records === 0
    ? `There are no such records; nothing was written to ${shown(folder)}.\n`
    : `${counted(records, 'record')} of ${counted(accounts, 'account')} in ${counted(logFiles, 'file')} and ${counted(digests, 'digest')} in ${shown(folder)}
(${counted(written, 'file')} written, ${kept.toLocaleString('en-US')} there already)\n`

const counted = (number: number, what: string): string =>
  `${number.toLocaleString('en-US')} ${what}${number === 1 ? '' : 's'}`
