import type { Codes, Safe, Vault } from '../base/sealed.ts'
import type { AccessKey } from '../state/credential.ts'
import { bindingOf } from '../state/entity.ts'
import type { AuditKeyPair, DigestKeyPair, JwtKey, TokenKey } from '../state/key.ts'
import type { SamlKey } from '../state/provider.ts'
import type { View } from '../state/view.ts'
import { algorithms } from '../token/algorithm.ts'
import { type SigningKey, signingKeyIn, signJwt } from '../token/signing-key.ts'
import { seedBytes, stepOf } from '../token/totp.ts'
import type { Judge } from './trial.ts'

/**
 * What seals for an operation: under the key that its own state names. Whoever writes in a state in which another key was taken up
 * seals under that one, whichever key this node thinks is the first.
 */
export const sealerOver = (vault: Vault, state: View): Omit<Safe, keyof Codes> => {
  const current = () => state.get('sealing', 'current')?.keyId
  return {
    seal: (secret, row) => vault.seal(secret, row, current()),
    reseal: (secret, row) => vault.reseal(secret, row, current()),
    source: vault.source,
    keyIds: vault.keyIds,
    reread: () => vault.reread(current()),
  }
}

/** What an operation gets of the vault: it seals, and says whether codes are right. A used code is a wrong one, but no guess. */
export function safeOver(vault: Vault, state: View, judge: Judge): Safe {
  const { seal, reseal, source, keyIds, reread } = sealerOver(vault, state)
  return {
    seal,
    reseal,
    source,
    keyIds,
    reread,
    stepOf(device, { codes, from, to }) {
      const step = stepOf(seedBytes(vault.open(device.secret, bindingOf(device))), codes, from, to)
      const verdict = judge(device, step !== undefined)
      if (step === undefined || verdict !== 'right') return verdict === 'too many' ? verdict : 'wrong'
      return device.lastStep !== undefined && step - codes.length < device.lastStep ? 'used' : step
    },
  }
}

/** The secret of a key. Throws `CannotOpen`. Opened when it is needed, never before: at a start nothing is. */
export const secretOf = (
  vault: Vault,
  key: AccessKey | TokenKey | AuditKeyPair | DigestKeyPair | JwtKey | SamlKey,
): string => vault.open(key.secret, bindingOf(key))

/** Keys that have signed lately, as long as their entities are those. */
const signingKeys = new WeakMap<JwtKey, SigningKey>()

/** What signs web identity tokens for an operation. Throws `CannotOpen`. */
export const signerOver =
  (vault: Vault) =>
  (key: JwtKey, claims: object): string => {
    const algorithm = algorithms.get(key.algorithm)
    if (algorithm === undefined) throw new Error(`nothing signs by ${key.algorithm}`)
    const opened = signingKeys.get(key) ?? signingKeyIn(secretOf(vault, key))
    signingKeys.set(key, opened)
    return signJwt(claims, algorithm, opened)
  }
