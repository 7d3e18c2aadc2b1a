import { ofAuthority } from '../../access/authority.ts'
import { CannotOpen, type Safe } from '../../base/sealed.ts'
import { bindingOf, type Secretive, secretiveApart, secretiveInAccounts } from '../../state/entity.ts'
import { everywhere, inAccount } from '../../state/index-keys.ts'
import type { View } from '../../state/view.ts'
import { keyIdOf } from '../../token/vault.ts'
import { type Failing, operationsOf, type Scene, type Writable } from '../operation.ts'
import { turnRing } from './token-ring.ts'

const rolecall = operationsOf('rolecall')

/** Reads the keys anew; what is wrong with their source is told in its words, which name no byte of a key. */
function rereadKeys({ vault, fail }: Pick<Scene, 'vault'> & Failing<'KeysUnreadable'>): void {
  try {
    vault.reread()
  } catch (error) {
    fail('KeysUnreadable', error instanceof Error ? error.message : undefined)
  }
}

/**
 * The keys that are there, as this node reads them now, and how many secrets are sealed under each; also under those that are gone. All of it
 * is as it was at one revision: the one at which the call came.
 */
export const describeKeys = rolecall.data('DescribeKeys', {
  level: 'list',
  needs: () => [ofAuthority('rolecall:DescribeKeys')],
  async run(scene) {
    rereadKeys(scene)
    const { state, vault, now, survey } = scene
    const ring = vault.keyIds()
    const counts = new Map<string, number>(ring.map((id) => [id, 0]))
    const sealing = state.get('sealing', 'current')
    await survey([...secretiveApart, ...secretiveInAccounts], ({ secret }) => {
      const id = keyIdOf(secret)
      counts.set(id, (counts.get(id) ?? 0) + 1)
    })
    return {
      CurrentKeyId: sealing?.keyId ?? ring[0] ?? '',
      Since: sealing?.since ?? now,
      Source: vault.source,
      Keys: [...counts].map(([id, secrets]) => ({ KeyId: id, Present: ring.includes(id), SecretCount: secrets })),
    }
  },
})

/** Secrets that one call seals anew, unless it asks for another number: so many that a commit does not hold others up. */
const sealedAtOnce = 500
/** Secrets that one call looks at: most of them may be sealed under the new key already. */
const lookedAtOnce = 20_000

/**
 * Takes up the first key of the ring, and seals secrets under it that are sealed under another: some in each call, from where the
 * call before stopped. From the first call on, every node seals under that key whatever it seals, because the state says
 * so; so what one round has passed stays sealed under it. With the key, a new key of the token ring is taken up.
 */
export const resealSecrets = rolecall.write('ResealSecrets', {
  level: 'write',
  needs: () => [ofAuthority('rolecall:ResealSecrets')],
  run(scene, { KeyId, Marker, MaxItems = sealedAtOnce }) {
    const { state, random, now, vault, fail } = scene
    if (Marker === undefined || vault.keyIds()[0] !== KeyId) rereadKeys(scene)
    const [first = ''] = vault.keyIds()
    if (KeyId !== undefined && KeyId !== first)
      fail('KeyNotFirst', `Key ${first} is the first that this node reads, not ${KeyId}.`)

    const sweep = new Sweep(state, vault, first, MaxItems)
    if (state.get('sealing', 'current')?.keyId !== first) {
      state.put({ kind: 'sealing', id: 'current', keyId: first, since: now })
      turnRing({ state, random, now, vault }, true)
    }
    if (Marker === undefined)
      for (const kind of secretiveApart) for (const key of state.find(kind, everywhere)) sweep.look(key)
    const next = sweepAccounts(sweep, state, Marker)
    return {
      KeyId: first,
      ResealedCount: sweep.resealed,
      UnopenedCount: sweep.unopened,
      IsTruncated: next !== undefined,
      ...(next === undefined ? {} : { Marker: next }),
    }
  },
})

/**
 * Goes over the secrets of all accounts, in the order of accounts, kinds and ids. Answers where it stopped; nothing where it came to
 * the end.
 */
function sweepAccounts(sweep: Sweep, state: View, marker: string | undefined): string | undefined {
  // Ids of devices are ARNs, and have slashes of their own.
  const [fromAccount = '', fromKind = '', ...rest] = marker?.split('/') ?? []
  const fromId = rest.join('/')
  for (const { id: account } of state.find('account', everywhere)) {
    if (account < fromAccount) continue
    const kinds = [...secretiveInAccounts].sort().filter((kind) => account !== fromAccount || kind >= fromKind)
    for (const kind of kinds) {
      const rows = state.find(kind, inAccount(account))
      const from = account === fromAccount && kind === fromKind ? indexAfter(rows, fromId) : 0
      for (let at = from; at < rows.length; at++) {
        if (sweep.full) return `${account}/${kind}/${rows[at - 1]?.id ?? ''}`
        const row = rows[at]
        if (row !== undefined) sweep.look(row)
      }
    }
  }
  return undefined
}

/** The place of the first id that comes after another, in a list in the order of ids. */
function indexAfter(keys: readonly { readonly id: string }[], id: string): number {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((keys[middle]?.id ?? '') <= id) low = middle + 1
    else high = middle
  }
  return low
}

/** What one call does, and how far it may go. */
class Sweep {
  resealed = 0
  /** Sealed under a key that is not here, or altered: they stay as they are, and stop nothing. */
  unopened = 0
  #looked = 0
  readonly #state: Writable
  readonly #vault: Safe
  readonly #keyId: string
  readonly #most: number

  constructor(state: Writable, vault: Safe, keyId: string, most: number) {
    this.#state = state
    this.#vault = vault
    this.#keyId = keyId
    this.#most = most
  }

  get full(): boolean {
    return this.resealed + this.unopened >= this.#most || this.#looked >= lookedAtOnce
  }

  look(key: Secretive): void {
    this.#looked++
    if (keyIdOf(key.secret) === this.#keyId) return
    try {
      this.#state.put({ ...key, secret: this.#vault.reseal(key.secret, bindingOf(key)) })
      this.resealed++
    } catch (error) {
      if (!(error instanceof CannotOpen)) throw error
      this.unopened++
    }
  }
}
