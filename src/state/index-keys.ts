import type { Entity } from './entity.ts'

/** The words of the index: every question that is asked of the state otherwise than by id. */
export const inAccount = (account: string): string => `account ${account}`
/** Names are unique in an account and kind without regard to case (SEMANTICS 4.1). */
export const named = (account: string, name: string): string => `name ${account} ${name.toLowerCase()}`
/** Who holds a managed policy. AWS's own policies have no account, so the holder's is part of the key. */
export const attaching = (account: string, policyArn: string): string => `attached ${account} ${policyArn}`
export const boundedBy = (account: string, policyArn: string): string => `boundary ${account} ${policyArn}`
export const memberOf = (groupId: string): string => `group ${groupId}`
export const ownedBy = (ownerId: string): string => `owner ${ownerId}`
export const withRole = (roleId: string): string => `role ${roleId}`
/** Every entity of a kind that belongs to no account. */
export const everywhere = 'all'

/** Every key under which an entity is found. A question that is not here is a scan: add its word instead. */
export function indexKeysOf(entity: Entity): readonly string[] {
  switch (entity.kind) {
    case 'account':
    case 'token-key':
      return [everywhere]
    case 'policy':
      return [inAccount(entity.account), named(entity.account, entity.name)]
    case 'instance-profile': {
      const keys = [inAccount(entity.account), named(entity.account, entity.name)]
      return entity.role === undefined ? keys : [...keys, withRole(entity.role)]
    }
    case 'access-key':
      return [inAccount(entity.account), ownedBy(entity.owner)]
    case 'user':
    case 'group':
    case 'role': {
      const keys = [inAccount(entity.account), named(entity.account, entity.name)]
      for (const arn of entity.attached) keys.push(attaching(entity.account, arn))
      if (entity.kind !== 'group' && entity.boundary !== undefined)
        keys.push(boundedBy(entity.account, entity.boundary))
      if (entity.kind === 'user') for (const group of entity.groups) keys.push(memberOf(group))
      return keys
    }
  }
}
