import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Vault } from '../base/sealed.ts'
import { type KeyOptions, keySource } from '../host/key.ts'
import { changeKeyFile, newSealingKey, ownKeyFile, textOfKey } from '../host/key-file.ts'
import { machineClock, machineRandom } from '../host/machine.ts'
import { KeyRing } from '../token/vault.ts'
import { type Answer, callService } from './client.ts'
import { Failure } from './failure.ts'
import { dataArgument, defaultData, self } from './place.ts'
import { authorityOf, type Reached, type Target } from './reached.ts'

const given = (text: string): string => {
  if (text !== '') return text
  throw new InvalidArgumentError('An empty text is a variable that was never set.')
}

/** What an authority is started with, to be told where its key comes from. */
export const keyFileOption = new Option(
  '--key-file <file>',
  'keys that secrets are sealed under, one a line, the current one first (default: the file key in the data directory)',
).argParser(given)
export const keyCommandOption = new Option(
  '--key-command <command>',
  'a program that prints those keys; it is run without a shell',
).argParser(given)

/** The keys, for a command that can do a part of its work without them; else why there are none. */
export function vaultFor(
  options: KeyOptions,
  directory: string | undefined,
): { readonly vault?: Vault; readonly why?: string } {
  try {
    return { vault: new KeyRing(keySource(options, process.env, directory), machineClock, machineRandom()) }
  } catch (error) {
    return { why: error instanceof Error ? error.message : String(error) }
  }
}

export function addKey(program: Command): void {
  const key = program
    .command('key')
    .summary('make, list and rotate the keys that secrets are sealed under')
    .description(
      'Secrets are kept sealed. The key that they are sealed under, 32 random bytes, is kept apart from them: in a file, in the environment, or wherever a program gets it from.',
    )
    .addHelpText('after', '\nExamples:\n  rolecall key ls\n  rolecall key rotate')

  key
    .command('new')
    .summary('print a fresh key')
    .description('Prints a fresh key, and on stderr the id by which it is called where people can see it.')
    .addHelpText(
      'after',
      `
Examples:
  (umask 077; rolecall key new > rolecall.key)
  rolecall up --key-file rolecall.key`,
    )
    .action(() => {
      const fresh = newSealingKey(machineRandom())
      process.stderr.write(`key ${fresh.id}\n`)
      process.stdout.write(`${textOfKey(fresh)}\n`)
    })

  key
    .command('ls')
    .summary('list the keys, by id, and what is sealed under them')
    .description('Lists the keys that a running authority reads, the first in front, and those that it misses.')
    .option('--data <dir>', 'data directory of the running authority', dataArgument, defaultData)
    .option('--endpoint <url>', 'the authority at this address, with the AWS credentials of the environment', given)
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  rolecall key ls')
    .action(async (options: Target & { json?: boolean }) => {
      const described = await describe(authorityOf(options, 'of the first account'))
      if (options.json) process.stdout.write(`${JSON.stringify(described)}\n`)
      else for (const line of listOf(described)) process.stdout.write(`${line}\n`)
    })

  key
    .command('rotate')
    .summary('seal all secrets under a new key')
    .description(
      'Seals every secret of a running authority anew, while it goes on serving. Where the data directory keeps the key, a new one is made, and the old one is dropped at the end; elsewhere you bring the new key first. It may be stopped at any time: run it again, and it goes on.',
    )
    .option('--data <dir>', 'data directory of the running authority', dataArgument, defaultData)
    .option('--endpoint <url>', 'the authority at this address, with the AWS credentials of the environment', given)
    .option('--keep-old', 'leave the old key in the file: backups from before need it')
    .addHelpText('after', '\nExamples:\n  rolecall key rotate\n  rolecall key rotate --keep-old')
    .action(rotate)
}

interface KeyUse {
  readonly keyId: string
  /** Whether the authority has the key. */
  readonly present: boolean
  readonly secrets: number
}
interface Described {
  /** The one that everything is sealed under that is sealed now. */
  readonly current: string
  readonly source: string
  readonly keys: readonly KeyUse[]
}

async function describe({ endpoint, keys }: Reached): Promise<Described> {
  const { CurrentKeyId, Source, Keys } = await callService(endpoint, keys, 'rolecall', 'DescribeKeys', {})
  // A list of the model; `Answer` has words for members only.
  const listed: readonly Answer[] = Array.isArray(Keys) ? Keys : []
  return {
    current: String(CurrentKeyId),
    source: String(Source),
    keys: listed.map(({ KeyId, Present, SecretCount }) => ({
      keyId: String(KeyId),
      present: String(Present) === 'true',
      secrets: Number(SecretCount),
    })),
  }
}

const secretsOf = (count: number): string => (count === 1 ? '1 secret' : `${count} secrets`)

const listOf = ({ current, keys }: Described): readonly string[] =>
  keys.map(({ keyId, present, secrets }) => {
    const said = [keyId === current ? 'seals' : '', present ? '' : 'MISSING: what is sealed under it cannot be opened']
    return `${keyId}  ${secretsOf(secrets).padEnd(16)}${said.filter((word) => word !== '').join('; ')}`.trimEnd()
  })

const tell = (line: string): void => void process.stderr.write(`${line}\n`)

async function rotate(options: Target & { keepOld?: boolean }): Promise<void> {
  const reached = authorityOf(options, 'of the first account')
  const before = await describe(reached)
  const ownFile =
    before.source === 'directory' && reached.directory !== undefined ? ownKeyFile(reached.directory) : undefined
  const fresh = ownFile === undefined ? broughtKey(before) : madeKey(ownFile, before)
  tell(`sealing under key ${fresh}`)
  await resealAll(reached, fresh, before)

  const after = await describe(reached)
  const others = after.keys.filter(({ keyId }) => keyId !== fresh)
  const held = others.filter(({ secrets }) => secrets > 0)
  for (const { keyId, secrets } of held)
    tell(`${secretsOf(secrets)} could not be opened and stay sealed under key ${keyId}`)
  const done = others.filter(({ present, secrets }) => present && secrets === 0).map(({ keyId }) => keyId)
  if (ownFile === undefined) {
    if (done.length > 0) tell(`nothing is sealed any more under ${done.join(', ')}: take it out of every node’s keys`)
  } else if (!options.keepOld && done.length > 0) {
    changeKeyFile(ownFile, (keys) => keys.filter(({ id }) => !done.includes(id)))
    // The authority forgets it too.
    await describe(reached)
    tell(`dropped key ${done.join(', ')}`)
  }
  if (held.length > 0) throw new Failure(`not every secret is sealed under key ${fresh}`)
  process.stdout.write(`every secret is sealed under key ${fresh}\n`)
}

/** A rotation that was begun and not ended goes on: its key is in front, and something is still sealed under another. */
const begun = (first: string, { current, keys }: Described): boolean =>
  first !== current || keys.some(({ keyId, present, secrets }) => keyId !== first && present && secrets > 0)

/** The first key of the data directory's file: a new one, or that of a rotation which goes on. */
function madeKey(file: string, before: Described): string {
  const [first] = changeKeyFile(file, (keys) => {
    const [front] = keys
    return front !== undefined && begun(front.id, before) ? keys : [newSealingKey(machineRandom()), ...keys]
  })
  return first?.id ?? ''
}

/** Elsewhere the new key is brought by whoever keeps the keys. */
function broughtKey(before: Described): string {
  const [first] = before.keys
  if (first !== undefined && begun(first.keyId, before)) return first.keyId
  const where = {
    environment: 'in ROLECALL_KEY (keys are divided by commas) and start the nodes again, one after the other',
    command: 'by the key command, on a line before the old one',
  }[before.source]
  throw new Failure(`the first key already seals everything. To rotate:
  1. make a new one:        ${self()} key new
  2. put it in front of the old one, on every node: ${where ?? 'in the key file, on a line before the old one'}
  3. seal under it:         ${self()} key rotate
  4. take the old one out, on every node`)
}

/** From the first secret to the last, some in each call. */
async function resealAll({ endpoint, keys }: Reached, keyId: string, before: Described): Promise<void> {
  const total = before.keys.reduce((sum, use) => (use.keyId === keyId ? sum : sum + use.secrets), 0)
  let sealed = 0
  for (let marker: string | undefined, more = true; more; ) {
    const answer = await callService(endpoint, keys, 'rolecall', 'ResealSecrets', { KeyId: keyId, Marker: marker })
    sealed += Number(answer.ResealedCount)
    more = String(answer.IsTruncated) === 'true'
    marker = more ? String(answer.Marker) : undefined
    if (process.stderr.isTTY) process.stderr.write(`\r${sealed} of ${total}${more ? '' : '\n'}`)
  }
  if (!process.stderr.isTTY) tell(`sealed ${secretsOf(sealed)} anew`)
}
