import type { Guesses } from '../base/guesses.ts'
import type { TokenAlgorithm } from '../base/key-pair.ts'
import type { PasswordHash } from '../base/password.ts'
import type { Binding, Sealed } from '../base/sealed.ts'
import type {
  AccountCreation,
  Handshake,
  Membership,
  Organization,
  OrganizationPolicy,
  OrganizationUnit,
} from './organization.ts'

/** Who and what exists. Entities are plain, frozen values: a change replaces one whole, so a reader never sees half of it. */

export interface Tag {
  readonly key: string
  readonly value: string
}

export interface InlinePolicy {
  readonly name: string
  /** The exact text as it was put, white space included. */
  readonly document: string
}

/** What users, groups and roles have in common: a name under a path, and policies. */
export interface Holder {
  /** The unique id: `AIDA…`, `AGPA…` or `AROA…`. It is the entity's key and never changes; names and paths may. */
  readonly id: string
  readonly account: string
  readonly name: string
  readonly path: string
  /** Milliseconds since the epoch, whole seconds, as every time here. */
  readonly createdAt: number
  readonly inline: readonly InlinePolicy[]
  /** ARNs of attached managed policies, in the order of attaching. */
  readonly attached: readonly string[]
}

export interface LastUsed {
  readonly at: number
  readonly service: string
  readonly region: string
}

export interface Account {
  readonly kind: 'account'
  /** The twelve digits. */
  readonly id: string
  readonly name: string
  readonly createdAt: number
  /** The account that came first: its principals may, where their policies allow it, create further ones. */
  readonly home: boolean
  /** The address of its root user, where it was given one. No two accounts have the same. */
  readonly email?: string
  /** The account that it goes back to, where an organization made it: whoever made the first in the line. */
  readonly founder?: string
  /** When it was closed. Nobody acts in a closed account. */
  readonly closedAt?: number
}

export interface User extends Holder {
  readonly kind: 'user'
  readonly tags: readonly Tag[]
  /** ARN of the permissions boundary. */
  readonly boundary?: string
  /** Ids of the groups that the user is in, in the order of joining. */
  readonly groups: readonly string[]
}

export interface Group extends Holder {
  readonly kind: 'group'
}

export interface Role extends Holder {
  readonly kind: 'role'
  readonly tags: readonly Tag[]
  readonly boundary?: string
  readonly description?: string
  readonly maxSessionSeconds: number
  readonly trust: TrustPolicy
  readonly lastUsed?: LastUsed
}

/**
 * A trust policy as it was put, and what its principals were when it was: the ARN of a user or role is bound to the unique id
 * that it had then (IAM User Guide, "Principal"). A grant to a deleted entity is dead, also when another takes its name.
 */
export interface TrustPolicy {
  readonly document: string
  /** ARN as written in the document -> unique id. */
  readonly pins: Readonly<Record<string, string>>
}

export interface PolicyVersion {
  /** `v1`, `v2`, …: never used again. */
  readonly id: string
  readonly document: string
  readonly createdAt: number
}

export interface ManagedPolicy {
  readonly kind: 'policy'
  /** `ANPA…` */
  readonly id: string
  readonly account: string
  readonly name: string
  readonly path: string
  readonly createdAt: number
  readonly updatedAt: number
  readonly description?: string
  readonly tags: readonly Tag[]
  readonly versions: readonly PolicyVersion[]
  readonly defaultVersion: string
  /** The highest version number ever given. */
  readonly lastVersion: number
}

export interface InstanceProfile {
  readonly kind: 'instance-profile'
  /** `AIPA…` */
  readonly id: string
  readonly account: string
  readonly name: string
  readonly path: string
  readonly createdAt: number
  readonly tags: readonly Tag[]
  /** Id of the one role. */
  readonly role?: string
}

export interface AccessKey {
  readonly kind: 'access-key'
  /** `AKIA…` */
  readonly id: string
  readonly account: string
  /** Id of the user (`AIDA…`), or the account id where it is the root user's. */
  readonly owner: string
  readonly secret: Sealed
  readonly status: 'Active' | 'Inactive'
  readonly createdAt: number
  readonly lastUsed?: LastUsed
}

/** What an account asks of its users' passwords. Where there is none, AWS's default stands. */
export interface PasswordPolicy {
  readonly kind: 'password-policy'
  /** The account. */
  readonly id: string
  readonly account: string
  readonly minimumLength: number
  readonly symbols: boolean
  readonly numbers: boolean
  readonly uppercase: boolean
  readonly lowercase: boolean
  readonly usersMayChange: boolean
  /** Days. */
  readonly maxAge?: number
  /** How many passwords back none may be used again. */
  readonly reusePrevention?: number
  readonly hardExpiry?: boolean
}

/** A user's password, as hashes only. */
export interface LoginProfile {
  readonly kind: 'login-profile'
  /** The user's; the account's for the root user, whose password is kept nowhere here. */
  readonly id: string
  readonly account: string
  readonly createdAt: number
  readonly changedAt: number
  /** Newest in front: the password, and those before it, as many as a policy can ask about. */
  readonly hashes: readonly PasswordHash[]
  readonly resetRequired: boolean
  /** The last sign-in with it. */
  readonly usedAt?: number
  /** Wrong passwords since the right one was last shown. */
  readonly guesses?: Guesses
}

/** A key that its user signs in to SSH with. */
export interface SshPublicKey {
  readonly kind: 'ssh-public-key'
  /** `APKA…` */
  readonly id: string
  readonly account: string
  /** Id of the user. */
  readonly owner: string
  /** `ssh-rsa` and base64. */
  readonly body: string
  readonly fingerprint: string
  readonly status: 'Active' | 'Inactive'
  readonly createdAt: number
}

/** A certificate that its user signs requests with. */
export interface SigningCertificate {
  readonly kind: 'signing-certificate'
  readonly id: string
  readonly account: string
  /** Id of the user, or the account id where it is the root user's. */
  readonly owner: string
  /** The exact text as it was put. */
  readonly body: string
  readonly fingerprint: string
  readonly status: 'Active' | 'Inactive'
  readonly createdAt: number
}

/** A certificate that services show to those who connect, and its key. */
export interface ServerCertificate {
  readonly kind: 'server-certificate'
  /** `ASCA…` */
  readonly id: string
  readonly account: string
  readonly name: string
  readonly path: string
  readonly createdAt: number
  readonly expiresAt: number
  readonly tags: readonly Tag[]
  readonly body: string
  readonly chain?: string
  /** The private key, sealed. */
  readonly secret: Sealed
}

/** A user name and password for one service, or an API key of it. */
export interface ServiceCredential {
  readonly kind: 'service-credential'
  /** `ACCA…` */
  readonly id: string
  readonly account: string
  /** Id of the user. */
  readonly owner: string
  /** `codecommit.amazonaws.com` */
  readonly service: string
  /** The name that goes with the password, or the public part of the key. */
  readonly login: string
  readonly secret: Sealed
  readonly status: 'Active' | 'Inactive'
  readonly createdAt: number
  readonly expiresAt?: number
}

/** The name of an account for people. */
export interface AccountAlias {
  readonly kind: 'account-alias'
  /** The alias: of all accounts, one has it. */
  readonly id: string
  readonly account: string
}

/** An identity provider whose ID tokens are believed. */
export interface OidcProvider {
  readonly kind: 'oidc-provider'
  /** Its ARN, which is made of the URL and never changes. */
  readonly id: string
  readonly account: string
  /** The issuer as tokens write it, without `https://`. */
  readonly url: string
  /** Audiences that are taken, in the order in which they came. */
  readonly clientIds: readonly string[]
  /** Forty characters each, as they were given. */
  readonly thumbprints: readonly string[]
  readonly createdAt: number
  readonly tags: readonly Tag[]
}

/** An identity provider whose SAML assertions are believed. */
export interface SamlProvider {
  readonly kind: 'saml-provider'
  /** Its UUID, as IAM calls it: `SAMLSP…`. */
  readonly id: string
  readonly account: string
  readonly name: string
  /** The document exactly as it came. */
  readonly metadata: string
  /** What the document says, read when it came: the entity id, and the certificates that assertions are signed with (DER, base64). */
  readonly issuer: string
  readonly certificates: readonly string[]
  readonly validUntil: number
  readonly createdAt: number
  readonly tags: readonly Tag[]
  /** Whether assertions must come encrypted, or may. */
  readonly encryption?: 'Required' | 'Allowed'
}

/** A key that encrypted assertions are opened with. */
export interface SamlKey {
  readonly kind: 'saml-key'
  /** `SAMLPK…` */
  readonly id: string
  readonly account: string
  /** Id of the provider. */
  readonly provider: string
  /** The RSA private key, PEM, sealed. */
  readonly secret: Sealed
  readonly createdAt: number
}

/** An assertion that bought a session: it buys no other, on any node, until it is good for nothing anyway. */
export interface SpentAssertion {
  readonly kind: 'spent-assertion'
  /** `until` in front, so that those that may be forgotten come first; then a digest of issuer and assertion. */
  readonly id: string
  readonly account: string
  /** When it may be forgotten. */
  readonly until: number
}

/** When something was last done, and in which region. */
export interface Use {
  readonly at: number
  readonly region: string
}

/** What a user, a role or root last did of each of AWS's services, to a quarter of an hour. */
export interface Activity {
  readonly kind: 'activity'
  /** `AIDA…`, `AROA…`, or the account's for root. */
  readonly id: string
  readonly account: string
  /** By service prefix, and by the name of the action. */
  readonly services: Readonly<Record<string, Readonly<Record<string, Use>>>>
}

/** The last report on an account's credentials. */
export interface CredentialReport {
  readonly kind: 'credential-report'
  /** The account. */
  readonly id: string
  readonly account: string
  readonly startedAt: number
  /** CSV. */
  readonly content: string
}

/** What one entity, or several, could use and did use, as it was when somebody asked for it. */
export interface AccessJob {
  readonly kind: 'access-job'
  /** A UUID. */
  readonly id: string
  readonly account: string
  /** Who asked: the unique id of a user, the account of root, or the key of a role's session. Nobody else is told. */
  readonly owner: string
  readonly createdAt: number
  readonly granularity: 'SERVICE_LEVEL' | 'ACTION_LEVEL'
  /** Unique ids of the users and roles that it is about. */
  readonly entities: readonly string[]
  readonly services: readonly ServiceAccess[]
}

export interface ServiceAccess {
  readonly namespace: string
  /** Who used it, by unique id. */
  readonly uses: Readonly<Record<string, Use>>
  /** Actions that are tracked and could be used, by name, with the last use and whose it was; left out where none is tracked. */
  readonly actions?: readonly ActionAccess[]
}

export interface ActionAccess {
  readonly name: string
  readonly used?: Use & { readonly by: string }
}

/** What an account chose for itself. */
export interface AccountSettings {
  readonly kind: 'account-settings'
  /** The account. */
  readonly id: string
  readonly account: string
  /** Of the tokens of STS's global endpoint. */
  readonly tokenVersion: 1 | 2
  /** Federation into services outside AWS: the issuer of the account's tokens, which it keeps for life, and the UUID in it. */
  readonly outbound?: { readonly issuer: string; readonly id: string; readonly enabled: boolean }
}

/** A key that an account's web identity tokens are signed with. */
export interface JwtKey {
  readonly kind: 'jwt-key'
  /** The thumbprint of the public key (RFC 7638): tokens name it so. */
  readonly id: string
  readonly account: string
  readonly algorithm: TokenAlgorithm
  /** The public key as a JWK Set lists it (RFC 7517). */
  readonly publicKey: Readonly<Record<string, string>>
  /** The private key, PKCS #8 in PEM, sealed. */
  readonly secret: Sealed
  readonly createdAt: number
}

/** A report on an organization that was asked for. */
export interface OrganizationJob {
  readonly kind: 'organization-job'
  /** A UUID. */
  readonly id: string
  readonly account: string
  /** Who asked, as for an access job. */
  readonly owner: string
  readonly createdAt: number
  /** Services that the organization's policies leave open, with who used them; or why there is no report. */
  readonly outcome:
    | { readonly services: readonly OrganizationAccess[] }
    | { readonly code: string; readonly message: string }
}

export interface OrganizationAccess {
  readonly namespace: string
  /** In how many accounts it was used. */
  readonly accounts: number
  /** When it was last used, and from where in the organization: `o-…/r-…/…/ACCOUNT`. */
  readonly last?: Use & { readonly path: string }
}

/** The deletion of a service-linked role, which is asked about when it is over. */
export interface DeletionTask {
  readonly kind: 'deletion-task'
  /** `task/aws-service-role/SERVICE/ROLE/UUID` */
  readonly id: string
  readonly account: string
  readonly startedAt: number
}

/** Quotas of an account that are not AWS's defaults, by name. */
export interface Quotas {
  readonly kind: 'quotas'
  /** The account. */
  readonly id: string
  readonly account: string
  readonly limits: Readonly<Record<string, number>>
}

/** A virtual device that shows codes. */
export interface MfaDevice {
  readonly kind: 'mfa-device'
  /** The serial number: the device's ARN, which never changes. */
  readonly id: string
  readonly account: string
  readonly name: string
  readonly path: string
  readonly createdAt: number
  readonly tags: readonly Tag[]
  /** The seed, base32, sealed. */
  readonly secret: Sealed
  /** Whose it is, once it is enabled: the id of a user, or the account for its root user; and since when. */
  readonly enabled?: { readonly owner: string; readonly at: number }
  /** The step of the newest code that was good. No code of this or an earlier step is good again, on any node. */
  readonly lastStep?: number
  /** Steps by which the device's clock is ahead. */
  readonly drift: number
  /** Wrong codes since the last good one. */
  readonly guesses?: Guesses
}

/** The end, before their time, of the sessions of one key or one identity, and of all that grew out of them. */
export interface Revocation {
  readonly kind: 'revocation'
  /** `AKIA…`, `ASIA…`; `AIDA…`, `AROA…`; the account's for its root. */
  readonly id: string
  readonly account: string
  /** Sessions that were made on this state, or on one before it, are over. */
  readonly revision: number
  /** When that was, in milliseconds. */
  readonly at: number
}

/** One key of the ring under which session tokens are sealed. */
export interface TokenKey {
  readonly kind: 'token-key'
  /** Eight hex digits. */
  readonly id: string
  /** 32 bytes, base64, sealed. */
  readonly secret: Sealed
  readonly createdAt: number
}

/** The key-encryption key that secrets are sealed under: one word for all nodes, so that none goes on under one that is leaving. */
export interface Sealing {
  readonly kind: 'sealing'
  readonly id: 'current'
  /** Eight hex digits. */
  readonly keyId: string
  /** When it was taken up. */
  readonly since: number
}

/** One key that digests of the audit trail are signed with, the newest of them. */
export interface AuditKeyPair {
  readonly kind: 'audit-key'
  /** Sixteen hex digits, the beginning of the SHA-256 of the public key. */
  readonly id: string
  /** Ed25519, 32 bytes, base64: plain, so that anybody can verify the trail. */
  readonly publicKey: string
  /** The private key, 32 bytes, base64, sealed. */
  readonly secret: Sealed
  readonly createdAt: number
}

/** The key that digest files of exported trails are signed with. There is one. */
export interface DigestKeyPair {
  readonly kind: 'digest-key'
  /** Its fingerprint, by which digest files name it. */
  readonly id: string
  /** RSA, DER as PKCS #1 has it, base64: plain, so that anybody can verify what was exported. */
  readonly publicKey: string
  /** The private key, PKCS #8 in PEM, sealed. */
  readonly secret: Sealed
  readonly createdAt: number
}

/** The newest digest of a chain of the audit trail, noted here so that the trail cannot be put back to an older state unseen. */
export interface AuditAnchor {
  readonly kind: 'audit-anchor'
  /** The chain's node. */
  readonly id: string
  readonly segment: number
  /** Sequence of the last record that is sealed. */
  readonly sequence: number
  readonly hash: string
  readonly signature: string
}

export type Entity =
  | Account
  | User
  | Group
  | Role
  | ManagedPolicy
  | InstanceProfile
  | AccessKey
  | PasswordPolicy
  | LoginProfile
  | OidcProvider
  | SamlProvider
  | SamlKey
  | SpentAssertion
  | Activity
  | CredentialReport
  | AccessJob
  | DeletionTask
  | AccountSettings
  | JwtKey
  | OrganizationJob
  | Quotas
  | Revocation
  | MfaDevice
  | SshPublicKey
  | SigningCertificate
  | ServerCertificate
  | ServiceCredential
  | AccountAlias
  | TokenKey
  | Sealing
  | AuditKeyPair
  | DigestKeyPair
  | AuditAnchor
  | Organization
  | OrganizationUnit
  | Membership
  | OrganizationPolicy
  | Handshake
  | AccountCreation
export type Kind = Entity['kind']
export type EntityOf<K extends Kind> = Extract<Entity, { readonly kind: K }>

/** The ARN of whatever has one: path and name after the kind's noun. */
export const arnOf = (entity: User | Group | Role | ManagedPolicy | InstanceProfile | ServerCertificate): string =>
  `arn:aws:iam::${entity.account}:${entity.kind}${entity.path}${entity.name}`

/** Whatever has a secret. */
export type Secretive = Extract<Entity, { readonly secret: Sealed }>
type SecretInAccount = Extract<Secretive, { readonly account: string }>
/** Kinds that have secrets, those in accounts and those apart. One that is forgotten here does not compile. */
const inAccounts: Readonly<Record<SecretInAccount['kind'], true>> = {
  'access-key': true,
  'jwt-key': true,
  'mfa-device': true,
  'saml-key': true,
  'server-certificate': true,
  'service-credential': true,
}
const apart: Readonly<Record<Exclude<Secretive, SecretInAccount>['kind'], true>> = {
  'token-key': true,
  'audit-key': true,
  'digest-key': true,
}
// The keys of the tables are those of their types.
export const secretiveInAccounts = Object.keys(inAccounts) as readonly (keyof typeof inAccounts)[]
export const secretiveApart = Object.keys(apart) as readonly (keyof typeof apart)[]

/** The row that an entity's secret is bound to. */
export const bindingOf = (
  entity: Pick<SecretInAccount, 'kind' | 'id' | 'account'> | Pick<Exclude<Secretive, SecretInAccount>, 'kind' | 'id'>,
): Binding => ({ kind: entity.kind, id: entity.id, account: 'account' in entity ? entity.account : '' })

/** The ARN that an account's root user has. */
export const rootArn = (account: string): string => `arn:aws:iam::${account}:root`
