// Written by tools/model.ts from ../data/rolecall.json. Times are milliseconds since the epoch.

export interface Account {
  readonly AccountId: string
  readonly Name: string
  readonly CreateDate: number
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

export interface GetDecisionRequest {
  readonly RequestId?: string | undefined
}

export interface GetDecisionResponse {
  readonly RequestId: string
  readonly Time: number
  readonly Event: string
  readonly Decision: string
}

export type ListAccountsRequest = Readonly<Record<string, never>>

export interface ListAccountsResponse {
  readonly Accounts: readonly Account[]
}

export interface RolecallCalls {
  CreateAccount: { input: CreateAccountRequest; output: CreateAccountResponse; faults: 'AccountAlreadyExists' }
  GetDecision: { input: GetDecisionRequest; output: GetDecisionResponse; faults: 'NoSuchDecision' }
  ListAccounts: { input: ListAccountsRequest; output: ListAccountsResponse; faults: never }
}
