import type { Clock, Random } from '../base/env.ts'
import type { Vault } from '../base/sealed.ts'
import { sealerOver } from '../gate/safe.ts'
import { type AccountKeys, foundAccount, freeAccountId } from '../service/rolecall/account.ts'
import { turnRing } from '../service/rolecall/token-ring.ts'
import type { Draft } from '../state/draft.ts'
import { everywhere } from '../state/index-keys.ts'
import { foundAuditKey } from './witness.ts'

/** The keys of an account with the name that it was given. */
export interface FirstKeys extends AccountKeys {
  readonly name: string
}

/**
 * Where the first account's keys are put, which nobody can be told twice. They are put down before the account is durable, so
 * that a crash cannot leave an account without keys; whether they became anybody's is known afterwards, or at the next start.
 */
export interface Founding {
  readonly propose: (keys: FirstKeys) => void
  /** Keeps what was proposed where that access key is there, and drops it where another founded the account. */
  readonly settle: (isThere: (accessKeyId: string) => boolean) => void
}

/**
 * What an authority cannot be without: a key to seal tokens under, one to sign the trail with, and a first account. Does nothing
 * where they are there.
 */
export function settle(
  draft: Draft,
  {
    clock,
    random,
    vault,
    founding,
  }: { readonly clock: Clock; readonly random: Random; readonly vault: Vault; readonly founding: Founding },
  accountId: string | undefined,
): void {
  const safe = sealerOver(vault, draft)
  const now = clock.now()
  turnRing({ state: draft, random, now, vault: safe })
  foundAuditKey(draft, safe.seal, random, now)
  if (draft.find('account', everywhere).length > 0) return
  const id = accountId ?? freeAccountId(draft, random)
  const keys = foundAccount({ state: draft, random, now, vault: safe }, { id, name: 'main', home: true })
  founding.propose({ ...keys, name: 'main' })
}
