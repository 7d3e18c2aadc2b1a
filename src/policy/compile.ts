import { memberOf, type Node, positionsOf, type Span } from '../base/json.ts'
import { type ActionIndex, type ActionList, indexActions } from './action.ts'
import { type Clause, compileClause, parseOperator } from './condition.ts'
import { type Document, listOf, parseDocument, principalsIn } from './document.ts'
import type { Version } from './kind.ts'
import { compilePrincipals, type PrincipalMatcher } from './principal.ts'
import { compileResources, type ResourceMatcher } from './resource.ts'
import { plainNumber } from './value.ts'

/** A statement made ready to be asked. Immutable, and as long as its document lives nothing in it is read again. */
export interface CompiledStatement {
  /** From 0, in the order of the document. */
  readonly index: number
  readonly sid: string | undefined
  readonly effect: 'Allow' | 'Deny'
  readonly span: Span
  /** Where it begins, counted from 1. */
  readonly line: number
  readonly column: number
  readonly actions: ActionList
  /** `undefined` where the statement has neither `Resource` nor `NotResource`. */
  readonly resources: ResourceMatcher | undefined
  /** `undefined` where the statement has neither `Principal` nor `NotPrincipal`. */
  readonly principals: PrincipalMatcher | undefined
  readonly clauses: readonly Clause[]
}

/** A statement that makes no sense matches nothing, and says why. */
export interface Nonsense {
  readonly index: number
  readonly span: Span
  readonly problem: string
}

export interface CompiledPolicy {
  readonly document: Document
  readonly version: Version
  readonly statements: readonly (CompiledStatement | undefined)[]
  readonly nonsense: readonly Nonsense[]
  readonly index: ActionIndex
}

/** Never throws for a document that was parsed, whatever it says. */
export function compilePolicy(document: Document): CompiledPolicy {
  const written = memberOf(document.root, 'Version')
  const version: Version = written?.kind === 'string' && written.value === '2012-10-17' ? '2012-10-17' : '2008-10-17'
  const statements: (CompiledStatement | undefined)[] = []
  const nonsense: Nonsense[] = []
  const nodes = listOf(memberOf(document.root, 'Statement'))
  const places = positionsOf(
    document.text,
    nodes.map(({ span }) => span.start),
  )
  for (const [index, node] of nodes.entries()) {
    const place = places[index] ?? { line: 1, column: 1 }
    const compiled = compileStatement(node, { index, ...place }, version === '2012-10-17')
    if (typeof compiled === 'string') {
      nonsense.push({ index, span: node.span, problem: compiled })
      statements.push(undefined)
    } else statements.push(compiled)
  }
  if (document.root.kind !== 'object') {
    nonsense.push({ index: 0, span: document.root.span, problem: 'a policy is an object' })
  }
  return {
    document,
    version,
    statements,
    nonsense,
    index: indexActions(statements.map((statement) => statement?.actions)),
  }
}

/** `undefined` where the text is no JSON. */
export function compileText(text: string): CompiledPolicy | undefined {
  const parsed = parseDocument(text)
  return parsed.ok ? compilePolicy(parsed.document) : undefined
}

type Place = Pick<CompiledStatement, 'index' | 'line' | 'column'>

function compileStatement(node: Node, place: Place, variables: boolean): CompiledStatement | string {
  if (node.kind !== 'object') return 'a statement is an object'
  const effect = memberOf(node, 'Effect')
  if (effect?.kind !== 'string' || (effect.value !== 'Allow' && effect.value !== 'Deny')) {
    return 'Effect is Allow or Deny'
  }

  const actions = stringsOf(node, 'Action', 'NotAction')
  if (typeof actions === 'string') return actions
  if (actions === undefined) return 'Action or NotAction is missing'
  const resources = stringsOf(node, 'Resource', 'NotResource')
  if (typeof resources === 'string') return resources
  const principals = principalsOf(node)
  if (typeof principals === 'string') return principals
  const clauses = clausesOf(memberOf(node, 'Condition'), variables)
  if (typeof clauses === 'string') return clauses

  const sid = memberOf(node, 'Sid')
  return {
    ...place,
    sid: sid?.kind === 'string' && sid.value !== '' ? sid.value : undefined,
    effect: effect.value,
    span: node.span,
    actions,
    resources: resources && compileResources(resources.patterns, resources.negated, variables),
    principals,
    clauses,
  }
}

/** The strings under an element or its negation, of which there may be only one. */
function stringsOf(node: Node, plain: string, negation: string): ActionList | string | undefined {
  const [listed, excepted] = [memberOf(node, plain), memberOf(node, negation)]
  if (listed !== undefined && excepted !== undefined) return `both ${plain} and ${negation}`
  const found = listed ?? excepted
  if (found === undefined) return undefined
  const patterns: string[] = []
  for (const item of listOf(found)) {
    if (item.kind !== 'string') return `${listed === undefined ? negation : plain} holds something that is no string`
    patterns.push(item.value)
  }
  // An empty list under a negation would mean everything. Nobody means that.
  if (patterns.length === 0) return `${listed === undefined ? negation : plain} holds nothing`
  return { patterns, negated: listed === undefined }
}

function principalsOf(node: Node): PrincipalMatcher | string | undefined {
  const [listed, excepted] = [memberOf(node, 'Principal'), memberOf(node, 'NotPrincipal')]
  if (listed !== undefined && excepted !== undefined) return 'both Principal and NotPrincipal'
  const found = listed ?? excepted
  if (found === undefined) return undefined
  if (found.kind !== 'object' && found.kind !== 'string') return 'a principal is "*" or an object'
  const spans = principalsIn(found)
  if (spans.length === 0) return 'no principal is named'
  return compilePrincipals(spans, listed === undefined)
}

function clausesOf(condition: Node | undefined, variables: boolean): readonly Clause[] | string {
  if (condition === undefined) return []
  if (condition.kind !== 'object') return 'Condition is an object'
  const clauses: Clause[] = []
  for (const { key: operator, value: block } of condition.members) {
    if (block.kind !== 'object') return `what stands under ${operator.value} is no object`
    // An operator that asks nothing may be anything, as the grammar says.
    if (block.members.length > 0 && parseOperator(operator.value) === undefined) {
      return `there is no condition operator ${operator.value}`
    }
    for (const { key, value } of block.members) {
      const wanted: string[] = []
      for (const item of listOf(value)) {
        if (item.kind !== 'string' && item.kind !== 'number' && item.kind !== 'boolean') {
          return `a value of ${key.value} is neither text, number nor true or false`
        }
        wanted.push(item.kind === 'number' ? plainNumber(item.value) : item.value)
      }
      const clause = compileClause(operator.value, key.value, wanted, key.span, variables)
      if (clause !== undefined) clauses.push(clause)
    }
  }
  return clauses
}
