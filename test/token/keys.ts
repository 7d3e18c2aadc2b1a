import { randomBytes } from 'node:crypto'
import type { PasswordHash, Passwords } from '../../src/base/password.ts'
import type { Safe, Sealed } from '../../src/base/sealed.ts'
import type { KeySource } from '../../src/host/key.ts'
import { seedBytes, stepOf } from '../../src/token/totp.ts'
import { type SealingKey, sealingKey } from '../../src/token/vault.ts'

export const freshKey = (): SealingKey => sealingKey(randomBytes(32))

/** A source that a test holds: what is in the list is what is read. */
export const keysFrom = (keys: SealingKey[] = [freshKey()]): KeySource => ({
  kind: 'environment',
  name: 'the test',
  read: () => keys,
})

/** A safe for tests that ask what is done, not how it is kept: what it holds can be read off. */
export const glassSafe: Safe = {
  seal: (secret) => `glass ${secret}` as Sealed,
  reseal: (secret) => secret,
  source: 'environment',
  keyIds: () => ['00000000'],
  reread: () => undefined,
  stepOf(seed, _row, { codes, from, to, last }) {
    const step = stepOf(seedBytes(seed.slice('glass '.length)), codes, from, to)
    return step === undefined || (last !== undefined && step - codes.length < last) ? undefined : step
  },
}

/** Passwords for such tests: a hash can be read off, and is there at once. */
export const glassPasswords: Passwords = {
  hash: (password) => `glass ${password}` as PasswordHash,
  isAny: (hashes, password) => hashes.some((hash) => hash === `glass ${password}`),
}
