import {
  CloudTrailClient,
  CreateTrailCommand,
  DescribeTrailsCommand,
  type Event,
  GetEventSelectorsCommand,
  GetInsightSelectorsCommand,
  GetTrailCommand,
  GetTrailStatusCommand,
  ListTagsCommand,
  ListTrailsCommand,
  type LookupAttributeKey,
  LookupEventsCommand,
  type LookupEventsCommandInput,
  paginateLookupEvents,
} from '@aws-sdk/client-cloudtrail'
import { CreateUserCommand, DeleteUserCommand, GetUserCommand, ListUsersCommand } from '@aws-sdk/client-iam'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Actor, actorOf, allow, assume, makeAccount, makeRole, makeUser, refusal, trusting } from './actor.ts'
import { type Aws, hasAws, leftOut, openAws } from './aws.ts'
import { clientOf, discard, envOf, type Running, run, startRolecall } from './process.ts'

/** Event history, as AWS's own client, boto3 and the aws CLI see it. */
const home = '012345678901'
const other = '987654321098'

let running: Running
let here: Actor
let there: Actor
let alice: Actor & { readonly id: string }
let roleArn: string
let session: Actor

const trailOf = ({ env }: Actor) => new CloudTrailClient({ ...clientOf(env), maxAttempts: 1 })

/** Every event that a question finds, over all its pages. */
async function found(actor: Actor, key?: LookupAttributeKey, value = '', more: LookupEventsCommandInput = {}) {
  const events: Event[] = []
  const LookupAttributes = key === undefined ? undefined : [{ AttributeKey: key, AttributeValue: value }]
  for await (const page of paginateLookupEvents({ client: trailOf(actor) }, { LookupAttributes, ...more }))
    events.push(...(page.Events ?? []))
  return events
}

const names = (events: readonly Event[]) => events.map(({ EventName }) => EventName)

/** A CloudTrail record, as far as these tests look into it. */
interface Recorded {
  readonly eventID: string
  readonly userIdentity: Readonly<Record<string, unknown>>
  readonly requestParameters: Readonly<Record<string, unknown>> | null
  readonly responseElements: Readonly<Record<string, unknown>> | null
}
const recorded = (event: Event | undefined) => JSON.parse(event?.CloudTrailEvent ?? '{}') as Recorded

beforeAll(async () => {
  running = await startRolecall({ args: ['--account-id', home] })
  here = actorOf(await envOf(running))
  there = (await makeAccount(running, other)).administrator
  alice = await makeUser(here, 'alice', allow(['sts:AssumeRole', 'iam:GetUser', 'cloudtrail:LookupEvents']))
  roleArn = (await makeRole(here, 'Auditor', trusting(home))).arn
  session = await assume(alice, roleArn, { RoleSessionName: 'look' })
  await alice.iam.send(new GetUserCommand({}))
  await refusal(alice.iam.send(new ListUsersCommand({})))
  await refusal(session.iam.send(new ListUsersCommand({})))
})
afterAll(() => discard(running))

test('target-by-last-name: the whole name of the service is as good as its last part', async () => {
  // boto3 and the aws CLI write the whole name, AWS's JavaScript client the last part.
  const client = trailOf(here)
  client.middlewareStack.add(
    (next) => (args) => {
      const { headers } = args.request as { headers: Record<string, string> }
      headers['x-amz-target'] = `com.amazonaws.cloudtrail.v20131101.${headers['x-amz-target']}`
      return next(args)
    },
    { step: 'build' },
  )
  expect((await client.send(new ListTrailsCommand({}))).Trails).toEqual([])
})

describe('LookupEvents', () => {
  test('finds a call at once, by each of its attributes', async () => {
    const [event] = await found(here, 'EventName', 'GetUser')
    expect(event).toMatchObject({
      EventName: 'GetUser',
      ReadOnly: 'true',
      AccessKeyId: alice.env.accessKeyId,
      EventSource: 'iam.amazonaws.com',
      Username: 'alice',
      Resources: [],
    })
    expect(Math.abs(Date.now() - (event?.EventTime?.getTime() ?? 0))).toBeLessThan(60_000)
    expect(recorded(event)).toMatchObject({
      eventID: event?.EventId,
      userIdentity: { arn: `arn:aws:iam::${home}:user/alice` },
    })

    expect(await found(here, 'EventId', event?.EventId)).toEqual([event])
    expect(names(await found(here, 'AccessKeyId', alice.env.accessKeyId))).toEqual([
      'ListUsers',
      'GetUser',
      'AssumeRole',
    ])
    expect(names(await found(here, 'Username', 'alice'))).toEqual(['ListUsers', 'GetUser', 'AssumeRole'])
    expect(names(await found(here, 'EventSource', 'sts.amazonaws.com'))).toEqual(['AssumeRole'])
    expect(names(await found(here, 'ResourceType', 'AWS::IAM::Role'))).toEqual(['AssumeRole', 'CreateRole'])
    expect(names(await found(here, 'ResourceName', roleArn))).toEqual(['AssumeRole', 'CreateRole'])
    expect(names(await found(here, 'ResourceName', 'alice'))).toEqual([
      'CreateAccessKey',
      'PutUserPolicy',
      'CreateUser',
    ])
    expect(names(await found(here, 'ReadOnly', 'false'))).toEqual([
      'CreateRole',
      'CreateAccessKey',
      'PutUserPolicy',
      'CreateUser',
      'CreateAccount',
    ])
  })

  test('username-is-session-name: what a session did is found by its name and its key', async () => {
    for (const events of [
      await found(here, 'Username', 'look'),
      await found(here, 'AccessKeyId', session.env.accessKeyId),
    ]) {
      expect(names(events)).toEqual(['ListUsers'])
      expect(events[0]).toMatchObject({ Username: 'look', AccessKeyId: session.env.accessKeyId })
    }
  })

  test('session-name-is-resource: assuming a role lists the key, the session by three names, and the role', async () => {
    const [event] = await found(here, 'ResourceName', session.env.accessKeyId)
    const { assumedRoleId } = (recorded(event).responseElements?.assumedRoleUser ?? {}) as Record<string, string>
    expect(assumedRoleId).toMatch(/^AROA[A-Z0-9]{17}:look$/)
    expect(event?.Resources?.map(({ ResourceType, ResourceName }) => [ResourceType, ResourceName])).toEqual([
      ['AWS::IAM::AccessKey', session.env.accessKeyId],
      ['AWS::STS::AssumedRole', `arn:aws:sts::${home}:assumed-role/Auditor/look`],
      ['AWS::STS::AssumedRole', assumedRoleId],
      ['AWS::STS::AssumedRole', 'look'],
      ['AWS::IAM::Role', roleArn],
    ])
  })

  test('turns pages that join without gap or repetition, newest first', async () => {
    for (let number = 0; number < 7; number++) await there.iam.send(new CreateUserCommand({ UserName: `u-${number}` }))
    const events = await found(there, 'EventName', 'CreateUser', { MaxResults: 2 })
    expect(events.map((event) => recorded(event).requestParameters?.userName)).toEqual(
      [6, 5, 4, 3, 2, 1, 0].map((number) => `u-${number}`),
    )
    expect(new Set(events.map(({ EventId }) => EventId)).size).toBe(7)
  })

  test('gives a token that is good for its question only', async () => {
    const client = trailOf(there)
    const question = { LookupAttributes: [{ AttributeKey: 'EventName' as const, AttributeValue: 'CreateUser' }] }
    const { NextToken } = await client.send(new LookupEventsCommand({ ...question, MaxResults: 2 }))
    expect(NextToken).toEqual(expect.any(String))
    const again = { ...question, NextToken }
    expect((await client.send(new LookupEventsCommand(again))).Events?.length).toBe(5)
    const wrong = { code: 'InvalidNextTokenException', status: 400 }
    for (const asked of [
      { NextToken },
      { LookupAttributes: [{ AttributeKey: 'EventName' as const, AttributeValue: 'DeleteUser' }], NextToken },
      { ...again, StartTime: new Date(0) },
      { ...question, NextToken: `${NextToken}x` },
      { ...question, NextToken: 'nonsense' },
    ])
      expect(await refusal(client.send(new LookupEventsCommand(asked)))).toMatchObject(wrong)
    expect(await refusal(trailOf(here).send(new LookupEventsCommand(again)))).toMatchObject(wrong)
  })

  test('looks between two times, both included to the second', async () => {
    const [event] = await found(here, 'EventName', 'GetUser')
    const time = event?.EventTime ?? new Date(0)
    const between = (from: number, until: number) =>
      found(here, 'EventName', 'GetUser', {
        StartTime: new Date(time.getTime() + from),
        EndTime: new Date(time.getTime() + until),
      })
    expect(await between(0, 0)).toEqual([event])
    expect(await between(-5_000, -1_000)).toEqual([])
    expect(await between(1_000, 5_000)).toEqual([])
    expect(await found(here, undefined, '', { EndTime: new Date(Date.now() - 3_600_000) })).toEqual([])
  })

  test('shows each account its own events only', async () => {
    expect(await found(there, 'Username', 'alice')).toEqual([])
    expect(new Set((await found(there)).map((event) => recorded(event).userIdentity.accountId))).toEqual(
      new Set([other]),
    )
  })

  test('has no Insights events, since those come of trails', async () => {
    expect(await found(here, undefined, '', { EventCategory: 'insight' })).toEqual([])
  })

  // QUIRK: trail-names-no-resource.
  test('json-refuses-with-400: is refused to those who may not', async () => {
    expect(await refusal(trailOf(session).send(new LookupEventsCommand({})))).toEqual({
      code: 'AccessDeniedException',
      message: `User: arn:aws:sts::${home}:assumed-role/Auditor/look is not authorized to perform: cloudtrail:LookupEvents because no identity-based policy allows the cloudtrail:LookupEvents action`,
      status: 400,
    })
    expect((await found(alice, 'Username', 'alice')).length).toBeGreaterThan(0)
  })

  const attribute = (AttributeKey: string, AttributeValue: string) => ({ AttributeKey, AttributeValue })
  test.each([
    [
      'two attributes',
      { LookupAttributes: [attribute('EventName', 'a'), attribute('Username', 'b')] },
      'InvalidLookupAttributesException',
    ],
    [
      'an attribute that there is not',
      { LookupAttributes: [attribute('Colour', 'a')] },
      'InvalidLookupAttributesException',
    ],
    ['an empty value', { LookupAttributes: [attribute('EventName', '')] }, 'InvalidLookupAttributesException'],
    [
      'a value that is too long',
      { LookupAttributes: [attribute('EventName', 'x'.repeat(2001))] },
      'InvalidLookupAttributesException',
    ],
    [
      'characters-that-count-twice',
      { LookupAttributes: [attribute('EventName', '_'.repeat(1001))] },
      'InvalidLookupAttributesException',
    ],
    [
      'a ReadOnly that is neither',
      { LookupAttributes: [attribute('ReadOnly', 'maybe')] },
      'InvalidLookupAttributesException',
    ],
    [
      'Insights by user',
      { EventCategory: 'insight', LookupAttributes: [attribute('Username', 'a')] },
      'InvalidLookupAttributesException',
    ],
    ['a start after the end', { StartTime: new Date(2000), EndTime: new Date(1000) }, 'InvalidTimeRangeException'],
    ['no results', { MaxResults: 0 }, 'InvalidMaxResultsException'],
    ['more than fifty results', { MaxResults: 51 }, 'InvalidMaxResultsException'],
    ['another category', { EventCategory: 'data' }, 'InvalidEventCategoryException'],
  ])('refuses %s', async (_what, asked, code) => {
    // What the client's own types would not let through.
    const input = asked as LookupEventsCommandInput
    expect(await refusal(trailOf(here).send(new LookupEventsCommand(input)))).toMatchObject({ code, status: 400 })
  })

  test('a value of as many characters as may be is looked for', async () => {
    expect(await found(here, 'EventName', 'x'.repeat(2000))).toEqual([])
    expect(await found(here, 'EventName', '_'.repeat(1000))).toEqual([])
  })
})

describe('trails', () => {
  const name = 'management-events'
  const arn = `arn:aws:cloudtrail:us-east-1:${home}:trail/${name}`

  test('there are none, because there is no bucket', async () => {
    const client = trailOf(here)
    expect((await client.send(new DescribeTrailsCommand({}))).trailList).toEqual([])
    expect((await client.send(new DescribeTrailsCommand({ trailNameList: [name, arn] }))).trailList).toEqual([])
    expect((await client.send(new ListTrailsCommand({}))).Trails).toEqual([])
    const missing = {
      code: 'TrailNotFoundException',
      message: `Unknown trail: ${arn} for the user: ${home}`,
      status: 400,
    }
    expect(await refusal(client.send(new GetTrailStatusCommand({ Name: name })))).toEqual(missing)
    // QUIRK: trail-as-named.
    const asNamed = { ...missing, message: `Unknown trail: ${name} for the user: ${home}` }
    expect(await refusal(client.send(new GetTrailCommand({ Name: name })))).toEqual(asNamed)
    expect(await refusal(client.send(new GetTrailCommand({ Name: arn })))).toEqual(missing)
    expect(await refusal(client.send(new GetEventSelectorsCommand({ TrailName: arn })))).toEqual(missing)
    expect(await refusal(client.send(new GetInsightSelectorsCommand({ TrailName: name })))).toEqual(missing)
    expect(await refusal(client.send(new GetInsightSelectorsCommand({})))).toMatchObject({
      code: 'InvalidParameterCombinationException',
    })
    expect(await refusal(client.send(new ListTagsCommand({ ResourceIdList: [arn] })))).toMatchObject({
      code: 'ResourceNotFoundException',
    })
  })

  test('one is made only where its bucket is, once its name is one', async () => {
    const client = trailOf(here)
    const create = (Name: string, S3BucketName = 'my-logs', more = {}) =>
      refusal(client.send(new CreateTrailCommand({ Name, S3BucketName, ...more })))
    expect(await create(name)).toEqual({
      code: 'S3BucketDoesNotExistException',
      message: 'S3 bucket my-logs does not exist!',
      status: 400,
    })
    for (const wrong of ['ab', 'x'.repeat(129), '-ab', 'ab-', 'a b', 'a--b'])
      expect(await create(wrong)).toMatchObject({ code: 'InvalidTrailNameException' })
    expect(await create(name, 'My_Logs')).toMatchObject({ code: 'InvalidS3BucketNameException' })
    expect(await create(name, 'my-logs', { S3KeyPrefix: 'x'.repeat(201) })).toMatchObject({
      code: 'InvalidS3PrefixException',
    })
    expect(
      await create(name, 'my-logs', { IsMultiRegionTrail: true, IncludeGlobalServiceEvents: false }),
    ).toMatchObject({ code: 'InvalidParameterCombinationException' })
    expect(await refusal(client.send(new GetTrailStatusCommand({ Name: 'arn:aws:s3:::x' })))).toMatchObject({
      code: 'CloudTrailARNInvalidException',
    })
  })

  test('asks whether one may before it tells what there is', async () => {
    expect(await refusal(trailOf(alice).send(new GetTrailStatusCommand({ Name: name })))).toMatchObject({
      code: 'AccessDeniedException',
    })
  })
})

const variables = ({ env }: Actor) => ({
  AWS_ENDPOINT_URL: env.endpoint,
  AWS_DEFAULT_REGION: env.region,
  AWS_ACCESS_KEY_ID: env.accessKeyId,
  AWS_SECRET_ACCESS_KEY: env.secretAccessKey,
  AWS_MAX_ATTEMPTS: '1',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_PAGER: '',
  PYTHONDONTWRITEBYTECODE: '1',
})

describe.skipIf(!hasAws)(`the aws CLI${leftOut}`, () => {
  let aws: Aws
  beforeAll(async () => {
    aws = await openAws()
  })
  afterAll(() => aws.close())

  test('looks events up, a page behind the other', async () => {
    const { code, stdout, stderr } = await aws.run(
      [
        'cloudtrail',
        'lookup-events',
        '--lookup-attributes',
        `AttributeKey=AccessKeyId,AttributeValue=${alice.env.accessKeyId}`,
        '--page-size',
        '1',
        '--output',
        'json',
      ],
      variables(here),
    )
    expect([code, stderr]).toEqual([0, ''])
    const { Events } = JSON.parse(stdout) as { readonly Events: readonly Event[] }
    expect(names(Events).filter((name) => name !== 'LookupEvents' && name !== 'GetTrailStatus')).toEqual([
      'ListUsers',
      'GetUser',
      'AssumeRole',
    ])
  })

  test('is told in words what is wrong', async () => {
    const { code, stderr } = await aws.run(['cloudtrail', 'lookup-events', '--event-category', 'data'], variables(here))
    expect(code).not.toBe(0)
    expect(stderr).toContain('(InvalidEventCategoryException) when calling the LookupEvents operation')
  })

  test('boto3 reads the same event', async () => {
    const program = `
import boto3, json
client = boto3.client("cloudtrail")
pages = client.get_paginator("lookup_events").paginate(
    LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "GetUser"}])
events = [event for page in pages for event in page["Events"]]
assert [event["Username"] for event in events] == ["alice"], events
assert events[0]["EventTime"].tzinfo is not None and events[0]["ReadOnly"] == "true"
assert json.loads(events[0]["CloudTrailEvent"])["eventID"] == events[0]["EventId"]
try:
    client.lookup_events(NextToken="nonsense")
except client.exceptions.InvalidNextTokenException:
    print("ok")
`
    const { code, stdout, stderr } = await run('python3', ['-c', program], variables(here))
    expect([code, stdout.trim(), stderr]).toEqual([0, 'ok', ''])
  })
})

describe('what was deleted', () => {
  test('is still found by the name that it had', async () => {
    await there.iam.send(new DeleteUserCommand({ UserName: 'u-3' }))
    expect(names(await found(there, 'ResourceName', 'u-3'))).toEqual(['DeleteUser', 'CreateUser'])
  })
})
