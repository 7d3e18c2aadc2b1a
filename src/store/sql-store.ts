import { type Head, sameHead } from '../state/head.ts'
import type { Kept } from '../state/unread.ts'
import type { Change } from '../state/view.ts'
import { checksum, wholeOf } from './checksum.ts'
import type { Engine, Row, Statements, Value } from './engine.ts'
import { revisionsKept } from './memory.ts'
import { migrate } from './migrate.ts'
import { readRecords, writeRecords } from './outbox.ts'
import { changeOf, entityTaker, numberOf, textOf } from './row.ts'
import { schema, schemaName } from './schema.ts'
import { inStatements, sql } from './sql.ts'
import { type Batch, type Delivery, HeadMoved, type Store, StoreDamaged } from './store.ts'

export interface StoreOptions {
  /** How many revisions back it is known what was touched. */
  readonly revisionsKept?: number
}

/** What a history has come to. */
interface Standing {
  readonly head: Head
  /** How many entities there are, and the exclusive or of their checksums: tells that none is missing, or is an old one. */
  readonly entities: number
  readonly fingerprint: number
}

/** How often what is too old to be asked about is taken away: rarely enough to cost nothing, often enough to be little. */
const revisionsBetween = 256

/**
 * Opens the store in a database, whose schema is walked forward first. The engine is the store's from here on, and is closed with
 * it; it is closed too where this rejects, as it does where the database was written by a newer rolecall.
 */
export async function openStore(engine: Engine, options: StoreOptions = {}): Promise<Store> {
  try {
    await migrate(engine, schemaName, schema)
  } catch (error) {
    await engine.close()
    throw error
  }
  return new SqlStore(engine, options.revisionsKept ?? revisionsKept)
}

/** The store in whatever database speaks our SQL. */
class SqlStore implements Store {
  readonly #engine: Engine
  readonly #revisionsKept: number
  readonly onHint?: (wake: () => void) => () => void
  readonly scrub?: () => Promise<void>
  /** The last that was seen: most commits are made on it, and need not ask for it. */
  #standing: Standing | undefined

  constructor(engine: Engine, revisionsKept: number) {
    this.#engine = engine
    this.#revisionsKept = revisionsKept
    if (engine.onHint !== undefined) this.onHint = (wake) => engine.onHint?.(wake) ?? (() => undefined)
    if (engine.scrub !== undefined) this.scrub = async () => engine.scrub?.()
  }

  load(): Promise<{ readonly head: Head; readonly entities: readonly Kept[] }> {
    return this.#engine.snapshot(async (snapshot) => {
      const standing = await standingOf(snapshot)
      const take = entityTaker()
      const entities: Kept[] = []
      let fingerprint = 0
      for await (const rows of snapshot.stream(sql.entities)) {
        for (const row of rows) {
          entities.push(take(row))
          fingerprint ^= Number(row.crc)
        }
      }
      if (entities.length !== standing.entities)
        throw new StoreDamaged(`it holds ${entities.length} entities instead of ${standing.entities}`)
      if (fingerprint >>> 0 !== standing.fingerprint)
        throw new StoreDamaged(`its entities are not those of revision ${standing.head.revision}`)
      return { head: standing.head, entities }
    })
  }

  async commit(batch: Batch): Promise<Head> {
    const { base, changes, trail, delivered } = batch
    const raises = changes.length > 0 || trail.length > 0
    if (!raises && delivered.length === 0) return base
    const bodies = changes.map(bodyOf)
    const records = trail.length === 0 ? undefined : writeRecords(trail)
    const standing = await this.#engine.write(async (statements) => {
      for (const { rows, values } of this.#cut(delivered.map((each) => [each])))
        await statements.run(sql.posted(rows), values)
      if (!raises) return undefined
      const raised = await this.#raise(statements, batch, bodies)
      if (records !== undefined) await statements.run(sql.post, [batch.batch, raised.head.revision, records])
      return raised
    })
    if (standing === undefined) return base
    this.#standing = standing
    return standing.head
  }

  async head(): Promise<Head> {
    return (await standingOf({ all: (text) => this.#engine.all(text) })).head
  }

  changesSince(head: Head): Promise<{ readonly head: Head; readonly changes: readonly Change[] } | undefined> {
    return this.#engine.snapshot(async (snapshot) => {
      const newest = (await standingOf(snapshot)).head
      if (sameHead(newest, head)) return { head, changes: [] }
      const known = await snapshot.all(sql.known, [head.revision, head.batch])
      if (known.length === 0) return undefined
      return { head: newest, changes: (await snapshot.all(sql.since, [head.revision])).map(changeOf) }
    })
  }

  async outbox(limit = 1000): Promise<readonly Delivery[]> {
    const rows = await this.#engine.all(sql.outbox, [limit])
    return rows.map((row) => ({ batch: textOf(row, 'batch'), rows: readRecords(textOf(row, 'records')) }))
  }

  close(): Promise<void> {
    return this.#engine.close()
  }

  async #raise(statements: Statements, { base, batch, changes }: Batch, bodies: readonly Body[]): Promise<Standing> {
    // What is read before the head is raised still holds once it is: the head only goes forward, and it is the base then.
    const before = await this.#standingAt(base, statements)
    let { entities, fingerprint } = before
    for (const { rows, values } of this.#cut(changes.map(({ kind, id }) => [kind, id]))) {
      const there = await statements.all(sql.checksums(rows), values)
      entities -= there.length
      for (const row of there) fingerprint ^= numberOf(row, 'crc')
    }
    const revision = base.revision + 1
    const puts: Value[][] = []
    const drops: Value[][] = []
    const notes: Value[][] = [[revision, '', batch]]
    for (const { kind, id, body, crc } of bodies) {
      notes.push([revision, kind, id])
      if (body === undefined) drops.push([kind, id])
      else {
        puts.push([kind, id, revision, crc, body])
        entities++
        fingerprint ^= crc
      }
    }
    fingerprint >>>= 0
    const raised = await statements.run(sql.raise, [revision, batch, entities, fingerprint, base.revision, base.batch])
    if (raised !== 1) throw new HeadMoved(base)
    for (const { rows, values } of this.#cut(puts)) await statements.run(sql.put(rows), values)
    for (const { rows, values } of this.#cut(drops)) await statements.run(sql.drop(rows), values)
    for (const { rows, values } of this.#cut(notes)) await statements.run(sql.note(rows), values)
    if (revision % Math.min(revisionsBetween, this.#revisionsKept) === 0)
      await statements.run(sql.forget, [revision - this.#revisionsKept])
    return { head: { revision, batch }, entities, fingerprint }
  }

  async #standingAt(base: Head, statements: Statements): Promise<Standing> {
    if (this.#standing !== undefined && sameHead(this.#standing.head, base)) return this.#standing
    const standing = await standingOf(statements)
    if (!sameHead(standing.head, base)) throw new HeadMoved(base)
    return standing
  }

  #cut(rows: readonly (readonly Value[])[]) {
    return inStatements(rows, this.#engine.dialect.rowsMax)
  }
}

interface Body {
  readonly kind: string
  readonly id: string
  readonly body: string | undefined
  readonly crc: number
}

function bodyOf({ kind, id, entity }: Change): Body {
  if (entity === undefined) return { kind, id, body: undefined, crc: 0 }
  const body = JSON.stringify(entity)
  return { kind, id, body, crc: checksum(wholeOf(kind, id, body)) }
}

async function standingOf(statements: { readonly all: (text: string) => Promise<readonly Row[]> }): Promise<Standing> {
  const [row] = await statements.all(sql.head)
  if (row === undefined) throw new StoreDamaged('it has no head')
  return {
    head: { revision: numberOf(row, 'revision'), batch: textOf(row, 'batch') },
    entities: numberOf(row, 'entities'),
    fingerprint: numberOf(row, 'fingerprint'),
  }
}
