import type { Need } from '../../access/need.ts'
import { accountOfKey } from '../../base/id.ts'
import { arnOf, rootArn } from '../../state/entity.ts'
import type { Role, User } from '../../state/identity.ts'
import { find, type Place, seek } from '../iam/lookup.ts'
import type { Failing, Scene } from '../operation.ts'

/** Whose sessions a request is about: those of a role, of a user, of the account's root user, or of a key and what grew out of it. */
export interface Named {
  readonly RoleName?: string | undefined
  readonly UserName?: string | undefined
  readonly AccessKeyId?: string | undefined
  readonly RootUser?: boolean | undefined
}

export const nameOne = 'Give one of RoleName, UserName, AccessKeyId and RootUser.'

/** Throws where more than one is named, or what is named is no key. Answers whether one is. */
export function checkNamed({ RoleName, UserName, AccessKeyId, RootUser }: Named, { fail }: Failing): boolean {
  const names = [RoleName, UserName, AccessKeyId, RootUser === true ? 'root' : undefined]
  const named = names.filter((name) => name !== undefined).length
  if (named > 1) fail('ValidationError', nameOne)
  if (AccessKeyId !== undefined && accountOfKey(AccessKeyId) === undefined)
    fail('ValidationError', `${AccessKeyId} is not a valid access key id.`)
  return named === 1
}

const sessionArn = (account: string, resource: string): string => `arn:aws:rolecall::${account}:${resource}`

/**
 * What must be allowed: the action on the role, the user or root. A key has a resource of its own, in the account that its id tells, since it
 * may be deleted by now, or be a session's, which is stored nowhere.
 */
export function onNamed(action: string, named: Named, place: Place): Need {
  const { RoleName, UserName, AccessKeyId, RootUser } = named
  const { account } = place.caller
  if (RootUser === true) return { action, resource: rootArn(account) }
  if (RoleName !== undefined) return onHolder(action, 'role', RoleName, place)
  if (UserName !== undefined) return onHolder(action, 'user', UserName, place)
  if (AccessKeyId === undefined) return { action, resource: sessionArn(account, 'session/*') }
  return { action, resource: sessionArn(accountOfKey(AccessKeyId) ?? account, `access-key/${AccessKeyId}`) }
}

function onHolder(action: string, kind: 'role' | 'user', name: string, place: Place): Need {
  const holder: Role | User | undefined = seek(place, kind, name)
  if (holder === undefined) return { action, resource: `arn:aws:iam::${place.caller.account}:${kind}/${name}` }
  return { action, resource: arnOf(holder), resourceTags: holder.tags }
}

/** The unique id, or the key, that is on the way to each of these sessions; `undefined` where all of the account are meant. */
export function idOf(
  scene: Pick<Scene, 'state' | 'caller'> & Failing<'NoSuchEntity'>,
  named: Named,
): string | undefined {
  const { RoleName, UserName, AccessKeyId, RootUser } = named
  if (RootUser === true) return scene.caller.account
  if (RoleName !== undefined) return find(scene, 'role', RoleName).id
  if (UserName !== undefined) return find(scene, 'user', UserName).id
  return AccessKeyId
}
