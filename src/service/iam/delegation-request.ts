import { iamArn, isAccountId, parseArn } from '../../base/arn.ts'
import { type Failing, operationsOf } from '../operation.ts'
import type { Place } from './lookup.ts'
import { page } from './page.ts'

/**
 * Requests of AWS's partners to be let into an account for a while. What they may ask for stands in templates that AWS itself
 * registers for each partner that it has taken on. None is registered here, so nobody can make a request, and there are none.
 */
const iam = operationsOf('iam')

interface Named {
  readonly DelegationRequestId: string
}

const onRequest =
  (action: string) =>
  ({ DelegationRequestId }: Named, { caller }: Pick<Place, 'caller'>) => [
    { action: `iam:${action}`, resource: iamArn(caller.account, `delegation-request/${DelegationRequestId}`) },
  ]

const none = (scene: Failing<'NoSuchEntity'>, id: string): never =>
  scene.fail('NoSuchEntity', `Delegation request ${id} cannot be found.`)
const unknown = (scene: Failing<'NoSuchEntity'>, { DelegationRequestId }: Named): never =>
  none(scene, DelegationRequestId)

const snsTopic = (text: string): boolean => {
  const arn = parseArn(text)
  return arn?.service === 'sns' && isAccountId(arn.account) && /^[A-Za-z0-9_.-]+$/.test(arn.resource)
}

/**
 * What is wrong with the request itself is told first, and then that its template is not known. Whether the account that is meant
 * exists is not looked at: the answer is the same for every number.
 */
export const createDelegationRequest = iam.write('CreateDelegationRequest', {
  level: 'write',
  needs: ({ Permissions, NotificationChannel, SessionDuration }, { caller }) => [
    {
      action: 'iam:CreateDelegationRequest',
      resource: iamArn(caller.account, 'delegation-request/*'),
      context: {
        'iam:DelegationDuration': [String(SessionDuration)],
        'iam:NotificationChannel': [NotificationChannel],
        'iam:TemplateArn': Permissions.PolicyTemplateArn === undefined ? null : [Permissions.PolicyTemplateArn],
        // It gets an owner when an identity of the account that is meant takes it on.
        'iam:DelegationRequestOwner': null,
      },
    },
  ],
  run: ({ caller, fail }, { Permissions, NotificationChannel }) => {
    if (!snsTopic(NotificationChannel))
      fail('InvalidInput', `Notification channel ${NotificationChannel} is not the ARN of an SNS topic.`)
    const template = Permissions.PolicyTemplateArn
    if (template === undefined) fail('InvalidInput', 'Permissions must name a policy template.')
    return fail('InvalidInput', `Policy template ${template} is not registered for account ${caller.account}.`)
  },
})

export const acceptDelegationRequest = iam.write('AcceptDelegationRequest', {
  level: 'write',
  needs: onRequest('AcceptDelegationRequest'),
  run: unknown,
})

export const associateDelegationRequest = iam.write('AssociateDelegationRequest', {
  level: 'write',
  needs: onRequest('AssociateDelegationRequest'),
  run: unknown,
})

export const getDelegationRequest = iam.read('GetDelegationRequest', {
  level: 'read',
  needs: onRequest('GetDelegationRequest'),
  run: unknown,
})

export const rejectDelegationRequest = iam.write('RejectDelegationRequest', {
  level: 'write',
  needs: onRequest('RejectDelegationRequest'),
  run: unknown,
})

export const sendDelegationToken = iam.write('SendDelegationToken', {
  level: 'write',
  needs: onRequest('SendDelegationToken'),
  run: unknown,
})

export const updateDelegationRequest = iam.write('UpdateDelegationRequest', {
  level: 'write',
  needs: onRequest('UpdateDelegationRequest'),
  run: unknown,
})

export const listDelegationRequests = iam.read('ListDelegationRequests', {
  level: 'list',
  needs: ({ OwnerId }) => [
    {
      action: 'iam:ListDelegationRequests',
      resource: '*',
      ...(OwnerId === undefined ? {} : { context: { 'iam:DelegationRequestOwner': [OwnerId] } }),
    },
  ],
  run: (scene, input) => {
    // A marker cannot come from here, and is refused as any that does not.
    page(scene, input, `delegations ${scene.caller.account}`, [], String)
    return { DelegationRequests: [], isTruncated: false }
  },
})

/** AWS summarizes delegation requests, and nothing else. */
export const getHumanReadableSummary = iam.read('GetHumanReadableSummary', {
  level: 'read',
  needs: ({ EntityArn }) => [{ action: 'iam:GetHumanReadableSummary', resource: EntityArn }],
  run: (scene, { EntityArn }) => {
    const arn = parseArn(EntityArn)
    if (arn?.service !== 'iam' || !arn.resource.startsWith('delegation-request/'))
      return scene.fail('InvalidInput', `Invalid Entity Arn: ${EntityArn} is not supported.`)
    return none(scene, arn.resource.slice('delegation-request/'.length))
  },
})
