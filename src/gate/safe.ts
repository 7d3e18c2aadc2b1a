import type { Safe, Vault } from '../base/sealed.ts'
import { type AccessKey, type AuditKeyPair, bindingOf, type TokenKey } from '../state/entity.ts'
import type { View } from '../state/view.ts'

/**
 * What an operation gets of the vault. It seals under the key that its own state names: whoever writes in a state in which
 * another key was taken up seals under that one, whichever key this node thinks is the first.
 */
export const safeOver = (vault: Vault, state: View): Safe => {
  const current = () => state.get('sealing', 'current')?.keyId
  return {
    seal: (secret, row) => vault.seal(secret, row, current()),
    reseal: (secret, row) => vault.reseal(secret, row, current()),
    source: vault.source,
    keyIds: vault.keyIds,
    reread: () => vault.reread(current()),
  }
}

/** The secret of a key. Throws `CannotOpen`. Opened when it is needed, never before: at a start nothing is. */
export const secretOf = (vault: Vault, key: AccessKey | TokenKey | AuditKeyPair): string =>
  vault.open(key.secret, bindingOf(key))
