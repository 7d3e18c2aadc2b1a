import type { Random } from '../../base/env.ts'
import type { Tag } from '../../state/identity.ts'
import { foundedBy, inOrganization } from '../../state/index-keys.ts'
import type { Membership, Organization } from '../../state/organization.ts'
import type { View } from '../../state/view.ts'
import { limitOf } from '../iam/quota.ts'
import type { Failing, Writable } from '../operation.ts'
import { noAccount, violates } from './fault.ts'
import { linkOrganizations } from './linked-role.ts'
import { firstPolicies } from './unit.ts'

/** Accounts of the organization: those that are in it, and those that were asked and have not answered yet. */
export function isFull(state: View, { id, account }: Organization, invited: number): boolean {
  const most = limitOf({ state, caller: { account } }, 'AccountsPerOrganization')
  return state.find('membership', inOrganization(id)).length + invited >= most
}

/**
 * Whether no more accounts can go back to this one. INVARIANT: tenants-stay-bounded. Accounts that left or were closed count, and those
 * that such accounts made in organizations of their own: otherwise one account could become any number.
 */
export function hasFoundedAll(state: View, account: string): boolean {
  const founder = founderOf(state, account)
  const most = limitOf({ state, caller: { account: founder } }, 'AccountsPerOrganization')
  return state.find('account', foundedBy(founder)).length + 1 >= most
}

export const founderOf = (state: View, account: string): string => state.get('account', account)?.founder ?? account

/** A member of this organization. Accounts of others are no accounts here. */
export function findMember(
  scene: { readonly state: View } & Failing<'AccountNotFoundException'>,
  organization: Organization,
  account: string,
): Membership {
  const membership = scene.state.get('membership', account)
  return membership?.organization === organization.id ? membership : scene.fail('AccountNotFoundException', noAccount)
}

interface Joining {
  readonly state: Writable
  readonly now: number
  readonly random: Random
}

/** An account comes in, at the root. */
export function enrol(
  scene: Joining,
  organization: Organization,
  account: string,
  method: Membership['joined']['method'],
  tags: readonly Tag[],
): void {
  const membership: Membership = {
    kind: 'membership',
    id: account,
    account,
    organization: organization.id,
    parent: organization.root,
    joined: { method, at: scene.now },
    policies: firstPolicies(organization),
    delegated: [],
    tags,
  }
  scene.state.put(membership)
  if (organization.features === 'ALL') linkOrganizations(scene, account)
}

/** An account goes. What it carried and stood in for goes with it. */
export function dismiss(
  scene: { readonly state: Writable } & Failing<
    'ConstraintViolationException' | 'MasterCannotLeaveOrganizationException'
  >,
  organization: Organization,
  { account, delegated }: Membership,
): void {
  if (account === organization.account)
    scene.fail(
      'MasterCannotLeaveOrganizationException',
      'You cannot remove the management account from the organization.',
    )
  if (delegated.length > 0)
    violates(
      scene,
      'CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG',
      'You attempted to remove an account that is registered as a delegated administrator for a service integrated with your organization.',
    )
  scene.state.remove('membership', account)
}
