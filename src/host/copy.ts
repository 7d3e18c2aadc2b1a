import { migrations as trailSchema } from '../audit/sql.ts'
import { dump, Filling, type Piece } from '../store/dump.ts'
import type { Engine, Statements } from '../store/engine.ts'
import { migrate } from '../store/migrate.ts'
import { numberOf, textOf } from '../store/row.ts'
import { schemaName, schema as storeSchema } from '../store/schema.ts'
import { openStore } from '../store/sql-store.ts'
import {
  BackupDamaged,
  type BackupHead,
  type Part,
  type Portion,
  readBackup,
  type Written,
  writeBackup,
} from './backup.ts'

/** The two databases of an authority; one and the same where both are in a PostgreSQL. */
export interface Databases {
  readonly store: Engine
  readonly trail: Engine
}

/** What the trail's schema is called in `meta`. */
const trailName = 'audit'

/** Everything that the two hold, but for what only running nodes ask for (which revision touched what). */
const tables: Readonly<Record<Part, readonly string[]>> = {
  store: ['head', 'entity', 'outbox'],
  trail: [
    'audit_chain',
    'audit_number',
    'audit_run',
    'audit_refusal',
    'audit_block',
    'audit_page',
    'audit_digest',
    'audit_moved',
    'audit_index',
    'audit_index_part',
  ],
}

const schemasOf = ({ trail }: Databases): Readonly<Record<Part, number>> => ({
  store: storeSchema.length,
  trail: trailSchema(trail.dialect).length,
})

/**
 * Writes everything into one file, beside a running authority: the store as of one instant, and the trail as of one just after it,
 * so that it knows of each batch that has left the outbox.
 */
export async function backUp(databases: Databases, file: string, head: Omit<BackupHead, 'schemas'>): Promise<Written> {
  const { store, trail } = databases
  return store.snapshot((ofStore) =>
    trail.snapshot(async (ofTrail) => {
      // As they are: whoever only reads does not walk a schema forward under a server that runs.
      const schemas = { store: await versionOf(ofStore, schemaName), trail: await versionOf(ofTrail, trailName) }
      async function* portions(): AsyncIterable<Portion> {
        yield { part: 'store' }
        yield* dump(ofStore, tables.store)
        yield { part: 'trail' }
        // Where nothing was ever recorded there are no tables yet.
        if (schemas.trail > 0) yield* dump(ofTrail, tables.trail)
      }
      return writeBackup(file, { ...head, schemas }, portions())
    }),
  )
}

async function versionOf(reading: Pick<Statements, 'all'>, name: string): Promise<number> {
  const [row] = await reading.all('SELECT value FROM meta WHERE name = $1', [name]).catch(() => [])
  return Number(row?.value ?? 0)
}

/** Tables that are missing are made: of a trail that nothing was recorded in yet, too. */
async function ready({ store, trail }: Databases): Promise<void> {
  await openStore(store)
  await migrate(trail, trailName, trailSchema(trail.dialect))
}

export interface Restored {
  readonly at: number
  readonly version: string
  readonly entities: number
  readonly revision: number
  /** The key that its secrets are sealed under, by id. */
  readonly sealedUnder: string | undefined
}

/**
 * Fills two empty databases from a file, all of it or nothing of either where they are one. Throws `BackupDamaged` where the file is
 * not whole, and a plain error where the databases hold something already.
 */
export async function restore(file: string, databases: Databases): Promise<Restored> {
  await ready(databases)
  const { store, trail } = databases
  if (store === trail)
    return store.write((statements) => fill(file, databases, { store: statements, trail: statements }))
  return trail.write((ofTrail) => store.write((ofStore) => fill(file, databases, { store: ofStore, trail: ofTrail })))
}

async function fill(
  file: string,
  databases: Databases,
  statements: Readonly<Record<Part, Statements>>,
): Promise<Restored> {
  for (const part of ['store', 'trail'] as const)
    for (const table of tables[part]) {
      const most =
        table === 'head'
          ? 'SELECT revision AS there FROM head WHERE revision > 0'
          : `SELECT 1 AS there FROM ${table} LIMIT 1`
      if ((await statements[part].all(most)).length > 0)
        throw new Error('there is something already: a backup is restored into an empty store')
    }
  await statements.store.run('DELETE FROM head')
  let head: BackupHead | undefined
  let filling: Filling | undefined
  for await (const portion of readBackup(file)) {
    if (head === undefined) head = headOf(file, portion, schemasOf(databases))
    else if ('part' in portion) {
      const part = partOf(file, portion.part)
      filling = new Filling(statements[part], databases[part], tables[part])
    } else await taken(file, filling, portion)
  }
  return settled(file, head, databases, statements)
}

function headOf(file: string, portion: BackupHead | Portion, ours: Readonly<Record<Part, number>>): BackupHead {
  if (!('schemas' in portion)) throw new BackupDamaged(file, 'does not say what it was made from')
  const { version, schemas } = portion
  if (schemas.store !== ours.store || (schemas.trail !== ours.trail && schemas.trail !== 0))
    throw new Error(
      `${file} was made by rolecall ${version}, whose tables are others than this one's: restore it with that version, and upgrade what it makes`,
    )
  return portion
}

function partOf(file: string, part: string): Part {
  if (part === 'store' || part === 'trail') return part
  throw new BackupDamaged(file, 'has a part that there is not')
}

async function taken(file: string, filling: Filling | undefined, portion: BackupHead | Portion): Promise<void> {
  if (filling === undefined || !('table' in portion || 'rows' in portion))
    throw new BackupDamaged(file, 'has rows that belong nowhere')
  await filling.take(portion as Piece)
}

async function settled(
  file: string,
  head: BackupHead | undefined,
  { trail }: Databases,
  { store: ofStore, trail: ofTrail }: Readonly<Record<Part, Statements>>,
): Promise<Restored> {
  const [standing] = await ofStore.all('SELECT revision, batch, entities FROM head')
  if (head === undefined || standing === undefined) throw new BackupDamaged(file, 'holds no store')
  const revision = numberOf(standing, 'revision')
  // A node that starts from here finds the commit that it starts from.
  await ofStore.run(`INSERT INTO change (revision, kind, id) VALUES ($1, '', $2)`, [
    revision,
    textOf(standing, 'batch'),
  ])
  await goOn(ofTrail, trail)
  const [sealing] = await ofStore.all(`SELECT body FROM entity WHERE kind = 'sealing'`)
  const told: unknown = sealing === undefined ? undefined : JSON.parse(textOf(sealing, 'body'))
  const keyId = typeof told === 'object' && told !== null && 'keyId' in told ? String(told.keyId) : undefined
  return { at: head.at, version: head.version, entities: numberOf(standing, 'entities'), revision, sealedUnder: keyId }
}

/** Appends are numbered by the database, and numbers never come twice: SQLite goes on after the last row, PostgreSQL must be told. */
async function goOn(statements: Statements, { dialect }: Engine): Promise<void> {
  if (dialect.name === 'sqlite') return
  await statements.all(
    `SELECT setval(pg_get_serial_sequence('audit_number', 'number'), max(number)) FROM audit_number HAVING count(*) > 0`,
  )
}
