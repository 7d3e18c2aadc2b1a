import { join } from 'node:path'
import type { AuditLog } from '../audit/log.ts'
import { openTable } from '../audit/table.ts'
import type { Clock, Random } from '../base/env.ts'
import type { Vault } from '../base/sealed.ts'
import { answer, type Gate } from '../gate/gate.ts'
import { Ledger, type Schedule } from '../gate/ledger.ts'
import { safeOver } from '../gate/safe.ts'
import { Usage } from '../gate/usage.ts'
import { loadCatalog } from '../service/catalog.ts'
import { foundAccount, freeAccountId } from '../service/rolecall/account.ts'
import { turnRing } from '../service/rolecall/token-ring.ts'
import type { Draft } from '../state/draft.ts'
import { everywhere } from '../state/index-keys.ts'
import { World } from '../state/world.ts'
import { Committer } from '../store/committer.ts'
import { openStore } from '../store/sql-store.ts'
import { marks, openSqlite } from '../store/sqlite.ts'
import type { Delivery, Store } from '../store/store.ts'
import type { HttpRequest, HttpResponse } from '../wire/http.ts'
import { KeyCache } from '../wire/sigv4.ts'
import { type KeptKeys, writeCredentials } from './credentials.ts'
import type { KeySource } from './key.ts'
import { openVault, sealStore } from './sealing.ts'

export interface Surroundings {
  readonly clock: Clock
  readonly random: Random
  readonly schedule: Schedule
  /** What secrets are sealed under. */
  readonly keys: KeySource
  /** Where bugs and trouble are told, a line each; never shown a secret. */
  readonly alarm: (what: string, error?: unknown) => void
}

/** A running authority, whatever it listens on. */
export interface Authority {
  readonly answer: (request: HttpRequest) => Promise<HttpResponse>
  /** Account ids, the first account's in front. */
  readonly accounts: () => readonly string[]
  /** Writes what waits, and lets go of the store. */
  readonly close: () => Promise<void>
}

/** The composition root: the only place that builds the others. */
export async function openAuthority(
  store: Store,
  log: AuditLog,
  surroundings: Surroundings,
  found: (keys: KeptKeys) => void,
  accountId?: string,
): Promise<Authority> {
  const { clock, random, schedule, alarm } = surroundings
  const { head, entities } = await store.load()
  const world = new World(entities, head)
  const deliver = async (deliveries: readonly Delivery[]): Promise<void> => {
    await log.deliver(deliveries)
    committer.delivered(deliveries.map(({ batch }) => batch))
  }
  const committer = new Committer(world, store, {
    random,
    onDurable: (batch, rows) =>
      void deliver([{ batch, rows }]).catch((error) => alarm('audit records of writes wait in the outbox', error)),
  })
  await emptyOutbox(store, log)
  const vault = openVault(world, surroundings.keys, clock, random)
  await sealStore(world, committer, store, vault, clock.now())
  await committer.write((draft) => {
    settle(draft, surroundings, vault, found, accountId)
    return { result: undefined, trail: [] }
  })

  const ledger = new Ledger(log, schedule, alarm)
  const gate: Gate = {
    world,
    committer,
    ledger,
    usage: new Usage(world, committer),
    trail: {
      async decision(account, requestId) {
        const row = await (requestId === undefined ? log.lastDecision(account) : log.decision(requestId, account))
        return row?.decision === undefined ? undefined : { ...row, decision: row.decision }
      },
    },
    catalog: loadCatalog(),
    keys: new KeyCache(),
    vault,
    clock,
    random,
    alarm: (requestId, error) => alarm(`request ${requestId} failed`, error),
  }
  const stopTurning = keepTurning(committer, vault, surroundings)
  return {
    answer: (request) => answer(gate, request),
    accounts: () =>
      [...world.find('account', everywhere)]
        .sort((a, b) => Number(b.home) - Number(a.home) || a.createdAt - b.createdAt)
        .map((account) => account.id),
    async close() {
      stopTurning()
      await ledger.flush()
      await committer.close()
      await emptyOutbox(store, log)
      await store.close()
      await log.close()
    },
  }
}

/** Brings what was left on the way to the audit log. A batch that came through before is passed over there. */
async function emptyOutbox(store: Store, log: AuditLog): Promise<void> {
  for (;;) {
    const deliveries = await store.outbox()
    if (deliveries.length === 0) return
    await log.deliver(deliveries)
    const delivered = deliveries.map(({ batch }) => batch)
    await store.commit({ base: await store.head(), batch: '', changes: [], trail: [], delivered })
  }
}

/** What an authority cannot be without: a key to seal tokens under, and a first account. Does nothing where both are there. */
function settle(
  draft: Draft,
  { clock, random }: Surroundings,
  vault: Vault,
  found: (keys: KeptKeys) => void,
  accountId: string | undefined,
): void {
  const founding = { state: draft, random, now: clock.now(), vault: safeOver(vault, draft) }
  turnRing(founding)
  if (draft.find('account', everywhere).length > 0) return
  const id = accountId ?? freeAccountId(draft, random)
  const keys = foundAccount(founding, { id, name: 'main', home: true })
  // Before the account is durable: a crash in between leaves keys to nothing, and the next start makes new ones.
  found({ ...keys, name: 'main' })
}

/** How often it is looked whether the ring of token keys is due. A timer holds no thirty days. */
const turnMilliseconds = 60 * 60_000

/** Turns the ring of token keys in time. Hands back how to stop. */
function keepTurning(committer: Committer, vault: Vault, { clock, random, schedule, alarm }: Surroundings): () => void {
  let cancel = () => {}
  const wait = () => {
    cancel = schedule(turnMilliseconds, () => {
      committer
        .write((draft) => {
          turnRing({ state: draft, random, now: clock.now(), vault: safeOver(vault, draft) })
          return { result: undefined, trail: [] }
        })
        .catch((error: unknown) => alarm('the ring of token keys was not turned', error))
      wait()
    })
  }
  wait()
  return () => cancel()
}

/** An authority over a data directory. */
export async function openDirectory(
  directory: string,
  surroundings: Surroundings,
  accountId?: string,
): Promise<Authority> {
  const store = await openStore(openSqlite(join(directory, 'rolecall.db')))
  const log = await openTable(openSqlite(join(directory, 'trail.db'), { mark: marks.audit }))
  return openAuthority(store, log, surroundings, (keys) => writeCredentials(directory, [keys]), accountId)
}
