import type { Binding, Sealed } from '../base/sealed.ts'
import type { Account, AccountAlias, AccountSettings, PasswordPolicy, Quotas } from './account.ts'
import type {
  AccessKey,
  LoginProfile,
  MfaDevice,
  Revocation,
  ServerCertificate,
  ServiceCredential,
  SigningCertificate,
  SshPublicKey,
} from './credential.ts'
import type { DeletionTask, Group, InstanceProfile, Role, User } from './identity.ts'
import type { AuditAnchor, AuditKeyPair, DigestKeyPair, JwtKey, Sealing, TokenKey } from './key.ts'
import type { ManagedPolicy } from './managed-policy.ts'
import type {
  AccountCreation,
  Handshake,
  Membership,
  Organization,
  OrganizationPolicy,
  OrganizationUnit,
} from './organization.ts'
import type { OidcProvider, SamlKey, SamlProvider, SpentAssertion } from './provider.ts'
import type { AccessJob, Activity, CredentialReport, OrganizationJob } from './report.ts'

/**
 * Who and what exists, whatever room it is described in. Entities are plain, frozen values: a change replaces one whole, so a reader
 * never sees half of it.
 */

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
