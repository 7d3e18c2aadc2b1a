import { Worker } from 'node:worker_threads'
import type { Anchor } from '../audit/digest.ts'
import type { AuditKey } from '../audit/key.ts'
import type { MarkedLog } from '../audit/outbox.ts'
import { type Channel, ThreadAudit } from '../audit/thread.ts'
import { SqlAudit } from '../audit/trail.ts'
import type { Clock, Schedule } from '../base/env.ts'
import type { Engine } from '../store/engine.ts'
import { openPostgres } from '../store/postgres.ts'
import { marks, openSqlite } from '../store/sqlite.ts'

/** Where an audit trail is kept. */
export type AuditPlace =
  | { readonly kind: 'sqlite'; readonly path: string }
  | { readonly kind: 'postgres'; readonly url: string }

/** What the thread that writes it is started with. */
export interface RecorderSettings {
  readonly place: AuditPlace
  /** Names this process's chain: the same after a restart, and no other process's at the same time. */
  readonly node: string
  /** The newest in front. */
  readonly keys: readonly AuditKey[]
  /** The digests that the store has noted of the trail. */
  readonly noted?: readonly Anchor[]
  readonly segmentRecords?: number
  readonly segmentMilliseconds?: number
}

export interface RecordingOptions {
  readonly clock: Clock
  readonly schedule: Schedule
  readonly anchor?: (anchor: Anchor) => void
  readonly alarm: (what: string, error?: unknown) => void
}

export const openAuditEngine = (place: AuditPlace): Engine =>
  place.kind === 'sqlite' ? openSqlite(place.path, { mark: marks.audit }) : openPostgres(place.url)

/** A log that says how it fares. */
export type Recording = MarkedLog & { readonly healthy: () => boolean; readonly seal: () => Promise<void> }

/** Compiled, writing has a thread of its own; out of the sources, which a thread of Node 20 cannot load, it is done in this one. */
export function openRecording(settings: RecorderSettings, options: RecordingOptions): Promise<Recording> {
  const { place, ...more } = settings
  return import.meta.url.endsWith('.js')
    ? ThreadAudit.open({
        ...options,
        keys: settings.keys,
        spawn: () => spawnRecorder(settings),
        open: () => openAuditEngine(place),
      })
    : SqlAudit.open(openAuditEngine(place), { ...options, ...more })
}

function spawnRecorder(settings: RecorderSettings): Channel {
  const worker = new Worker(new URL('./recorder.js', import.meta.url), { workerData: settings, name: 'audit' })
  // Whoever closes the log ends the thread; one that was forgotten must not keep the process.
  worker.unref()
  return {
    post: (message) => worker.postMessage(message),
    onMessage: (take) => void worker.on('message', take),
    onEnd(ended) {
      let reason: unknown
      worker.on('error', (error) => {
        reason = error
      })
      worker.on('exit', (code) => ended(reason ?? new Error(`the thread ended with ${code}`)))
    },
    async end() {
      await worker.terminate()
    },
  }
}
