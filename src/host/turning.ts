import type { Clock, Random, Schedule } from '../base/env.ts'
import type { KeyMaker } from '../base/key-pair.ts'
import type { Vault } from '../base/sealed.ts'
import { sealerOver } from '../gate/safe.ts'
import { digestKeyIn, foundDigestKey } from '../service/cloudtrail/public-key.ts'
import { dropRevocations } from '../service/rolecall/revocation.ts'
import { turnRing } from '../service/rolecall/token-ring.ts'
import { addKey, lackingKeys, lacksKey } from '../service/sts/issuer.ts'
import type { Draft } from '../state/draft.ts'
import type { View } from '../state/view.ts'
import type { Committer } from '../store/committer.ts'

/** How often it is looked whether keys are due. A timer holds no thirty days. */
const turnMilliseconds = 60 * 60_000
/** How soon after a start the key is made that exports are signed with: nobody waits for it, and so it is in nobody's way. */
const soonMilliseconds = 3000
/** Keys of accounts that are made anew at a time: each keeps a thread busy for a while, and none of them is in a hurry. */
const keysAtOnce = 64

interface Kept {
  readonly world: View
  readonly committer: Committer
  readonly vault: Vault
  readonly keyMaker: KeyMaker
}

interface Around {
  readonly clock: Clock
  readonly random: Random
  readonly schedule: Schedule
  readonly alarm: (what: string, error?: unknown) => void
}

/**
 * Turns the ring of token keys and the keys of web identity tokens in time, and takes revocations away that have nothing left to end.
 * Makes the key that exports are signed with where there is none: with the first start, and where the store is from before there was
 * one. Hands back how to stop.
 */
export function keepTurning(kept: Kept, around: Around): () => void {
  const { schedule, alarm } = around
  let cancel = () => {}
  let stopped = false
  const make = () => {
    makeDigestKey(kept, around, () => stopped).catch((error: unknown) => alarm('no key of exports was made', error))
  }
  const wait = () => {
    cancel = schedule(turnMilliseconds, () => {
      turnTokenKeys(kept, around).catch((error: unknown) => alarm('the ring of token keys was not turned', error))
      forget(kept, around).catch((error: unknown) => alarm('old revocations were not taken away', error))
      turnJwtKeys(kept, around).catch((error: unknown) => alarm('keys of web identity tokens were not turned', error))
      make()
      wait()
    })
  }
  wait()
  const cancelMaking = schedule(soonMilliseconds, make)
  return () => {
    stopped = true
    cancel()
    cancelMaking()
  }
}

const write = (committer: Committer, change: (draft: Draft) => void): Promise<void> =>
  committer.write((draft) => {
    change(draft)
    return { result: undefined, trail: [] }
  })

const turnTokenKeys = ({ committer, vault }: Kept, { clock, random }: Around): Promise<void> =>
  write(committer, (draft) => turnRing({ state: draft, random, now: clock.now(), vault: sealerOver(vault, draft) }))

const forget = ({ committer }: Kept, { clock }: Around): Promise<void> =>
  write(committer, (draft) => dropRevocations({ state: draft, now: clock.now() }))

/** Each key is made before it is written, so that nothing waits for it. Of several nodes that make the same, the first one's is taken. */
async function turnJwtKeys({ world, committer, vault, keyMaker }: Kept, { clock }: Around): Promise<void> {
  for (const [account, algorithm] of lackingKeys(world, clock.now()).slice(0, keysAtOnce)) {
    const text = await keyMaker.make(algorithm)
    await write(committer, (draft) => {
      const now = clock.now()
      if (lacksKey(draft, account, algorithm, now))
        addKey({ state: draft, now, vault: sealerOver(vault, draft) }, account, algorithm, text)
    })
  }
}

/** What an authority that is closed meanwhile has made is nobody's key. */
async function makeDigestKey(
  { world, committer, vault, keyMaker }: Kept,
  { clock }: Around,
  stopped: () => boolean,
): Promise<void> {
  if (digestKeyIn(world) !== undefined) return
  const text = await keyMaker.make('RS256')
  if (stopped()) return
  await write(committer, (draft) => {
    foundDigestKey({ state: draft, now: clock.now(), vault: sealerOver(vault, draft) }, text)
  })
}
