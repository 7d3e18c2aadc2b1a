import { Bucket } from './bucket.ts'
import type { Entity, EntityOf, Kind } from './entity.ts'
import { type Head, origin } from './head.ts'
import { accountIn, indexKeysOf, keysAcross, keysInAccount, staysInAccount } from './index-keys.ts'
import { type Kept, readOf, Unread } from './unread.ts'
import type { Change, View } from './view.ts'

/** A key under which one entity stands holds it bare: most keys are names, and sets of one are dear. */
type Index = Map<string, Entity | Bucket>

/**
 * All entities of one kind. What is asked about an account is answered from that account's own index, which is made when it is
 * first asked for: with millions of entities in thousands of accounts, most of an index would be made at every start for nobody.
 * Until then an account is the ids that it has.
 */
interface Table {
  readonly byId: Map<string, Kept>
  readonly byAccount: Map<string, Index | string[]>
  readonly across: Index
}

/** An account that has more of a kind is read at the start: its first question would hold up everybody else's. */
const largeAccount = 10_000

/**
 * What is durable, in memory, at one revision. Only the committer and the follower change it, and a whole revision at a time in
 * one tick, so nobody ever reads half of one. Look-ups by id and key are O(1); `find` answers in the order of ids.
 */
export class World implements View {
  #tables = new Map<Kind, Table>()
  #head: Head
  #generation = 0

  /** Ids must be unique within their kind, as a store's rows are. */
  constructor(entities: Iterable<Kept> = [], head: Head = origin) {
    this.#head = head
    for (const each of entities) {
      const { byId, byAccount, across } = this.#table(each.kind)
      const kept = each instanceof Unread && staysInAccount(each.kind) ? each : frozen(readOf(each))
      byId.set(kept.id, kept)
      if (!(kept instanceof Unread)) for (const key of keysAcross(kept)) append(across, key, kept)
      if (!('account' in kept)) continue
      const waiting = byAccount.get(kept.account)
      if (Array.isArray(waiting)) waiting.push(kept.id)
      else byAccount.set(kept.account, [kept.id])
    }
    for (const table of this.#tables.values())
      for (const [account, ids] of table.byAccount)
        if (Array.isArray(ids) && ids.length > largeAccount) indexOf(table, account)
  }

  /** What of the store's history this is equal to. */
  get head(): Head {
    return this.#head
  }

  get revision(): number {
    return this.#head.revision
  }

  /** How often everything was replaced: as long as this stays, the world has only gone forward in one history. */
  get generation(): number {
    return this.#generation
  }

  /** Takes over what transactions have made durable. Revisions come whole and in order. */
  apply(changes: readonly Change[], head: Head): void {
    if (head.revision <= this.revision) throw new Error(`revision ${head.revision} applied over ${this.revision}`)
    for (const { kind, id, entity } of changes) {
      const table = this.#table(kind)
      const before = taken(table, id)
      const kept = entity === undefined ? undefined : frozen(entity)
      const keys = kept === undefined ? [] : indexKeysOf(kept)
      if (before !== undefined)
        for (const key of indexKeysOf(before)) if (!keys.includes(key)) drop(indexTo(table, key), key, id)
      if (kept === undefined) table.byId.delete(id)
      else {
        for (const key of keys) place(indexTo(table, key), key, kept)
        table.byId.set(id, kept)
      }
    }
    this.#head = head
  }

  /** Becomes another: where the store's history is not the one that this world was made of. */
  replace(entities: Iterable<Kept>, head: Head): void {
    this.#tables = new World(entities, head).#tables
    this.#head = head
    this.#generation++
  }

  get<K extends Kind>(kind: K, id: string): EntityOf<K> | undefined {
    const table = this.#tables.get(kind)
    // A table holds entities of its own kind only, which the compiler cannot see: so here and below.
    return table && (taken(table, id) as EntityOf<K> | undefined)
  }

  find<K extends Kind>(kind: K, indexKey: string): readonly EntityOf<K>[] {
    const there = this.#there(kind, indexKey)
    if (there === undefined) return []
    return (there instanceof Bucket ? there.list() : [there]) as readonly EntityOf<K>[]
  }

  one<K extends Kind>(kind: K, indexKey: string): EntityOf<K> | undefined {
    const there = this.#there(kind, indexKey)
    return (there instanceof Bucket ? there.list()[0] : there) as EntityOf<K> | undefined
  }

  count(kind: Kind): number {
    return this.#tables.get(kind)?.byId.size ?? 0
  }

  /** All of a kind as they are at this revision, in no order: a list of its own, that nothing changes. */
  every(kind: Kind): readonly Kept[] {
    return [...(this.#tables.get(kind)?.byId.values() ?? [])]
  }

  #there(kind: Kind, indexKey: string): Entity | Bucket | undefined {
    const table = this.#tables.get(kind)
    return table && indexFor(table, indexKey)?.get(indexKey)
  }

  #table(kind: Kind): Table {
    let table = this.#tables.get(kind)
    if (table === undefined) {
      table = { byId: new Map(), byAccount: new Map(), across: new Map() }
      this.#tables.set(kind, table)
    }
    return table
  }
}

/** The index that a key stands in, an account's own made where this is the first question about it; none where it has nothing. */
function indexFor(table: Table, key: string): Index | undefined {
  const account = accountIn(key)
  if (account === undefined) return table.across
  return indexOf(table, account)
}

function indexOf(table: Table, account: string): Index | undefined {
  const there = table.byAccount.get(account)
  if (!Array.isArray(there)) return there
  const index: Index = new Map()
  for (const id of there) {
    const entity = taken(table, id)
    if (entity !== undefined) for (const own of keysInAccount(entity)) append(index, own, entity)
  }
  table.byAccount.set(account, index)
  return index
}

/** An entity, read now where it was not. There is one object of each, whoever asks, so that it is told by identity. */
function taken(table: Table, id: string): Entity | undefined {
  const kept = table.byId.get(id)
  if (!(kept instanceof Unread)) return kept
  const entity = frozen(kept.read())
  table.byId.set(id, entity)
  return entity
}

/** The same, to write to. */
function indexTo(table: Table, key: string): Index {
  const there = indexFor(table, key)
  if (there !== undefined) return there
  const index: Index = new Map()
  table.byAccount.set(accountIn(key) ?? '', index)
  return index
}

/** For building only: the entity is not in the index yet. */
function append(index: Index, key: string, entity: Entity): void {
  const there = index.get(key)
  if (there === undefined) index.set(key, entity)
  else if (there instanceof Bucket) there.append(entity)
  else index.set(key, Bucket.building(there, entity))
}

function place(index: Index, key: string, entity: Entity): void {
  const there = index.get(key)
  if (there instanceof Bucket) there.put(entity)
  else if (there === undefined || there.id === entity.id) index.set(key, entity)
  else {
    const bucket = Bucket.over([there])
    bucket.put(entity)
    index.set(key, bucket)
  }
}

function drop(index: Index, key: string, id: string): void {
  const there = index.get(key)
  if (there instanceof Bucket) {
    there.remove(id)
    const [last] = there.size === 1 ? there.list() : []
    if (last !== undefined) index.set(key, last)
  } else if (there?.id === id) index.delete(key)
}

/** Entities are shared by everybody who reads, so nobody may write to one. Its parts are as deep as its type, four levels. */
export function frozen<T extends object>(value: T): T {
  if (Object.isFrozen(value)) return value
  for (const key in value) {
    const part = value[key]
    if (typeof part === 'object' && part !== null) frozen(part)
  }
  return Object.freeze(value)
}
