import type { Group, Role, User } from '../../state/identity.ts'
import { attaching, boundedBy } from '../../state/index-keys.ts'
import { operationsOf } from '../operation.ts'
import { findPolicy, mustBePolicyArn, needOnPolicy } from './managed.ts'
import { page } from './page.ts'

const iam = operationsOf('iam')

type Held = User | Group | Role

/** Groups come first, then users, then roles; each in the order of names. */
const rank = { group: 1, user: 2, role: 3 } as const
const filterOf = { group: 'Group', user: 'User', role: 'Role' } as const

/** Whom a policy stands over in the caller's account, whether it grants or bounds. */
export const listEntitiesForPolicy = iam.read('ListEntitiesForPolicy', {
  level: 'list',
  check: mustBePolicyArn,
  needs: ({ PolicyArn }, scene) => [needOnPolicy(scene, 'ListEntitiesForPolicy', PolicyArn)],
  run: (scene, input) => {
    const { PolicyArn, EntityFilter, PathPrefix = '/', PolicyUsageFilter: usage } = input
    const { state, caller } = scene
    findPolicy(scene, PolicyArn)

    const attached = attaching(caller.account, PolicyArn)
    const bounded = boundedBy(caller.account, PolicyArn)
    const granted: readonly Held[] =
      usage === 'PermissionsBoundary'
        ? []
        : [...state.find('group', attached), ...state.find('user', attached), ...state.find('role', attached)]
    const limited: readonly Held[] =
      usage === 'PermissionsPolicy' ? [] : [...state.find('user', bounded), ...state.find('role', bounded)]

    // Who holds a policy in both ways is one entity.
    const held = [...new Map([...granted, ...limited].map((entity) => [entity.id, entity])).values()].filter(
      ({ kind, path }) =>
        path.startsWith(PathPrefix) && (EntityFilter === undefined || EntityFilter === filterOf[kind]),
    )
    const { shown, end } = page(
      scene,
      input,
      `holders ${caller.account} ${PolicyArn}`,
      held,
      ({ kind, name }) => `${rank[kind]} ${name}`,
    )
    return {
      PolicyGroups: shown
        .filter(({ kind }) => kind === 'group')
        .map(({ name, id }) => ({ GroupName: name, GroupId: id })),
      PolicyUsers: shown.filter(({ kind }) => kind === 'user').map(({ name, id }) => ({ UserName: name, UserId: id })),
      PolicyRoles: shown.filter(({ kind }) => kind === 'role').map(({ name, id }) => ({ RoleName: name, RoleId: id })),
      ...end,
    }
  },
})
