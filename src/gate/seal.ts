import type { Circumstances } from '../access/context.ts'
import { failureOf } from '../access/failure.ts'
import type { Decision } from '../policy/decide.ts'
import type { MintScene } from '../service/operation.ts'
import { everywhere } from '../state/index-keys.ts'
import type { View } from '../state/view.ts'
import { sealMessage } from '../token/message.ts'
import { type SessionClaims, sealSession, type TokenKeyLike } from '../token/session.ts'
import { secretOf, signerOver } from './safe.ts'
import type { Gate, Walk } from './walk.ts'

/** The newest key of the ring: the one that seals. */
function newestKey(gate: Gate, view: View): TokenKeyLike {
  const [newest] = [...view.find('token-key', everywhere)].sort((a, b) => b.createdAt - a.createdAt)
  if (newest === undefined) throw new Error('the ring of token keys is empty')
  return { id: newest.id, secret: secretOf(gate.vault, newest) }
}

/** The secret of a key of the ring; `undefined` where there is no such key any more. */
export function ringSecret(gate: Gate, view: View, id: string): string | undefined {
  const key = view.get('token-key', id)
  return key && secretOf(gate.vault, key)
}

/** What makes tokens: of sessions, and of identities. */
export const minter = (
  { gate, walk }: { readonly gate: Gate; readonly walk: Walk },
  view: View,
): Pick<MintScene, 'seal' | 'sign' | 'region'> => ({
  seal(claims: SessionClaims) {
    const minted = { ...claims, revision: gate.world.revision }
    walk.minted = minted
    return sealSession(minted, newestKey(gate, view), gate.random)
  },
  sign: signerOver(gate.vault),
  region: walk.connection.region,
})

/** Encodes a refusal for the caller's account, as fully as a message holds. */
export const encoder =
  (gate: Gate, { requestId }: Walk, view: View) =>
  (circumstances: Circumstances, decision: Decision): string => {
    const key = newestKey(gate, view)
    for (const failure of failureOf(circumstances, decision)) {
      const message = { requestId, decoded: JSON.stringify(failure) }
      const sealed = sealMessage(message, circumstances.caller.account, key, gate.random)
      if (sealed !== undefined) return sealed
    }
    throw new Error('the shortest authorization message is too long')
  }
