import { SqlAudit } from '../../src/audit/trail.ts'
import { marks, openSqlite } from '../../src/store/sqlite.ts'
import { auditContract } from '../contract/audit.ts'
import { folder, Time, writerOptions } from './scene.ts'

/** A log that seals what it was given after every call. */
const sealing = (log: SqlAudit): SqlAudit =>
  new Proxy(log, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target)
      if (typeof member !== 'function') return member
      return async (...given: unknown[]) => {
        const answer: unknown = await Reflect.apply(member, target, given)
        if (name === 'append' || name === 'deliver') await target.seal()
        return answer
      }
    },
  })

for (const [name, segmentRecords, eager] of [
  ['the log over SQLite', undefined, false],
  ['the log over SQLite in segments of a few records', 3, false],
  ['the log over SQLite that is sealed after every call', undefined, true],
] as const) {
  let dir = folder()
  dir.clean()
  const open = async () => {
    const time = new Time()
    const engine = openSqlite(dir.file('audit.db'), { mark: marks.audit })
    const log = await SqlAudit.open(engine, writerOptions('node', time, { ...(segmentRecords && { segmentRecords }) }))
    return eager ? sealing(log) : log
  }
  auditContract(name, {
    open: () => {
      dir = folder()
      return open()
    },
    again: open,
    clean: () => dir.clean(),
  })
}
