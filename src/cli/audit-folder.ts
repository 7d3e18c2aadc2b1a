import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Checked, checkExport } from '../audit/export-check.ts'
import { oneLine } from '../audit/redact.ts'
import { foundFolder } from '../host/export-folder.ts'
import { readWitness } from '../host/witness.ts'
import { type DigestPublicKey, DigestVerifier, publicDigestKeys } from '../token/digest-key.ts'
import { counted } from './argument.ts'
import { type WhereOptions, withDatabases } from './databases.ts'
import { exitFailed, Failure, systemWordsOf, wordsOf } from './failure.ts'
import { self, shown } from './place.ts'

export interface FolderOptions extends WhereOptions {
  readonly folder: string
  readonly publicKey?: string
  readonly json?: boolean
}

/** Flaws in a report for people; a program gets all of them. */
const flawsShown = 50

/** Holds a folder that was exported to against the public key, and nothing else: the trail itself need not be there. */
export async function verifyFolder(options: FolderOptions): Promise<void> {
  const keys = await publicKeys(options)
  const folder = resolve(options.folder)
  const checked = check(folder, keys)
  if (checked.digestFiles === 0 && checked.flaws.length === 0 && checked.unfinished === 0)
    throw new Failure(`${shown(folder)} holds no files of an export`)
  const sound = checked.flaws.length === 0
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ sound, folder, keys: keys.map(({ fingerprint }) => fingerprint), ...checked })}\n`
      : told(checked, folder),
  )
  if (!sound) process.exitCode = exitFailed
}

function check(folder: string, keys: readonly DigestPublicKey[]): Checked {
  try {
    return checkExport(foundFolder(folder), new DigestVerifier(keys))
  } catch (error) {
    const words = systemWordsOf(error) ?? wordsOf(error)
    throw words === undefined ? error : new Failure(`cannot read ${shown(folder)}: ${words}`)
  }
}

async function publicKeys({ publicKey, ...options }: FolderOptions): Promise<readonly DigestPublicKey[]> {
  if (publicKey !== undefined) {
    try {
      return publicDigestKeys(readFileSync(publicKey, 'utf8'))
    } catch (error) {
      throw new Failure(
        `no public key of digest files can be read from ${publicKey}: ${systemWordsOf(error) ?? 'it holds neither one as PEM nor what list-public-keys prints'}`,
      )
    }
  }
  const { digestKey } = await withDatabases(options, ({ store }) => readWitness(store))
  if (digestKey === undefined) throw new Failure('the store has no key of digest files: nothing was exported from it')
  return [{ fingerprint: digestKey.id, publicKey: digestKey.publicKey }]
}

function told({ flaws, series, digestFiles, logFiles, unfinished, ends }: Checked, folder: string): string {
  const sound = flaws.length === 0
  const lines = [sound ? `${shown(folder)} is as it was exported.` : `${shown(folder)} was altered.`, '']
  // Whoever altered it may have written anything there, also what steers a terminal.
  for (const { file, detail } of flaws.slice(0, flawsShown)) lines.push(oneLine(`  ${file} ${detail}`, 2048))
  if (flaws.length > flawsShown)
    lines.push(`  and ${counted(flaws.length - flawsShown, 'file')} more: ${self()} audit verify --json names all`)
  if (!sound) lines.push('')
  for (const { account, region, from, until, ...files } of series) {
    lines.push(`  ${account} ${region}`)
    lines.push(`    ${counted(files.digestFiles, 'digest file')}, ${counted(files.logFiles, 'log file')}`)
    if (from !== '') lines.push(oneLine(`    ${from} to ${until}`, 1024))
  }
  lines.push('', `  in all ${counted(digestFiles, 'digest file')}, ${counted(logFiles, 'log file')}`)
  lines.push(
    `  newest digest files ${ends ? 'held against what the export noted' : 'NOT checked: the export’s notes are not here'}`,
  )
  if (unfinished > 0)
    lines.push(
      `  ${counted(unfinished, 'log file')} of an hour that an export was cut off in, NOT checked: export again`,
    )
  return `${lines.join('\n')}\n`
}
