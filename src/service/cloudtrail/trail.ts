import { parseArn } from '../../base/arn.ts'
import type { View } from '../../state/view.ts'
import { type InputOf, operationsOf, type Scene } from '../operation.ts'
import { needOf } from './need.ts'

const cloudtrail = operationsOf('cloudtrail')

type Asker<Code extends string> = Pick<Scene<View, Code>, 'caller' | 'fail'>
type BadName = 'InvalidTrailNameException' | 'CloudTrailARNInvalidException'

/** Trails are made in a region; this authority is one place, and the region of the global services stands for it. */
const trailArn = (account: string, name: string): string => `arn:aws:cloudtrail:us-east-1:${account}:trail/${name}`

const shortest = 3
const longest = 128

/** What is wrong with a trail's name (CloudTrail User Guide, "Naming requirements"). */
function wrongWith(name: string): string | undefined {
  const told = `Specified name length: ${name.length} characters.`
  if (name.length < shortest) return `Trail name too short. Minimum allowed length: ${shortest} characters. ${told}`
  if (name.length > longest) return `Trail name too long. Maximum allowed length: ${longest} characters. ${told}`
  if (!/^[A-Za-z0-9]/.test(name)) return 'Trail name must starts with a letter or number.'
  if (!/[A-Za-z0-9]$/.test(name)) return 'Trail name must ends with a letter or number.'
  if (!/^[A-Za-z0-9._-]+$/.test(name))
    return 'Trail name or ARN can only contain uppercase letters, lowercase letters, numbers, periods (.), hyphens (-), and underscores (_).'
  return /[._-]{2}/.test(name) ? 'Trail name cannot have adjacent periods, hyphens, or underscores.' : undefined
}

/** The ARN of a trail that is named by its name or by its ARN. Throws where the text can be neither. */
function arnOfTrail(text: string, { caller, fail }: Asker<BadName>): string {
  if (!text.startsWith('arn:')) {
    const wrong = wrongWith(text)
    return wrong === undefined ? trailArn(caller.account, text) : fail('InvalidTrailNameException', wrong)
  }
  const arn = parseArn(text)
  if (arn?.service === 'cloudtrail' && /^trail\/[A-Za-z0-9._-]+$/.test(arn.resource)) return text
  return fail('CloudTrailARNInvalidException', `Invalid ARN: ${text}`)
}

const unknownTrail = (arn: string, { caller, fail }: Asker<'TrailNotFoundException'>): never =>
  fail('TrailNotFoundException', `Unknown trail: ${arn} for the user: ${caller.account}`)

interface Naming {
  readonly Name?: string | undefined
  readonly TrailName?: string | undefined
}

/** What is asked of one trail. There is none to ask about: a trail needs a bucket that it writes to. */
const ofTrail = <L extends 'read' | 'write'>(action: string, level: L) => ({
  level,
  check: (input: Naming, scene: Asker<BadName>) => void arnOfTrail(nameIn(input), scene),
  needs: (input: Naming, scene: Asker<BadName>) => [
    { action: `cloudtrail:${action}`, resource: arnOfTrail(nameIn(input), scene) },
  ],
  run: (scene: Asker<BadName | 'TrailNotFoundException'>, input: Naming) =>
    unknownTrail(arnOfTrail(nameIn(input), scene), scene),
})

const nameIn = ({ Name, TrailName }: Naming): string => Name ?? TrailName ?? ''

/** QUIRK: trail-as-named. Alone among its like it tells an unknown trail as it was named. */
export const getTrail = cloudtrail.read('GetTrail', {
  ...ofTrail('GetTrail', 'read'),
  run: (scene, { Name }) => unknownTrail(Name, scene),
})
export const getTrailStatus = cloudtrail.read('GetTrailStatus', ofTrail('GetTrailStatus', 'read'))
export const getEventSelectors = cloudtrail.read('GetEventSelectors', ofTrail('GetEventSelectors', 'read'))
export const startLogging = cloudtrail.write('StartLogging', ofTrail('StartLogging', 'write'))
export const stopLogging = cloudtrail.write('StopLogging', ofTrail('StopLogging', 'write'))
export const deleteTrail = cloudtrail.write('DeleteTrail', ofTrail('DeleteTrail', 'write'))
export const updateTrail = cloudtrail.write('UpdateTrail', ofTrail('UpdateTrail', 'write'))
export const putEventSelectors = cloudtrail.write('PutEventSelectors', ofTrail('PutEventSelectors', 'write'))

interface OfEither extends Naming {
  readonly EventDataStore?: string | undefined
}

/** The same, where an event data store could be meant as well. Those are of CloudTrail Lake, which there is not. */
const ofEither = <L extends 'read' | 'write'>(action: string, level: L) => ({
  ...ofTrail(action, level),
  check(
    { TrailName, EventDataStore }: OfEither,
    scene: Asker<BadName | 'InvalidParameterCombinationException' | 'UnsupportedOperationException'>,
  ) {
    if ((TrailName === undefined) === (EventDataStore === undefined))
      scene.fail(
        'InvalidParameterCombinationException',
        'Exactly one of TrailName and EventDataStore must be specified.',
      )
    if (TrailName === undefined)
      scene.fail('UnsupportedOperationException', 'Event data stores are not supported by this authority.')
    arnOfTrail(TrailName ?? '', scene)
  },
})

export const getInsightSelectors = cloudtrail.read('GetInsightSelectors', ofEither('GetInsightSelectors', 'read'))
export const putInsightSelectors = cloudtrail.write('PutInsightSelectors', ofEither('PutInsightSelectors', 'write'))
export const getEventConfiguration = cloudtrail.read('GetEventConfiguration', ofEither('GetEventConfiguration', 'read'))
export const putEventConfiguration = cloudtrail.write(
  'PutEventConfiguration',
  ofEither('PutEventConfiguration', 'write'),
)

/** Of names that no trail has nothing is told, as AWS does. */
export const describeTrails = cloudtrail.read('DescribeTrails', {
  level: 'list',
  check(input, scene) {
    for (const name of input.trailNameList ?? []) arnOfTrail(name, scene)
  },
  needs: () => needOf('DescribeTrails'),
  run: () => ({ trailList: [] }),
})

export const listTrails = cloudtrail.read('ListTrails', {
  level: 'list',
  check({ NextToken }, { fail }) {
    if (NextToken !== undefined) fail('ValidationError', 'The token is not one of this request.')
  },
  needs: () => needOf('ListTrails'),
  run: () => ({ Trails: [] }),
})

type Creation = InputOf<'cloudtrail', 'CreateTrail'>
type CreationFault =
  | BadName
  | 'InvalidS3BucketNameException'
  | 'InvalidS3PrefixException'
  | 'InvalidParameterCombinationException'
  | 'InvalidCloudWatchLogsLogGroupArnException'
  | 'InvalidCloudWatchLogsRoleArnException'
  | 'TagsLimitExceededException'

const prefixLongest = 200
const tagsMost = 50

/** A name that a bucket can have (S3 User Guide, "General purpose bucket naming rules"). */
const isBucketName = (name: string): boolean =>
  /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) && !name.includes('..') && !/^\d+(?:\.\d+){3}$/.test(name)

/** What the request says by itself, in the order in which CloudTrail looks at it. */
function checkCreation(input: Creation, scene: Asker<CreationFault>): void {
  const { fail } = scene
  const wrong = wrongWith(input.Name)
  if (wrong !== undefined) fail('InvalidTrailNameException', wrong)
  if (!isBucketName(input.S3BucketName))
    fail('InvalidS3BucketNameException', `Bucket name ${input.S3BucketName} is not valid.`)
  if ((input.S3KeyPrefix?.length ?? 0) > prefixLongest)
    fail('InvalidS3PrefixException', `S3 prefix is too long. Maximum allowed length: ${prefixLongest} characters.`)
  if (input.IsMultiRegionTrail === true && input.IncludeGlobalServiceEvents === false)
    fail('InvalidParameterCombinationException', 'Multi-Region trail must include global service events.')
  if (input.CloudWatchLogsLogGroupArn === undefined && input.CloudWatchLogsRoleArn !== undefined)
    fail('InvalidCloudWatchLogsLogGroupArnException', 'You must specify a CloudWatch Logs log group with a role.')
  if (input.CloudWatchLogsLogGroupArn !== undefined && input.CloudWatchLogsRoleArn === undefined)
    fail('InvalidCloudWatchLogsRoleArnException', 'You must specify a role ARN as well as a log group.')
  if ((input.TagsList?.length ?? 0) > tagsMost)
    fail('TagsLimitExceededException', `A trail can have ${tagsMost} tags at most.`)
}

/** There is no bucket that a trail could be delivered to, so no trail is made. */
export const createTrail = cloudtrail.write('CreateTrail', {
  level: 'write',
  check: checkCreation,
  needs: ({ Name }, { caller }) => [{ action: 'cloudtrail:CreateTrail', resource: trailArn(caller.account, Name) }],
  run: ({ fail }, { S3BucketName }) =>
    fail('S3BucketDoesNotExistException', `S3 bucket ${S3BucketName} does not exist!`),
})

type BadArn = BadName | 'ResourceNotFoundException'

const notTagged = (arn: string, { fail }: Asker<BadArn>): never =>
  fail('ResourceNotFoundException', `Resource ${arn} is not found.`)

const arnGiven = (text: string, scene: Asker<BadName>): string =>
  text.startsWith('arn:')
    ? arnOfTrail(text, scene)
    : scene.fail('CloudTrailARNInvalidException', `Invalid ARN: ${text}`)

const tagged = (action: string) => ({
  level: 'tagging' as const,
  check: ({ ResourceId }: { readonly ResourceId: string }, scene: Asker<BadName>) => void arnGiven(ResourceId, scene),
  needs: ({ ResourceId }: { readonly ResourceId: string }) => [
    { action: `cloudtrail:${action}`, resource: ResourceId },
  ],
  run: (scene: Asker<BadArn>, { ResourceId }: { readonly ResourceId: string }) => notTagged(ResourceId, scene),
})

export const addTags = cloudtrail.write('AddTags', tagged('AddTags'))
export const removeTags = cloudtrail.write('RemoveTags', tagged('RemoveTags'))

export const listTags = cloudtrail.read('ListTags', {
  level: 'read',
  check(input, scene) {
    for (const arn of input.ResourceIdList) arnGiven(arn, scene)
  },
  needs: ({ ResourceIdList }) => ResourceIdList.map((arn) => ({ action: 'cloudtrail:ListTags', resource: arn })),
  run(scene, { ResourceIdList }) {
    const [first] = ResourceIdList
    return first === undefined ? { ResourceTagList: [] } : notTagged(first, scene)
  },
})
