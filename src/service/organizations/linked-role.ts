import type { Need } from '../../access/need.ts'
import type { Random } from '../../base/env.ts'
import { serviceLinked } from '../../model/service-linked.ts'
import { arnOf } from '../../state/entity.ts'
import type { Role } from '../../state/identity.ts'
import { named } from '../../state/index-keys.ts'
import type { View } from '../../state/view.ts'
import { linkedRole } from '../iam/service-linked-role.ts'
import type { Writable } from '../operation.ts'

const service = 'organizations.amazonaws.com'

interface Birth {
  readonly state: View
  readonly now: number
  readonly random: Random
}

/** The role by which Organizations acts in an account, as it would be made there. */
function roleIn({ now, random }: Birth, account: string): Role {
  const linked = serviceLinked().get(service)
  if (linked === undefined) throw new Error('Organizations has no service-linked role')
  return linkedRole({ now, random, caller: { account } }, linked, linked.roleName)
}

const there = (state: View, role: Role): boolean => state.one('role', named(role.account, role.name)) !== undefined

/** Every account of an organization with all features has the role; one that has it already keeps its own. */
export function linkOrganizations(scene: Birth & { readonly state: Writable }, account: string): void {
  const role = roleIn(scene, account)
  if (!there(scene.state, role)) scene.state.put(role)
}

/** What making the role asks of the caller, in the caller's own account; nothing where it is there. */
export function needsLinking(scene: Birth, account: string): readonly Need[] {
  const role = roleIn(scene, account)
  if (there(scene.state, role)) return []
  return [
    {
      action: 'iam:CreateServiceLinkedRole',
      resource: arnOf(role),
      context: { 'iam:AWSServiceName': [service] },
      refusedAs: {
        code: 'AccessDeniedForDependencyException',
        message:
          'The request failed because your credentials do not have permission to create the service-linked role required by AWS Organizations.',
        details: { Reason: 'ACCESS_DENIED_DURING_CREATE_SERVICE_LINKED_ROLE' },
      },
    },
  ]
}
