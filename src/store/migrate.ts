import type { Engine, Row, Statements } from './engine.ts'

const meta = {
  make: 'CREATE TABLE IF NOT EXISTS meta (name text PRIMARY KEY, value text NOT NULL)',
  claim: `INSERT INTO meta (name, value) VALUES ($1, '0') ON CONFLICT (name) DO NOTHING`,
  hold: 'UPDATE meta SET value = value WHERE name = $1',
  read: 'SELECT value FROM meta WHERE name = $1',
  set: 'UPDATE meta SET value = $1 WHERE name = $2',
} as const

/**
 * What leads from one schema version to the next: statements, or work that reads what is there. Only ever add to the end of a
 * list of steps: what stands in it has been run on somebody's data.
 */
export type Step = readonly (string | ((statements: Statements) => Promise<void>))[]

/**
 * Walks a schema forward to what this version speaks, all of it or nothing. Several schemas live in one database under names of
 * their own. Several processes may do this at the same time: one does, the others find it done.
 */
export async function migrate(engine: Engine, name: string, steps: readonly Step[]): Promise<void> {
  // PostgreSQL answers one of two who make the same table at once with an error; the table is there then.
  const make = () => engine.write((statements) => statements.run(meta.make))
  await make().catch(make)
  await engine.write(async (statements) => {
    await statements.run(meta.claim, [name])
    await statements.run(meta.hold, [name])
    const version = versionOf(await statements.all(meta.read, [name]))
    if (!(version <= steps.length))
      throw new Error(
        `the database was written by a newer rolecall (${name} ${version}, this one reads up to ${steps.length}): upgrade rolecall`,
      )
    for (const step of steps.slice(version))
      for (const part of step) await (typeof part === 'string' ? statements.run(part) : part(statements))
    if (version < steps.length) await statements.run(meta.set, [String(steps.length), name])
  })
}

const versionOf = ([row]: readonly Row[]): number => Number(row?.value ?? 0)
