import pino from 'pino'

/** What the operator is told: JSON, a line each. Secrets are in no message of ours, and no request's parameters are told. */
export interface Log {
  readonly info: (what: string, facts?: Readonly<Record<string, unknown>>) => void
  readonly warn: (what: string, facts?: Readonly<Record<string, unknown>>) => void
  /** Something that should not have happened; with the error's stack, where it has one. */
  readonly error: (what: string, error?: unknown) => void
}

export const logLevels = ['error', 'warn', 'info', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

/** Structured lines on stderr, so that stdout stays for what was asked for. Written at once: the last words before a crash count. */
export function structuredLog(level: LogLevel, node: string): Log {
  const lines = pino(
    {
      level,
      base: { node },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.destination({ dest: 2, sync: true }),
  )
  return {
    info: (what, facts = {}) => lines.info(facts, what),
    warn: (what, facts = {}) => lines.warn(facts, what),
    error: (what, error) => (error === undefined ? lines.error(what) : lines.error({ err: asError(error) }, what)),
  }
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)))
