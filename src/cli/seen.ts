import { accountOfKey } from '../base/id.ts'
import { callService, type Keys } from './client.ts'
import { Failure } from './failure.ts'
import { findPlace, keysOf } from './place.ts'
import { authorityOf, rootKeysOf, type Target } from './reached.ts'

/** A running authority, and the accounts whose trails can be asked there: those whose keys are at hand. */
export interface Seen {
  readonly endpoint: string
  /** Keys by account. */
  readonly accounts: ReadonlyMap<string, Keys>
  /** Keys of root by account, where the data directory has them. */
  readonly roots: ReadonlyMap<string, Keys>
}

/** All accounts of a data directory, or the one that `--account` names; by an address, that of the keys in the environment. */
export async function seenFrom(target: Target): Promise<Seen> {
  if (target.endpoint === undefined) {
    const place = findPlace(target.data)
    const kept = target.account === undefined ? place.accounts : [keysOf(place, target.account)]
    return {
      endpoint: place.endpoint,
      accounts: new Map(kept.map((keys) => [keys.accountId, keys])),
      roots: new Map(kept.map((keys) => [keys.accountId, rootKeysOf(keys)])),
    }
  }
  const { endpoint, keys } = authorityOf(target, 'of the account whose trail is asked')
  const { Account } = await callService(endpoint, keys, 'sts', 'GetCallerIdentity', {})
  return { endpoint, accounts: new Map([[String(Account), keys]]), roots: new Map() }
}

/** The keys of an account. Throws where there are none. */
export function keysFor({ accounts }: Seen, account: string): Keys {
  const keys = accounts.get(account)
  if (keys === undefined)
    throw new Failure(
      `there are no keys of account ${account} here; there are those of ${[...accounts.keys()].join(', ')}`,
    )
  return keys
}

export const accountsOf = ({ accounts }: Seen): readonly string[] => [...accounts.keys()]

/** The account in which a key is good. */
export const homeOf = (key: string): string => accountOfKey(key) ?? ''
