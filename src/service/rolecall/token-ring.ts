import type { Random } from '../../base/env.ts'
import type { Safe } from '../../base/sealed.ts'
import { bindingOf } from '../../state/entity.ts'
import { everywhere } from '../../state/index-keys.ts'
import type { Writable } from '../operation.ts'

const hour = 60 * 60_000
/** How long a key of the ring seals tokens. */
export const sealingMilliseconds = 30 * 24 * hour
/**
 * How long it opens them after that. No session lives longer than 36 hours (STS API Reference, GetSessionToken); the rest is for
 * a node that has not yet heard of the next key, and for clocks that disagree.
 */
export const openingMilliseconds = 48 * hour

interface Turning {
  readonly state: Writable
  readonly random: Random
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly vault: Pick<Safe, 'seal'>
}

/**
 * Turns the ring under which session tokens are sealed: a fresh key where the newest has sealed for its time, where there is
 * none, and where it is asked for; keys that can have no living token go. Where nothing is due, nothing is written, and of
 * several nodes that find the same key due, the second finds the fresh one of the first.
 */
export function turnRing({ state, random, now, vault }: Turning, asked = false): void {
  redate(state, now)
  const ring = [...state.find('token-key', everywhere)].sort((a, b) => b.createdAt - a.createdAt)
  const [newest] = ring
  for (const [at, key] of ring.entries()) {
    const next = at === 0 ? undefined : ring[at - 1]
    if (next !== undefined && now - next.createdAt >= openingMilliseconds) state.remove('token-key', key.id)
  }
  if (newest !== undefined && !asked && now - newest.createdAt < sealingMilliseconds) return
  const row = { kind: 'token-key', id: freeId(state, random) } as const
  const secret = btoa(String.fromCharCode(...random.bytes(32)))
  // The newest is the one that seals, so also where the clock was set back it comes after the others.
  const createdAt = newest === undefined ? now : Math.max(now, newest.createdAt + 1)
  state.put({ ...row, secret: vault.seal(secret, bindingOf(row)), createdAt })
}

/**
 * A key from further ahead than clocks disagree was made while this node's clock, or another's, was wrong. Left as it is, it would
 * be the one that seals until its time has come and gone; so it counts from now, and stays behind those it came after.
 */
function redate(state: Writable, now: number): void {
  let last = 0
  for (const key of [...state.find('token-key', everywhere)].sort((a, b) => a.createdAt - b.createdAt)) {
    const createdAt = key.createdAt > now + hour ? Math.max(now, last + 1) : key.createdAt
    if (createdAt !== key.createdAt) state.put({ ...key, createdAt })
    last = createdAt
  }
}

function freeId(state: Pick<Writable, 'get'>, random: Random): string {
  for (;;) {
    const id = Array.from(random.bytes(4), (byte) => byte.toString(16).padStart(2, '0')).join('')
    if (state.get('token-key', id) === undefined) return id
  }
}
