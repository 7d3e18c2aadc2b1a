import type { Safe } from '../../base/sealed.ts'
import { bindingOf } from '../../state/entity.ts'
import { everywhere } from '../../state/index-keys.ts'
import type { DigestKeyPair } from '../../state/key.ts'
import type { View } from '../../state/view.ts'
import { digestKeyIn as readDigestKey } from '../../token/digest-key.ts'
import { operationsOf, type Writable } from '../operation.ts'
import { needOf } from './need.ts'

const cloudtrail = operationsOf('cloudtrail')

/** Nobody's signatures end: what was exported once is verified by the same key for as long as it is kept. */
const endless = Date.parse('9999-12-31T23:59:59Z')

interface Keeping {
  readonly state: Writable
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly vault: Pick<Safe, 'seal'>
}

export const digestKeyIn = (state: View): DigestKeyPair | undefined => state.find('digest-key', everywhere)[0]

/** Takes up a key that was made, PKCS #8 in PEM, where there is none yet: of several nodes that make one, the first one's is it. */
export function foundDigestKey({ state, now, vault }: Keeping, text: string): DigestKeyPair {
  const known = digestKeyIn(state)
  if (known !== undefined) return known
  const { fingerprint, publicKey } = readDigestKey(text)
  const row = { kind: 'digest-key', id: fingerprint } as const
  const pair = { ...row, publicKey, secret: vault.seal(text, bindingOf(row)), createdAt: now }
  state.put(pair)
  return pair
}

/**
 * The key that `rolecall audit export` signs digest files with. It signs what happened before it was made too, so it counts from
 * when there was anything to record. An authority makes it soon after its start; whoever asks before does not wait for that.
 */
export const listPublicKeys = cloudtrail.write('ListPublicKeys', {
  level: 'list',
  check({ StartTime, EndTime, NextToken }, { fail }) {
    if (StartTime !== undefined && EndTime !== undefined && StartTime > EndTime)
      fail('InvalidTimeRangeException', 'The start time must not be after the end time.')
    if (NextToken !== undefined) fail('InvalidTokenException', 'The token is not one of this request.')
  },
  needs: () => needOf('ListPublicKeys'),
  run(scene, { StartTime = scene.now, EndTime = scene.now }) {
    const { state, keyPairs, now } = scene
    const { id, publicKey } = digestKeyIn(state) ?? foundDigestKey(scene, keyPairs.fresh('RS256'))
    const since = state.find('account', everywhere).reduce((first, { createdAt }) => Math.min(first, createdAt), now)
    if (StartTime > endless || EndTime < since) return { PublicKeyList: [] }
    return {
      PublicKeyList: [
        {
          Value: Uint8Array.from(atob(publicKey), (character) => character.charCodeAt(0)),
          ValidityStartTime: since,
          ValidityEndTime: endless,
          Fingerprint: id,
        },
      ],
    }
  },
})
