import type { Entity, EntityOf, Kind } from './entity.ts'

/** Whatever is of an account. */
interface InAccount {
  readonly account: string
  readonly id: string
}

/** The words of the index: every question that is asked of the state otherwise than by id. */
export const inAccount = (account: string): string => `account ${account}`
/** Names are unique in an account and kind without regard to case (IAM User Guide, "IAM name requirements"). */
export const named = (account: string, name: string): string => `name ${account} ${name.toLowerCase()}`
/** Who holds a managed policy. AWS's own policies have no account, so the holder's is part of the key. */
export const attaching = (account: string, policyArn: string): string => `attached ${account} ${policyArn}`
export const boundedBy = (account: string, policyArn: string): string => `boundary ${account} ${policyArn}`
export const memberOf = ({ account, id }: InAccount): string => `group ${account} ${id}`
export const ownedBy = ({ account, id }: InAccount): string => `owner ${account} ${id}`
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
const accountWords: ReadonlySet<string> = new Set(['account', 'name', 'attached', 'boundary', 'group', 'owner'])

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
    case 'oidc-provider':
    case 'quotas':
    case 'revocation':
    case 'spent-assertion':
    case 'password-policy':
    case 'login-profile':
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
    case 'access-key':
    case 'ssh-public-key':
    case 'signing-certificate':
    case 'service-credential':
      return [inAccount(entity.account), ownedBy({ account: entity.account, id: entity.owner })]
    case 'saml-key':
      return [inAccount(entity.account), ownedBy({ account: entity.account, id: entity.provider })]
    case 'mfa-device': {
      const { account, enabled } = entity
      const owner = enabled === undefined ? [] : [ownedBy({ account, id: enabled.owner })]
      // A name may be there once under each path.
      return [inAccount(account), named(account, `${entity.path}${entity.name}`), ...owner]
    }
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
      if (entity.kind === 'user') for (const id of entity.groups) keys.push(memberOf({ account: entity.account, id }))
      return keys
    }
  }
}

/** Of each kind that is also asked for without saying an account: its keys that say none. */
const across: { readonly [K in Kind]?: (entity: EntityOf<K>) => readonly string[] } = {
  'token-key': () => [everywhere],
  'audit-key': () => [everywhere],
  'digest-key': () => [everywhere],
  'audit-anchor': () => [everywhere],
  'jwt-key': () => [everywhere],
  revocation: () => [everywhere],
  'account-settings': ({ outbound }) => (outbound === undefined ? [] : [everywhere, issuing(outbound.id)]),
  account: ({ email, founder }) => [
    everywhere,
    ...(email === undefined ? [] : [addressed(email)]),
    ...(founder === undefined ? [] : [foundedBy(founder)]),
  ],
  'organization-unit': ofTree,
  membership: ofTree,
  'organization-policy': ({ organization }) => [inOrganization(organization)],
  'account-creation': ({ organization }) => [inOrganization(organization)],
  handshake: ({ organization, recipient, email }) => [
    inOrganization(organization),
    ...(recipient === undefined ? [] : [askedOf(recipient)]),
    ...(email === undefined ? [] : [addressed(email)]),
  ],
  'instance-profile': ({ role }) => (role === undefined ? [] : [withRole(role)]),
}

function ofTree({ organization, parent, policies }: EntityOf<'organization-unit' | 'membership'>): readonly string[] {
  const keys = policies.map((policy) => carrying(organization, policy))
  return [inOrganization(organization), ...(parent === undefined ? [] : [under(parent)]), ...keys]
}

/** The keys that say nothing of an account. */
export function keysAcross<K extends Kind>(entity: EntityOf<K>): readonly string[] {
  // The row of its own kind, which the compiler cannot see.
  const keys = across[entity.kind] as ((entity: EntityOf<K>) => readonly string[]) | undefined
  return keys?.(entity) ?? []
}

/** Whether all of a kind is asked for by id or by account only, so that nothing of it need be read before its account is. */
export const staysInAccount = (kind: Kind): boolean => !Object.hasOwn(across, kind)
