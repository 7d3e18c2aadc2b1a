import { positionOf } from '../base/json.ts'
import { type CompiledPolicy, compilePolicy } from './compile.ts'
import { parseDocument } from './document.ts'
import { syntaxFlaw } from './grammar.ts'

/** A document that cannot stand as a policy, and why. */
export interface Unfit {
  readonly problem: string
}

/**
 * Compiled documents by their text, so that a document that stands in question after question is compiled once. A compiled form is a
 * function of its text alone, so keeping it changes no answer. Two tables, of which the older is dropped when the younger is full, keep
 * what is in use without order or counting: INVARIANT: never more than twice the bound, however many texts pass.
 */
let young = new Map<string, CompiledPolicy | Unfit>()
let old = new Map<string, CompiledPolicy | Unfit>()
let characters = 0
const mostTexts = 1_024
const mostCharacters = 1_000_000

/** The compiled form of a policy's text. A document that AWS would not read as a policy is none here either. */
export function compiledText(text: string): CompiledPolicy | Unfit {
  const known = young.get(text)
  if (known !== undefined) return known
  const fresh = old.get(text) ?? compileWhole(text)
  if (young.size >= mostTexts || characters + text.length > mostCharacters) {
    old = young
    young = new Map()
    characters = 0
  }
  // A single text beyond the bound is not worth keeping.
  if (text.length <= mostCharacters) {
    young.set(text, fresh)
    characters += text.length
  }
  return fresh
}

/** The same, but kept by nobody. */
export function compileWhole(text: string): CompiledPolicy | Unfit {
  const parsed = parseDocument(text)
  if (!parsed.ok) return { problem: `${parsed.problem} (${placeOf(text, parsed.at.start)})` }
  const flaw = syntaxFlaw(parsed.document)
  if (flaw !== undefined) return { problem: `${flaw.hint} (${placeOf(text, flaw.at.start)})` }
  const policy = compilePolicy(parsed.document)
  const [nonsense] = policy.nonsense
  if (nonsense !== undefined) return { problem: `${nonsense.problem} (${placeOf(text, nonsense.span.start)})` }
  return policy
}

function placeOf(text: string, offset: number): string {
  const { line, column } = positionOf(text, offset)
  return `line ${line}, column ${column}`
}
