/** One question to an evaluator, as plain JSON: who asks for what, and every policy that has a say in it. */
export interface Question {
  readonly id: string
  readonly request: Request
  readonly policies: Policies
  /** For the oracle alone: what it is to read less strictly than it would. */
  readonly lax?: readonly Lax[]
}
/**
 * Base64 without its padding; numbers like 1e1; whole numbers as doubles; days beyond a month's end; control policies
 * that hold service-linked roles too.
 */
export type Lax = 'padding' | 'exponents' | 'doubles' | 'days' | 'service-linked'

export interface Request {
  /** An ARN, an AWS service, an identity provider that vouches for an outsider, or nobody. */
  readonly principal: string | { readonly service: string } | { readonly federated: string }
  readonly action: string
  readonly resource: string
  readonly resourceAccount?: string
  /** A text is a single-valued key, a list a multivalued one; null is known to be absent. */
  readonly context: Readonly<Record<string, string | readonly string[] | null>>
  /** Keys that may be absent or have any value. */
  readonly unknown?: readonly string[]
  /** The unique id of the user, or of the role behind a session, without the session's name. */
  readonly principalId?: string
  /** The role behind a session, with its path. */
  readonly roleArn?: string
}

export interface Policies {
  readonly identity: readonly Named[]
  readonly resource?: Document | string
  readonly resourceRule?: 'ordinary' | 'trust' | 'key'
  readonly boundary?: readonly (Document | string)[]
  readonly session?: readonly (Document | string)[]
  /** One list of policies for each level, from the root of the organization down to the account. */
  readonly scp?: readonly (readonly Named[])[]
  readonly rcp?: readonly (readonly Named[])[]
  readonly vpce?: readonly (Document | string)[]
}

export interface Named {
  readonly name: string
  readonly document: Document | string
}

export type Some<T> = T | readonly T[]
export type Scalar = string | number | boolean
export type Principals = '*' | Readonly<Record<string, Some<string>>>
export type Conditions = Readonly<Record<string, Readonly<Record<string, Some<Scalar>>>>>

export interface Statement {
  readonly Sid?: string
  readonly Effect: 'Allow' | 'Deny'
  readonly Principal?: Principals
  readonly NotPrincipal?: Principals
  readonly Action?: Some<string>
  readonly NotAction?: Some<string>
  readonly Resource?: Some<string>
  readonly NotResource?: Some<string>
  readonly Condition?: Conditions
}

export interface Document {
  readonly Version?: '2008-10-17' | '2012-10-17'
  readonly Id?: string
  readonly Statement: Some<Statement>
}

export interface Verdict {
  readonly id: string
  readonly effect: 'allow' | 'deny' | 'unknown'
  readonly because: 'granted' | 'root' | 'explicit-deny' | 'implicit-deny' | 'unknown'
}

/** A scalar is the list of itself. */
export function list<T extends Scalar | Statement>(some: Some<T> | undefined): readonly T[] {
  if (some === undefined) return []
  // Array.isArray does not narrow readonly lists.
  return Array.isArray(some) ? (some as readonly T[]) : [some as T]
}
