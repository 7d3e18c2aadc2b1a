import type { Clock } from '../base/env.ts'
import { type FetchKeys, type Issuer, IssuerTrouble, type KeySet } from '../token/issuer.ts'
import type { VerificationKey } from '../token/jwk.ts'

/** How long keys are taken without asking their issuer again: what it takes out of its set is believed no longer than this. */
const freshMilliseconds = 10 * 60_000
/** How long they are taken while the issuer cannot be reached: an outage of theirs must not be one of ours. */
const staleMilliseconds = 60 * 60_000
/** An issuer is asked no more often than this, whatever tokens come: nobody can make us hammer it with keys that it never had. */
const pauseMilliseconds = 5_000
const issuersMax = 512
/** Issuers that are asked at the same time. */
const askingMax = 16

interface Known {
  set?: KeySet
  fetchedAt: number
  askedAt: number
  trouble?: IssuerTrouble
  asking?: Promise<void>
}

/** Since then no longer than that. A clock that was set back says nothing, so nothing is young to it. */
const within = (now: number, since: number, milliseconds: number): boolean => now >= since && now - since < milliseconds

/** The keys of issuers, as they were last seen. Memory only: a restart asks again. */
export class IssuerKeys {
  readonly #fetch: FetchKeys
  readonly #clock: Clock
  readonly #tell: (what: string) => void
  readonly #known = new Map<string, Known>()
  #asking = 0

  /** `tell`: why an issuer gave no keys is the operator's to know, and not that of whoever sent a token. */
  constructor(fetch: FetchKeys, clock: Clock, tell: (what: string) => void) {
    this.#fetch = fetch
    this.#clock = clock
    this.#tell = tell
  }

  /**
   * The keys of an issuer, among which is one that is `wanted` where the issuer has such a key: it is asked again for a key that was
   * not there. Throws an IssuerTrouble where there is nothing to go by.
   */
  async keysOf(issuer: Issuer, wanted: (keys: readonly VerificationKey[]) => boolean): Promise<KeySet> {
    const known = this.#knownOf(issuer)
    const now = this.#clock.now()
    const { set } = known
    if (set !== undefined && within(now, known.fetchedAt, freshMilliseconds) && wanted(set.keys)) return set
    if (known.asking !== undefined) await known.asking
    else if (!within(now, known.askedAt, pauseMilliseconds)) await this.#ask(issuer, known)

    if (known.set !== undefined && within(this.#clock.now(), known.fetchedAt, staleMilliseconds)) return known.set
    throw known.trouble ?? new IssuerTrouble('unreachable', `${issuer.url} was not asked`)
  }

  /** Several who wait for one issuer wait for one answer. */
  #ask(issuer: Issuer, known: Known): Promise<void> {
    if (this.#asking >= askingMax)
      throw new IssuerTrouble('unreachable', `${askingMax} other issuers are being asked for their keys`)
    known.askedAt = this.#clock.now()
    this.#asking++
    const asking = this.#fetch(issuer)
      .then(
        (set) => {
          known.set = set
          known.fetchedAt = known.askedAt
          delete known.trouble
        },
        (error: unknown) => {
          if (!(error instanceof IssuerTrouble)) throw error
          known.trouble = error
          this.#tell(`the keys of ${issuer.url} could not be had: ${error.message}`)
        },
      )
      .finally(() => {
        this.#asking--
        delete known.asking
      })
    known.asking = asking
    return asking
  }

  /**
   * What is known of an issuer, those last asked about at the end. INVARIANT: who believes other certificates shares nothing: a
   * thumbprint in one account must not decide whose keys another account takes.
   */
  #knownOf({ url, thumbprints }: Issuer): Known {
    const name = JSON.stringify([url, ...thumbprints.map((print) => print.toLowerCase()).toSorted()])
    const known = this.#known.get(name) ?? { fetchedAt: Number.NEGATIVE_INFINITY, askedAt: Number.NEGATIVE_INFINITY }
    this.#known.delete(name)
    this.#known.set(name, known)
    if (this.#known.size > issuersMax) {
      const [oldest] = this.#known.keys()
      if (oldest !== undefined) this.#known.delete(oldest)
    }
    return known
  }
}
