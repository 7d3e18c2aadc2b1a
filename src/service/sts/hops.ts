import { type Caller, type Hop, isLogin, lastingId, loginId } from '../../access/caller.ts'

/** Whoever goes further than this through roles is remembered by where they began and by the last steps. */
const hopsMax = 8

/** The way to a session that the caller asks for: the caller's own way, and the caller. */
export function hopsTo(caller: Caller): readonly Hop[] {
  const hop = {
    key: isLogin(caller) ? '' : caller.accessKeyId,
    identity: isLogin(caller) ? loginId(caller) : lastingId(caller),
  }
  const [first, ...rest] = [...(caller.session?.via ?? []), hop]
  return first === undefined ? [] : [first, ...rest.slice(-(hopsMax - 1))]
}
