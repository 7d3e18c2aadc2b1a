import { iamArn, parseArn } from '../../base/arn.ts'
import { type Failing, operationsOf } from '../operation.ts'
import type { Place } from './lookup.ts'
import { page } from './page.ts'

/**
 * Requests of AWS's partners to be let into an account for a while. Only a partner whom AWS has taken on can make one
 * (CreateDelegationRequest, which is not built), so there are none: these operations say so.
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
