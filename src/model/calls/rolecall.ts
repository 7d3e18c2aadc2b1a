// Written by tools/model.ts from ../data/rolecall.json. Times are milliseconds since the epoch.

export interface Account {
  readonly AccountId: string
  readonly Name: string
  readonly CreateDate: number
}

export interface BillLine {
  readonly AccountId: string
  readonly OwnerId: string
  readonly Reason: billReason
  readonly Service: string
  readonly Operation?: string | undefined
  readonly Calls: number
  readonly Failed: number
  readonly Cost: string
}

export interface CreateAccountRequest {
  readonly AccountId?: string | undefined
  readonly Name?: string | undefined
}

export interface CreateAccountResponse {
  readonly AccountId: string
  readonly AccessKeyId: string
  readonly SecretAccessKey: string
  readonly RootAccessKeyId: string
  readonly RootSecretAccessKey: string
}

export type DescribeKeysRequest = Readonly<Record<string, never>>

export interface DescribeKeysResponse {
  readonly CurrentKeyId: string
  readonly Since: number
  readonly Source: keySource
  readonly Keys: readonly KeyUse[]
}

export interface GetBillRequest {
  readonly Month?: string | undefined
  readonly Marker?: string | undefined
}

export interface GetBillResponse {
  readonly AccountId: string
  readonly PayerAccountId: string
  readonly Month: string
  readonly Lines: readonly BillLine[]
  readonly IsTruncated: boolean
  readonly Marker?: string | undefined
}

export interface GetDecisionRequest {
  readonly RequestId?: string | undefined
  readonly EncodedMessage?: string | undefined
}

export interface GetDecisionResponse {
  readonly RequestId: string
  readonly Time: number
  readonly Event: string
  readonly Decision: string
}

export interface Hop {
  readonly PrincipalId: string
  readonly AccessKeyId?: string | undefined
}

export interface KeyUse {
  readonly KeyId: string
  readonly Present: boolean
  readonly SecretCount: number
}

export type ListAccountsRequest = Readonly<Record<string, never>>

export interface ListAccountsResponse {
  readonly Accounts: readonly Account[]
}

export interface ListQuotasRequest {
  readonly AccountId?: string | undefined
}

export interface ListQuotasResponse {
  readonly AccountId: string
  readonly Quotas: readonly Quota[]
}

export interface ListSessionsRequest {
  readonly RoleName?: string | undefined
  readonly RootUser?: boolean | undefined
  readonly UserName?: string | undefined
  readonly AccessKeyId?: string | undefined
  readonly Marker?: string | undefined
  readonly MaxItems?: number | undefined
}

export interface ListSessionsResponse {
  readonly Sessions: readonly Session[]
  readonly IsTruncated: boolean
  readonly Marker?: string | undefined
}

export interface Quota {
  readonly Name: string
  readonly Limit: number
  readonly Default: number
  readonly Least: number
  readonly Most: number
  readonly Used: number
  readonly Left: number
  readonly UsedBy?: string | undefined
}

export interface ResealSecretsRequest {
  readonly KeyId?: string | undefined
  readonly Marker?: string | undefined
  readonly MaxItems?: number | undefined
}

export interface ResealSecretsResponse {
  readonly KeyId: string
  readonly ResealedCount: number
  readonly UnopenedCount: number
  readonly IsTruncated: boolean
  readonly Marker?: string | undefined
}

export interface ResetQuotaRequest {
  readonly AccountId?: string | undefined
  readonly Name?: string | undefined
}

export interface ResetQuotaResponse {
  readonly AccountId: string
}

export interface RevokeSessionsRequest {
  readonly RoleName?: string | undefined
  readonly RootUser?: boolean | undefined
  readonly UserName?: string | undefined
  readonly AccessKeyId?: string | undefined
  readonly DeactivateKeys?: boolean | undefined
}

export interface RevokeSessionsResponse {
  readonly Id: string
  readonly Time: number
  readonly DeactivatedKeys: readonly string[]
}

export interface Session {
  readonly AccessKeyId: string
  readonly Arn: string
  readonly PrincipalId: string
  readonly Operation: string
  readonly Source: SessionSource
  readonly CreateDate: number
  readonly Expiration: number
  readonly MultiFactorAuthPresent: boolean
  readonly SourceIdentity?: string | undefined
  readonly TagKeys: readonly string[]
  readonly Hops: readonly Hop[]
  readonly Ended?: ended | undefined
  readonly EventId?: string | undefined
  readonly SharedEventId?: string | undefined
}

export interface SessionSource {
  readonly Type: string
  readonly Arn?: string | undefined
  readonly PrincipalId?: string | undefined
  readonly AccountId?: string | undefined
  readonly AccessKeyId?: string | undefined
  readonly SourceIp?: string | undefined
  readonly UserAgent?: string | undefined
}

export interface SetQuotaRequest {
  readonly AccountId?: string | undefined
  readonly Name: string
  readonly Limit: number
}

export interface SetQuotaResponse {
  readonly AccountId: string
  readonly Name: string
  readonly Limit: number
}

export interface TraceSessionRequest {
  readonly AccessKeyId?: string | undefined
  readonly SessionArn?: string | undefined
  readonly EventId?: string | undefined
  readonly RequestId?: string | undefined
  readonly SharedEventId?: string | undefined
  readonly UserName?: string | undefined
  readonly RoleName?: string | undefined
  readonly RootUser?: boolean | undefined
  readonly MaxItems?: number | undefined
}

export interface TraceSessionResponse {
  readonly AccountId: string
  readonly AccessKeyId?: string | undefined
  readonly PrincipalId?: string | undefined
  readonly Event?: string | undefined
  readonly Caller?: SessionSource | undefined
  readonly Steps: readonly Session[]
  readonly GoesOn?: TraceGoesOn | undefined
  readonly Sessions: readonly Session[]
  readonly IsTruncated: boolean
}

export interface TraceGoesOn {
  readonly AccountId: string
  readonly SharedEventId?: string | undefined
}

export type billReason = 'own-call' | 'role-session' | 'session-began' | 'resource-owner' | 'requester-pays' | 'caller-without-account'

export type ended = 'revoked' | 'role-deleted' | 'user-deleted' | 'account-closed'

export type keySource = 'directory' | 'file' | 'environment' | 'command'

export interface RolecallCalls {
  CreateAccount: { input: CreateAccountRequest; output: CreateAccountResponse; faults: 'AccountAlreadyExists' }
  DescribeKeys: { input: DescribeKeysRequest; output: DescribeKeysResponse; faults: 'KeysUnreadable' }
  GetBill: { input: GetBillRequest; output: GetBillResponse; faults: never }
  GetDecision: { input: GetDecisionRequest; output: GetDecisionResponse; faults: 'InvalidAuthorizationMessageException' | 'NoSuchDecision' }
  ListAccounts: { input: ListAccountsRequest; output: ListAccountsResponse; faults: never }
  ListQuotas: { input: ListQuotasRequest; output: ListQuotasResponse; faults: 'NoSuchAccount' }
  ListSessions: { input: ListSessionsRequest; output: ListSessionsResponse; faults: 'NoSuchEntity' }
  ResealSecrets: { input: ResealSecretsRequest; output: ResealSecretsResponse; faults: 'KeyNotFirst' | 'KeysUnreadable' }
  ResetQuota: { input: ResetQuotaRequest; output: ResetQuotaResponse; faults: 'NoSuchAccount' | 'NoSuchQuota' }
  RevokeSessions: { input: RevokeSessionsRequest; output: RevokeSessionsResponse; faults: 'NoSuchEntity' }
  SetQuota: { input: SetQuotaRequest; output: SetQuotaResponse; faults: 'NoSuchAccount' | 'NoSuchQuota' | 'QuotaOutOfRange' }
  TraceSession: { input: TraceSessionRequest; output: TraceSessionResponse; faults: 'NoSuchEntity' | 'NoSuchEvent' }
}
