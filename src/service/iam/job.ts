import type { Verified } from '../../access/caller.ts'

/** Whose a job is, that nobody else may ask about: a session of a role has its own. */
export const ownerOf = (caller: Verified): string =>
  caller.kind === 'user' ? caller.user.id : caller.kind === 'root' ? caller.account : caller.accessKeyId
