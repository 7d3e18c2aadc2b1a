import type * as Shape from '../../model/calls/organizations.ts'

interface Limits {
  /** Characters of a document, every one of them: nothing is taken out of what is put. */
  readonly size: number
  /** Policies of the type that one root, unit or account carries. */
  readonly attached: number
  /** Policies of the type in an organization, AWS's own aside. */
  readonly policies: number
}

/** Of a type that AWS's page does not name. */
const usual: Limits = { size: 10_000, attached: 10, policies: 1_000 }

/**
 * Types of policy and their quotas (AWS Organizations User Guide, "Quotas and service limits for AWS Organizations"; those of service
 * control policies as of May 2026). The types are the model's.
 */
const limits: Readonly<Record<Shape.PolicyType, Limits>> = {
  SERVICE_CONTROL_POLICY: { size: 10_240, attached: 10, policies: 10_000 },
  RESOURCE_CONTROL_POLICY: { size: 5_120, attached: 5, policies: 1_000 },
  TAG_POLICY: usual,
  BACKUP_POLICY: usual,
  AISERVICES_OPT_OUT_POLICY: { size: 2_500, attached: 5, policies: 1_000 },
  CHATBOT_POLICY: { size: 10_000, attached: 5, policies: 1_000 },
  DECLARATIVE_POLICY_EC2: usual,
  SECURITYHUB_POLICY: usual,
  INSPECTOR_POLICY: usual,
  UPGRADE_ROLLOUT_POLICY: usual,
  BEDROCK_POLICY: usual,
  S3_POLICY: usual,
  NETWORK_SECURITY_DIRECTOR_POLICY: usual,
}

// The keys of the table are those of its type.
export const policyTypes = Object.keys(limits) as readonly Shape.PolicyType[]

export const limitsOf = (type: Shape.PolicyType): Limits => limits[type]
