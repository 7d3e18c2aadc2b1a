import { inOrganization, under } from '../../state/index-keys.ts'
import { operationsOf } from '../operation.ts'
import { noAccount, noParent, notAllFeatures, violates } from './fault.ts'
import { admitted, needOn } from './insider.ts'
import { dismiss, findMember } from './member.ts'
import { paged } from './page.ts'
import { accountOf, shownAccount } from './render.ts'
import { findParent, unitIn } from './unit.ts'

const organizations = operationsOf('organizations')

export const describeAccount = organizations.read('DescribeAccount', {
  level: 'read',
  needs: ({ AccountId }, scene) => [needOn(scene, 'DescribeAccount', AccountId)],
  run: (scene, { AccountId }) => {
    const { organization } = admitted(scene, 'DescribeAccount')
    return { Account: shownAccount(scene, organization, findMember(scene, organization, AccountId)) }
  },
})

export const listAccounts = organizations.read('ListAccounts', {
  level: 'list',
  needs: (_, scene) => [needOn(scene, 'ListAccounts')],
  run: (scene, input) => {
    const { organization } = admitted(scene, 'ListAccounts')
    const members = scene.state.find('membership', inOrganization(organization.id))
    const { shown, end } = paged(scene, input, `accounts ${organization.id}`, members, ({ id }) => id)
    return { Accounts: shown.map((member) => shownAccount(scene, organization, member)), ...end }
  },
})

export const listAccountsForParent = organizations.read('ListAccountsForParent', {
  level: 'list',
  needs: ({ ParentId }, scene) => [needOn(scene, 'ListAccountsForParent', ParentId)],
  run: (scene, input) => {
    const { organization } = admitted(scene, 'ListAccountsForParent')
    const parent = findParent(scene, organization, input.ParentId)
    const members = scene.state.find('membership', under(parent.id))
    const { shown, end } = paged(scene, input, `accounts ${parent.id}`, members, ({ id }) => id)
    return { Accounts: shown.map((member) => shownAccount(scene, organization, member)), ...end }
  },
})

/** QUIRK: move-from-elsewhere. An account that is not where it is said to be is told as one that does not exist. */
export const moveAccount = organizations.write('MoveAccount', {
  level: 'write',
  needs: ({ AccountId, SourceParentId, DestinationParentId }, scene) =>
    [AccountId, SourceParentId, DestinationParentId].map((id) => needOn(scene, 'MoveAccount', id)),
  run: (scene, { AccountId, SourceParentId, DestinationParentId }) => {
    const { state } = scene
    const { organization } = admitted(scene, 'MoveAccount')
    const member = findMember(scene, organization, AccountId)
    const source = unitIn(state, organization, SourceParentId)
    if (source === undefined) scene.fail('SourceParentNotFoundException', noParent)
    const destination = unitIn(state, organization, DestinationParentId)
    if (destination === undefined) return scene.fail('DestinationParentNotFoundException', noParent)
    if (member.parent !== SourceParentId) scene.fail('AccountNotFoundException', noAccount)
    if (member.parent === destination.id)
      scene.fail('DuplicateAccountException', 'The account is already present in the specified destination.')
    state.put({ ...member, parent: destination.id })
    return {}
  },
})

/** Nobody acts in a closed account any more; it stays in the organization, and can still be removed from it. */
export const closeAccount = organizations.write('CloseAccount', {
  level: 'write',
  needs: ({ AccountId }, scene) => [needOn(scene, 'CloseAccount', AccountId)],
  run: (scene, { AccountId }) => {
    const { state, now } = scene
    const { organization } = admitted(scene, 'CloseAccount')
    const member = findMember(scene, organization, AccountId)
    if (AccountId === organization.account)
      violates(scene, 'CANNOT_CLOSE_MANAGEMENT_ACCOUNT', 'You cannot close the management account.')
    if (organization.features !== 'ALL') notAllFeatures(scene)
    const account = accountOf(state, member.account)
    if (account.closedAt !== undefined)
      scene.fail('AccountAlreadyClosedException', 'The provided account is already closed.')
    if (member.delegated.length > 0)
      scene.fail(
        'ConflictException',
        'You cannot close an account that is registered as a delegated administrator for a service.',
      )
    state.put({ ...account, closedAt: now })
    return {}
  },
})

export const removeAccountFromOrganization = organizations.write('RemoveAccountFromOrganization', {
  level: 'write',
  needs: ({ AccountId }, scene) => [needOn(scene, 'RemoveAccountFromOrganization', AccountId)],
  run: (scene, { AccountId }) => {
    const { organization } = admitted(scene, 'RemoveAccountFromOrganization')
    dismiss(scene, organization, findMember(scene, organization, AccountId))
    return {}
  },
})

export const leaveOrganization = organizations.write('LeaveOrganization', {
  level: 'write',
  needs: (_, scene) => [needOn(scene, 'LeaveOrganization')],
  run: (scene) => {
    const { organization, membership } = admitted(scene, 'LeaveOrganization')
    dismiss(scene, organization, membership)
    return {}
  },
})

export const listParents = organizations.read('ListParents', {
  level: 'list',
  needs: ({ ChildId }, scene) => [needOn(scene, 'ListParents', ChildId)],
  run: (scene, input) => {
    const { state } = scene
    const { organization } = admitted(scene, 'ListParents')
    const child = unitIn(state, organization, input.ChildId) ?? state.get('membership', input.ChildId)
    const parent = child?.organization === organization.id ? child.parent : undefined
    if (parent === undefined) return scene.fail('ChildNotFoundException', "You specified a child that doesn't exist.")
    const { shown, end } = paged(scene, input, `parents ${input.ChildId}`, [parent], (id) => id)
    return {
      Parents: shown.map((Id) => ({ Id, Type: Id === organization.root ? 'ROOT' : 'ORGANIZATIONAL_UNIT' })),
      ...end,
    }
  },
})

export const listChildren = organizations.read('ListChildren', {
  level: 'list',
  needs: ({ ParentId }, scene) => [needOn(scene, 'ListChildren', ParentId)],
  run: (scene, input) => {
    const { organization } = admitted(scene, 'ListChildren')
    const parent = findParent(scene, organization, input.ParentId)
    const kind = input.ChildType === 'ACCOUNT' ? 'membership' : 'organization-unit'
    const children = scene.state.find(kind, under(parent.id)).map(({ id }) => id)
    const { shown, end } = paged(scene, input, `children ${input.ChildType} ${parent.id}`, children, (id) => id)
    return { Children: shown.map((Id) => ({ Id, Type: input.ChildType })), ...end }
  },
})
