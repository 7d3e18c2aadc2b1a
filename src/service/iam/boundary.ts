import { parseArn } from '../../base/arn.ts'
import { Fault } from '../../base/fault.ts'
import type { Role, User } from '../../state/identity.ts'
import { type Failing, operationsOf, type Scene, type Writable } from '../operation.ts'
import { type Family, onHolder, roles, users } from './holder.ts'
import type { Place } from './lookup.ts'
import { isServiceRolePolicy, policyAt } from './managed.ts'
import { boundedBy } from './target.ts'

const iam = operationsOf('iam')

/**
 * A permissions boundary that may be set: a managed policy that is there and can be held. It comes as the part of an entity that
 * holds it, empty where none is asked for.
 */
export function validBoundary(
  scene: Place & Failing<'InvalidInput'>,
  arn: string | undefined,
): { readonly boundary?: string } {
  if (arn === undefined) return {}
  const parsed = parseArn(arn)
  if (parsed?.service !== 'iam' || !parsed.resource.startsWith('policy/'))
    scene.fail('InvalidInput', `ARN ${arn} is not valid.`)
  // QUIRK: undeclared-fault. CreateRole answers so too, though its model does not list the code.
  if (isServiceRolePolicy(arn) || policyAt(scene, arn) === undefined)
    throw new Fault('NoSuchEntity', `Scope ARN: ${arn} does not exist or is not attachable.`)
  return { boundary: arn }
}

interface Bounded {
  readonly PermissionsBoundary: string
}

/** Two verbs over the two holders that can be bounded. */
const bounding = <Held extends User | Role, Input extends object, Code extends string>(
  family: Family<Held, Input, Code>,
  without: (held: Held) => Held,
) => ({
  put: {
    level: 'permissions' as const,
    needs: (input: Input & Bounded, scene: Scene) => [
      // What counts is the boundary that is being set, not the one in place.
      onHolder(
        family,
        scene,
        `Put${family.word}PermissionsBoundary`,
        family.nameOf(input),
        boundedBy(input.PermissionsBoundary),
      ),
    ],
    run: (scene: Scene<Writable, 'NoSuchEntity' | 'InvalidInput' | Code>, input: Input & Bounded) => {
      const held = family.find(scene, family.nameOf(input))
      family.guard(scene, held)
      scene.state.put({ ...held, ...validBoundary(scene, input.PermissionsBoundary) })
      return {}
    },
  },

  /** Where there is no boundary, none is there afterwards either. */
  remove: {
    level: 'permissions' as const,
    needs: (input: Input, scene: Scene) => [
      onHolder(family, scene, `Delete${family.word}PermissionsBoundary`, family.nameOf(input)),
    ],
    run: (scene: Scene<Writable, 'NoSuchEntity' | Code>, input: Input) => {
      const held = family.find(scene, family.nameOf(input))
      family.guard(scene, held)
      scene.state.put(without(held))
      return {}
    },
  },
})

const ofUser = bounding(users, ({ boundary: _, ...user }) => user)
export const putUserPermissionsBoundary = iam.write('PutUserPermissionsBoundary', ofUser.put)
export const deleteUserPermissionsBoundary = iam.write('DeleteUserPermissionsBoundary', ofUser.remove)

const ofRole = bounding(roles, ({ boundary: _, ...role }) => role)
export const putRolePermissionsBoundary = iam.write('PutRolePermissionsBoundary', ofRole.put)
export const deleteRolePermissionsBoundary = iam.write('DeleteRolePermissionsBoundary', ofRole.remove)
