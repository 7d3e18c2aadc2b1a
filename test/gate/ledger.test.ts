import { expect, test } from 'vitest'
import type { AuditLog } from '../../src/audit/log.ts'
import { Ledger } from '../../src/gate/ledger.ts'
import type { TrailRow } from '../../src/store/store.ts'

const row = (eventId: string): TrailRow => ({ eventId, at: 0, account: '1', requestId: eventId, event: '{}' })

/** A log whose writing ends when the test says so. */
function slowLog() {
  const written: string[] = []
  const ends: (() => void)[] = []
  const log: Pick<AuditLog, 'append' | 'healthy'> = {
    healthy: () => true,
    append: (rows) =>
      new Promise((resolve) => {
        ends.push(() => {
          written.push(...rows.map(({ eventId }) => eventId))
          resolve()
        })
      }),
  }
  // Of a log the ledger uses no more than these.
  return { log: log as AuditLog, written, end: () => ends.shift()?.() }
}

test('answered-is-found: who flushes while records are being written waits until they are', async () => {
  const { log, written, end } = slowLog()
  let later = () => {}
  const ledger = new Ledger(
    log,
    (_milliseconds, run) => {
      later = run
      return () => {}
    },
    () => {},
  )
  ledger.soon([row('a')])
  // The clock's own flush is under way when somebody looks.
  later()
  const looked = ledger.flush().then(() => [...written])
  // Whoever does not wait is through by the next turn of the loop.
  await new Promise(setImmediate)
  ledger.soon([row('b')])
  const lookedAfter = ledger.flush().then(() => [...written])
  end()
  expect(await looked).toEqual(['a'])
  await new Promise(setImmediate)
  end()
  expect(await lookedAfter).toEqual(['a', 'b'])
  expect(ledger.queue).toBe(0)
})
