import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail'
import { GetAccessKeyLastUsedCommand, GetRoleCommand, GetUserCommand, ListUsersCommand } from '@aws-sdk/client-iam'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Actor, actorOf, allow, assume, makeRole, makeUser, refusal, trusting } from './actor.ts'
import { clientOf, discard, envOf, type Running, startRolecall } from './process.ts'

/** What IAM says was last used, held against what the trail says was done. */
const home = '012345678901'
let running: Running
let here: Actor
let alice: Actor
let session: Actor

beforeAll(async () => {
  running = await startRolecall({ args: ['--account-id', home] })
  here = actorOf(await envOf(running))
  alice = await makeUser(here, 'alice', allow(['sts:AssumeRole', 'iam:GetUser']))
  session = await assume(alice, (await makeRole(here, 'Auditor', trusting(home))).arn)
  await alice.iam.send(new GetUserCommand({}))
  // Refused: it was made with the role all the same.
  await refusal(session.iam.send(new ListUsersCommand({})))
})
afterAll(() => discard(running))

/** The newest events that were made with a key. */
async function events({ env }: Actor) {
  const client = new CloudTrailClient({ ...clientOf(here.env), maxAttempts: 1 })
  const attribute = { AttributeKey: 'AccessKeyId', AttributeValue: env.accessKeyId } as const
  return (await client.send(new LookupEventsCommand({ LookupAttributes: [attribute] }))).Events ?? []
}

test('an access key was used for what the trail says was done with it, then', async () => {
  const { AccessKeyLastUsed } = await here.iam.send(
    new GetAccessKeyLastUsedCommand({ AccessKeyId: alice.env.accessKeyId }),
  )
  const told = (await events(alice)).map(({ EventTime, EventSource }) => [EventTime, EventSource])
  expect(told).toContainEqual([AccessKeyLastUsed?.LastUsedDate, `${AccessKeyLastUsed?.ServiceName}.amazonaws.com`])
})

test('a role was last used when a session of it called', async () => {
  const { Role } = await here.iam.send(new GetRoleCommand({ RoleName: 'Auditor' }))
  const told = (await events(session)).map(({ EventTime }) => EventTime)
  expect(told).toContainEqual(Role?.RoleLastUsed?.LastUsedDate)
})
