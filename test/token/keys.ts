import { generateKeyPairSync, randomBytes } from 'node:crypto'
import type { KeyPairs, TokenAlgorithm } from '../../src/base/key-pair.ts'
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
  stepOf({ secret, lastStep: last }, { codes, from, to }) {
    const step = stepOf(seedBytes(secret.slice('glass '.length)), codes, from, to)
    if (step === undefined) return 'wrong'
    return last !== undefined && step - codes.length < last ? 'used' : step
  },
}

/** Passwords for such tests: a hash can be read off, and is there at once. */
export const glassPasswords: Passwords = {
  hash: (password) => `glass ${password}` as PasswordHash,
  isAny: (hashes, password) => hashes.some((hash) => hash === `glass ${password}`),
  judge: ({ hashes: [hash] }, password) => (hash === `glass ${password}` ? 'right' : 'wrong'),
}

/** Key pairs for such tests, by algorithm: made once, because an RSA key takes its time. */
const made = new Map<TokenAlgorithm, string>()
export const glassKeyPairs: KeyPairs = {
  fresh(algorithm) {
    const known = made.get(algorithm)
    if (known !== undefined) return known
    const { privateKey: key } =
      algorithm === 'RS256'
        ? generateKeyPairSync('rsa', { modulusLength: 2048 })
        : generateKeyPairSync('ec', { namedCurve: 'P-384' })
    const privateKey = key.export({ type: 'pkcs8', format: 'pem' }).toString()
    made.set(algorithm, privateKey)
    return privateKey
  },
}
