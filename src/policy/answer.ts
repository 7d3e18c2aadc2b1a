import type { Decision, LayerKind, Pending } from './decide.ts'
import { accessDeniedReason, type Explanation, explain } from './explain.ts'
import { principalName } from './wording.ts'

/** What comes of a question: a decision, or word of what is wrong with the question. */
export type Answer = Decided | Mistaken

export interface Decided {
  readonly id?: string | number | undefined
  readonly effect: Decision['effect']
  /** `implicit-deny`: somebody had to allow it and did not; `blocking` says at which layer. */
  readonly because: 'granted' | 'root' | 'explicit-deny' | 'implicit-deny' | 'unknown'
  /** For a denial: the layer that AWS's message names. */
  readonly blocking?: LayerKind | undefined
  readonly crossAccount: boolean
  /** AWS's AccessDenied sentence; empty where nothing was denied. */
  readonly message: string
  /** Every layer that was asked, in the order of evaluation, with the statements that mattered. */
  readonly layers: Explanation['layers']
  /** What was needed and is not there. */
  readonly missing: Explanation['missing']
  /** The smallest changes that would turn it, or tell it. */
  readonly hints: Explanation['hints']
  /** For `unknown`: what it hangs on. */
  readonly pending: readonly PendingClause[]
}

/** A statement of which nobody can tell whether it applies. */
export interface PendingClause {
  readonly layer: LayerKind
  readonly policy: string
  readonly effect: 'Allow' | 'Deny'
  readonly sid?: string | undefined
  /** From 0. */
  readonly index: number
  readonly operator?: string | undefined
  readonly key?: string | undefined
  /** Keys that nobody told. */
  readonly untold: readonly string[]
}

export interface Mistaken {
  readonly id?: string | number | undefined
  readonly error: {
    readonly message: string
    /** The member that is wrong, as in `policies.identity[0].document`; left out for the question as a whole. */
    readonly at?: string | undefined
  }
}

export function answerTo(id: string | number | undefined, decision: Decision): Decided {
  const { effect, because, blocking, crossAccount, pending } = decision
  const { layers, missing, hints } = explain(decision)
  return {
    id,
    effect,
    because: because === 'ceiling' || because === 'no-grant' ? 'implicit-deny' : because,
    blocking,
    crossAccount,
    message: refusal(decision),
    layers,
    missing,
    hints,
    pending: pending.map(pendingClause),
  }
}

/**
 * AWS's sentence for a refusal (IAM User Guide, "Troubleshoot access denied error messages"). Who has no name of AWS's yet is not
 * named, and what a trust policy or another account refuses by it is told without a reason.
 */
function refusal(decision: Decision): string {
  const { effect, request, rule, crossAccount, blocking } = decision
  if (effect !== 'deny') return ''
  const { principal, action, resource } = request
  if (principal.kind === 'web-identity' || principal.kind === 'saml') return `Not authorized to perform ${action}`
  const text = `User: ${principalName(principal)} is not authorized to perform: ${action} on resource: ${resource}`
  const untold = rule === 'trust' && (crossAccount || blocking === 'resource')
  return untold ? text : `${text} ${accessDeniedReason(decision, action)}`
}

function pendingClause({ kind, statement: { statement, attached }, part }: Pending): PendingClause {
  return {
    layer: kind,
    policy: attached.source.name,
    effect: statement.effect,
    sid: statement.sid,
    index: statement.index,
    operator: part.operator,
    key: part.key,
    untold: part.untold ?? [],
  }
}
