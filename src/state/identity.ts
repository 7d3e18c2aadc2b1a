/** Users, groups and roles, which IAM calls identities, and what is attached to them. */

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

/** The deletion of a service-linked role, which is asked about when it is over. */
export interface DeletionTask {
  readonly kind: 'deletion-task'
  /** `task/aws-service-role/SERVICE/ROLE/UUID` */
  readonly id: string
  readonly account: string
  readonly startedAt: number
}
