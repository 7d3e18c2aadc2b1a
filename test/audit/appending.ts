import { emptyHead, type Head } from '../../src/audit/chain.ts'
import { put, raise, readHead } from '../../src/audit/desk.ts'
import { Signer } from '../../src/audit/key.ts'
import { lineOf } from '../../src/audit/line.ts'
import { chained } from '../../src/audit/run.ts'
import { sql } from '../../src/audit/sql.ts'
import type { Engine } from '../../src/store/engine.ts'
import { numberOf } from '../../src/store/row.ts'
import type { TrailRow } from '../../src/store/store.ts'
import { key } from './scene.ts'

const signer = new Signer([key])

/** Appends records to a chain as the writer does it, at once and without one. */
export const append = (engine: Engine, node: string, rows: readonly TrailRow[], at: number): Promise<Head> =>
  engine.write(async (statements) => {
    const from = await readHead(statements, node, signer)
    const [row = {}] = await statements.all(sql.number, [node])
    const lines = rows.map((one) => lineOf(one))
    const { head, runs } = chained(lines, from ?? emptyHead(node), numberOf(row, 'number'), at)
    await raise(statements, node, from, head, signer)
    const values = runs.map(({ high, first, last, account, body }) => [high, node, first, last, account, body])
    await put(statements, 'run', values)
    return head
  })
