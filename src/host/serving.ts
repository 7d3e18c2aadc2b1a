import { type CertificateFiles, readCertificate } from './certificate.ts'
import { endpointOf } from './endpoint.ts'
import { listen } from './listen.ts'
import type { Log, LogLevel } from './log.ts'
import { machineClock, machineMonotonic, machineRandom, machineSchedule } from './machine.ts'
import { Metrics } from './metrics.ts'
import { type NodeSettings, openNode } from './node.ts'

/** A node and where it listens: plain values, which can be handed to another process. */
export interface ServingSettings extends NodeSettings {
  readonly listen: { readonly host: string; readonly port: number }
  readonly certificate?: CertificateFiles
  /** Where others reach it, without a slash at the end, where that is not where it listens. */
  readonly publicUrl?: string
  readonly logLevel: LogLevel
}

/** What serves, be it one process or several. */
export interface Serving {
  readonly port: number
  /** Why no request should be sent here; `undefined` where one may. */
  readonly trouble: () => Promise<string | undefined>
  /** Prometheus's text. */
  readonly metrics: () => Promise<string>
  /** Reads keys and certificates again. What cannot be read is told to the log, and what was there before stays. */
  readonly reload: () => void
  /** Lets open requests finish, writes what waits, and lets go of the store. */
  readonly stop: () => Promise<void>
}

/** Serves from this process. Among several, metrics are asked for by the one that started them. */
export async function serve(
  settings: ServingSettings,
  log: Log,
  { among }: { readonly among: boolean },
): Promise<Serving> {
  const metrics = new Metrics()
  if (among) metrics.share()
  const certificate = settings.certificate === undefined ? undefined : readCertificate(settings.certificate)
  const { publicUrl, listen: where } = settings
  /** Once it is known: who asks for any free port gets one that nobody knew before. */
  let port = where.port
  const node = await openNode(settings, {
    clock: machineClock,
    random: machineRandom(),
    schedule: machineSchedule,
    monotonic: machineMonotonic,
    metered: (store) => metrics.metered(store),
    meter: metrics,
    origin: () => publicUrl ?? endpointOf({ ...where, port, secure: certificate !== undefined }),
    alarm: log.error,
  })
  const [first] = node.accounts()
  if (settings.accountId !== undefined && settings.accountId !== first) {
    await node.close()
    throw new Error(`account ${first} is there already: leave --account-id out`)
  }
  metrics.watch(node.gauges)
  const listener = await listen(
    { ...where, ...(certificate === undefined ? {} : { certificate }) },
    node.answer,
    (error) => log.error('a connection failed', error),
  ).catch(async (error: unknown) => {
    await node.close()
    throw error
  })
  port = listener.port
  let stopping = false
  return {
    port,
    trouble: async () => (stopping ? 'stopping' : await node.trouble()),
    metrics: () => metrics.text(),
    reload() {
      attempt(log, 'the key-encryption keys', () => node.rereadKeys())
      const files = settings.certificate
      if (files !== undefined) attempt(log, 'the certificate', () => listener.renew(readCertificate(files)))
    },
    async stop() {
      stopping = true
      await listener.close()
      await node.close()
    },
  }
}

function attempt(log: Log, what: string, read: () => void): void {
  try {
    read()
    log.info(`${what} read again`)
  } catch (error) {
    log.error(`${what} could not be read again: what was there stays`, error)
  }
}
