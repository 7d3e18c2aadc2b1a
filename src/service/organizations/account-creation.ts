import { carId, uniqueId } from '../../base/id.ts'
import type * as Shape from '../../model/calls/organizations.ts'
import { rootArn } from '../../state/entity.ts'
import type { Role } from '../../state/identity.ts'
import { inOrganization } from '../../state/index-keys.ts'
import type { AccountCreation } from '../../state/organization.ts'
import { wholeSecond } from '../iam/make.ts'
import { operationsOf, type WriteScene } from '../operation.ts'
import { freeAccountId } from '../rolecall/account.ts'
import { accountAt } from './email.ts'
import { invalid, tooManyAccounts, violates } from './fault.ts'
import { openHandshakes } from './handshake.ts'
import { admitted, needOn } from './insider.ts'
import { enrol, founderOf, hasFoundedAll, isFull } from './member.ts'
import { paged } from './page.ts'
import { validTags } from './tag.ts'

const organizations = operationsOf('organizations')

const administratorAccess = 'arn:aws:iam::aws:policy/AdministratorAccess'
const roleByDefault = 'OrganizationAccountAccessRole'
const roleSeconds = 3_600
/** A request is told of for as long; and no more of them than this, whoever asks for accounts that cannot be. */
const keptMilliseconds = 90 * 24 * 60 * 60_000
const mostKept = 1_000

/** Makes room for one more request: those of long ago are forgotten, and the oldest where there are too many. */
function forgetOld({ state, now }: Pick<WriteScene, 'state' | 'now'>, organization: string): void {
  const oldestFirst = state
    .find('account-creation', inOrganization(organization))
    .toSorted((a, b) => a.requestedAt - b.requestedAt)
  for (const [at, { id, requestedAt }] of oldestFirst.entries())
    if (now - requestedAt > keptMilliseconds || at <= oldestFirst.length - mostKept)
      state.remove('account-creation', id)
}

/** How long a request is told to be under way. What it is for is there at once. */
const workMilliseconds = 1_000

function shownCreation(creation: AccountCreation, now: number): Shape.CreateAccountStatus {
  const { id, name, requestedAt, outcome } = creation
  const begun = { Id: id, AccountName: name, RequestedTimestamp: requestedAt }
  if (now - requestedAt < workMilliseconds) return { ...begun, State: 'IN_PROGRESS' }
  const ended = { ...begun, CompletedTimestamp: requestedAt + workMilliseconds }
  return 'created' in outcome
    ? { ...ended, State: 'SUCCEEDED', AccountId: outcome.created }
    : // Kept by the operation below, in the model's words.
      { ...ended, State: 'FAILED', FailureReason: outcome.failed as Shape.CreateAccountFailureReason }
}

/** The role by which the managing account gets into an account that nobody has a key to. */
function accessRole(
  { random, now }: Pick<WriteScene, 'random' | 'now'>,
  account: string,
  name: string,
  manager: string,
): Role {
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: rootArn(manager) }, Action: 'sts:AssumeRole' }],
  }
  return {
    kind: 'role',
    id: uniqueId(random, 'AROA'),
    account,
    name,
    path: '/',
    createdAt: wholeSecond(now),
    tags: [],
    maxSessionSeconds: roleSeconds,
    trust: { document: JSON.stringify(trust), pins: {} },
    inline: [],
    attached: [administratorAccess],
  }
}

const needsCreation = (
  action: 'CreateAccount' | 'CreateGovCloudAccount',
  { Tags }: Shape.CreateAccountRequest,
  scene: Parameters<typeof needOn>[0],
) => [
  needOn(scene, action, undefined, { tags: Tags }),
  ...(Tags?.length ? [needOn(scene, 'TagResource', '*', { tags: Tags })] : []),
]

/**
 * An account without any key: its only way in is the role, until somebody who came in by it makes another. That an address is taken is
 * found out while the account is being made, as at AWS.
 */
export const createAccount = organizations.write('CreateAccount', {
  level: 'write',
  needs: (input, scene) => needsCreation('CreateAccount', input, scene),
  run: (scene, { Email, AccountName, RoleName = roleByDefault, Tags }) => {
    const { state, random, now } = scene
    const { organization } = admitted(scene, 'CreateAccount')
    const tags = validTags(scene, Tags)
    if (RoleName.toLowerCase().startsWith('awsservicerolefor'))
      invalid(scene, 'INVALID_ROLE_NAME', 'You provided a role name that is not valid.')
    const invited = openHandshakes(scene, organization, 'INVITE').length
    if (isFull(state, organization, invited) || hasFoundedAll(state, organization.account))
      violates(scene, 'ACCOUNT_NUMBER_LIMIT_EXCEEDED', tooManyAccounts)
    forgetOld(scene, organization.id)
    const request = {
      kind: 'account-creation' as const,
      id: carId(random),
      account: organization.account,
      organization: organization.id,
      name: AccountName,
      requestedAt: now,
    }
    if (accountAt(state, Email) !== undefined) {
      const failed: AccountCreation = { ...request, outcome: { failed: 'EMAIL_ALREADY_EXISTS' } }
      state.put(failed)
      return { CreateAccountStatus: shownCreation(failed, now) }
    }
    const id = freeAccountId(state, random)
    state.put({
      kind: 'account',
      id,
      name: AccountName,
      email: Email,
      founder: founderOf(state, organization.account),
      createdAt: wholeSecond(now),
      home: false,
    })
    state.put(accessRole(scene, id, RoleName, organization.account))
    enrol(scene, organization, id, 'CREATED', tags)
    const made: AccountCreation = { ...request, outcome: { created: id } }
    state.put(made)
    return { CreateAccountStatus: shownCreation(made, now) }
  },
})

/** There is no GovCloud here that an account could have its twin in, so no managing account has one. */
export const createGovCloudAccount = organizations.write('CreateGovCloudAccount', {
  level: 'write',
  needs: (input, scene) => needsCreation('CreateGovCloudAccount', input, scene),
  run: (scene) => {
    admitted(scene, 'CreateGovCloudAccount')
    return violates(
      scene,
      'MASTER_ACCOUNT_NOT_GOVCLOUD_ENABLED',
      'To complete this operation, the management account must have an associated account in the AWS GovCloud (US-West) Region.',
    )
  },
})

export const describeCreateAccountStatus = organizations.read('DescribeCreateAccountStatus', {
  level: 'read',
  needs: (_, scene) => [needOn(scene, 'DescribeCreateAccountStatus')],
  run: (scene, { CreateAccountRequestId }) => {
    const { organization } = admitted(scene, 'DescribeCreateAccountStatus')
    const creation = scene.state.get('account-creation', CreateAccountRequestId)
    return creation?.organization === organization.id
      ? { CreateAccountStatus: shownCreation(creation, scene.now) }
      : scene.fail(
          'CreateAccountStatusNotFoundException',
          "You specified an account creation request that doesn't exist.",
        )
  },
})

export const listCreateAccountStatus = organizations.read('ListCreateAccountStatus', {
  level: 'list',
  needs: (_, scene) => [needOn(scene, 'ListCreateAccountStatus')],
  run: (scene, input) => {
    const { organization } = admitted(scene, 'ListCreateAccountStatus')
    const wanted = input.States
    const all = scene.state
      .find('account-creation', inOrganization(organization.id))
      .map((creation) => shownCreation(creation, scene.now))
      .filter(({ State }) => wanted === undefined || wanted.length === 0 || (State && wanted.includes(State)))
    const { shown, end } = paged(scene, input, `creations ${organization.id}`, all, ({ Id }) => Id ?? '')
    return { CreateAccountStatuses: shown, ...end }
  },
})
