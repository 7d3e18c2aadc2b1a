/** A policy that AWS has in every organization. */
export interface AwsOrganizationPolicy {
  readonly id: string
  readonly arn: string
  /** As the model names it. */
  readonly type: string
  readonly name: string
  readonly description: string
  readonly document: string
}

const full = (type: 'SERVICE_CONTROL_POLICY' | 'RESOURCE_CONTROL_POLICY', name: string, statement: object) => ({
  id: `p-${name}`,
  arn: `arn:aws:organizations::aws:policy/${type.toLowerCase()}/p-${name}`,
  type,
  name,
  description: 'Allows access to every operation',
  document: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }, undefined, 2),
})

/** What a ceiling is as long as nobody lowers it (AWS Organizations User Guide, "SCP evaluation" and "RCP evaluation"). */
export const fullAccess: AwsOrganizationPolicy = full('SERVICE_CONTROL_POLICY', 'FullAWSAccess', {
  Effect: 'Allow',
  Action: '*',
  Resource: '*',
})
export const fullResourceAccess: AwsOrganizationPolicy = full('RESOURCE_CONTROL_POLICY', 'RCPFullAWSAccess', {
  Effect: 'Allow',
  Principal: '*',
  Action: '*',
  Resource: '*',
})

const all: readonly AwsOrganizationPolicy[] = [fullAccess, fullResourceAccess]

export const awsOrganizationPolicies = (type: string): readonly AwsOrganizationPolicy[] =>
  all.filter((policy) => policy.type === type)

export const awsOrganizationPolicy = (id: string): AwsOrganizationPolicy | undefined =>
  all.find((policy) => policy.id === id)
