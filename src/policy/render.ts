import type { ExplainedFailure, ExplainedLayer, ExplainedStatement, Explanation } from './explanation.ts'
import { asSeenBy } from './side.ts'
import { nounOf } from './wording.ts'

/** What a page is wide where nobody says otherwise, and what it is at least: below that nothing can be read anyway. */
const columnsUsual = 100
const columnsLeast = 40

export interface Viewer {
  /** Twelve digits. `undefined` is the operator, who sees both sides. */
  readonly account: string | undefined
  /** How wide the page may be, in characters; 100 where it is not told. */
  readonly columns?: number | undefined
}

/**
 * An explanation for people, one block a layer. INVARIANT: who may see one account only is told of
 * another account's layers nothing but that they are another's: not what they say, and not that they were the ones to refuse.
 */
export function renderExplanation(explanation: Explanation, viewer: Viewer): string {
  const shown = viewer.account === undefined ? explanation : asSeenBy(explanation, viewer.account)
  const lines: string[] = []
  const width = Math.max(columnsLeast, viewer.columns ?? columnsUsual)
  const put = (indent: number, text: string) => lines.push(...wrap(text, indent, width))

  put(0, `${shown.effect.toUpperCase()}  ${shown.action} on ${shown.resource}`)
  put(0, `by ${shown.principal.name}`)
  put(0, reason(shown))
  if (shown.token !== undefined) {
    lines.push('')
    put(0, `the ${shown.principal.kind === 'saml' ? 'assertion' : 'token'} says:`)
    for (const [key, values] of Object.entries(shown.token)) put(2, `${key} ${quoted(values)}`)
  }

  for (const layer of shown.layers) {
    if (layer.says === 'absent') continue
    lines.push('')
    renderLayer(
      layer,
      layer.kind === 'resource' && shown.rule !== undefined ? `${shown.rule} policy` : nounOf(layer.kind),
      put,
    )
  }
  if (shown.withheld) {
    lines.push('')
    put(0, `The other side belongs to ${otherAccount(shown, viewer)}: its owner can ask with the same request id.`)
  }

  if (shown.layers.some(({ denying }) => denying !== undefined)) {
    lines.push('')
    put(0, 'What the policies of the organization say is told to the account that manages it, by the same request id.')
  }

  if (shown.hints.length > 0) lines.push('')
  for (const { text } of shown.hints) put(0, `-> ${text}`)
  return lines.join('\n')
}

const quoted = (values: readonly string[]): string => values.map((value) => `"${value}"`).join(', ')

/** Both accounts stand in the request itself, so naming the other one tells nothing new. */
function otherAccount({ principal, resourceAccount }: Explanation, { account }: Viewer): string {
  const other = principal.account === account ? resourceAccount : principal.account
  return other === undefined ? 'another account' : `account ${other}`
}

function reason({ because, blocking, missing: [lack] }: Explanation): string {
  if (because === 'granted') return 'because it is granted'
  if (because === 'root') return 'because the root user of an account may do everything in it'
  if (because === 'unknown') return 'because the request does not tell enough'
  if (because === 'explicit-deny' && blocking !== undefined) {
    return `because of an explicit deny in the ${nounOf(blocking)}`
  }
  if (lack !== undefined) return `because ${lack.text}`
  return blocking === undefined
    ? 'because both accounts must agree, and they do not'
    : `because no ${nounOf(blocking)} allows it`
}

function renderLayer(layer: ExplainedLayer, noun: string, put: (indent: number, text: string) => void): void {
  if (layer.denying !== undefined) {
    put(0, `${noun}: ${said[layer.says]}`)
    for (const arn of layer.denying) put(2, arn)
    return
  }
  const place = layer.place === undefined ? '' : ` (${layer.place})`
  const level = layer.level === undefined ? '' : `, level ${layer.level}${place}`
  const asked = layer.policies === 1 ? '1 policy' : `${layer.policies} policies`
  put(0, `${noun}${level}: ${said[layer.says]} (${asked})`)
  for (const statement of layer.statements) {
    put(2, `${openings[statement.part]} ${pointer(statement)}`)
    if (statement.failed !== undefined && statement.part !== 'applies') put(4, failure(statement.failed))
  }
  if (layer.omitted > 0) put(2, `… and ${layer.omitted} more`)
}

const said: Readonly<Record<ExplainedLayer['says'], string>> = {
  allow: 'allows',
  deny: 'denies',
  silent: 'allows nothing of the kind',
  unknown: 'cannot be told',
  absent: 'does not exist',
}

const openings: Readonly<Record<ExplainedStatement['part'], string>> = {
  applies: 'applies:',
  near: 'does not apply:',
  unknown: 'cannot be told:',
  elsewhere: 'is about other resources:',
}

function pointer({ effect, sid, index, policy, line, column }: ExplainedStatement): string {
  const name = sid === undefined ? `statement ${index + 1}` : `statement ${sid}`
  return `${effect}, ${name} of ${policy.name} (${policy.type}, line ${line} column ${column})`
}

function failure({ part, operator, key, wanted, seen, untold }: ExplainedFailure): string {
  const wants = wanted.length === 0 ? 'nothing' : quoted(wanted)
  if (untold !== undefined && untold.length > 0) return `nobody told ${untold.join(', ')}; wanted is ${wants}`
  const has =
    seen === undefined
      ? 'nobody told what the request has'
      : seen === null || seen.length === 0
        ? 'the request has none'
        : `the request has ${quoted(seen)}`
  if (part === 'condition') return `${operator ?? ''} ${key ?? ''} wants ${wants}; ${has}`
  return `${part} is ${wants}; ${has}`
}

/** Breaks a text at its spaces; a word that is wider than the page is cut. */
function wrap(text: string, indent: number, width: number): string[] {
  const lines: string[] = []
  let line = ' '.repeat(indent)
  let empty = true
  const flush = () => {
    lines.push(line)
    line = ' '.repeat(indent + 2)
    empty = true
  }
  for (const word of text.split(/[\p{Cc} ]/u)) {
    let rest = word
    if (!empty && line.length + 1 + rest.length > width) flush()
    while (line.length + rest.length > width) {
      const room = width - line.length
      line += rest.slice(0, room)
      rest = rest.slice(room)
      flush()
    }
    line += empty ? rest : ` ${rest}`
    empty = false
  }
  if (!empty) lines.push(line)
  return lines
}
