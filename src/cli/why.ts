import type { Command } from 'commander'
import { type Explanation, renderExplanation } from '../policy/explain.ts'
import { callService, type Keys } from './client.ts'
import { exitUsage, Failure } from './failure.ts'
import { dataArgument, defaultData, findPlace, keysOf, type Place } from './place.ts'
import { authorityOf, endpointOption, type Target } from './reached.ts'

export function addWhy(program: Command): void {
  program
    .command('why')
    .summary('explain a refusal')
    .description(
      'Shows the decision behind a refusal, layer by layer. The id is the request id that the client prints, and the header x-rolecall-decision-id of the answer; an encoded authorization failure message does as well. Of a refusal between two accounts each is shown its own side.',
    )
    .argument('[id]', 'request id of the refusal, or the encoded message in it')
    .option('--last', 'the newest refusal of the account')
    .option('--data <dir>', 'data directory of the running authority', dataArgument, defaultData)
    .option(
      '--account <id>',
      'ask as the owner of this account (default: that of the keys in the environment, else the first)',
    )
    .addOption(endpointOption)
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  rolecall why --last
  rolecall why 0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d
  rolecall why --last --account 012345678901      the other owner's side
  rolecall why --last --endpoint https://id.example.com
  rolecall why "… Encoded authorization failure message: AQ…"`,
    )
    .action(why)
}

interface Options extends Target {
  readonly last?: boolean
  readonly json?: boolean
}

/** No encoded message is shorter than what seals it. */
const messageCharactersLeast = 64

/** A request id or an encoded message as it was copied from somewhere; of a whole sentence, the message at its end. */
function namedBy(typed: string): { readonly RequestId: string } | { readonly EncodedMessage: string } {
  const words = typed.trim().split(/\s+/)
  const last = words.at(-1) ?? ''
  if (words.length === 1 && /^[0-9a-f-]{36}$/i.test(last)) return { RequestId: last.toLowerCase() }
  if (last.length >= messageCharactersLeast && /^[\w-]+$/.test(last)) return { EncodedMessage: last }
  throw new Failure(`'${typed}' is no request id: they look like 0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d`)
}

async function why(typed: string | undefined, options: Options): Promise<void> {
  if ((typed === undefined) === (options.last === undefined)) {
    throw new Failure('give the request id of a refusal, or --last for the newest one', exitUsage)
  }
  const named = typed === undefined ? {} : namedBy(typed)
  const { endpoint, keys } = await asked(options)
  const answer = await callService(endpoint, keys, 'rolecall', 'GetDecision', named)
  // What the authority recorded, in the form in which the engine explained it.
  const explanation = JSON.parse(String(answer.Decision)) as Explanation
  const event: unknown = JSON.parse(String(answer.Event))
  if (options.json) {
    const requestId = String(answer.RequestId)
    process.stdout.write(`${JSON.stringify({ requestId, time: Number(answer.Time), event, decision: explanation })}\n`)
    return
  }
  process.stdout.write(
    `${renderExplanation(explanation, { account: keys.accountId, columns: process.stdout.columns })}\n`,
  )
}

/** Keys, and whose they are. */
interface Asking extends Keys {
  readonly accountId: string
}

/** The authority, and who asks it: by an address, whoever the environment's keys are of. */
async function asked(options: Options): Promise<{ readonly endpoint: string; readonly keys: Asking }> {
  if (options.endpoint === undefined) {
    const place = findPlace(options.data)
    return { endpoint: place.endpoint, keys: await askingKeys(place, options.account) }
  }
  const { endpoint, keys } = authorityOf(options, 'of the account whose refusal it is')
  const accountId = String((await callService(endpoint, keys, 'sts', 'GetCallerIdentity', {})).Account)
  if (options.account !== undefined && options.account !== accountId)
    throw new Failure(`the keys in the environment are of account ${accountId}`)
  return { endpoint, keys: { ...keys, accountId } }
}

/**
 * The keys that an account asks with: those that are kept of it, and in the environment's account, where none are, the environment's
 * own. An account that an organization made has no others.
 */
async function askingKeys(place: Place, named: string | undefined): Promise<Asking> {
  const own = await keysInEnvironment(place)
  const account = named ?? own?.accountId
  const kept = place.accounts.some(({ accountId }) => accountId === account)
  return own !== undefined && own.accountId === account && !kept ? own : keysOf(place, account)
}

/** The keys in the environment, where they are this authority's: whoever acts as somebody asks as that one. */
async function keysInEnvironment(place: Place): Promise<Asking | undefined> {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env
  if (AWS_ACCESS_KEY_ID === undefined || AWS_SECRET_ACCESS_KEY === undefined) return undefined
  const keys: Keys = {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN === undefined || AWS_SESSION_TOKEN === '' ? {} : { sessionToken: AWS_SESSION_TOKEN }),
  }
  try {
    const { Account } = await callService(place.endpoint, keys, 'sts', 'GetCallerIdentity', {})
    return { ...keys, accountId: String(Account) }
  } catch {
    // Keys of some other place, or of nobody: then the first account asks.
    return undefined
  }
}
