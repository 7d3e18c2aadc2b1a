/** How a request ended, in as few words as an operator can tell apart at a glance. */
export type Outcome = 'answered' | 'unauthenticated' | 'denied' | 'refused' | 'failed'

/** What is measured of each request. Told by the gate, kept by the host. */
export interface Meter {
  /** Seconds of a clock that only goes forward. */
  readonly now: () => number
  /** `service` and `operation` are names of AWS's models, or empty: what a caller makes up is no label. */
  readonly request: (service: string, operation: string, outcome: Outcome, seconds: number) => void
  /** One request's authorization, whatever it came to. */
  readonly decision: (seconds: number) => void
}

/** Measures nothing. */
export const unmetered: Meter = { now: () => 0, request: () => undefined, decision: () => undefined }
