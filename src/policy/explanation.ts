import type { Decision, FailedPart, LayerKind, LayerTrace } from './decide.ts'
import type { Advice } from './wording.ts'

/** A decision as plain JSON, small enough to be kept with the record of the request. */
export interface Explanation {
  readonly effect: Decision['effect']
  /** `rule`: of the service itself, whatever the policies say. */
  readonly because: Decision['because'] | 'rule'
  readonly blocking?: LayerKind | undefined
  readonly action: string
  readonly resource: string
  readonly resourceAccount?: string | undefined
  readonly principal: { readonly kind: string; readonly name: string; readonly account?: string | undefined }
  /** What an identity provider's token says of who asks, by condition key; told to the account that it was shown to. */
  readonly token?: Readonly<Record<string, readonly string[]>> | undefined
  readonly crossAccount: boolean
  /** What the policy on the resource is, where it follows a rule of its own: a role's trust policy, a key's policy. */
  readonly rule?: 'trust' | 'key' | undefined
  readonly layers: readonly ExplainedLayer[]
  /** What would have to be otherwise, each with the account whose side it is on. */
  readonly missing: readonly Advice[]
  readonly hints: readonly Advice[]
  /** Another account's layers were left out. */
  readonly withheld?: true | undefined
}

export interface ExplainedLayer {
  readonly kind: LayerKind
  readonly account: string
  readonly level?: number | undefined
  /** Where that is: the ARN of the root, the unit or the account that carries the policies. */
  readonly place?: string | undefined
  readonly says: LayerTrace['says']
  /** How many policies were asked. */
  readonly policies: number
  readonly statements: readonly ExplainedStatement[]
  /** How many statements of interest were left out. */
  readonly omitted: number
  /** For a member, of its organization's ceilings: the policies that deny, by ARN. Nothing else is told of them. */
  readonly denying?: readonly string[] | undefined
}

export interface ExplainedStatement {
  /** `elsewhere`: it allows the action, on other resources. */
  readonly part: 'applies' | 'near' | 'unknown' | 'elsewhere'
  readonly effect: 'Allow' | 'Deny'
  readonly policy: {
    readonly type: string
    readonly name: string
    readonly arn?: string | undefined
    readonly holder?: string | undefined
  }
  readonly sid?: string | undefined
  /** From 0. */
  readonly index: number
  /** From 1. */
  readonly line: number
  readonly column: number
  readonly failed?: ExplainedFailure | undefined
}

export interface ExplainedFailure {
  readonly part: FailedPart['part']
  readonly operator?: string | undefined
  readonly key?: string | undefined
  readonly wanted: readonly string[]
  /** `null`: the key is absent. Left out: nobody told. */
  readonly seen?: readonly string[] | null | undefined
  readonly untold?: readonly string[] | undefined
}
