import type { Entity } from './entity.ts'

/** The words of the index: every question that is asked of the state otherwise than by id. */
export const inAccount = (account: string): string => `account ${account}`
/** Names are unique in an account and kind without regard to case (IAM User Guide, "IAM name requirements"). */
export const named = (account: string, name: string): string => `name ${account} ${name.toLowerCase()}`
/** Who holds a managed policy. AWS's own policies have no account, so the holder's is part of the key. */
export const attaching = (account: string, policyArn: string): string => `attached ${account} ${policyArn}`
export const boundedBy = (account: string, policyArn: string): string => `boundary ${account} ${policyArn}`
export const memberOf = (groupId: string): string => `group ${groupId}`
export const ownedBy = (ownerId: string): string => `owner ${ownerId}`
export const withRole = (roleId: string): string => `role ${roleId}`
/** The account whose web identity tokens have an issuer with this UUID. */
export const issuing = (uuid: string): string => `issuer ${uuid}`
export const inOrganization = (organization: string): string => `organization ${organization}`
/** What is right below a root or unit. */
export const under = (unit: string): string => `under ${unit}`
/** Whatever carries a policy of an organization. AWS's own are in every one, so the organization is part of the key. */
export const carrying = (organization: string, policy: string): string => `carrying ${organization} ${policy}`
export const askedOf = (account: string): string => `asked ${account}`
export const foundedBy = (account: string): string => `founder ${account}`
/** Addresses are compared without regard to case. */
export const addressed = (email: string): string => `mail ${email.toLowerCase()}`
/** Every entity of a kind, of those that are gone through in all accounts. */
export const everywhere = 'all'

/** The words whose keys go on with an account id, which has no space in it. */
const accountWords: ReadonlySet<string> = new Set(['account', 'name', 'attached', 'boundary'])

/** The account that an index key is about; `undefined` for a key that spans accounts. */
export function accountIn(indexKey: string): string | undefined {
  const from = indexKey.indexOf(' ') + 1
  if (!accountWords.has(indexKey.slice(0, Math.max(0, from - 1)))) return undefined
  const to = indexKey.indexOf(' ', from)
  return to < 0 ? indexKey.slice(from) : indexKey.slice(from, to)
}

/** Every key under which an entity is found. A question that is not here is a scan: add its word instead. */
export const indexKeysOf = (entity: Entity): readonly string[] => [...keysInAccount(entity), ...keysAcross(entity)]

/** The keys that are about the entity's own account. */
export function keysInAccount(entity: Entity): readonly string[] {
  switch (entity.kind) {
    case 'account':
    case 'token-key':
    case 'sealing':
    case 'audit-key':
    case 'digest-key':
    case 'audit-anchor':
      return []
    case 'access-key':
    case 'oidc-provider':
    case 'quotas':
    case 'revocation':
    case 'saml-key':
    case 'spent-assertion':
    case 'password-policy':
    case 'login-profile':
    case 'ssh-public-key':
    case 'signing-certificate':
    case 'service-credential':
    case 'account-alias':
    case 'activity':
    case 'credential-report':
    case 'access-job':
    case 'deletion-task':
    case 'account-settings':
    case 'jwt-key':
    case 'organization-job':
    case 'organization':
    case 'organization-unit':
    case 'membership':
    case 'organization-policy':
    case 'handshake':
    case 'account-creation':
      return [inAccount(entity.account)]
    case 'mfa-device':
      // A name may be there once under each path.
      return [inAccount(entity.account), named(entity.account, `${entity.path}${entity.name}`)]
    case 'policy':
    case 'server-certificate':
    case 'instance-profile':
    case 'saml-provider':
      return [inAccount(entity.account), named(entity.account, entity.name)]
    case 'user':
    case 'group':
    case 'role': {
      const keys = [inAccount(entity.account), named(entity.account, entity.name)]
      for (const arn of entity.attached) keys.push(attaching(entity.account, arn))
      if (entity.kind !== 'group' && entity.boundary !== undefined)
        keys.push(boundedBy(entity.account, entity.boundary))
      return keys
    }
  }
}

/** The keys that say nothing of an account. */
export function keysAcross(entity: Entity): readonly string[] {
  switch (entity.kind) {
    case 'token-key':
    case 'audit-key':
    case 'digest-key':
    case 'audit-anchor':
    case 'jwt-key':
    case 'revocation':
      return [everywhere]
    case 'account-settings':
      return entity.outbound === undefined ? [] : [everywhere, issuing(entity.outbound.id)]
    case 'account': {
      const { email, founder } = entity
      const byEmail = email === undefined ? [] : [addressed(email)]
      return [everywhere, ...byEmail, ...(founder === undefined ? [] : [foundedBy(founder)])]
    }
    case 'organization-unit':
    case 'membership': {
      const { organization, parent, policies } = entity
      const keys = policies.map((policy) => carrying(organization, policy))
      return [inOrganization(organization), ...(parent === undefined ? [] : [under(parent)]), ...keys]
    }
    case 'organization-policy':
    case 'account-creation':
      return [inOrganization(entity.organization)]
    case 'handshake': {
      const { organization, recipient, email } = entity
      const byId = recipient === undefined ? [] : [askedOf(recipient)]
      return [inOrganization(organization), ...byId, ...(email === undefined ? [] : [addressed(email)])]
    }
    case 'instance-profile':
      return entity.role === undefined ? [] : [withRole(entity.role)]
    case 'access-key':
    case 'ssh-public-key':
    case 'signing-certificate':
    case 'service-credential':
      return [ownedBy(entity.owner)]
    case 'mfa-device':
      return entity.enabled === undefined ? [] : [ownedBy(entity.enabled.owner)]
    case 'saml-key':
      return [ownedBy(entity.provider)]
    case 'user':
      return entity.groups.map(memberOf)
    default:
      return []
  }
}
