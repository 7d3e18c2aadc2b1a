import { resolve } from 'node:path'
import type { Command } from 'commander'
import { endpointOf } from '../host/endpoint.ts'
import type { KeyOptions } from '../host/key.ts'
import { listen } from '../host/listen.ts'
import { machineClock, machineMonotonic, machineRandom, machineSchedule } from '../host/machine.ts'
import { type Node, openNode } from '../host/node.ts'
import { loadService } from '../model/service.ts'
import type { Holder, Lock } from '../store/lock.ts'
import { accountIdArgument } from './account.ts'
import { portArgument, urlArgument } from './argument.ts'
import { Failure, wordsOf } from './failure.ts'
import { holdingFolder } from './folder.ts'
import {
  type IssuerOptions,
  issuerKeysOption,
  issuerNetworkOption,
  issuerSettings,
  shownIssuers,
} from './issuer-options.ts'
import { keyCommandOption, keyFileOption } from './key.ts'
import { dataArgument, defaultData, defaultPort, self, shown } from './place.ts'
import { word } from './shell.ts'
import { stopSignal } from './signal.ts'
import { version } from './version.ts'

interface Options extends KeyOptions, IssuerOptions {
  readonly port: number
  readonly data: string
  readonly accountId?: string
  readonly publicUrl?: string
}

export function addUp(program: Command): void {
  program
    .command('up')
    .summary('start the authority')
    .description(
      'Serves IAM, STS, Organizations and CloudTrail’s event history on one port of 127.0.0.1. Policies are enforced, always.',
    )
    .option('--port <number>', 'port to listen on; 0 takes a free one', portArgument, defaultPort)
    .option('--data <dir>', 'where data is kept', dataArgument, defaultData)
    .option(
      '--account-id <digits>',
      'the first account, where it is yet to be made (default: random)',
      accountIdArgument,
    )
    .option('--public-url <url>', 'where others reach it (default: where it listens)', urlArgument)
    .addOption(keyFileOption)
    .addOption(keyCommandOption)
    .addOption(issuerKeysOption)
    .addOption(issuerNetworkOption)
    .addHelpText(
      'after',
      `
Examples:
  rolecall up
  rolecall up --port 0 --data /tmp/try --account-id 012345678901
  rolecall up --issuer-keys https://oidc.test=http://127.0.0.1:9100

Stop it with Ctrl-C. To begin anew, delete the data directory.`,
    )
    .action(up)
}

/** A line each to stderr. What is told of an error is its stack: faults never come here, and secrets are in no message of ours. */
function alarm(what: string, error?: unknown): void {
  const detail =
    error === undefined ? '' : `: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
  process.stderr.write(`rolecall: ${what}${detail}\n`)
}

async function up(options: Options): Promise<void> {
  const directory = resolve(options.data)
  const taken = ({ pid, endpoint }: Holder) => {
    const where = endpoint === undefined ? '' : `, which serves ${endpoint}`
    return `${shown(directory)} is in use by process ${pid}${where}. Stop it first, or choose another --data.`
  }
  await holdingFolder(directory, taken, (lock) => serve(options, directory, lock))
}

async function serve(options: Options, directory: string, lock: Lock): Promise<void> {
  const host = '127.0.0.1'
  /** Known once it listens: who asks for any free port gets one that nobody knew before. */
  let { port } = options
  const endpoint = () => endpointOf({ host, port, secure: false })
  const authority = await open(directory, options, () => options.publicUrl ?? endpoint())
  try {
    const [first = ''] = authority.accounts()
    if (options.accountId !== undefined && options.accountId !== first) {
      throw new Failure(
        `${shown(directory)} has account ${first} already. Leave --account-id out, or choose another --data.`,
      )
    }
    const stop = stopSignal()
    const listener = await listen({ host, port }, authority.answer, (error) =>
      alarm('a connection failed', error),
    ).catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'EADDRINUSE'
        ? new Failure(`port ${port} is in use. Choose another with --port, or --port 0 for any.`)
        : error
    })
    port = listener.port
    lock.describe(endpoint())
    process.stdout.write(banner(endpoint(), directory, authority.accounts(), shownIssuers(issuerSettings(options))))
    await stop
    await listener.close()
  } finally {
    await authority.close()
  }
  process.stdout.write('rolecall has stopped\n')
}

/** Opens what is there, or says in a line what is wrong with it. */
async function open(directory: string, options: Options, origin: () => string): Promise<Node> {
  const { keyFile, keyCommand, accountId } = options
  const settings = {
    directory,
    store: { kind: 'directory', directory },
    name: 'main',
    shared: false,
    key: { ...(keyFile === undefined ? {} : { keyFile }), ...(keyCommand === undefined ? {} : { keyCommand }) },
    ...(accountId === undefined ? {} : { accountId }),
    issuers: issuerSettings(options),
  } as const
  try {
    return await openNode(settings, {
      clock: machineClock,
      random: machineRandom(),
      schedule: machineSchedule,
      monotonic: machineMonotonic,
      origin,
      alarm,
    })
  } catch (error) {
    const words = wordsOf(error)
    if (words === undefined) throw error
    throw new Failure(`cannot open ${shown(directory)}: ${words}`)
  }
}

/** What is told to be served, by the names that AWS's pages have. */
const services = [
  ['iam', 'IAM'],
  ['sts', 'STS'],
  ['organizations', 'Organizations'],
  ['cloudtrail', 'CloudTrail'],
] as const

function banner(endpoint: string, directory: string, accounts: readonly string[], issuers: readonly string[]): string {
  const served = services.map(([id, name]) => `${name} ${loadService(id).apiVersion}`)
  const data = shown(directory) === defaultData ? '' : ` --data ${word(shown(directory))}`
  return `rolecall ${version()}
  serves       ${served.join(', ')}
  enforcement  on: every request is authenticated and authorized
  account      ${accounts[0] ?? ''}${accounts.length > 1 ? ` and ${accounts.length - 1} more` : ''}
  data         ${shown(directory)}
${issuers.map((issuer) => `  believes     ${issuer}\n`).join('')}  credentials  eval "$(${self()} env${data})"
  stop         Ctrl-C
rolecall is ready: ${endpoint}
`
}
