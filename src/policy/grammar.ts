import { memberOf, type Node, type ObjectNode, type Span } from '../base/json.ts'
import { parseOperator } from './condition.ts'
import { type Document, listOf } from './document.ts'

/** What a policy document must look like at all (IAM User Guide, "Grammar of the IAM JSON policy language"). */
export interface Flaw {
  readonly at: Span
  /** What is wrong, in words for whoever wrote it. */
  readonly hint: string
}

const flaw = (node: { readonly span: Span }, hint: string): Flaw => ({ at: node.span, hint })

const topElements = ['Version', 'Id', 'Statement']
const statementElements = [
  'Sid',
  'Principal',
  'NotPrincipal',
  'Effect',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
]
const principalTypes = ['AWS', 'Service', 'Federated', 'CanonicalUser']

/** The first member of a document that is none of a policy, or `undefined`. */
export function unknownMember({ root }: Document): string | undefined {
  const isKnown = ({ key }: ObjectNode['members'][number]): boolean => topElements.includes(key.value)
  return root.kind === 'object' ? root.members.find((member) => !isKnown(member))?.key.value : undefined
}

/** The first thing that makes a document no policy, or `undefined`. */
export function syntaxFlaw(document: Document): Flaw | undefined {
  const { root } = document
  if (root.kind !== 'object') return flaw(root, 'a policy is a JSON object')
  const unknown = unknownElement(root, topElements)
  if (unknown !== undefined) return unknown

  const version = memberOf(root, 'Version')
  if (version !== undefined && !isText(version, ['2008-10-17', '2012-10-17'])) {
    return flaw(version, 'Version is "2012-10-17"')
  }
  const id = memberOf(root, 'Id')
  if (id !== undefined && id.kind !== 'string') return flaw(id, 'Id is a string')

  const statement = memberOf(root, 'Statement')
  if (statement === undefined) return flaw(root, 'Statement is missing')
  const statements = listOf(statement)
  if (statements.length === 0) return flaw(statement, 'Statement holds nothing')
  for (const node of statements) {
    const found = statementFlaw(node)
    if (found !== undefined) return found
  }
  return undefined
}

function statementFlaw(node: Node): Flaw | undefined {
  if (node.kind !== 'object') return flaw(node, 'a statement is a JSON object')
  const unknown = unknownElement(node, statementElements)
  if (unknown !== undefined) return unknown

  for (const element of ['Action', 'Resource', 'Principal']) {
    const second = memberOf(node, `Not${element}`)
    if (second !== undefined && memberOf(node, element) !== undefined) {
      return flaw(second, `a statement has ${element} or Not${element}, not both`)
    }
  }
  const effect = memberOf(node, 'Effect')
  if (effect === undefined) return flaw(node, 'Effect is missing')
  if (effect.kind !== 'string' || !['allow', 'deny'].includes(effect.value.toLowerCase())) {
    return flaw(effect, 'Effect is "Allow" or "Deny"')
  }
  for (const element of ['Action', 'NotAction', 'Resource', 'NotResource']) {
    for (const item of listOf(memberOf(node, element))) {
      if (item.kind !== 'string') return flaw(item, `${element} is a string or a list of strings`)
    }
  }
  const sid = memberOf(node, 'Sid')
  if (sid !== undefined && sid.kind !== 'string') return flaw(sid, 'Sid is a string')
  return (
    principalFlaw(memberOf(node, 'Principal')) ??
    principalFlaw(memberOf(node, 'NotPrincipal')) ??
    conditionFlaw(memberOf(node, 'Condition'))
  )
}

function principalFlaw(node: Node | undefined): Flaw | undefined {
  if (node === undefined) return undefined
  if (node.kind === 'string') {
    return node.value === '*' ? undefined : flaw(node, `a principal stands under its kind: { "AWS": "…" }`)
  }
  if (node.kind !== 'object') return flaw(node, 'a principal is "*" or an object')
  const unknown = unknownElement(node, principalTypes)
  if (unknown !== undefined) return unknown
  for (const { key, value } of node.members) {
    for (const item of listOf(value)) {
      if (item.kind !== 'string') return flaw(item, `${key.value} is a string or a list of strings`)
    }
  }
  return undefined
}

function conditionFlaw(node: Node | undefined): Flaw | undefined {
  if (node === undefined) return undefined
  if (node.kind !== 'object') return flaw(node, 'Condition is an object of operators')
  for (const { key: operator, value: block } of node.members) {
    if (block.kind !== 'object') return flaw(block, `what stands under ${operator.value} is an object of keys`)
    // QUIRK: empty-operator. An operator that asks nothing may have any name.
    if (block.members.length > 0 && parseOperator(operator.value) === undefined) {
      return flaw(operator, `there is no condition operator ${operator.value}`)
    }
    for (const { key, value } of block.members) {
      for (const item of listOf(value)) {
        if (item.kind !== 'string' && item.kind !== 'number' && item.kind !== 'boolean') {
          return flaw(item, `a value of ${key.value} is text, a number, or true or false`)
        }
      }
    }
  }
  return undefined
}

function unknownElement(node: ObjectNode, known: readonly string[]): Flaw | undefined {
  for (const { key } of node.members) {
    if (known.includes(key.value)) continue
    const meant = known.find((name) => name.toLowerCase() === key.value.toLowerCase())
    return flaw(key, meant === undefined ? `there is no element ${key.value}` : `${key.value} is spelled ${meant}`)
  }
  return undefined
}

const isText = (node: Node, texts: readonly string[]): boolean => node.kind === 'string' && texts.includes(node.value)
