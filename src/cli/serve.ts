import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { type AdminListener, listenForAdmin } from '../host/admin.ts'
import { readCredentials } from '../host/credentials.ts'
import { endpointOf } from '../host/endpoint.ts'
import type { KeyOptions } from '../host/key.ts'
import { type Log, type LogLevel, logLevels, structuredLog } from '../host/log.ts'
import type { Place } from '../host/node.ts'
import { type Serving, type ServingSettings, serve as serveHere } from '../host/serving.ts'
import { serveByWorkers } from '../host/workers.ts'
import { parseLocation, shownLocation } from '../store/location.ts'
import type { Lock } from '../store/lock.ts'
import { accountIdArgument } from './account.ts'
import { addressArgument, countArgument, durationArgument, textArgument, urlArgument } from './argument.ts'
import { postgresAt } from './databases.ts'
import { exitUsage, Failure, wordsOf } from './failure.ts'
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

interface Address {
  readonly host: string
  readonly port: number
}

interface Options extends KeyOptions, IssuerOptions {
  readonly store?: string
  readonly data?: string
  readonly listen: Address
  readonly publicUrl?: string
  readonly tlsCert?: string
  readonly tlsKey?: string
  readonly workers: number
  readonly freshness: 'strong' | 'available'
  readonly maxStaleness?: number
  readonly admin?: Address
  readonly node?: string
  readonly logLevel: LogLevel
  readonly accountId?: string
}

function placeAt(text: string): Place {
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text)
  return scheme ? { kind: 'postgres', url: postgresAt(text) } : { kind: 'directory', directory: text }
}

const shownPlace = (place: Place): string =>
  place.kind === 'directory' ? shown(place.directory) : shownLocation(parseLocation(place.url))

/** A name that can be part of a file's name and stands in every record's chain. */
function nodeArgument(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(text)) return text
  throw new InvalidArgumentError('A node is named with up to 63 letters, digits, dots, dashes and underscores.')
}

export function addServe(program: Command): void {
  program
    .command('serve')
    .summary('serve for others: several processes or nodes, TLS, PostgreSQL')
    .description(
      'Serves as `up` does, for those who depend on it: over a folder or PostgreSQL, by one process or several, with TLS, ' +
        'metrics and structured logs. Policies are enforced, always.',
    )
    .addOption(
      new Option('--store <where>', 'a folder, or postgres://user@host/database (default: the folder of --data)').env(
        'ROLECALL_STORE',
      ),
    )
    .option('--data <dir>', `this node's own folder (default: the store's, or ${defaultData})`, dataArgument)
    .addOption(
      new Option('--listen <address>', 'where to listen')
        .argParser(addressArgument)
        .default({ host: '127.0.0.1', port: defaultPort }, `127.0.0.1:${defaultPort}`),
    )
    .option('--public-url <url>', 'where others reach it (default: where it listens)', urlArgument)
    .option('--tls-cert <file>', 'certificate with its chain, PEM', textArgument)
    .option('--tls-key <file>', 'its private key, PEM', textArgument)
    .option('--workers <n>', 'processes that serve together', countArgument(1, 64), 1)
    .addOption(
      new Option('--freshness <mode>', 'what to do while the store cannot be reached: refuse, or go on for a while')
        .choices(['strong', 'available'])
        .default('strong'),
    )
    .option('--max-staleness <span>', 'how long to go on for (default: 15m)', durationArgument)
    .option('--admin <address>', 'where /livez, /readyz and /metrics are', addressArgument)
    .option('--node <name>', 'name of this node in logs and records (default: the machine’s)', nodeArgument)
    .addOption(new Option('--log-level <level>', 'how much is told on stderr').choices(logLevels).default('info'))
    .option('--account-id <digits>', 'the first account, where it is yet to be made', accountIdArgument)
    .addOption(keyFileOption)
    .addOption(keyCommandOption)
    .addOption(issuerKeysOption)
    .addOption(issuerNetworkOption)
    .addHelpText(
      'after',
      `
Examples:
  rolecall serve --store /var/lib/rolecall --workers 2 --admin :9464
  rolecall serve --store postgres://rolecall@db1,db2/rolecall \\
    --data /var/lib/rolecall --key-file /etc/rolecall/key \\
    --listen :443 --tls-cert cert.pem --tls-key key.pem

SIGTERM lets open requests finish. SIGHUP reads keys and certificates again.
A password is best kept out of the command line: set ROLECALL_STORE, or
PGPASSWORD, or use ~/.pgpass.`,
    )
    .action(serve)
}

/** Where the two of them are: a node over PostgreSQL keeps a folder for what is its own. */
function placesOf(options: Options): { readonly directory: string; readonly location: Place } {
  const { data } = options
  // An empty text is a variable that was never set.
  const store = options.store ? placeAt(options.store) : undefined
  if (store?.kind === 'postgres') return { directory: resolve(data ?? defaultData), location: store }
  const directory = resolve(store?.directory ?? data ?? defaultData)
  if (store !== undefined && data !== undefined && resolve(data) !== directory)
    throw new Failure('--store names a folder, which is the node’s own as well: leave --data out', exitUsage)
  return { directory, location: { kind: 'directory', directory } }
}

/** How long answers go on without the store, where nothing else is said. */
const staleMilliseconds = 15 * 60_000

function settingsOf(options: Options): ServingSettings {
  const { directory, location } = placesOf(options)
  const { tlsCert, tlsKey, workers, freshness, accountId, publicUrl } = options
  if (freshness === 'strong' && options.maxStaleness !== undefined)
    throw new Failure('--max-staleness says how long --freshness available goes on: give both, or neither', exitUsage)
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    throw new Failure('--tls-cert and --tls-key belong together: give both, or neither', exitUsage)
  return {
    directory,
    store: location,
    name: options.node ?? (nodeNameOf(hostname()) || 'node'),
    shared: workers > 1 || location.kind === 'postgres',
    key: {
      ...(options.keyFile === undefined ? {} : { keyFile: resolve(options.keyFile) }),
      ...(options.keyCommand === undefined ? {} : { keyCommand: options.keyCommand }),
    },
    listen: options.listen,
    issuers: issuerSettings(options),
    logLevel: options.logLevel,
    ...(freshness === 'available' ? { staleMilliseconds: options.maxStaleness ?? staleMilliseconds } : {}),
    ...(accountId === undefined ? {} : { accountId }),
    ...(publicUrl === undefined ? {} : { publicUrl }),
    ...(tlsCert === undefined || tlsKey === undefined ? {} : { certificate: { cert: tlsCert, key: tlsKey } }),
  }
}

const nodeNameOf = (host: string): string =>
  host
    .replaceAll(/[^A-Za-z0-9._-]/g, '-')
    .replace(/^[._-]+/, '')
    .slice(0, 48)

const loopback = /^(?:127\.|::1$|localhost$)/

async function serve(options: Options): Promise<void> {
  const settings = settingsOf(options)
  const log = structuredLog(options.logLevel, settings.name)
  await holdingFolder(
    settings.directory,
    ({ pid }) => `${shown(settings.directory)} is in use by process ${pid}. Each node has a folder of its own.`,
    (lock) => run(options, settings, log, lock),
  )
}

async function run(options: Options, settings: ServingSettings, log: Log, lock: Lock): Promise<void> {
  if (settings.certificate === undefined && !loopback.test(settings.listen.host))
    log.warn('listening beyond this machine without TLS: secret session tokens can be read on the way')
  const stop = stopSignal()
  const serving = await started(options.workers, settings, log)
  let admin: AdminListener | undefined
  try {
    const { port } = serving
    const endpoint = endpointOf({ ...settings.listen, port, secure: settings.certificate !== undefined })
    admin = options.admin && (await listenForAdmin(options.admin, serving))
    process.on('SIGHUP', () => serving.reload())
    lock.describe(endpoint)
    process.stdout.write(
      banner(endpoint, settings, options.workers, admin && { host: options.admin?.host ?? '', port: admin.port }),
    )
    log.info('ready', { endpoint })
    await stop
    log.info('stopping: open requests may finish')
  } finally {
    await serving.stop()
    await admin?.close()
  }
  log.info('stopped')
}

async function started(workers: number, settings: ServingSettings, log: Log): Promise<Serving> {
  try {
    return workers === 1
      ? await serveHere(settings, log, { among: false })
      : await serveByWorkers(workers, settings, log)
  } catch (error) {
    const words = wordsOf(error)
    if (words === undefined) throw error
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')
      throw new Failure(`port ${settings.listen.port} is in use. Choose another with --listen, or port 0 for any.`)
    throw new Failure(`cannot serve ${shownPlace(settings.store)}: ${words}`)
  }
}

function banner(
  endpoint: string,
  { directory, store, staleMilliseconds, issuers }: ServingSettings,
  workers: number,
  admin: Address | undefined,
): string {
  const data = shown(directory) === defaultData ? '' : ` --data ${word(shown(directory))}`
  const rows = [
    ['store', shownPlace(store)],
    ['enforcement', 'on: every request is authenticated and authorized'],
    ['freshness', staleMilliseconds === undefined ? 'strong' : `available, up to ${staleMilliseconds / 1000} s`],
    ...(issuers === undefined ? [] : shownIssuers(issuers).map((issuer) => ['believes', issuer])),
    ...(workers === 1 ? [] : [['workers', String(workers)]]),
    ...(admin === undefined ? [] : [['admin', `${endpointOf({ ...admin, secure: false })}/metrics`]]),
    // Of several nodes over one store, the one that founded it holds the first keys.
    ...(readCredentials(directory).length === 0 ? [] : [['credentials', `eval "$(${self()} env${data})"`]]),
  ]
  const lines = rows.map(([name = '', value = '']) => `  ${name.padEnd(13)}${value}\n`)
  return `rolecall ${version()}\n${lines.join('')}rolecall is ready: ${endpoint}\n`
}
