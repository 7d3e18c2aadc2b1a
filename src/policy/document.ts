import { memberOf, type Node, parseJson, type Span } from '../base/json.ts'

/** A policy document as text that remembers itself. */
export interface Document {
  readonly text: string
  readonly root: Node
}

export type Parsed =
  | { readonly ok: true; readonly document: Document }
  | { readonly ok: false; readonly at: Span; readonly problem: string }

/** Reads a document, strictly: a policy must not be read in two ways. Never throws. */
export function parseDocument(text: string): Parsed {
  const parsed = parseJson(text)
  return parsed.ok ? { ok: true, document: { text, root: parsed.root } } : parsed
}

/** The statements of a document: `Statement` may be one or a list. */
export function statementsOf(document: Document): readonly Node[] {
  return listOf(memberOf(document.root, 'Statement'))
}

/** One value stands for a list of one throughout the policy language (IAM User Guide, "Grammar of the IAM JSON policy language"). */
export const listOf = (node: Node | undefined): readonly Node[] =>
  node === undefined ? [] : node.kind === 'array' ? node.items : [node]

export interface PrincipalSpan {
  readonly type: 'AWS' | 'Service' | 'Federated' | 'CanonicalUser' | 'STAR'
  readonly value: string
  /** The JSON string token, quotes included, so that it can be replaced in the text. */
  readonly span: Span
}

const principalTypes = ['AWS', 'Service', 'Federated', 'CanonicalUser'] as const

/** Every principal that a document names, in the order of the text, those of `NotPrincipal` included. */
export function principalSpans(document: Document): readonly PrincipalSpan[] {
  const found: PrincipalSpan[] = []
  for (const statement of statementsOf(document)) {
    for (const element of ['Principal', 'NotPrincipal']) principalsIn(memberOf(statement, element), found)
  }
  return found.sort((a, b) => a.span.start - b.span.start)
}

/** The principals of one `Principal` element, added to `found`. What is of no known shape is left out. */
export function principalsIn(node: Node | undefined, found: PrincipalSpan[] = []): PrincipalSpan[] {
  if (node?.kind === 'string') found.push({ type: 'STAR', value: node.value, span: node.span })
  for (const type of principalTypes) {
    for (const item of listOf(memberOf(node, type))) {
      if (item.kind === 'string') found.push({ type, value: item.value, span: item.span })
    }
  }
  return found
}
