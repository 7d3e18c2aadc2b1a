import { type Caller, type Hop, isLogin, loginId } from '../../access/caller.ts'

/** Whoever goes further than this through roles is remembered by where they began and by the last steps. */
const hopsMax = 8

/** The unique id of who asks: of the role, not of its session. */
function identityOf(caller: Caller): string {
  switch (caller.kind) {
    case 'root':
      return caller.account
    case 'user':
      return caller.user.id
    case 'role-session':
      return caller.role.id
    case 'federated-user':
      return caller.user?.id ?? caller.account
    case 'web-identity':
    case 'saml':
      return loginId(caller)
  }
}

/** The way to a session that the caller asks for: the caller's own way, and the caller. */
export function hopsTo(caller: Caller): readonly Hop[] {
  const hop = { key: isLogin(caller) ? '' : caller.accessKeyId, identity: identityOf(caller) }
  const [first, ...rest] = [...(caller.session?.via ?? []), hop]
  return first === undefined ? [] : [first, ...rest.slice(-(hopsMax - 1))]
}
