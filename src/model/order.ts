/**
 * QUIRK: member-order. STS was recorded writing some outputs in another order than its model declares. Clients do not mind; tools
 * that compare or cut text do. Shape -> the order on the wire; members that are not named here follow in the model's order.
 */
export const writtenOrder: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  sts: {
    GetCallerIdentityResponse: ['Arn', 'UserId', 'Account'],
    AssumeRoleResponse: ['AssumedRoleUser', 'Credentials', 'PackedPolicySize', 'SourceIdentity'],
  },
}
