import {
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  ChangePasswordCommand,
  CreateLoginProfileCommand,
  CreatePolicyCommand,
  GenerateCredentialReportCommand,
  GenerateOrganizationsAccessReportCommand,
  GenerateServiceLastAccessedDetailsCommand,
  GetAccessKeyLastUsedCommand,
  GetCredentialReportCommand,
  GetOrganizationsAccessReportCommand,
  GetRoleCommand,
  GetServiceLastAccessedDetailsCommand,
  GetServiceLastAccessedDetailsWithEntitiesCommand,
  GetUserCommand,
  ListUsersCommand,
  type ServiceLastAccessed,
} from '@aws-sdk/client-iam'
import { Organizations } from '@aws-sdk/client-organizations'
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Actor,
  actorOf,
  allow,
  assume,
  makeAccount,
  makeRole,
  makeUser,
  refusal,
  statement,
  textOf,
  trusting,
  withKeys,
} from './actor.ts'
import { eventsOf, recordIn, type Told } from './history.ts'
import { waited } from './iam/stage.ts'
import { clientOf, discard, envOf, type Running, startRolecall } from './process.ts'

/** What IAM says was last used, held against what the trail says was done: when, with what, where, and by whom. */
const home = '012345678901'
const other = '987654321098'
const userArn = (name: string) => `arn:aws:iam::${home}:user/${name}`

let running: Running
let here: Actor
let there: Actor
let alice: Actor & { readonly arn: string }
let idle: Actor & { readonly arn: string }
let session: Actor
let away: Actor
let auditor: string
let abroad: string
let unused: string
let policy: string

/** Of IAM's actions it may do two, one of them on itself alone. */
const may = statement(
  ...allow(['sts:*', 'iam:ListUsers', 'iam:ChangePassword', 'iam:DeleteUser', 's3:*']).Statement,
  ...allow('iam:GetUser', userArn('alice')).Statement,
)

beforeAll(async () => {
  running = await startRolecall({ args: ['--account-id', home] })
  here = actorOf(await envOf(running))
  there = (await makeAccount(running, other)).administrator
  const made = await here.iam.send(new CreatePolicyCommand({ PolicyName: 'shared', PolicyDocument: textOf(may) }))
  policy = made.Policy?.Arn ?? ''
  alice = await makeUser(here, 'alice', policy)
  idle = await makeUser(here, 'idle', policy)
  auditor = (await makeRole(here, 'Auditor', trusting(home))).arn
  unused = (await makeRole(here, 'Unused', trusting(home))).arn
  abroad = (await makeRole(there, 'Abroad', trusting(home))).arn
  await here.iam.send(new AttachRolePolicyCommand({ RoleName: 'Auditor', PolicyArn: policy }))
  await here.iam.send(new AttachUserPolicyCommand({ UserName: 'idle', PolicyArn: policy }))

  // Signed for another region than everybody else's.
  const inFrankfurt = withKeys(alice, { region: 'eu-central-1' })
  session = await assume(inFrankfurt, auditor)
  away = await assume(alice, abroad, { RoleSessionName: 'alice' })
  await alice.iam.send(new GetUserCommand({}))
  // Refused: it was asked for all the same.
  await refusal(alice.iam.send(new GetUserCommand({ UserName: 'idle' })))
  await refusal(session.iam.send(new GetUserCommand({ UserName: 'idle' })))
  await session.iam.send(new ListUsersCommand({}))
  await refusal(away.iam.send(new ListUsersCommand({})))
  // Nobody is held to a request with another secret.
  const forged = withKeys(idle, { secretAccessKey: 'x'.repeat(40) })
  expect((await refusal(forged.sts.send(new GetCallerIdentityCommand({})))).code).toBe('SignatureDoesNotMatch')
})
afterAll(() => discard(running))

/** What the trail of an account says that an identity did: a role by its sessions. */
async function doneBy(account: Actor, arn: string): Promise<readonly Told[]> {
  return (await eventsOf(account)).map(recordIn).filter(({ userIdentity }) => {
    const { sessionIssuer } = (userIdentity.sessionContext ?? {}) as {
      readonly sessionIssuer?: { readonly arn: string }
    }
    return userIdentity.arn === arn || sessionIssuer?.arn === arn
  })
}
const serviceOf = ({ eventSource }: Told) => eventSource.replace('.amazonaws.com', '')
/** When and where, as both tell it. */
const placed = (time: Date | string | undefined, region: string | undefined) =>
  `${time === undefined ? 'never' : new Date(time).toISOString()} ${region}`
const places = (records: readonly Told[]) => records.map(({ eventTime, awsRegion }) => placed(eventTime, awsRegion))

describe('an access key', () => {
  test('was used for what the trail says was done with it, then and there', async () => {
    for (const [key, actor] of [
      [alice.env.accessKeyId, alice],
      [here.env.accessKeyId, here],
    ] as const) {
      const told = await here.iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId: key }))
      const { LastUsedDate, Region, ServiceName } = told.AccessKeyLastUsed ?? {}
      const events = (await eventsOf(here, 'AccessKeyId', actor.env.accessKeyId)).map(recordIn)
      const same = events.filter((event) => serviceOf(event) === ServiceName)
      expect(places(same)).toContain(placed(LastUsedDate, Region))
      expect(told.UserName).toBe(actor === alice ? 'alice' : 'administrator')
    }
  })

  test('that nobody signed with was never used, whoever wrote its id into a request', async () => {
    const { AccessKeyLastUsed } = await here.iam.send(
      new GetAccessKeyLastUsedCommand({ AccessKeyId: idle.env.accessKeyId }),
    )
    expect(AccessKeyLastUsed).toEqual({ ServiceName: 'N/A', Region: 'N/A' })
    expect(await doneBy(here, idle.arn)).toEqual([])
    const [claimed] = (await eventsOf(here, 'AccessKeyId', idle.env.accessKeyId)).map(recordIn)
    expect(claimed).toMatchObject({ errorCode: 'SignatureDoesNotMatch', userIdentity: { type: 'Unknown' } })
  })
})

describe('a role', () => {
  const lastUsed = async (account: Actor, RoleName: string) =>
    (await account.iam.send(new GetRoleCommand({ RoleName }))).Role?.RoleLastUsed

  test('was last used when a session of it called, there and in its own account', async () => {
    const told = await lastUsed(here, 'Auditor')
    expect(told?.Region).toBe('eu-central-1')
    expect(places(await doneBy(here, auditor))).toContain(placed(told?.LastUsedDate, told?.Region))
    const theirs = await lastUsed(there, 'Abroad')
    expect(theirs?.Region).toBe('us-east-1')
    expect(places(await doneBy(there, abroad))).toContain(placed(theirs?.LastUsedDate, theirs?.Region))
  })

  test('that nobody became was never used', async () => {
    expect(await lastUsed(here, 'Unused')).toEqual({})
    expect(await doneBy(here, unused)).toEqual([])
  })
})

describe('the credential report', () => {
  test('says of keys and passwords what the trail says', async () => {
    await here.iam.send(new CreateLoginProfileCommand({ UserName: 'alice', Password: 'Correct-horse-7-battery' }))
    // To change a password is not to sign in with it.
    const change = { OldPassword: 'Correct-horse-7-battery', NewPassword: 'Correct-horse-8-battery' }
    await alice.iam.send(new ChangePasswordCommand(change))
    await waited(async () => {
      const { State } = await here.iam.send(new GenerateCredentialReportCommand({}))
      return State === 'COMPLETE' ? State : undefined
    })
    const { Content } = await here.iam.send(new GetCredentialReportCommand({}))
    const [head = [], ...rows] = new TextDecoder()
      .decode(Content)
      .split('\n')
      .map((line) => line.split(','))
    const column = (user: string, name: string) => rows.find(([first]) => first === user)?.[head.indexOf(name)]
    for (const [user, actor] of [
      ['alice', alice],
      ['administrator', here],
    ] as const) {
      const [date, region, service] = ['date', 'region', 'service'].map((what) =>
        column(user, `access_key_1_last_used_${what}`),
      )
      const events = (await eventsOf(here, 'AccessKeyId', actor.env.accessKeyId)).map(recordIn)
      const same = events.filter((event) => serviceOf(event) === service)
      expect(places(same)).toContain(placed(date, region))
    }
    for (const what of ['date', 'region', 'service'])
      expect(column('idle', `access_key_1_last_used_${what}`)).toBe('N/A')

    // There is no console: a password that is there was never signed in with, one that is not there is N/A, and the trail has no sign-in.
    expect([column('alice', 'password_enabled'), column('alice', 'password_last_used')]).toEqual([
      'true',
      'no_information',
    ])
    expect([column('idle', 'password_enabled'), column('idle', 'password_last_used')]).toEqual(['false', 'N/A'])
    for (const UserName of ['alice', 'idle'])
      expect((await here.iam.send(new GetUserCommand({ UserName }))).User).not.toHaveProperty('PasswordLastUsed')
    expect(await eventsOf(here, 'EventName', 'ConsoleLogin')).toEqual([])
  })
})

describe('service last accessed', () => {
  /** A report, once all of these were written down. */
  const report = (Arn: string, Granularity: 'SERVICE_LEVEL' | 'ACTION_LEVEL', has: readonly string[]) =>
    waited(async () => {
      const { JobId } = await here.iam.send(new GenerateServiceLastAccessedDetailsCommand({ Arn, Granularity }))
      const job = await waited(async () => {
        const answer = await here.iam.send(new GetServiceLastAccessedDetailsCommand({ JobId, MaxItems: 1000 }))
        return answer.JobStatus === 'COMPLETED' ? answer : undefined
      })
      const services = job.ServicesLastAccessed ?? []
      const used = services.filter(({ LastAuthenticated }) => LastAuthenticated).map((each) => each.ServiceNamespace)
      return has.every((service) => used.includes(service)) ? { JobId, services } : undefined
    })
  const named = (services: readonly ServiceLastAccessed[], namespace: string) =>
    services.find(({ ServiceNamespace }) => ServiceNamespace === namespace)

  test.each([
    ['a user', () => alice.arn, ['iam', 'sts']],
    ['a role', () => auditor, ['iam']],
  ] as const)(
    'of %s: each service and action was used when, where and by whom the trail says, and no other',
    async (_, arn, has) => {
      const { services } = await report(arn(), 'ACTION_LEVEL', has)
      const events = await doneBy(here, arn())
      for (const service of services) {
        const { ServiceNamespace = '', LastAuthenticated, LastAuthenticatedRegion, LastAuthenticatedEntity } = service
        const same = events.filter((event) => serviceOf(event) === ServiceNamespace)
        if (same.length === 0) {
          expect([LastAuthenticated, service.TotalAuthenticatedEntities]).toEqual([undefined, 0])
          continue
        }
        expect(places(same)).toContain(placed(LastAuthenticated, LastAuthenticatedRegion))
        expect([LastAuthenticatedEntity, service.TotalAuthenticatedEntities]).toEqual([arn(), 1])
        for (const action of service.TrackedActionsLastAccessed ?? []) {
          const calls = same.filter(({ eventName }) => eventName === action.ActionName)
          // What was never done has no date, no place and nobody.
          if (calls.length === 0) expect(action).toEqual({ ActionName: action.ActionName })
          else {
            expect(places(calls)).toContain(placed(action.LastAccessedTime, action.LastAccessedRegion))
            expect(action.LastAccessedEntity).toBe(arn())
          }
        }
      }
      const actions = named(services, 'iam')?.TrackedActionsLastAccessed ?? []
      const dated = actions.filter(({ LastAccessedTime }) => LastAccessedTime).map(({ ActionName }) => ActionName)
      // GetUser was refused to the role, and counts; DeleteUser it may, and never did.
      expect(dated).toContain('GetUser')
      expect(actions).toContainEqual({ ActionName: 'DeleteUser' })
      expect(named(services, 's3')).not.toHaveProperty('LastAuthenticated')
    },
  )

  test('of services alone says the same of them, and nothing of actions', async () => {
    const [whole, alone] = await Promise.all([
      report(alice.arn, 'ACTION_LEVEL', ['iam', 'sts']),
      report(alice.arn, 'SERVICE_LEVEL', ['iam', 'sts']),
    ])
    expect(alone.services).toEqual(whole.services.map(({ TrackedActionsLastAccessed: _, ...service }) => service))
  })

  test('of a policy: who of those that hold it used a service, each at a time of its own events; the idle never', async () => {
    const { JobId, services } = await waited(async () => {
      const made = await report(policy, 'SERVICE_LEVEL', ['iam', 'sts'])
      return named(made.services, 'iam')?.TotalAuthenticatedEntities === 2 ? made : undefined
    })
    const entities = async (ServiceNamespace: string) =>
      (await here.iam.send(new GetServiceLastAccessedDetailsWithEntitiesCommand({ JobId, ServiceNamespace })))
        .EntityDetailsList ?? []
    for (const namespace of ['iam', 'sts', 's3']) {
      const listed = await entities(namespace)
      expect(listed.map(({ EntityInfo }) => EntityInfo?.Arn).toSorted()).toEqual(
        [alice.arn, idle.arn, auditor].toSorted(),
      )
      const dates: string[] = []
      for (const { EntityInfo, LastAuthenticated } of listed) {
        const events = (await doneBy(here, EntityInfo?.Arn ?? '')).filter((event) => serviceOf(event) === namespace)
        const times = events.map(({ eventTime }) => Date.parse(eventTime))
        if (times.length === 0) expect(LastAuthenticated).toBeUndefined()
        else expect(times).toContain(LastAuthenticated?.getTime())
        if (LastAuthenticated !== undefined) dates.push(LastAuthenticated.toISOString())
      }
      // The latest of them is the service's.
      const service = named(services, namespace)
      expect(service?.LastAuthenticated?.toISOString()).toBe(dates.toSorted().at(-1))
      expect(service?.TotalAuthenticatedEntities).toBe(dates.length)
    }
  })

  test('of an organization: each service at a time and in a place of a member’s own trail', async () => {
    const manager = (await makeAccount(running, '555566667777')).administrator
    const organizations = new Organizations({ ...clientOf(manager.env), maxAttempts: 1 })
    const { Organization } = await organizations.createOrganization({})
    const [root] = (await organizations.listRoots({})).Roots ?? []
    await organizations.enablePolicyType({ RootId: root?.Id, PolicyType: 'SERVICE_CONTROL_POLICY' })
    const { Handshake } = await organizations.inviteAccountToOrganization({ Target: { Type: 'ACCOUNT', Id: other } })
    const member = new Organizations({ ...clientOf(there.env), maxAttempts: 1 })
    await member.acceptHandshake({ HandshakeId: Handshake?.Id })

    const EntityPath = `${Organization?.Id}/${root?.Id}/${other}`
    const details = await waited(async () => {
      const { JobId } = await manager.iam.send(new GenerateOrganizationsAccessReportCommand({ EntityPath }))
      const done = await waited(async () => {
        const answer = await manager.iam.send(new GetOrganizationsAccessReportCommand({ JobId, MaxItems: 1000 }))
        return answer.JobStatus === 'COMPLETED' ? answer : undefined
      })
      const dated = done.AccessDetails?.filter(({ LastAuthenticatedTime }) => LastAuthenticatedTime) ?? []
      return dated.some(({ ServiceNamespace }) => ServiceNamespace === 'organizations') ? done : undefined
    })
    const events = (await eventsOf(there)).map(recordIn)
    const own = events.filter(({ userIdentity }) => userIdentity.type !== 'AWSAccount')
    const used = new Set(own.map(serviceOf))
    let never = 0
    for (const service of details.AccessDetails ?? []) {
      const { ServiceNamespace = '', ...told } = service
      if (!used.has(ServiceNamespace)) {
        for (const told of ['LastAuthenticatedTime', 'EntityPath', 'Region']) expect(service).not.toHaveProperty(told)
        never++
        continue
      }
      const same = own.filter((event) => serviceOf(event) === ServiceNamespace)
      expect(places(same)).toContain(placed(told.LastAuthenticatedTime, told.Region))
      expect([told.EntityPath, told.TotalAuthenticatedEntities]).toEqual([EntityPath, 1])
    }
    expect(details.NumberOfServicesNotAccessed).toBe(never)
    // The role that was assumed from elsewhere was used here; that it was assumed was done elsewhere.
    expect(details.AccessDetails?.find(({ ServiceNamespace }) => ServiceNamespace === 'sts')).not.toHaveProperty(
      'LastAuthenticatedTime',
    )
  })
})
