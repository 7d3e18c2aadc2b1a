import type { NameOf } from '../operation.ts'

/**
 * Who an operation is for, beside the account that manages the organization (AWS Organizations API Reference, under each operation).
 *
 * - `anyone`: accounts in no organization, too.
 * - `member`: every account in the organization.
 * - `reader`: members that stand in for the managing account at some service, and those that the organization's resource policy lets.
 * - `delegate`: members that the organization's resource policy lets.
 * - `management`: nobody else.
 */
export type Audience = 'anyone' | 'member' | 'reader' | 'delegate' | 'management'

export type Action = NameOf<'organizations'>

/** Whatever is not here is for the managing account alone. */
const audiences: Partial<Readonly<Record<Action, Audience>>> = {
  AcceptHandshake: 'anyone',
  CancelHandshake: 'anyone',
  CreateOrganization: 'anyone',
  DeclineHandshake: 'anyone',
  DescribeHandshake: 'anyone',
  ListHandshakesForAccount: 'anyone',

  DescribeEffectivePolicy: 'member',
  DescribeOrganization: 'member',
  LeaveOrganization: 'member',

  DescribeAccount: 'reader',
  DescribeCreateAccountStatus: 'reader',
  DescribeOrganizationalUnit: 'reader',
  DescribePolicy: 'reader',
  DescribeResourcePolicy: 'reader',
  ListAWSServiceAccessForOrganization: 'reader',
  ListAccounts: 'reader',
  ListAccountsForParent: 'reader',
  ListAccountsWithInvalidEffectivePolicy: 'reader',
  ListChildren: 'reader',
  ListCreateAccountStatus: 'reader',
  ListDelegatedAdministrators: 'reader',
  ListDelegatedServicesForAccount: 'reader',
  ListEffectivePolicyValidationErrors: 'reader',
  ListHandshakesForOrganization: 'reader',
  ListOrganizationalUnitsForParent: 'reader',
  ListParents: 'reader',
  ListPolicies: 'reader',
  ListPoliciesForTarget: 'reader',
  ListRoots: 'reader',
  ListTagsForResource: 'reader',
  ListTargetsForPolicy: 'reader',

  AttachPolicy: 'delegate',
  CreatePolicy: 'delegate',
  DeletePolicy: 'delegate',
  DetachPolicy: 'delegate',
  DisablePolicyType: 'delegate',
  EnablePolicyType: 'delegate',
  TagResource: 'delegate',
  UntagResource: 'delegate',
  UpdatePolicy: 'delegate',
}

export const audienceOf = (action: Action): Audience => audiences[action] ?? 'management'

/** What a resource policy of the organization may be about: actions in small letters. */
export const delegable: ReadonlySet<string> = new Set(
  Object.entries(audiences)
    .filter(([action, audience]) => audience !== 'anyone' && action !== 'LeaveOrganization')
    .map(([action]) => `organizations:${action.toLowerCase()}`),
)
