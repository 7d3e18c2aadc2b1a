/**
 * Where the guide can be read in two ways and the two evaluators read it differently. Each reading turns a question
 * into the one by which the oracle, in its own reading, gives the answer of the other reading; it returns the very same
 * question where it has nothing to say. A difference that a reading explains is counted, not hidden.
 */
import type { Document, Lax, Named, Principals, Question, Some, Statement } from './question.ts'
import { list } from './question.ts'

export interface Reading {
  readonly name: string
  readonly read: (question: Question) => Question
}

/** The reading applies where the question has a text like this. */
const lax = (how: Lax, text: RegExp) => (question: Question) =>
  text.test(JSON.stringify(question)) ? { ...question, lax: [...(question.lax ?? []), how] } : question

export const readings: readonly Reading[] = [
  { name: 'base64 needs no padding', read: lax('padding', /Binary/) },
  {
    name: 'a key with a list of one value is single-valued as a variable',
    read: (question) => {
      const entries = Object.entries(question.request.context)
      const lone = (value: unknown) => Array.isArray(value) && value.length === 1
      if (!entries.some(([, value]) => lone(value))) return question
      const context = Object.fromEntries(
        entries.map(([key, value]) => [key, Array.isArray(value) && lone(value) ? (value[0] ?? null) : value]),
      )
      return { ...question, request: { ...question.request, context } }
    },
  },
  {
    name: 'a short ARN without a wildcard goes on with * in a resource policy too',
    read: (question) => rewritten(question, (text) => text.replace(/"arn(:[\w-]*){1,4}(?=")/g, '$&:*')),
  },
  {
    name: 'a character beyond the first plane is two to ?',
    read: (question) => everywhere(question, (text) => text.replace(/[\u{10000}-\u{10ffff}]/gu, '\ue000\ue001')),
  },
  {
    name: 'who comes with the word of a provider is not in a trust policy\'s {"AWS": "*"}',
    read: (question) => {
      const { principal } = question.request
      if (question.policies.resourceRule !== 'trust' || typeof principal === 'string' || !('federated' in principal))
        return question
      const { resource, ...policies } = question.policies
      if (resource === undefined) return question
      const document = parsed(resource)
      const narrowed = list(document.Statement).map((statement) =>
        statement.Principal === undefined || statement.Effect === 'Deny'
          ? statement
          : { ...statement, Principal: withoutStar(statement.Principal) },
      )
      return { ...question, policies: { ...policies, resource: { ...document, Statement: narrowed } } }
    },
  },
]

function withoutStar(principals: Principals): Principals {
  return principals === '*' ? {} : { ...principals, AWS: list(principals.AWS).filter((name) => name !== '*') }
}

// JSON.parse knows no types; the documents come from questions.
const parsed = (document: Document | string): Document =>
  typeof document === 'string' ? (JSON.parse(document) as Document) : document

/** The question with its documents' texts changed, as JSON; documents given as texts are parsed first. */
function rewritten(question: Question, change: (text: string) => string): Question {
  return eachStatement(question, (statement) => {
    const before = JSON.stringify(statement)
    const after = change(before)
    // A change of texts within values keeps the shape.
    return after === before ? statement : (JSON.parse(after) as Statement)
  })
}

function everywhere(question: Question, change: (text: string) => string): Question {
  const before = JSON.stringify(question)
  const after = change(before)
  // As above.
  return after === before ? question : (JSON.parse(after) as Question)
}

/** The very same question if no statement changes. */
function eachStatement(question: Question, change: (statement: Statement) => Statement): Question {
  let changed = false
  const document = (one: Document | string): Document => {
    const whole = parsed(one)
    const statements: Some<Statement> = list(whole.Statement).map((statement) => {
      const other = change(statement)
      if (other !== statement) changed = true
      return other
    })
    return { ...whole, Statement: statements }
  }
  const named = (policy: Named): Named => ({ ...policy, document: document(policy.document) })
  const { identity, resource, boundary, session, vpce, scp, rcp, ...rest } = question.policies
  const policies = {
    ...rest,
    identity: identity.map(named),
    ...(resource === undefined ? {} : { resource: document(resource) }),
    ...(boundary === undefined ? {} : { boundary: boundary.map(document) }),
    ...(session === undefined ? {} : { session: session.map(document) }),
    ...(vpce === undefined ? {} : { vpce: vpce.map(document) }),
    ...(scp === undefined ? {} : { scp: scp.map((level) => level.map(named)) }),
    ...(rcp === undefined ? {} : { rcp: rcp.map((level) => level.map(named)) }),
  }
  return changed ? { ...question, policies } : question
}
