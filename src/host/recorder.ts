import { parentPort, workerData } from 'node:worker_threads'
import { serveAudit } from '../audit/worker.ts'
import { AuditWriter } from '../audit/writer.ts'
import { machineClock, machineSchedule } from './machine.ts'
import { openAuditEngine, type RecorderSettings } from './recording.ts'

// The program of the thread that writes the audit trail. What it is started with is what `recording.ts` hands it.
const { place, ...settings } = workerData as RecorderSettings
const port = parentPort
if (port === null) throw new Error('this runs as a thread')

serveAudit(
  {
    post: (report) => port.postMessage(report),
    // What `thread.ts` posts.
    onOrder: (take) => void port.on('message', (order: Parameters<typeof take>[0]) => take(order)),
  },
  (told) =>
    AuditWriter.open(openAuditEngine(place), {
      ...settings,
      clock: machineClock,
      schedule: machineSchedule,
      anchor: told.anchor,
      alarm: told.alarm,
    }),
)
