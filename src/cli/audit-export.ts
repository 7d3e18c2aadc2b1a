import { resolve } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { type Exported, exportTrail } from '../audit/export.ts'
import { Unfit } from '../audit/export-progress.ts'
import { Verifier } from '../audit/key.ts'
import { oneLine } from '../audit/redact.ts'
import { isoSeconds } from '../base/instant.ts'
import { exportFolder } from '../host/export-folder.ts'
import type { KeyOptions } from '../host/key.ts'
import { machineClock } from '../host/machine.ts'
import { digestKeyOf, readWitness } from '../host/witness.ts'
import type { DigestKeyPair } from '../state/key.ts'
import type { DigestKey } from '../token/digest-key.ts'
import { counted, instantArgument, textArgument } from './argument.ts'
import { callJson } from './client.ts'
import { type Named, type WhereOptions, whereOptions, withDatabases } from './databases.ts'
import { exitUsage, Failure, wordsOf } from './failure.ts'
import { keyCommandOption, keyFileOption, vaultFor } from './key.ts'
import { self, shown } from './place.ts'
import { authorityOf } from './reached.ts'

interface Options extends KeyOptions, WhereOptions {
  readonly out: string
  readonly from?: number
  readonly to?: number | 'now'
  readonly account?: string
  readonly bucket: string
  readonly prefix: string
  readonly trailName: string
  readonly json?: boolean
}

/** Every argument becomes a part of a path, so it is held to what AWS takes for one. */
const matching = (form: RegExp, what: string) => (text: string) => {
  if (form.test(text)) return text
  throw new InvalidArgumentError(what)
}

export function addAuditExport(audit: Command): void {
  whereOptions(
    audit
      .command('export')
      .summary('write the trail as files, as CloudTrail does')
      .description(
        'Writes what is sealed of the trail into a folder, laid out as CloudTrail lays its files into a bucket, with a signed digest file for every hour: ' +
          '`aws cloudtrail validate-logs` finds them valid. Works beside a running authority. Run it again, also after it was cut off, and it goes on where it was.',
      )
      .requiredOption('--out <folder>', 'the folder; made where it is missing', textArgument)
      .option('--from <time>', 'leave out what was delivered before', instantArgument)
      .option('--to <time>', 'up to when, or now (default: the last full hour)', (text: string) =>
        text === 'now' ? text : instantArgument(text),
      )
      .option(
        '--account <id>',
        'only the records of one account',
        matching(/^\d{12}$/, 'An account is twelve digits.'),
      ),
  )
    .addOption(keyFileOption)
    .addOption(keyCommandOption)
    .addOption(
      new Option('--bucket <name>', 'the bucket that the files are for: digest files name it')
        .default('rolecall')
        .argParser(matching(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'That is no name of a bucket.')),
    )
    .addOption(
      new Option('--prefix <text>', 'what stands before AWSLogs/ there')
        .default('')
        .argParser(matching(/^(?:[\w-]+(?:\/[\w-]+)*)?$/, 'A prefix is names with slashes between.')),
    )
    .addOption(
      new Option('--trail-name <name>', 'what the trail is called there')
        .default('rolecall')
        .argParser(matching(/^[A-Za-z0-9][A-Za-z0-9._-]{1,126}[A-Za-z0-9]$/, 'That is no name of a trail.')),
    )
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
A record counts as delivered when it was sealed, at most some minutes after it
happened: files are named by that time, and --from and --to speak of it.

Examples:
  rolecall audit export --out logs --bucket our-logs
  rolecall audit export --out logs --bucket our-logs --to now
  rolecall audit export --out november --from 2026-11-01 --to 2026-12-01
  rolecall audit export --out audited --account 111122223333
  rolecall audit verify --folder logs`,
    )
    .action(exportAll)
}

async function exportAll(options: Options): Promise<void> {
  process.umask(0o077)
  const { out, from, to, account, bucket, prefix, trailName } = options
  const now = machineClock.now()
  // Digest files tell whole seconds. What is sealed in the rest of this one comes with the next run.
  const until = to === 'now' ? Math.ceil(now / 1000) * 1000 : to
  if (to !== 'now' && to !== undefined && to > now)
    throw new Failure('--to lies ahead: nobody knows yet what happens', exitUsage)
  if (from !== undefined && from >= (until ?? now)) throw new Failure('--from must be before --to', exitUsage)
  const folder = resolve(out)
  await withDatabases(options, async (databases) => {
    const { keys } = await readWitness(databases.store)
    const key = await keyFor(options, databases)
    const exported = await written(folder, (shelf) =>
      exportTrail({
        trail: databases.trail,
        folder: shelf,
        settings: {
          bucket,
          prefix,
          trail: trailName,
          ...(account !== undefined && { account }),
          ...(from !== undefined && { from }),
        },
        ...(until !== undefined && { until }),
        now,
        verifier: new Verifier(keys),
        key,
        told: process.stderr.isTTY ? progress : () => undefined,
      }),
    )
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K')
    const end = isoSeconds(exported.until)
    process.stdout.write(
      options.json
        ? `${JSON.stringify({ folder, ...exported, until: end, key: key.fingerprint })}\n`
        : told(exported, folder, key, to),
    )
    if (exported.altered.length > 0)
      throw new Failure(
        `the audit trail was altered, and what is behind that is not exported: ${oneLine(exported.altered.join('; '), 1024)}. To see where: ${self()} audit verify`,
      )
  })
}

async function written<T>(folder: string, work: (shelf: ReturnType<typeof exportFolder>) => Promise<T>): Promise<T> {
  try {
    const shelf = exportFolder(folder, machineClock.now)
    try {
      return await work(shelf)
    } finally {
      shelf.close()
    }
  } catch (error) {
    const words = error instanceof Unfit ? error.message : wordsOf(error)
    throw words === undefined ? error : new Failure(`cannot export to ${shown(folder)}: ${words}`)
  }
}

const progress = (done: number): void => {
  process.stderr.write(`\r${Math.floor(done * 100)} %`)
}

/** The key that signs. Where there is none yet, a running authority is asked for it, and makes it. */
async function keyFor(options: Options, { store, directory, name }: Named): Promise<DigestKey> {
  const { vault, why } = vaultFor(options, directory)
  if (vault === undefined) throw new Failure(`digest files cannot be signed: ${why ?? 'there is no key'}`)
  const opened = (pair: DigestKeyPair) => {
    try {
      return digestKeyOf(pair, vault)
    } catch (error) {
      throw new Failure(`digest files cannot be signed: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  const { digestKey } = await readWitness(store)
  if (digestKey !== undefined) return opened(digestKey)
  const missing = `digest files cannot be signed: the store of ${name} has no key for them yet`
  if (directory === undefined)
    throw new Failure(`${missing}. A running authority makes it: aws cloudtrail list-public-keys`)
  try {
    const { endpoint, keys } = authorityOf(options, 'of the first account')
    await callJson(endpoint, keys, 'cloudtrail', 'ListPublicKeys', {})
  } catch (error) {
    throw error instanceof Failure
      ? new Failure(`${missing}. A running authority makes it, and ${error.message}`)
      : error
  }
  const made = (await readWitness(store)).digestKey
  if (made === undefined) throw new Failure(missing)
  return opened(made)
}

function told(exported: Exported, folder: string, { fingerprint }: DigestKey, to: Options['to']): string {
  const { until, records, logFiles, digestFiles, leftOut, newer } = exported
  const lines = [
    `${shown(folder)} has what was delivered before ${isoSeconds(until)}.`,
    `  ${counted(records, 'record')} in ${counted(logFiles, 'log file')} written now`,
    `  ${counted(digestFiles, 'digest file')}, signed with key ${fingerprint}`,
  ]
  if (leftOut > 0) lines.push(`  ${counted(leftOut, 'record')} of no account left out`)
  const when = to === 'now' ? 'when they are sealed, in some minutes' : 'with a later run, or with --to now'
  if (newer > 0) lines.push(`  ${counted(newer, 'newer record')} to come ${when}`)
  return `${lines.join('\n')}\n`
}
