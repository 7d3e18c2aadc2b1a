import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AuditKey, makeAuditKey } from '../../src/audit/key.ts'
import type { WriterOptions } from '../../src/audit/writer.ts'
import type { Random } from '../../src/base/env.ts'
import type { TrailRow } from '../../src/store/store.ts'

/** A generator that a test can repeat. */
export function seeded(seed: number): Random & { readonly below: (bound: number) => number } {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  return {
    bytes: (count) => Uint8Array.from({ length: count }, () => next() & 0xff),
    below: (bound) => Math.floor((next() / 2 ** 32) * bound),
  }
}

export const key: AuditKey = makeAuditKey(seeded(7))

/** A directory that is gone after the test. */
export function folder(): {
  readonly path: string
  readonly file: (name: string) => string
  readonly clean: () => void
} {
  const path = mkdtempSync(join(tmpdir(), 'rolecall-audit-'))
  return {
    path,
    file: (name) => join(path, name),
    clean: () => rmSync(path, { recursive: true, force: true }),
  }
}

/** A clock and a timer that a test turns by hand. */
export class Time {
  #now = 1_700_000_000_000
  readonly #timers = new Set<{ readonly due: number; readonly run: () => void }>()
  readonly clock = { now: () => this.#now }

  readonly schedule = (milliseconds: number, run: () => void): (() => void) => {
    const timer = { due: this.#now + milliseconds, run }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  pass(milliseconds: number): void {
    this.#now += milliseconds
    for (const timer of [...this.#timers]) {
      if (timer.due > this.#now) continue
      this.#timers.delete(timer)
      timer.run()
    }
  }
}

export interface Told {
  readonly alarms: string[]
}

export function writerOptions(node: string, time: Time, more: Partial<WriterOptions> = {}): WriterOptions & Told {
  const alarms: string[] = []
  return {
    node,
    keys: [key],
    clock: time.clock,
    schedule: time.schedule,
    alarm: (what) => void alarms.push(what),
    alarms,
    ...more,
  }
}

/** A record as the gate makes them, about as long as most are. */
export const record = (number: number, account = '111122223333', decision?: string): TrailRow => ({
  eventId: `e0000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
  at: 1_700_000_000_000 + number,
  account,
  requestId: `a0000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
  event: JSON.stringify({
    eventVersion: '1.11',
    userIdentity: { type: 'IAMUser', arn: `arn:aws:iam::${account}:user/ünï "${number % 7}"` },
    eventName: number % 3 === 0 ? 'AssumeRole' : 'GetUser',
    number,
  }),
  ...(decision !== undefined && { decision }),
})
