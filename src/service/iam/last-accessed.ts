import { managedDocument, policiesHeldBy } from '../../access/layers.ts'
import { parseArn } from '../../base/arn.ts'
import { uuid } from '../../base/id.ts'
import { awsServices } from '../../model/aws-service.ts'
import type * as Shape from '../../model/calls/iam.ts'
import { loadService } from '../../model/service.ts'
import type { CompiledPolicy } from '../../policy/compile.ts'
import { compiledText } from '../../policy/kept.ts'
import { reachesAction, serviceReach } from '../../policy/service-access.ts'
import { arnOf } from '../../state/entity.ts'
import type { Role, User } from '../../state/identity.ts'
import { attaching, inAccount, memberOf } from '../../state/index-keys.ts'
import type { AccessJob, ActionAccess, ServiceAccess, Use } from '../../state/report.ts'
import type { View } from '../../state/view.ts'
import { type Failing, operationsOf, type Scene } from '../operation.ts'
import { ownerOf } from './job.ts'
import type { Place } from './lookup.ts'
import { wholeSecond } from './make.ts'
import { needOnPolicy } from './managed.ts'
import { page } from './page.ts'
import { onSource, policiesOver, seekSource } from './policy-source.ts'

const iam = operationsOf('iam')

/** A job takes a moment, as AWS's do. */
const workMilliseconds = 1_000
/** AWS does not say how long a job can be asked about; nobody asks longer than this. */
const jobMilliseconds = 24 * 60 * 60_000
/** Services that were used longer ago than this count as not used. */
const trackedMilliseconds = 400 * 86_400_000

/** Who and what a job is about: the policies that could let somebody use services, and who that somebody is. */
interface Subject {
  readonly policies: readonly CompiledPolicy[]
  readonly entities: readonly (User | Role)[]
}

const isPolicyArn = (arn: string): boolean => parseArn(arn)?.resource.startsWith('policy/') === true

function subjectOf(place: Place & Failing<'NoSuchEntity' | 'InvalidInput'>, arn: string): Subject {
  const { state } = place
  if (isPolicyArn(arn)) {
    const found =
      parseArn(arn)?.account === place.caller.account || arn.startsWith('arn:aws:iam::aws:')
        ? managedDocument(state, arn)
        : undefined
    if (found === undefined) return place.fail('NoSuchEntity', `Policy ${arn} does not exist or is not attachable.`)
    const compiled = compiledText(found.document)
    return { policies: 'problem' in compiled ? [] : [compiled], entities: holdersOf(place, arn) }
  }
  const holder = seekSource(place, arn)
  if (holder === undefined) return place.fail('NoSuchEntity', `ARN ${arn} is not found.`)
  const policies = (holder.kind === 'group' ? policiesHeldBy(state, holder) : policiesOver(state, holder).identity).map(
    ({ policy }) => policy,
  )
  return { policies, entities: holder.kind === 'group' ? state.find('user', memberOf(holder)) : [holder] }
}

/** Users that hold a policy themselves or by a group, and roles. */
function holdersOf({ state, caller }: Place, arn: string): readonly (User | Role)[] {
  const attached = attaching(caller.account, arn)
  const users = new Map(state.find('user', attached).map((user) => [user.id, user]))
  for (const group of state.find('group', attached))
    for (const user of state.find('user', memberOf(group))) users.set(user.id, user)
  return [...users.values(), ...state.find('role', attached)]
}

/** For operations that name by its ARN what they are about: says what is none before anybody is asked for permission. */
function mustBeArn({ Arn }: { readonly Arn: string }, scene: Pick<Place, 'caller'> & Failing<'InvalidInput'>): void {
  const arn = parseArn(Arn)
  const kind = arn?.resource.split('/')[0] ?? ''
  const known = ['user', 'group', 'role', 'policy'].includes(kind)
  const ours = arn?.account === scene.caller.account || (kind === 'policy' && arn?.account === 'aws')
  if (arn?.service !== 'iam' || !known || !ours)
    scene.fail('InvalidInput', `Invalid Entity Arn: ${Arn} is not supported.`)
}

export const generateServiceLastAccessedDetails = iam.write('GenerateServiceLastAccessedDetails', {
  level: 'read',
  check: mustBeArn,
  needs: ({ Arn }, scene) => [
    isPolicyArn(Arn)
      ? { ...needOnPolicy(scene, 'GenerateServiceLastAccessedDetails', Arn), noun: Arn }
      : onSource(scene, 'GenerateServiceLastAccessedDetails', Arn),
  ],
  run: (scene, { Arn, Granularity = 'SERVICE_LEVEL' }) => {
    const { state, caller, now } = scene
    const { policies, entities } = subjectOf(scene, Arn)
    for (const old of state.find('access-job', inAccount(caller.account)))
      if (now - old.createdAt > jobMilliseconds) state.remove('access-job', old.id)
    const job: AccessJob = {
      kind: 'access-job',
      id: uuid(scene.random),
      account: caller.account,
      owner: ownerOf(caller),
      createdAt: now,
      granularity: Granularity,
      entities: entities.map(({ id }) => id),
      services: servicesOf(state, policies, entities, now),
    }
    state.put(job)
    return { JobId: job.id }
  },
})

/** What is served here, and so could be tracked by the action. */
const tracked = ['iam', 'sts'] as const

function servicesOf(
  state: View,
  policies: readonly CompiledPolicy[],
  entities: readonly (User | Role)[],
  now: number,
): readonly ServiceAccess[] {
  const reaches = serviceReach(policies)
  const found: ServiceAccess[] = []
  for (const namespace of awsServices().keys()) {
    if (!reaches(namespace)) continue
    const uses: Record<string, Use> = {}
    for (const { id } of entities) {
      const used = latest(Object.values(state.get('activity', id)?.services[namespace] ?? {}))
      if (used !== undefined && now - used.at <= trackedMilliseconds) uses[id] = used
    }
    const service = tracked.find((one) => one === namespace)
    const actions = service === undefined ? [] : actionsOf(state, service, policies, entities)
    found.push({ namespace, uses, ...(actions.length === 0 ? {} : { actions }) })
  }
  return found
}

function actionsOf(
  state: View,
  service: (typeof tracked)[number],
  policies: readonly CompiledPolicy[],
  entities: readonly (User | Role)[],
): readonly ActionAccess[] {
  return [...loadService(service).operations.keys()]
    .sort()
    .filter((name) => reachesAction(policies, `${service}:${name}`))
    .map((name) => {
      const used = latest(
        entities.flatMap(({ id }) => {
          const use = state.get('activity', id)?.services[service]?.[name]
          return use === undefined ? [] : [{ ...use, by: id }]
        }),
      )
      return used === undefined ? { name } : { name, used }
    })
}

const latest = <T extends Use>(uses: readonly T[]): T | undefined =>
  uses.reduce<T | undefined>((best, use) => (best === undefined || use.at > best.at ? use : best), undefined)

/** A job of this very caller. Anybody else's is as unknown as none. */
function jobOf(scene: Scene<View, 'NoSuchEntity'>, id: string): AccessJob {
  const job = scene.state.get('access-job', id)
  const known =
    job?.account === scene.caller.account &&
    job.owner === ownerOf(scene.caller) &&
    scene.now - job.createdAt <= jobMilliseconds
  return job !== undefined && known ? job : scene.fail('NoSuchEntity', `Job ${id} cannot be found.`)
}

/**
 * What a job is while it is under way. QUIRK: pending-job. It lacks much that the model requires of every answer, and so the type, too,
 * has to be told.
 */
const pendingOf = ({ createdAt }: AccessJob) => ({
  JobStatus: 'IN_PROGRESS' as const,
  JobCreationDate: wholeSecond(createdAt),
  IsTruncated: false,
})
const isPending = (job: AccessJob, now: number): boolean => now - job.createdAt < workMilliseconds
const doneOf = ({ createdAt }: AccessJob) => ({
  JobStatus: 'COMPLETED' as const,
  JobCreationDate: wholeSecond(createdAt),
  JobCompletionDate: wholeSecond(createdAt + workMilliseconds),
})

/** Users and roles as they are today; who is gone has no ARN any more. */
const whoIs = (state: View, id: string): User | Role | undefined => state.get('user', id) ?? state.get('role', id)
const arnIn = (state: View, id: string | undefined): string | undefined => {
  const who = id === undefined ? undefined : whoIs(state, id)
  return who === undefined ? undefined : arnOf(who)
}

export const getServiceLastAccessedDetails = iam.read('GetServiceLastAccessedDetails', {
  level: 'read',
  needs: () => [{ action: 'iam:GetServiceLastAccessedDetails', resource: '*' }],
  run: (scene, input) => {
    const job = jobOf(scene, input.JobId)
    if (isPending(job, scene.now)) return pendingOf(job) as Shape.GetServiceLastAccessedDetailsResponse
    const { shown, end } = page(scene, input, `services of ${job.id}`, job.services, ({ namespace }) => namespace)
    return {
      ...doneOf(job),
      JobType: job.granularity,
      ServicesLastAccessed: shown.map((service) => accessed(scene.state, job, service)),
      ...end,
    }
  },
})

function accessed(state: View, job: AccessJob, { namespace, uses, actions }: ServiceAccess): Shape.ServiceLastAccessed {
  const users = Object.entries(uses).map(([by, use]) => ({ ...use, by }))
  const last = latest(users)
  const entity = arnIn(state, last?.by)
  return {
    ServiceName: awsServices().get(namespace) ?? namespace,
    ...(last === undefined ? {} : { LastAuthenticated: last.at }),
    ServiceNamespace: namespace,
    ...(entity === undefined ? {} : { LastAuthenticatedEntity: entity }),
    ...(last === undefined ? {} : { LastAuthenticatedRegion: last.region }),
    TotalAuthenticatedEntities: users.length,
    ...(job.granularity === 'SERVICE_LEVEL' || actions === undefined
      ? {}
      : { TrackedActionsLastAccessed: actions.map((action) => actionAccessed(state, action)) }),
  }
}

function actionAccessed(state: View, { name, used }: ActionAccess): Shape.TrackedActionLastAccessed {
  if (used === undefined) return { ActionName: name }
  const entity = arnIn(state, used.by)
  return {
    ActionName: name,
    ...(entity === undefined ? {} : { LastAccessedEntity: entity }),
    LastAccessedTime: used.at,
    LastAccessedRegion: used.region,
  }
}

/** QUIRK: namespace-of-no-job. A service that the job is not about has nobody; one that AWS does not have is refused. */
export const getServiceLastAccessedDetailsWithEntities = iam.read('GetServiceLastAccessedDetailsWithEntities', {
  level: 'read',
  needs: () => [{ action: 'iam:GetServiceLastAccessedDetailsWithEntities', resource: '*' }],
  run: (scene, input) => {
    const { state, now } = scene
    const job = jobOf(scene, input.JobId)
    if (!awsServices().has(input.ServiceNamespace))
      scene.fail('InvalidInput', `Service namepace ${input.ServiceNamespace} is either invalid or unsupported.`)
    if (isPending(job, now)) return pendingOf(job) as Shape.GetServiceLastAccessedDetailsWithEntitiesResponse
    const service = job.services.find(({ namespace }) => namespace === input.ServiceNamespace)
    const entities = service === undefined ? [] : job.entities.flatMap((id) => whoIs(state, id) ?? [])
    const usedAt = (id: string) => service?.uses[id]?.at
    // Who used it last comes first; then users, and roles.
    const { shown, end } = page(scene, input, `entities of ${job.id}`, entities, ({ id, kind, name }) => {
      const before = String(Number.MAX_SAFE_INTEGER - (usedAt(id) ?? 0)).padStart(16, '0')
      return `${before} ${kind === 'user' ? 1 : 2} ${name}`
    })
    return {
      ...doneOf(job),
      EntityDetailsList: shown.map((entity) => {
        const at = usedAt(entity.id)
        return {
          EntityInfo: {
            Arn: arnOf(entity),
            Name: entity.name,
            Type: entity.kind === 'user' ? ('USER' as const) : ('ROLE' as const),
            Id: entity.id,
            Path: entity.path,
          },
          ...(at === undefined ? {} : { LastAuthenticated: at }),
        }
      }),
      ...end,
    }
  },
})
