import type * as Shape from '../../model/calls/organizations.ts'
import { type Failing, operationsOf } from '../operation.ts'
import { admitted, needOn } from './insider.ts'
import { paged } from './page.ts'

const organizations = operationsOf('organizations')

/** Nothing costs anything here, so there is no bill that one organization could answer for in the place of another. */
export const inviteOrganizationToTransferResponsibility = organizations.write(
  'InviteOrganizationToTransferResponsibility',
  {
    level: 'write',
    needs: ({ Tags }, scene) => [
      needOn(scene, 'InviteOrganizationToTransferResponsibility', undefined, { tags: Tags }),
    ],
    run: (scene) => {
      admitted(scene, 'InviteOrganizationToTransferResponsibility')
      return scene.fail('UnsupportedAPIEndpointException', "This action isn't available in the current AWS Region.")
    },
  },
)

/** So there is no transfer either. */
const missing = (scene: Failing<'ResponsibilityTransferNotFoundException'>): never =>
  scene.fail('ResponsibilityTransferNotFoundException', "You specified a transfer that doesn't exist.")

export const describeResponsibilityTransfer = organizations.read('DescribeResponsibilityTransfer', {
  level: 'read',
  needs: (_, scene) => [needOn(scene, 'DescribeResponsibilityTransfer')],
  run: (scene) => {
    admitted(scene, 'DescribeResponsibilityTransfer')
    return missing(scene)
  },
})

export const updateResponsibilityTransfer = organizations.write('UpdateResponsibilityTransfer', {
  level: 'write',
  needs: (_, scene) => [needOn(scene, 'UpdateResponsibilityTransfer')],
  run: (scene) => {
    admitted(scene, 'UpdateResponsibilityTransfer')
    return missing(scene)
  },
})

export const terminateResponsibilityTransfer = organizations.write('TerminateResponsibilityTransfer', {
  level: 'write',
  needs: (_, scene) => [needOn(scene, 'TerminateResponsibilityTransfer')],
  run: (scene) => {
    admitted(scene, 'TerminateResponsibilityTransfer')
    return missing(scene)
  },
})

const none: readonly Shape.ResponsibilityTransfer[] = []

export const listInboundResponsibilityTransfers = organizations.read('ListInboundResponsibilityTransfers', {
  level: 'list',
  needs: (_, scene) => [needOn(scene, 'ListInboundResponsibilityTransfers')],
  run: (scene, input) => {
    const { organization } = admitted(scene, 'ListInboundResponsibilityTransfers')
    if (input.Id !== undefined) missing(scene)
    const { shown, end } = paged(scene, input, `inbound ${organization.id}`, none, ({ Id }) => Id ?? '')
    return { ResponsibilityTransfers: shown, ...end }
  },
})

export const listOutboundResponsibilityTransfers = organizations.read('ListOutboundResponsibilityTransfers', {
  level: 'list',
  needs: (_, scene) => [needOn(scene, 'ListOutboundResponsibilityTransfers')],
  run: (scene, input) => {
    const { organization } = admitted(scene, 'ListOutboundResponsibilityTransfers')
    const { shown, end } = paged(scene, input, `outbound ${organization.id}`, none, ({ Id }) => Id ?? '')
    return { ResponsibilityTransfers: shown, ...end }
  },
})
