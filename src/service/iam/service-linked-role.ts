import type { Need } from '../../access/need.ts'
import { iamArn } from '../../base/arn.ts'
import { uuid } from '../../base/id.ts'
import type * as Shape from '../../model/calls/iam.ts'
import { type ServiceLinked, serviceLinked } from '../../model/service-linked.ts'
import { arnOf } from '../../state/entity.ts'
import type { DeletionTask, Role } from '../../state/identity.ts'
import { inAccount, named } from '../../state/index-keys.ts'
import type { View } from '../../state/view.ts'
import { type Failing, operationsOf } from '../operation.ts'
import { isServiceLinkedRole, serviceLinkedPath } from './holder.ts'
import { find, type Place, seek } from './lookup.ts'
import { newborn } from './make.ts'
import { within } from './quota.ts'
import { encoded } from './render.ts'
import { onNamed } from './target.ts'

const iam = operationsOf('iam')

const sessionSeconds = 3600
const longestName = 64
/** AWS looks for what still uses the role; here nothing can. */
const workMilliseconds = 1_000
const taskMilliseconds = 24 * 60 * 60_000

/** AWS's own name where the service is known, so that policies on the role's ARN hold for it. */
const nameFor = (service: string, suffix: string | undefined): string =>
  (serviceLinked().get(service)?.roleName ?? `AWSServiceRoleFor${service}`) + (suffix === undefined ? '' : `_${suffix}`)

const pathOf = (service: string): string => `${serviceLinkedPath}${service}/`

export const createServiceLinkedRole = iam.write('CreateServiceLinkedRole', {
  level: 'write',
  needs: ({ AWSServiceName, CustomSuffix }, scene) => [
    {
      action: 'iam:CreateServiceLinkedRole',
      resource: iamArn(scene.caller.account, `role${pathOf(AWSServiceName)}${nameFor(AWSServiceName, CustomSuffix)}`),
      context: { 'iam:AWSServiceName': [AWSServiceName] },
    },
  ],
  run: (scene, { AWSServiceName, CustomSuffix, Description }) => {
    const { state, caller } = scene
    const linked = serviceLinked().get(AWSServiceName)
    if (linked === undefined)
      return scene.fail('InvalidInput', `Service-linked roles are not supported for ${AWSServiceName}`)
    if (CustomSuffix !== undefined && !linked.severally)
      scene.fail('InvalidInput', `Custom suffix is not allowed for ${AWSServiceName}`)
    const name = nameFor(AWSServiceName, CustomSuffix)
    if (name.length > longestName)
      scene.fail('InvalidInput', `Service role name ${name} is longer than ${longestName} characters.`)
    if (state.one('role', named(caller.account, name)) !== undefined)
      scene.fail(
        'InvalidInput',
        `Service role name ${name} has been taken in this account, please try a different suffix.`,
      )
    within(scene, 'RolesQuota', state.find('role', inAccount(caller.account)).length + 1)
    const role = linkedRole(scene, linked, name, Description)
    state.put(role)
    return { Role: whenLinked(role, AWSServiceName) }
  },
})

/** The role of a service in the caller's account, as it is made. */
export const linkedRole = (
  scene: Parameters<typeof newborn>[0],
  { service, policyArn }: ServiceLinked,
  name: string,
  description?: string,
): Role => ({
  kind: 'role',
  ...newborn(scene, 'AROA', name, pathOf(service)),
  tags: [],
  ...(description === undefined ? {} : { description }),
  maxSessionSeconds: sessionSeconds,
  trust: { document: trustIn(service), pins: {} },
  inline: [],
  attached: [policyArn],
})

const trustIn = (Service: string): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole' }],
  })

/** QUIRK: linked-role-view. Its maker is told the trust policy in lists, and no description; who reads it, without lists. */
const whenLinked = (role: Role, service: string): Shape.Role => ({
  Path: role.path,
  RoleName: role.name,
  RoleId: role.id,
  Arn: arnOf(role),
  CreateDate: role.createdAt,
  AssumeRolePolicyDocument: encoded(
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Action: ['sts:AssumeRole'], Effect: 'Allow', Principal: { Service: [service] } }],
    }),
  ),
})

/** QUIRK: deletion-asked-again. The role goes, its deletion takes a moment; who asks again meanwhile is told of the same task. */
export const deleteServiceLinkedRole = iam.write('DeleteServiceLinkedRole', {
  level: 'write',
  needs: ({ RoleName }, scene) => {
    const { account } = scene.caller
    const task = seek(scene, 'role', RoleName) === undefined ? underWay(scene, RoleName) : undefined
    const need = onNamed(scene, 'DeleteServiceLinkedRole', 'role', RoleName)
    return [task === undefined ? need : { ...need, resource: arnIn(account, task.id) }]
  },
  run: (scene, { RoleName }) => {
    const { state, caller, now } = scene
    const again = seek(scene, 'role', RoleName) === undefined ? underWay(scene, RoleName) : undefined
    if (again !== undefined) return { DeletionTaskId: again.id }
    const role = find(scene, 'role', RoleName)
    if (!isServiceLinkedRole(role)) scene.fail('NoSuchEntity', `${RoleName} exists but is not a service role.`)
    for (const old of state.find('deletion-task', inAccount(caller.account)))
      if (now - old.startedAt > taskMilliseconds) state.remove('deletion-task', old.id)
    const task: DeletionTask = {
      kind: 'deletion-task',
      id: `task${role.path}${role.name}/${uuid(scene.random)}`,
      account: caller.account,
      startedAt: now,
    }
    state.put(task)
    state.remove('activity', role.id)
    state.remove('role', role.id)
    return { DeletionTaskId: task.id }
  },
})

const isUnderWay = ({ startedAt }: DeletionTask, now: number): boolean => now - startedAt < workMilliseconds

/** The deletion of a role by that name that is not over. */
function underWay({ state, caller, now }: Place & { readonly now: number }, name: string): DeletionTask | undefined {
  return state
    .find('deletion-task', inAccount(caller.account))
    .find((task) => isUnderWay(task, now) && task.id.split('/')[3]?.toLowerCase() === name.toLowerCase())
}

const taskIds = /^task(\/aws-service-role\/[^/]+\/[^/]+)\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** The role that a task is or was about: what is left of the task's id without its ends. What is no task is about any role. */
const arnIn = (account: string, taskId: string): string => iamArn(account, `role${taskIds.exec(taskId)?.[1] ?? '/*'}`)

export const getServiceLinkedRoleDeletionStatus = iam.read('GetServiceLinkedRoleDeletionStatus', {
  level: 'read',
  needs: ({ DeletionTaskId }, scene): readonly Need[] => [
    { action: 'iam:GetServiceLinkedRoleDeletionStatus', resource: arnIn(scene.caller.account, DeletionTaskId) },
  ],
  run: (scene, { DeletionTaskId }) => {
    if (!taskIds.test(DeletionTaskId)) return scene.fail('InvalidInput', 'Invalid task id')
    const task = taskOf(scene, DeletionTaskId)
    return { Status: isUnderWay(task, scene.now) ? 'IN_PROGRESS' : 'SUCCEEDED' }
  },
})

function taskOf(scene: Place & Failing<'NoSuchEntity'> & { readonly state: View }, id: string): DeletionTask {
  const task = scene.state.get('deletion-task', id)
  return task?.account === scene.caller.account
    ? task
    : scene.fail('NoSuchEntity', 'Cannot find deletion status for given id.')
}
