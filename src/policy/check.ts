import { memberOf, type Node, type Span } from '../base/json.ts'
import { parseOperator } from './condition.ts'
import { type Document, listOf, parseDocument, principalsIn, statementsOf } from './document.ts'
import { actionMessage, failsLegacyParsing, resourceMessage } from './format.ts'
import { syntaxFlaw, unknownMember } from './grammar.ts'
import type { PolicyKind } from './kind.ts'
import { supportsResourceControl } from './resource-control.ts'
import { narrows, requiredKey, tooWide } from './shared-issuer.ts'
import { isAssumeAction, type Known, letsWebIdentityIn, principalMessage } from './trust.ts'
import { readMoment } from './value.ts'

/** What is odd about a document. The message is AWS's; the hint and the place are ours. */
export interface Finding {
  readonly code: 'MalformedPolicyDocument'
  readonly message: string
  readonly at?: Span
  readonly hint?: string
}

export type CheckOptions = Known

const finding = (message: string, at?: Span, hint?: string): Finding => ({
  code: 'MalformedPolicyDocument',
  message,
  ...(at === undefined ? {} : { at }),
  ...(hint === undefined ? {} : { hint }),
})

/** One stage of AWS's examination. The first stage that finds something ends it. */
type Stage = (document: Document, options: CheckOptions) => Finding | undefined

/**
 * Examines a document as AWS does when one is put, in AWS's order and with AWS's words. `undefined`: nothing is odd.
 * `principalExists` and `serviceExists` are asked for trust policies; without them every well-formed principal is taken to exist.
 */
export function checkDocument(kind: PolicyKind, text: string, options: CheckOptions = {}): Finding | undefined {
  const parsed = parseDocument(text)
  if (!parsed.ok) {
    const message = kind === 'trust' ? 'This policy contains invalid Json' : syntaxErrors
    return worded(kind, finding(message, parsed.at, parsed.problem))
  }
  for (const stage of stages[kind]) {
    const found = stage(parsed.document, options)
    if (found !== undefined) return worded(kind, found)
  }
  return undefined
}

const syntaxErrors = 'Syntax errors in policy.'
const failedLegacy = 'The policy failed legacy parsing'
const missingPrincipal = 'Missing required field Principal'

/** AWS Organizations says one sentence about every flaw; what the flaw is stays in the hint. */
function worded(kind: PolicyKind, found: Finding): Finding {
  if (kind !== 'scp' && kind !== 'rcp') return found
  const message = 'The provided policy document does not meet the requirements of the specified policy type.'
  return finding(message, found.at, found.hint ?? found.message)
}

const syntax: Stage = (document) => {
  const flaw = syntaxFlaw(document)
  return flaw && finding(syntaxErrors, flaw.at, flaw.hint)
}

// QUIRK: unknown-field-in-trust. A trust policy is told which of its members it may not have; what is wrong within a statement it is not.
const trustSyntax: Stage = (document) => {
  const flaw = syntaxFlaw(document)
  if (flaw === undefined) return undefined
  const unknown = unknownMember(document)
  return finding(unknown === undefined ? syntaxErrors : `Unknown field ${unknown}`, flaw.at, flaw.hint)
}

const newestVersion: Stage = (document) => {
  const version = memberOf(document.root, 'Version')
  if (version?.kind === 'string' && version.value === '2012-10-17') return undefined
  const hint = 'add "Version": "2012-10-17"; without it policy variables are plain text'
  return finding('Policy document must be version 2012-10-17 or greater.', version?.span, hint)
}

const legacy: Stage = (document) => {
  for (const statement of statementsOf(document)) {
    const effect = memberOf(statement, 'Effect')
    if (effect?.kind === 'string' && effect.value !== 'Allow' && effect.value !== 'Deny') {
      return finding(failedLegacy, effect.span, 'Effect is "Allow" or "Deny", with its capital')
    }
    const date = flawedDate(memberOf(statement, 'Condition'))
    if (date !== undefined) return finding(failedLegacy, date.span, 'this is no date')
  }
  return undefined
}

function flawedDate(condition: Node | undefined): Node | undefined {
  if (condition?.kind !== 'object') return undefined
  for (const { key: operator, value: block } of condition.members) {
    if (block.kind !== 'object' || parseOperator(operator.value)?.base.startsWith('Date') !== true) continue
    for (const { value } of block.members) {
      for (const item of listOf(value)) {
        if ('value' in item && readMoment(item.value) === undefined) return item
      }
    }
  }
  return undefined
}

const legacyResources: Stage = (document) => {
  for (const { value, span } of textsIn(document, resourceElements)) {
    if (!failsLegacyParsing(value)) continue
    return finding(failedLegacy, span, 'an ARN is arn:partition:service:region:account:resource')
  }
  return undefined
}

// QUIRK: sid-letters. Those of managed policies are of letters and digits; other policies' Sids are not looked at so closely.
const plainSids: Stage = (document) => {
  const message =
    'Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*'
  for (const statement of statementsOf(document)) {
    const sid = memberOf(statement, 'Sid')
    if (sid?.kind === 'string' && !/^[0-9A-Za-z]*$/.test(sid.value)) return finding(message, sid.span)
  }
  return undefined
}

const uniqueSids: Stage = (document) => {
  const seen = new Set<string>()
  for (const statement of statementsOf(document)) {
    const sid = memberOf(statement, 'Sid')
    // QUIRK: empty-sid. The empty one may stand any number of times.
    if (sid?.kind !== 'string' || sid.value === '') continue
    if (seen.has(sid.value)) return finding('Statement IDs (SID) in a single policy must be unique.', sid.span)
    seen.add(sid.value)
  }
  return undefined
}

const actionElements = ['Action', 'NotAction']
const resourceElements = ['Resource', 'NotResource']

const mustContain =
  (elements: readonly string[], message: string): Stage =>
  (document) => {
    for (const statement of statementsOf(document)) {
      if (elements.every((element) => listOf(memberOf(statement, element)).length === 0)) {
        return finding(message, statement.span)
      }
    }
    return undefined
  }

const hasActions = mustContain(actionElements, 'Policy statement must contain actions.')
const hasResources = mustContain(resourceElements, 'Policy statement must contain resources.')

function* textsIn(document: Document, elements: readonly string[]): Generator<{ value: string; span: Span }> {
  for (const statement of statementsOf(document)) {
    for (const element of elements) {
      for (const item of listOf(memberOf(statement, element))) if (item.kind === 'string') yield item
    }
  }
}

const formatted =
  (elements: readonly string[], messageOf: (text: string) => string | undefined): Stage =>
  (document) => {
    for (const { value, span } of textsIn(document, elements)) {
      const message = messageOf(value)
      if (message !== undefined) return finding(message, span)
    }
    return undefined
  }

const resourceFormats = formatted(resourceElements, resourceMessage)
const actionFormats = formatted(actionElements, actionMessage)

const prohibited =
  (elements: readonly string[], messageOf: (element: string) => string): Stage =>
  (document) => {
    for (const statement of statementsOf(document)) {
      for (const element of elements) {
        const found = memberOf(statement, element)
        if (found !== undefined) return finding(messageOf(element), found.span)
      }
    }
    return undefined
  }

const noPrincipal = prohibited(['Principal', 'NotPrincipal'], () => 'Policy document should not specify a principal.')
const noResource = prohibited(resourceElements, (element) => `Has prohibited field ${element}`)
const noNotPrincipal = prohibited(['NotPrincipal'], (element) => `Has prohibited field ${element}`)

const assumeActionsOnly: Stage = (document) => {
  const message = 'AssumeRole policy may only specify STS AssumeRole actions.'
  const hint =
    'sts:AssumeRole, sts:AssumeRoleWithSAML, sts:AssumeRoleWithWebIdentity, sts:TagSession, sts:SetSourceIdentity'
  for (const { value, span } of textsIn(document, ['Action'])) {
    if (!isAssumeAction(value)) return finding(message, span, hint)
  }
  for (const { span } of textsIn(document, ['NotAction'])) return finding(message, span, hint)
  return undefined
}

const hasPrincipal: Stage = (document) => {
  for (const statement of statementsOf(document)) {
    const named = [
      ...principalsIn(memberOf(statement, 'Principal')),
      ...principalsIn(memberOf(statement, 'NotPrincipal')),
    ]
    if (named.length === 0) return finding(missingPrincipal, statement.span, 'name who is meant: { "AWS": "…" }')
  }
  return undefined
}

const trustedPrincipals: Stage = (document, options) => {
  for (const statement of statementsOf(document)) {
    for (const span of principalsIn(memberOf(statement, 'Principal'))) {
      const found = principalMessage(span, options)
      if (found !== undefined) return finding(found.message, span.span, found.hint)
    }
  }
  return undefined
}

/** Who shares an issuer with strangers says which tokens are meant. */
const sharedIssuers: Stage = (document) => {
  for (const statement of statementsOf(document)) {
    const effect = memberOf(statement, 'Effect')
    if (effect?.kind !== 'string' || effect.value !== 'Allow') continue
    if (!letsWebIdentityIn(listOf(memberOf(statement, 'Action')))) continue
    for (const { type, value, span } of principalsIn(memberOf(statement, 'Principal'))) {
      const key = type === 'Federated' ? requiredKey(value) : undefined
      if (key === undefined || narrows(memberOf(statement, 'Condition'), key)) continue
      return finding(tooWide(value, key), span, `everybody has tokens of this issuer; ask for ${key} in this statement`)
    }
  }
  return undefined
}

/** A resource control policy only takes away, and from everyone alike. */
const deniesEveryone: Stage = (document) => {
  for (const statement of statementsOf(document)) {
    const effect = memberOf(statement, 'Effect')
    if (effect?.kind === 'string' && effect.value !== 'Deny')
      return finding(syntaxErrors, effect.span, 'Effect is "Deny"')
    const principal = memberOf(statement, 'Principal')
    if (principal?.kind !== 'string')
      return finding(syntaxErrors, principal?.span ?? statement.span, 'Principal is "*"')
  }
  return undefined
}

/** It says which actions it is about, and those are of services whose resources it can hold. */
const controllableActions: Stage = (document) => {
  for (const { span } of textsIn(document, ['NotAction'])) {
    return finding(syntaxErrors, span, 'a resource control policy names its actions: there is no NotAction')
  }
  for (const { value, span } of textsIn(document, ['Action'])) {
    const service = value.slice(0, Math.max(0, value.indexOf(':')))
    if (!supportsResourceControl(service)) {
      const hint =
        service === ''
          ? 'an action is of a service, as in s3:*'
          : `resource control policies do not hold for resources of ${service}`
      return finding(syntaxErrors, span, hint)
    }
  }
  return undefined
}

const ofIdentity = [
  legacy,
  legacyResources,
  uniqueSids,
  hasActions,
  hasResources,
  resourceFormats,
  actionFormats,
  noPrincipal,
]
const ofResource = [syntax, legacy, uniqueSids, hasActions, actionFormats]

/** AWS's order, per kind of policy. */
const stages: Readonly<Record<PolicyKind, readonly Stage[]>> = {
  managed: [syntax, newestVersion, plainSids, ...ofIdentity],
  boundary: [syntax, newestVersion, ...ofIdentity],
  scp: [syntax, newestVersion, ...ofIdentity],
  // QUIRK: old-version-inline. Inline and session policies may be of the old version, or say none.
  inline: [syntax, ...ofIdentity],
  session: [syntax, ...ofIdentity],
  trust: [
    trustSyntax,
    legacy,
    uniqueSids,
    hasActions,
    actionFormats,
    assumeActionsOnly,
    noResource,
    noNotPrincipal,
    hasPrincipal,
    trustedPrincipals,
    sharedIssuers,
  ],
  resource: [...ofResource, hasPrincipal],
  endpoint: ofResource,
  rcp: [
    syntax,
    newestVersion,
    legacy,
    uniqueSids,
    hasActions,
    hasResources,
    actionFormats,
    deniesEveryone,
    controllableActions,
  ],
}

/** The size that AWS's quotas count: characters, leaving out white space between the tokens but not within strings. */
export function policySize(text: string): number {
  let size = 0
  let inString = false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (inString) {
      size++
      if (code === 0x5c) {
        size += at + 1 < text.length ? 1 : 0
        at++
      } else if (code === 0x22) inString = false
    } else if (code === 0x22) {
      size++
      inString = true
    } else if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) size++
  }
  return size
}
