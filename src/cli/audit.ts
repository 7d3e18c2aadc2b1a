import type { Command } from 'commander'
import type { Means } from '../audit/chain-walk.ts'
import { pemOf } from '../audit/key.ts'
import { oneLine } from '../audit/redact.ts'
import { type Verdict, verify } from '../audit/verify.ts'
import type { KeyOptions } from '../host/key.ts'
import { readWitness, signerOf, type Witness } from '../host/witness.ts'
import { digestKeyPem } from '../token/digest-key.ts'
import { counted, textArgument } from './argument.ts'
import { addAuditExport } from './audit-export.ts'
import { verifyFolder } from './audit-folder.ts'
import { type WhereOptions, whereOptions, withDatabases } from './databases.ts'
import { exitFailed, exitUsage, Failure } from './failure.ts'
import { keyCommandOption, keyFileOption, vaultFor } from './key.ts'

interface Options extends KeyOptions, WhereOptions {
  readonly folder?: string
  readonly publicKey?: string
  readonly json?: boolean
}

interface KeyPrinting extends WhereOptions {
  readonly export?: boolean
  readonly json?: boolean
}

export function addAudit(program: Command): void {
  const audit = program
    .command('audit')
    .summary('prove that the audit trail is as it was written, or export it')
    .description('Records are chained by hashes, and sealed under signed digests. Nothing here writes to the trail.')
    .addHelpText('after', '\nExamples:\n  rolecall audit verify\n  rolecall audit key > audit.pem')

  whereOptions(
    audit
      .command('verify')
      .summary('read the whole trail, and find what was altered')
      .description(
        'Holds every record against its chain, the signed digests, the ends of the chains, and what the store has noted. Works beside a running authority. Ends with 1 where anything is not as it was written, and names the first such record of each chain. ' +
          'With --folder it is the files of an export that are held against one another, and against the public key alone.',
      )
      .option('--folder <folder>', 'verify the files that were exported to a folder', textArgument)
      .option(
        '--public-key <file>',
        'their key, as PEM or as list-public-keys prints it (default: the one in the store)',
        textArgument,
      ),
  )
    .addOption(keyFileOption)
    .addOption(keyCommandOption)
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  rolecall audit verify
  rolecall audit verify --data /srv/rolecall --json
  rolecall audit verify --store postgres://rolecall@db/rolecall
  rolecall audit verify --folder logs --public-key export.pem`,
    )
    .action(verifyAny)

  whereOptions(
    audit
      .command('key')
      .summary('print the public key that digests are signed with')
      .description('Prints the newest key as PEM, for those who verify elsewhere, or with --json all of them.'),
  )
    .option('--export', 'print the key of exported digest files instead')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExamples:\n  rolecall audit key > audit.pem\n  rolecall audit key --export > export.pem')
    .action(printKey)

  addAuditExport(audit)
}

async function verifyAny({ folder, publicKey, ...options }: Options): Promise<void> {
  if (folder !== undefined) return verifyFolder({ ...options, folder, ...(publicKey !== undefined && { publicKey }) })
  if (publicKey !== undefined) throw new Failure('--public-key is for --folder', exitUsage)
  return verifyTrail(options)
}

async function verifyTrail(options: Omit<Options, 'folder' | 'publicKey'>): Promise<void> {
  await withDatabases(options, async ({ name, directory, store, trail }) => {
    // Before the trail: what is noted there is durable in the trail already.
    const witness = await readWitness(store)
    const { signer, why } = signing(witness, options, directory)
    const means: Means = { keys: witness.keys, anchors: witness.anchors, ...(signer && { signer }) }
    const verdict = await verify(trail, means).catch((error: unknown) => {
      throw new Failure(`the audit trail of ${name} cannot be read: ${messageOf(error)}`)
    })
    const sound = verdict.findings.length === 0
    process.stdout.write(options.json ? `${JSON.stringify({ sound, ...verdict })}\n` : told(verdict, why))
    if (!sound) process.exitCode = exitFailed
  })
}

/** The private keys, where they can be had: then the ends of chains are held against their codes. */
function signing(witness: Witness, options: Options, directory: string | undefined) {
  if (witness.keys.length === 0) return { why: 'the store has no key of the trail' }
  const { vault, why } = vaultFor(options, directory)
  if (vault === undefined) return { why }
  try {
    return { signer: signerOf(witness, vault) }
  } catch (error) {
    return { why: messageOf(error) }
  }
}

async function printKey(options: KeyPrinting): Promise<void> {
  const { keys, digestKey } = await withDatabases(options, ({ store }) => readWitness(store))
  const printed = options.export
    ? digestKey === undefined
      ? []
      : [{ id: digestKey.id, pem: digestKeyPem(digestKey) }]
    : keys.map((key) => ({ id: key.id, pem: pemOf(key) }))
  const [newest] = printed
  if (newest === undefined)
    throw new Failure(options.export ? 'there is no key of exports yet' : 'there is no key of an audit trail yet')
  process.stdout.write(options.json ? `${JSON.stringify({ keys: printed })}\n` : newest.pem)
}

function told({ findings, chains, records, segments, unindexed, checked }: Verdict, why: string | undefined): string {
  const lines: string[] = []
  const sound = findings.length === 0
  lines.push(sound ? 'The audit trail is as it was written.' : 'The audit trail was altered.', '')
  // Whoever altered it may have written anything there, also what steers a terminal.
  for (const { node, detail } of findings)
    lines.push(oneLine(`  ${node === '' ? '' : `chain ${node}: `}${detail}`, 1024))
  if (!sound) lines.push('')
  for (const chain of chains) {
    lines.push(oneLine(`  chain ${chain.node}`, 1024))
    lines.push(`    ${counted(chain.records, 'record')}${sound ? '' : ' up to there'}`)
    lines.push(`    ${counted(chain.segments, 'segment')}, ${counted(chain.open, 'record')} not sealed yet`)
    if (chain.from !== undefined && chain.until !== undefined)
      lines.push(`    ${timeOf(chain.from)} to ${timeOf(chain.until)}`)
  }
  lines.push('', `  in all ${counted(records, 'record')}, ${counted(segments, 'segment')}`)
  lines.push(`  signatures ${checked.signatures ? 'checked' : 'NOT checked'}`)
  lines.push(`  ends of chains ${checked.heads ? 'checked' : 'NOT checked'}`)
  lines.push(`  index ${checked.index ? 'checked' : 'NOT checked'}`)
  if (unindexed > 0) lines.push(`  ${counted(unindexed, 'segment')} not indexed yet: a running authority does it`)
  lines.push(
    `  ${counted(checked.anchors, 'digest')} noted in the store, ${checked.anchors === 0 ? 'nothing to check' : 'checked'}`,
  )
  if (why !== undefined) lines.push(`  (${why})`)
  return `${lines.join('\n')}\n`
}

/** Whatever a forged record says of its time. */
const timeOf = (milliseconds: number): string => {
  const date = new Date(milliseconds)
  return Number.isNaN(date.getTime()) ? 'no time' : date.toISOString()
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
