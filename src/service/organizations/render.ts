import { organizationPath } from '../../access/organization.ts'
import type * as Shape from '../../model/calls/organizations.ts'
import type { AwsOrganizationPolicy } from '../../model/organization-policy.ts'
import type { Account } from '../../state/account.ts'
import {
  type Membership,
  type Organization,
  type OrganizationPolicy,
  type OrganizationUnit,
  organizationArn,
  organizationPolicyArn,
  placeArn,
} from '../../state/organization.ts'
import type { View } from '../../state/view.ts'
import { emailOf } from './email.ts'
import { policyTypes } from './policy-type.ts'

/** What is, in the words of the model. */

export const accountOf = (state: View, id: string): Account => {
  const account = state.get('account', id)
  if (account === undefined) throw new Error(`${id} is a member and no account`)
  return account
}

/** Of all types of policy the first is told of, whether or not it is enabled: QUIRK: available-policy-types. The rest are found in the root. */
export function shownOrganization(state: View, organization: Organization): Shape.Organization {
  const { id, account, features } = organization
  return {
    Id: id,
    Arn: organizationArn(organization),
    FeatureSet: features,
    MasterAccountArn: placeArn(organization, account),
    MasterAccountId: account,
    MasterAccountEmail: emailOf(accountOf(state, account)),
    AvailablePolicyTypes: features === 'ALL' ? [{ Type: 'SERVICE_CONTROL_POLICY', Status: 'ENABLED' }] : [],
  }
}

export const shownRoot = (organization: Organization, root: OrganizationUnit): Shape.Root => ({
  Id: root.id,
  Arn: placeArn(organization, root.id),
  Name: root.name,
  PolicyTypes: policyTypes
    .filter((type) => organization.policyTypes.includes(type))
    .map((type) => ({ Type: type, Status: 'ENABLED' })),
})

export const shownUnit = (
  organization: Organization,
  unit: OrganizationUnit,
  path: string,
): Shape.OrganizationalUnit => ({
  Id: unit.id,
  Arn: placeArn(organization, unit.id),
  Name: unit.name,
  Path: path,
})

/** A closed account is on its way for a moment, can be opened again for ninety days, and is gone after that. */
const closingMilliseconds = 1_000
const suspendedMilliseconds = 90 * 24 * 60 * 60_000

export function stateOf({ closedAt }: Account, now: number): Shape.AccountState {
  if (closedAt === undefined) return 'ACTIVE'
  if (now - closedAt < closingMilliseconds) return 'PENDING_CLOSURE'
  return now - closedAt < suspendedMilliseconds ? 'SUSPENDED' : 'CLOSED'
}

/** The older word for it, which knows no end. */
const statusOf = (state: Shape.AccountState): Shape.AccountStatus =>
  state === 'ACTIVE' || state === 'PENDING_CLOSURE' ? state : 'SUSPENDED'

export function shownAccount(
  { state, now }: { readonly state: View; readonly now: number },
  organization: Organization,
  { id, joined }: Membership,
): Shape.Account {
  const account = accountOf(state, id)
  const lifecycle = stateOf(account, now)
  return {
    Id: id,
    Arn: placeArn(organization, id),
    Email: emailOf(account),
    Name: account.name,
    Status: statusOf(lifecycle),
    State: lifecycle,
    Paths: [`${organizationPath(state, id) ?? ''}${id}/`],
    JoinedMethod: joined.method,
    JoinedTimestamp: joined.at,
  }
}

/** The types of the model, which a policy that was put has one of. */
export const shownPolicy = (policy: OrganizationPolicy | AwsOrganizationPolicy): Shape.PolicySummary => ({
  Id: policy.id,
  Arn: 'arn' in policy ? policy.arn : organizationPolicyArn(policy),
  Name: policy.name,
  Description: policy.description,
  // Entities hold what the model let through.
  Type: policy.type as Shape.PolicyType,
  AwsManaged: 'arn' in policy,
})

export const shownTags = (tags: Membership['tags']): readonly Shape.Tag[] =>
  tags.map(({ key, value }) => ({ Key: key, Value: value }))
