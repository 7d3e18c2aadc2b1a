import type { Need } from '../../access/need.ts'
import type { Group, Role, User } from '../../state/identity.ts'
import type { Failing } from '../operation.ts'
import { find, type Place, seek } from './lookup.ts'
import { boundedBy, onNamed } from './target.ts'

/**
 * Users, groups and roles hold policies in the same words. What differs is said here, once: `Input` is where the name stands
 * in a request, `Code` what only this kind of holder can answer to a change.
 */
export interface Family<Held extends User | Group | Role, Input extends object, Code extends string> {
  readonly kind: Held['kind']
  /** How operations and quotas call it: `PutUserPolicy`, `PoliciesPerUser`. */
  readonly word: 'User' | 'Group' | 'Role'
  readonly nameOf: (input: Input) => string
  /** The name under the member that requests and responses have it under. */
  readonly named: (name: string) => Input
  readonly seek: (place: Place, name: string) => Held | undefined
  readonly find: (place: Place & Failing<'NoSuchEntity'>, name: string) => Held
  /** Refuses a change to what only AWS may change. */
  readonly guard: (scene: Failing<Code>, held: Held) => void
  /** The boundary condition key, which users and roles bear in every change of their policies. */
  readonly bears: (held: Held | undefined) => NonNullable<Need['context']>
}

export const users: Family<User, { readonly UserName: string }, never> = {
  kind: 'user',
  word: 'User',
  nameOf: ({ UserName }) => UserName,
  named: (name) => ({ UserName: name }),
  seek: (place, name) => seek(place, 'user', name),
  find: (place, name) => find(place, 'user', name),
  guard: () => {},
  bears: (user) => boundedBy(user?.boundary),
}

export const groups: Family<Group, { readonly GroupName: string }, never> = {
  kind: 'group',
  word: 'Group',
  nameOf: ({ GroupName }) => GroupName,
  named: (name) => ({ GroupName: name }),
  seek: (place, name) => seek(place, 'group', name),
  find: (place, name) => find(place, 'group', name),
  guard: () => {},
  bears: () => ({}),
}

export const roles: Family<Role, { readonly RoleName: string }, 'UnmodifiableEntity'> = {
  kind: 'role',
  word: 'Role',
  nameOf: ({ RoleName }) => RoleName,
  named: (name) => ({ RoleName: name }),
  seek: (place, name) => seek(place, 'role', name),
  find: (place, name) => find(place, 'role', name),
  guard: (scene, role) => mustBeOurs(scene, role),
  bears: (role) => boundedBy(role?.boundary),
}

/** The need of an operation that changes one holder's policies. */
export function onHolder<Held extends User | Group | Role, Input extends object, Code extends string>(
  family: Family<Held, Input, Code>,
  place: Place,
  action: string,
  name: string,
  context: NonNullable<Need['context']> = {},
): Need {
  const need = onNamed(place, action, family.kind, name)
  return { ...need, context: { ...family.bears(family.seek(place, name)), ...context } }
}

/** Where AWS keeps roles that only its services make, change and delete. */
export const serviceLinkedPath = '/aws-service-role/'
const reserved = '/aws-reserved/'

/** Service-linked roles and those of IAM Identity Center are AWS's to change. */
export function mustBeOurs(scene: Failing<'UnmodifiableEntity'>, role: Role): void {
  if (isServiceLinkedRole(role) || role.path.startsWith(reserved))
    scene.fail(
      'UnmodifiableEntity',
      `Cannot perform the operation on the protected role '${role.name}' - this role is only modifiable by AWS`,
    )
}

/** QUIRK: linked-role-edits. Of a service-linked role only the description and the tags can be changed. */
export const isServiceLinkedRole = ({ path }: Role): boolean => path.startsWith(serviceLinkedPath)

/** INVARIANT: nobody makes or moves a role into AWS's own paths, since what stands there is exempt from service control policies. */
export function mustBeOurPath(scene: Failing<'InvalidInput'>, path: string | undefined): void {
  if (path?.startsWith(serviceLinkedPath))
    scene.fail('InvalidInput', `Path prefix '${serviceLinkedPath}' can only be used for AWS Service linked Roles`)
  if (path?.startsWith(reserved))
    scene.fail('InvalidInput', `Path prefix '${reserved}' can only be used for AWS reserved Roles`)
}
