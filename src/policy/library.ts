/**
 * `rolecall/policy`: the law for programs of your own, in Node and in a browser. It decides as AWS's IAM does (IAM User Guide, "Policy
 * evaluation logic"), over actions and resources of any service, yours included.
 *
 * This file is the package's public entry, and the only one in the house that passes on the names of others: what is not named here may
 * change from one release to the next.
 */
import { Fault } from '../base/fault.ts'
import type { AttachedPolicy, PolicySource } from './decide.ts'
import { compileWhole } from './kept.ts'
import { type Question, requestIn, textOfDocument, type WrittenPolicy } from './question.ts'
import { Mistake } from './reading.ts'
import type { Request } from './request.ts'

export { Fault } from '../base/fault.ts'
export { type Position, positionOf, type Span } from '../base/json.ts'
export { type CheckOptions, checkDocument, type Finding } from './check.ts'
export type { CompiledPolicy, CompiledStatement } from './compile.ts'
export {
  type AttachedPolicy,
  type Decision,
  decide,
  type FailedPart,
  type LayerKind,
  type LayerTrace,
  type Pending,
  type PolicySource,
  type Situation,
  type StatementTrace,
} from './decide.ts'
export { accessDeniedReason, type Explanation, explain, renderExplanation } from './explain.ts'
export type { PolicyKind } from './kind.ts'
export {
  type Answer,
  type AskingPrincipal,
  answerQuestion,
  type Decided,
  type Mistaken,
  type NamedPolicy,
  type Question,
  type WrittenPolicy,
} from './question.ts'
export type { Lookup, Principal, PrincipalKind, Request } from './request.ts'

/**
 * Makes a policy ready to be asked any number of times. The document is a JSON object or its text (from a text, explanations point at
 * its lines); the name is what explanations call it. Throws a Fault `MalformedPolicyDocument` where it is no policy: one that is not
 * understood must neither grant nor, unnoticed, fail to deny.
 */
export function compile(name: string, document: WrittenPolicy, source: Partial<PolicySource> = {}): AttachedPolicy {
  const policy = faulted('MalformedPolicyDocument', () => compileWhole(textOfDocument(document, '')))
  if ('problem' in policy) throw new Fault('MalformedPolicyDocument', `${name} is no policy: ${policy.problem}`)
  return { policy, source: { type: 'inline', account: '', ...source, name } }
}

/**
 * A request from plain values, with the condition keys that follow from who asks (`aws:PrincipalArn`, `aws:username`, …). Throws a Fault
 * `ValidationError` that says which member is wrong.
 */
export function requestFrom(asked: Question['request']): Request {
  return faulted('ValidationError', () => requestIn(asked))
}

function faulted<T>(code: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof Mistake)) throw error
    throw new Fault(code, error.at === '' ? error.message : `${error.at}: ${error.message}`)
  }
}
