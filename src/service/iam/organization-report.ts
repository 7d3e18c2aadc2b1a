import { organizationPath, serviceControl, unitsAbove } from '../../access/organization.ts'
import { iamArn } from '../../base/arn.ts'
import { uuid } from '../../base/id.ts'
import { awsServices } from '../../model/aws-service.ts'
import type * as Shape from '../../model/calls/iam.ts'
import type { CompiledPolicy } from '../../policy/compile.ts'
import { compiledText } from '../../policy/kept.ts'
import { serviceReach } from '../../policy/service-access.ts'
import { inAccount, inOrganization } from '../../state/index-keys.ts'
import type { Membership, Organization } from '../../state/organization.ts'
import type { OrganizationAccess, OrganizationJob, Use } from '../../state/report.ts'
import type { View } from '../../state/view.ts'
import { operationsOf } from '../operation.ts'
import { insiderOf, manages } from '../organizations/insider.ts'
import { policyIn } from '../organizations/policy.ts'
import { ownerOf } from './job.ts'
import type { Place } from './lookup.ts'
import { wholeSecond } from './make.ts'
import { alone, notManaging } from './organization.ts'
import { page } from './page.ts'

const iam = operationsOf('iam')

const workMilliseconds = 1_000
const jobMilliseconds = 24 * 60 * 60_000
/** Services that were used longer ago than this count as not used. */
const trackedMilliseconds = 400 * 86_400_000

/** What the model leaves no other way to refuse than by a job that fails. */
const refused = (code: string, message: string): OrganizationJob['outcome'] => ({ code, message })

const serviceControlType = 'SERVICE_CONTROL_POLICY'

/** The policies of one place that could let its accounts use services. */
function carried(state: View, organization: Organization, policies: readonly string[]): readonly CompiledPolicy[] {
  return policies.flatMap((id) => {
    const policy = policyIn(state, organization, id)
    const compiled = policy?.type === serviceControlType ? compiledText(policy.document) : undefined
    return compiled === undefined || 'problem' in compiled ? [] : [compiled]
  })
}

/** What a path ends at: its accounts, and the policies over it, level by level; none where no policies hold. */
interface Entity {
  readonly members: readonly Membership[]
  readonly levels: readonly (readonly CompiledPolicy[])[]
}

/** The root, a unit or an account, by its whole path in the organization. */
function entityAt(state: View, organization: Organization, path: string): Entity | undefined {
  const id = path.slice(path.lastIndexOf('/') + 1)
  const member = state.get('membership', id)
  if (member?.organization === organization.id) {
    if (`${organizationPath(state, id)}${id}` !== path) return undefined
    return {
      members: [member],
      levels: (serviceControl(state, id) ?? []).map((level) => level.map((one) => one.policy)),
    }
  }
  const unit = state.get('organization-unit', id)
  if (unit?.organization !== organization.id) return undefined
  const above = unitsAbove(state, id)
  if ([organization.id, ...above.map((one) => one.id)].join('/') !== path) return undefined
  const members = state
    .find('membership', inOrganization(organization.id))
    .filter((one) => organizationPath(state, one.account)?.startsWith(`${path}/`) === true)
  return { members, levels: above.map(({ policies }) => carried(state, organization, policies)) }
}

/** Who of some accounts last used a service, and in how many it was used. */
function usesOf(
  state: View,
  members: readonly Membership[],
  namespace: string,
  now: number,
): Omit<OrganizationAccess, 'namespace'> {
  let accounts = 0
  let last: (Use & { readonly path: string }) | undefined
  for (const { account } of members) {
    const path = `${organizationPath(state, account) ?? ''}${account}`
    let used = false
    for (const { services } of state.find('activity', inAccount(account)))
      for (const use of Object.values(services[namespace] ?? {})) {
        if (now - use.at > trackedMilliseconds) continue
        used = true
        if (last === undefined || use.at > last.at) last = { ...use, path }
      }
    if (used) accounts++
  }
  return { accounts, ...(last === undefined ? {} : { last }) }
}

function reportOn(
  place: Place & { readonly now: number },
  { EntityPath, OrganizationsPolicyId }: Shape.GenerateOrganizationsAccessReportRequest,
): OrganizationJob['outcome'] {
  const { state, now } = place
  const insider = insiderOf(place)
  if (insider === undefined) return refused('OrganizationNotFoundException', alone)
  if (!manages(insider)) return refused('AccountNotManagementOrDelegatedAdministratorException', notManaging)
  const { organization } = insider
  if (!organization.policyTypes.includes(serviceControlType))
    return refused('PolicyTypeNotEnabledException', 'Service control policies are not enabled in your organization.')
  const entity = entityAt(state, organization, EntityPath)
  if (entity === undefined) return refused('NoSuchEntity', `Entity path ${EntityPath} is not in your organization.`)
  const one = OrganizationsPolicyId === undefined ? undefined : policyIn(state, organization, OrganizationsPolicyId)
  if (OrganizationsPolicyId !== undefined && one?.type !== serviceControlType)
    return refused(
      'NoSuchEntity',
      `Policy ${OrganizationsPolicyId} is not a service control policy of your organization.`,
    )
  const levels =
    OrganizationsPolicyId === undefined ? entity.levels : [carried(state, organization, [OrganizationsPolicyId])]
  const reaches = levels.map(serviceReach)
  return {
    services: [...awsServices().keys()]
      .filter((namespace) => reaches.every((reach) => reach(namespace)))
      .map((namespace) => ({ namespace, ...usesOf(state, entity.members, namespace, now) })),
  }
}

export const generateOrganizationsAccessReport = iam.write('GenerateOrganizationsAccessReport', {
  level: 'read',
  needs: ({ EntityPath, OrganizationsPolicyId }, scene) => [
    {
      action: 'iam:GenerateOrganizationsAccessReport',
      resource: iamArn(scene.caller.account, `access-report/${EntityPath}`),
      ...(OrganizationsPolicyId === undefined
        ? {}
        : { context: { 'iam:OrganizationsPolicyId': [OrganizationsPolicyId] } }),
    },
  ],
  run: (scene, input) => {
    const { state, caller, now, random } = scene
    for (const old of state.find('organization-job', inAccount(caller.account)))
      if (now - old.createdAt > jobMilliseconds) state.remove('organization-job', old.id)
    const id = uuid(random)
    const outcome = reportOn(scene, input)
    state.put({
      kind: 'organization-job',
      id,
      account: caller.account,
      owner: ownerOf(caller),
      createdAt: now,
      outcome,
    })
    return { JobId: id }
  },
})

/** How a page is ordered. Times as text, so that they order as numbers; who was never there comes last, whichever way. */
function keyOf({ namespace, last }: OrganizationAccess, order: Shape.sortKeyType): string {
  const never = '~'
  const at = last?.at ?? 0
  switch (order) {
    case 'SERVICE_NAMESPACE_ASCENDING':
      return namespace
    case 'SERVICE_NAMESPACE_DESCENDING':
      return [...namespace].map((char) => String.fromCharCode(0x7f - char.charCodeAt(0))).join('') + never
    case 'LAST_AUTHENTICATED_TIME_ASCENDING':
      return `${last === undefined ? never : String(at).padStart(16, '0')} ${namespace}`
    case 'LAST_AUTHENTICATED_TIME_DESCENDING':
      return `${last === undefined ? never : String(Number.MAX_SAFE_INTEGER - at).padStart(16, '0')} ${namespace}`
  }
}

export const getOrganizationsAccessReport = iam.read('GetOrganizationsAccessReport', {
  level: 'read',
  needs: () => [{ action: 'iam:GetOrganizationsAccessReport', resource: '*' }],
  run: (scene, input) => {
    const { state, caller, now } = scene
    const job = state.get('organization-job', input.JobId)
    const known =
      job?.account === caller.account && job.owner === ownerOf(caller) && now - job.createdAt <= jobMilliseconds
    if (job === undefined || !known) return scene.fail('NoSuchEntity', `Job ${input.JobId} cannot be found.`)
    const begun = { JobCreationDate: wholeSecond(job.createdAt) }
    const { outcome } = job
    const order = input.SortKey ?? 'SERVICE_NAMESPACE_ASCENDING'
    const services = 'code' in outcome ? [] : outcome.services
    const { shown, end } = page(scene, input, `report ${job.id} ${order}`, services, (one) => keyOf(one, order))
    if ('code' in outcome)
      return {
        JobStatus: 'FAILED',
        ...begun,
        JobCompletionDate: wholeSecond(job.createdAt),
        IsTruncated: false,
        ErrorDetails: { Message: outcome.message, Code: outcome.code },
      }
    if (now - job.createdAt < workMilliseconds) return { JobStatus: 'IN_PROGRESS', ...begun, IsTruncated: false }
    return {
      JobStatus: 'COMPLETED',
      ...begun,
      JobCompletionDate: wholeSecond(job.createdAt + workMilliseconds),
      NumberOfServicesAccessible: services.length,
      NumberOfServicesNotAccessed: services.filter(({ last }) => last === undefined).length,
      AccessDetails: shown.map(accessed),
      ...end,
    }
  },
})

const accessed = ({ namespace, accounts, last }: OrganizationAccess): Shape.AccessDetail => ({
  ServiceName: awsServices().get(namespace) ?? namespace,
  ServiceNamespace: namespace,
  ...(last === undefined
    ? {}
    : { Region: last.region, EntityPath: last.path, LastAuthenticatedTime: wholeSecond(last.at) }),
  TotalAuthenticatedEntities: accounts,
})
