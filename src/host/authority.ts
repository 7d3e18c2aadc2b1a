import type { Anchor } from '../audit/digest.ts'
import type { AuditKey } from '../audit/key.ts'
import type { AuditLog } from '../audit/log.ts'
import { type MarkedLog, Outbox } from '../audit/outbox.ts'
import type { Clock, Random, Schedule } from '../base/env.ts'
import type { KeyMaker } from '../base/key-pair.ts'
import type { Hasher } from '../base/password.ts'
import { alone, type Freshness } from '../gate/freshness.ts'
import { answer } from '../gate/gate.ts'
import { IssuerKeys } from '../gate/issuer-keys.ts'
import { Ledger } from '../gate/ledger.ts'
import { type Meter, unmetered } from '../gate/meter.ts'
import { samlProver } from '../gate/saml.ts'
import { Usage } from '../gate/usage.ts'
import type { Gate } from '../gate/walk.ts'
import { webIdentityProver } from '../gate/web-identity.ts'
import { loadCatalog } from '../service/catalog.ts'
import { everywhere } from '../state/index-keys.ts'
import { surveyOver } from '../state/survey.ts'
import { World } from '../state/world.ts'
import { Committer } from '../store/committer.ts'
import { Follower } from '../store/follower.ts'
import { type Store, StoreUnavailable } from '../store/store.ts'
import { type FetchKeys, IssuerTrouble } from '../token/issuer.ts'
import type { HttpRequest, HttpResponse } from '../wire/http.ts'
import { KeyCache } from '../wire/sigv4.ts'
import { type Founding, settle } from './founding.ts'
import { machineHasher } from './hasher.ts'
import type { KeySource } from './key.ts'
import { machineKeyMaker } from './key-maker.ts'
import { openVault, sealStore } from './sealing.ts'
import { seldom } from './seldom.ts'
import { keepTurning } from './turning.ts'
import { auditKeysOf, noteAnchors, notedIn } from './witness.ts'

export interface Surroundings {
  readonly clock: Clock
  readonly random: Random
  readonly schedule: Schedule
  /** What secrets are sealed under. */
  readonly keys: KeySource
  readonly meter?: Meter
  /** Default: the native one. */
  readonly hasher?: Hasher
  /** Default: Node's own. */
  readonly keyMaker?: KeyMaker
  /** Where this authority is reached from outside, without a slash at the end: issuers are made of it. Default: this machine. */
  readonly origin?: () => string
  /** Asks identity providers for their keys. Default: there is no way to any. */
  readonly fetchKeys?: FetchKeys
  /** Where bugs and trouble are told, a line each; never shown a secret. */
  readonly alarm: (what: string, error?: unknown) => void
}

/** What the audit log signs with, and whom it tells of what it has signed. */
export interface Evidence {
  /** Newest in front. */
  readonly keys: readonly AuditKey[]
  /** What was noted until now. */
  readonly noted: readonly Anchor[]
  readonly anchor: (anchor: Anchor) => void
}

/** What an authority stands on. It takes all of it over, and closes it. */
export interface Ground {
  readonly store: Store
  /** Resolves once the store's database was found whole: nothing is written before. */
  readonly sound?: Promise<void>
  readonly openLog: (evidence: Evidence) => Promise<MarkedLog>
  readonly founding: Founding
  /** Takes records where the log takes none, and brings them there later. Closed with it. */
  readonly spool?: (log: MarkedLog) => Promise<AuditLog>
  /** How new the state is that answers come from. Default: this authority alone writes to the store. */
  readonly freshness?: (follower: Follower) => Freshness
}

/** A running authority, whatever it listens on. */
export interface Authority {
  readonly answer: (request: HttpRequest) => Promise<HttpResponse>
  /** Account ids, the first account's in front. */
  readonly accounts: () => readonly string[]
  /** Where it stands, for those who watch over it. */
  readonly standing: () => Standing
  /** Reads the key-encryption keys again. Throws where they cannot be read; then those of before stay. */
  readonly rereadKeys: () => void
  /** Writes what waits, and lets go of the store. */
  readonly close: () => Promise<void>
}

export interface Standing {
  readonly revision: number
  readonly unseenMilliseconds: number
  /** Audit records that are not durable yet. */
  readonly queue: number
  /** False while no sink takes audit records: then nothing is changed and no credential given out. */
  readonly recording: boolean
}

/** The composition root: the only place that builds the others. */
export async function openAuthority(
  { store, sound, openLog, founding, spool, freshness = () => alone }: Ground,
  surroundings: Surroundings,
  accountId?: string,
): Promise<Authority> {
  const { clock, random, schedule, alarm, meter = unmetered, fetchKeys = noWay } = surroundings
  const { hasher = machineHasher(), keyMaker = machineKeyMaker(), origin = () => 'http://localhost' } = surroundings
  const [{ head, entities }] = await Promise.all([store.load(), sound])
  const world = new World(entities, head)
  /** Until the log is open, records of writes wait in the store's outbox. */
  let outbox: Outbox | undefined
  const committer = new Committer(world, store, {
    random,
    onDurable: (batch, rows) => outbox?.take(batch, rows),
  })
  const vault = openVault(world, surroundings.keys, clock, random)
  await sealStore(world, committer, store, vault, clock.now())
  await committer.write((draft) => {
    settle(draft, { clock, random, vault, founding }, accountId)
    return { result: undefined, trail: [] }
  })
  founding.settle((id) => world.get('access-key', id) !== undefined)

  const log = await openLog({
    keys: auditKeysOf(world, vault),
    noted: notedIn(world),
    anchor: noteAnchors(committer, alarm),
  })
  const sink = spool === undefined ? log : await spool(log)
  outbox = new Outbox({
    log,
    outbox: () => store.outbox(),
    delivered: (batches) => committer.delivered(batches),
    schedule,
    alarm,
  })
  await outbox.start()
  const follower = new Follower(world, store)
  const sight = freshness(follower)
  const ledger = new Ledger(sink, schedule, alarm)
  const away = seldom(alarm, () => clock.now())
  const gate: Gate = {
    world,
    committer,
    ledger,
    usage: new Usage(world, committer, schedule),
    provers: {
      saml: samlProver(vault),
      'web-identity': webIdentityProver(new IssuerKeys(fetchKeys, clock, alarm)),
    },
    trail: {
      async decision(account, requestId) {
        const row = await (requestId === undefined ? sink.lastDecision(account) : sink.decision(requestId, account))
        return row?.decision === undefined ? undefined : { ...row, decision: row.decision }
      },
      async lookup(question) {
        // What this node has answered is found, and not only what happened to be written down already.
        await ledger.flush()
        await outbox?.idle()
        return sink.lookup(question)
      },
    },
    survey: surveyOver(world, (run) => setImmediate(run)),
    catalog: loadCatalog(),
    keys: new KeyCache(),
    vault,
    hasher,
    keyMaker,
    origin,
    clock,
    random,
    freshness: sight,
    meter,
    alarm: (requestId, error) =>
      (error instanceof StoreUnavailable ? away : alarm)(`request ${requestId} failed`, error),
  }
  const stopTurning = keepTurning({ world, committer, vault, keyMaker }, surroundings)
  return {
    answer: (request) => answer(gate, request),
    accounts: () =>
      [...world.find('account', everywhere)]
        .sort((a, b) => Number(b.home) - Number(a.home) || a.createdAt - b.createdAt)
        .map((account) => account.id),
    standing: () => ({
      revision: world.revision,
      unseenMilliseconds: sight.unseenMilliseconds(),
      queue: ledger.queue,
      recording: ledger.healthy,
    }),
    rereadKeys: () => vault.reread(world.get('sealing', 'current')?.keyId),
    async close() {
      stopTurning()
      sight.close()
      follower.close()
      await ledger.flush()
      await gate.usage.flush()
      await committer.idle()
      await outbox.close()
      // Its last digest is noted in the store, so the store closes after it.
      await sink.close()
      await committer.close()
      await store.close()
    },
  }
}

const noWay: FetchKeys = ({ url }) => Promise.reject(new IssuerTrouble('unreachable', `there is no way to ${url}`))
