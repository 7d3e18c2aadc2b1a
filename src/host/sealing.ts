import type { Clock, Random } from '../base/env.ts'
import type { Vault } from '../base/sealed.ts'
import { bindingOf } from '../state/entity.ts'
import { everywhere, inAccount } from '../state/index-keys.ts'
import type { World } from '../state/world.ts'
import type { Committer } from '../store/committer.ts'
import type { Store } from '../store/store.ts'
import { isSealed, KeyRing } from '../token/vault.ts'
import type { KeySource } from './key.ts'

/**
 * The vault over what a store holds. A key is made only where the store has never had one. Throws where the keys cannot be read,
 * or where the one that the secrets are sealed under is not among them: an authority that can open nothing must not start.
 */
export function openVault(world: World, keys: KeySource, clock: Clock, random: Random): KeyRing {
  const current = world.get('sealing', 'current')?.keyId
  if (current === undefined) keys.found?.(random)
  const vault = readVault(keys, clock, random, current)
  const ids = vault.keyIds()
  if (current !== undefined && !ids.includes(current))
    throw new Error(`the secrets are sealed under key ${current}, and ${keys.name} has ${ids.join(', ')}`)
  return vault
}

function readVault(keys: KeySource, clock: Clock, random: Random, current: string | undefined): KeyRing {
  try {
    return new KeyRing(keys, clock, random)
  } catch (error) {
    if (current === undefined || !(error instanceof Error)) throw error
    throw new Error(`the secrets are sealed under key ${current}, and ${error.message}`)
  }
}

/** Rows in one transaction. */
const rowsAtOnce = 4096

/**
 * Notes which key secrets are sealed under. Where that was never noted, the data may be from before there was sealing: then the
 * secrets that stand as they are get sealed first, and what is left of them on disk is wiped. The note comes last, so that
 * whatever ends this is made good at the next start.
 */
export async function sealStore(world: World, committer: Committer, store: Store, vault: Vault, now: number) {
  if (world.get('sealing', 'current') !== undefined) return
  const [keyId = ''] = vault.keyIds()
  const accounts = world.find('account', everywhere)
  const rows = [
    ...world.find('token-key', everywhere),
    ...accounts.flatMap(({ id }) => world.find('access-key', inAccount(id))),
  ].filter(({ secret }) => !isSealed(secret))
  for (let from = 0; from < rows.length; from += rowsAtOnce) {
    await committer.write((draft) => {
      for (const { kind, id } of rows.slice(from, from + rowsAtOnce)) {
        const row = draft.get(kind, id)
        if (row !== undefined && !isSealed(row.secret))
          draft.put({ ...row, secret: vault.seal(row.secret, bindingOf(row), keyId) })
      }
      return { result: undefined, trail: [] }
    })
  }
  if (accounts.length > 0) await store.scrub?.()
  await committer.write((draft) => {
    if (draft.get('sealing', 'current') === undefined) draft.put({ kind: 'sealing', id: 'current', keyId, since: now })
    return { result: undefined, trail: [] }
  })
}
