import { join } from 'node:path'
import process from 'node:process'
import { SpooledAudit } from '../audit/spool.ts'
import { Available, alone, type Freshness, type Monotonic, strong } from '../gate/freshness.ts'
import type { Engine } from '../store/engine.ts'
import type { Follower } from '../store/follower.ts'
import { openPostgres } from '../store/postgres.ts'
import { openStore } from '../store/sql-store.ts'
import { marks, openSqlite } from '../store/sqlite.ts'
import { type Store, StoreDamaged } from '../store/store.ts'
import { type Authority, openAuthority, type Surroundings } from './authority.ts'
import { foundIn } from './credentials.ts'
import { discovery, type IssuerSettings, noIssuerSettings } from './discovery.ts'
import { examine } from './examining.ts'
import { type KeyOptions, keySource } from './key.ts'
import type { Gauges } from './metrics.ts'
import { type AuditPlace, openRecording } from './recording.ts'

/** Where a store is: a folder of this machine, or a PostgreSQL by its URL. */
export type Place =
  | { readonly kind: 'directory'; readonly directory: string }
  | { readonly kind: 'postgres'; readonly url: string }

/** What a node is started with: plain values, which can be handed to another process. */
export interface NodeSettings {
  /** The node's own folder. */
  readonly directory: string
  readonly store: Place
  /** Names its chain of audit records. No two nodes that run at once over one store have the same. */
  readonly name: string
  /** Whether others may write to the same store. */
  readonly shared: boolean
  /** How long answers may go on while the store cannot be reached, in milliseconds. Missing: not at all. */
  readonly staleMilliseconds?: number
  readonly key: KeyOptions
  readonly accountId?: string
  /** Missing: issuers are on the internet, where they say that they are. */
  readonly issuers?: IssuerSettings
}

export interface Node extends Authority {
  readonly gauges: Gauges
  /** Why no request should be sent here; `undefined` where one may. */
  readonly trouble: () => Promise<string | undefined>
}

/** Files that a node's folder holds, and what a file system puts there by itself. */
export const ownFile = /^(?:(?:rolecall|audit|spool)\.db|lock\.|key$|key\.|credentials\.|saml-idp\.pem|lost\+found$)/

/** The database that holds a store. */
export const openStoreEngine = (place: Place): Engine =>
  place.kind === 'postgres' ? openPostgres(place.url, { channel: 'rolecall' }) : openSqlite(storeFile(place.directory))

const storeFile = (directory: string): string => join(directory, 'rolecall.db')

/** The database that holds its trail: a file beside the store's, or the same PostgreSQL. */
export const auditPlaceOf = (place: Place): AuditPlace =>
  place.kind === 'postgres'
    ? { kind: 'postgres', url: place.url }
    : { kind: 'sqlite', path: join(place.directory, 'audit.db') }

type Around = Omit<Surroundings, 'keys' | 'fetchKeys'> & {
  readonly monotonic: Monotonic
  readonly metered?: (store: Store) => Store
}

/** Opens a node on what its settings name. Throws a plain error, in words for the operator, where something is wrong with it. */
export async function openNode(settings: NodeSettings, around: Around): Promise<Node> {
  const { clock, random, schedule, alarm, monotonic, metered = (store) => store } = around
  const { staleMilliseconds } = settings
  const keys = keySource(settings.key, process.env, settings.directory)
  const engine = openStoreEngine(settings.store)
  let authority: Authority
  let store: Store
  /** Whatever was opened, for the case that the rest cannot be. */
  const opened: { close: () => Promise<void> }[] = [engine]
  try {
    const place = settings.store
    const sound = place.kind === 'directory' ? examine(engine, storeFile(place.directory)) : Promise.resolve()
    // Whoever waits for it is told.
    sound.catch(() => undefined)
    store = metered(await openStore(engine))
    authority = await openAuthority(
      {
        store,
        sound,
        async openLog({ keys: signing, noted, anchor }) {
          const recorder = { place: auditPlaceOf(settings.store), node: settings.name, keys: signing, noted }
          const log = await openRecording(recorder, { clock, schedule, anchor, alarm }).catch((error: unknown) => {
            throw unfitTrail(error)
          })
          opened.push(log)
          return log
        },
        founding: foundIn(settings.directory),
        ...(staleMilliseconds === undefined || settings.store.kind === 'directory'
          ? {}
          : {
              // Who goes on without the database must not give out credentials that nothing tells of.
              spool: (log) =>
                SpooledAudit.open(log, openSqlite(join(settings.directory, 'spool.db'), { mark: marks.audit }), {
                  node: settings.name,
                  random,
                  schedule,
                  alarm,
                }),
            }),
        freshness: freshnessOf(settings, around, monotonic),
      },
      { ...around, keys, fetchKeys: discovery(settings.issuers ?? noIssuerSettings) },
      settings.accountId,
    )
  } catch (error) {
    await Promise.allSettled(opened.map((each) => each.close()))
    throw error
  }
  const { standing } = authority
  return {
    ...authority,
    gauges: {
      revision: () => standing().revision,
      unseenSeconds: () => standing().unseenMilliseconds / 1000,
      auditQueue: () => standing().queue,
      lag: async () => (await store.head()).revision - standing().revision,
    },
    async trouble() {
      if (!standing().recording) return 'no audit sink takes records'
      try {
        await store.head()
        return undefined
      } catch {
        const going = staleMilliseconds !== undefined && standing().unseenMilliseconds < staleMilliseconds
        return going ? undefined : 'the store cannot be reached'
      }
    },
  }
}

/** Nothing is recorded over a trail that cannot be read: whoever runs the node decides what becomes of it. */
function unfitTrail(error: unknown): unknown {
  // A database that is away comes back, and any other class is a bug of ours.
  if (!(error instanceof StoreDamaged || (error instanceof Error && error.constructor === Error))) return error
  return new Error(
    `the audit trail cannot be opened: ${error.message}. Bring it back from a backup, or move its file away: then a new one begins, and "rolecall audit verify" tells which records are missing`,
    { cause: error },
  )
}

function freshnessOf(
  { shared, staleMilliseconds }: NodeSettings,
  { schedule }: Around,
  monotonic: Monotonic,
): (follower: Follower) => Freshness {
  if (!shared) return () => alone
  if (staleMilliseconds === undefined) return (follower) => strong(follower, monotonic)
  return (follower) => new Available(follower, staleMilliseconds, monotonic, schedule)
}
