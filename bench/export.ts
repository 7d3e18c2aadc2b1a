import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { exportTrail } from '../src/audit/export.ts'
import { type AuditKey, Verifier } from '../src/audit/key.ts'
import { exportFolder } from '../src/host/export-folder.ts'
import { machineClock } from '../src/host/machine.ts'
import { marks, openSqlite } from '../src/store/sqlite.ts'
import { algorithms } from '../src/token/algorithm.ts'
import { digestKeyIn } from '../src/token/digest-key.ts'
import { newSigningKey, signingKeyText } from '../src/token/signing-key.ts'

/** Exports a whole trail, and takes the files away again. Answers microseconds of CPU a record, and what the files come to. */
export async function timedExport(folder: string, path: string, key: AuditKey) {
  const rsa = algorithms.get('RS256')
  if (rsa === undefined) throw new Error('no key of RSA can be made')
  const out = join(folder, 'logs')
  const trail = openSqlite(path, { mark: marks.audit })
  const shelf = exportFolder(out, machineClock.now)
  try {
    const began = process.cpuUsage()
    const { records } = await exportTrail({
      trail,
      folder: shelf,
      settings: { bucket: 'logs', prefix: '', trail: 'rolecall' },
      until: machineClock.now() + 1000,
      now: machineClock.now(),
      verifier: new Verifier([key]),
      key: digestKeyIn(signingKeyText(newSigningKey(rsa))),
      told: () => undefined,
    })
    const { user, system } = process.cpuUsage(began)
    const bytes = readdirSync(out, { recursive: true, encoding: 'utf8' }).reduce(
      (sum, name) => sum + statSync(join(out, name)).size,
      0,
    )
    return { each: (user + system) / records, megabytes: bytes / 1e6 }
  } finally {
    shelf.close()
    await trail.close()
    rmSync(out, { recursive: true, force: true })
  }
}
