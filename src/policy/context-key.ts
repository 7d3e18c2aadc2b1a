import { memberOf, type Node } from '../base/json.ts'
import { parseOperator } from './condition.ts'
import { type Document, listOf, statementsOf } from './document.ts'

/**
 * The context keys that a document asks for, as they are written, each once, in the order of the text: those of its conditions, and those
 * that stand as variables in resources and in values of conditions. A document without today's version has no variables.
 */
export function contextKeysIn(document: Document): readonly string[] {
  const version = memberOf(document.root, 'Version')
  const variables = version?.kind === 'string' && version.value === '2012-10-17'
  const found = new Set<string>()
  const noteVariables = (node: Node | undefined) => {
    if (!variables) return
    for (const item of listOf(node)) {
      if (item.kind === 'string') for (const key of variablesIn(item.value)) found.add(key)
    }
  }
  for (const statement of statementsOf(document)) {
    if (statement.kind !== 'object') continue
    for (const { key: element, value } of statement.members) {
      if (element.value === 'Resource' || element.value === 'NotResource') noteVariables(value)
      if (element.value !== 'Condition' || value.kind !== 'object') continue
      for (const { key: operator, value: block } of value.members) {
        if (block.kind !== 'object') continue
        const base = parseOperator(operator.value)?.base ?? ''
        for (const { key, value: wanted } of block.members) {
          found.add(key.value)
          if (base.startsWith('String') || base.startsWith('Arn')) noteVariables(wanted)
        }
      }
    }
  }
  return [...found]
}

/** The keys between `${` and `}`, without their defaults. `${*}`, `${?}` and `${$}` are characters. */
function* variablesIn(text: string): Generator<string> {
  for (let at = text.indexOf('${'); at >= 0; at = text.indexOf('${', at)) {
    const close = text.indexOf('}', at)
    if (close < 0) return
    const inside = text.slice(at + 2, close)
    const comma = inside.indexOf(',')
    const key = comma < 0 ? inside : inside.slice(0, comma)
    if (key !== '' && key !== '*' && key !== '?' && key !== '$') yield key
    at = close
  }
}
