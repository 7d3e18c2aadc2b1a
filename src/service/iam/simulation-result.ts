import { memberOf, positionsOf } from '../../base/json.ts'
import type * as Shape from '../../model/calls/iam.ts'
import type { CompiledPolicy } from '../../policy/compile.ts'
import type { Decision, LayerKind, PolicySource, StatementTrace } from '../../policy/decide.ts'
import { listOf } from '../../policy/document.ts'

/** What one decision comes to, in the words of the simulation. */
export interface Result {
  readonly resource: string
  readonly decision: Shape.PolicyEvaluationDecisionType
  readonly matched: readonly Shape.Statement[]
  readonly missing: readonly string[]
  /** Whether the boundary allows; `undefined` where there is none. */
  readonly bounded: boolean | undefined
  /** Whether the organization's policies allow; `undefined` where none stand over the request. */
  readonly organized: boolean | undefined
  /** What each side said; `undefined` within one account. */
  readonly sides: Readonly<Record<string, Shape.PolicyEvaluationDecisionType>> | undefined
}

/** How the simulation calls a kind of policy. */
const nouns: Partial<Readonly<Record<LayerKind, string>>> = {
  identity: 'IAM Policy',
  resource: 'Resource Policy',
  boundary: 'Permissions Boundary Policy',
}

/** `untold`: the context keys that the policies ask for and that were not given. They are told where something could have been allowed. */
export function resultOf(decision: Decision, resource: string, untold: readonly string[]): Result {
  const outcome = outcomeOf(decision)
  const effect = outcome === 'allowed' ? 'Allow' : 'Deny'
  const boundary = decision.layers.find(({ kind }) => kind === 'boundary')
  const ceilings = decision.layers.filter(({ kind }) => isCeiling(kind))
  return {
    resource,
    decision: outcome,
    // A boundary grants nothing, so it is named only where it denies; what is not decided by any statement names none. What an
    // organization's policies say is not the account's to know.
    matched:
      outcome === 'implicitDeny'
        ? []
        : decision.layers
            .filter(({ kind }) => !isCeiling(kind) && (effect === 'Deny' || kind !== 'boundary'))
            .flatMap(({ kind, matched }) =>
              matched.filter(({ statement }) => statement.effect === effect).map((trace) => shown(trace, kind)),
            ),
    missing: outcome === 'allowed' ? [] : untold,
    bounded: boundary === undefined ? undefined : boundary.says === 'allow',
    organized: ceilings.length === 0 ? undefined : ceilings.every(({ says }) => says === 'allow'),
    sides: decision.crossAccount ? sidesOf(decision) : undefined,
  }
}

const isCeiling = (kind: LayerKind): boolean => kind === 'scp' || kind === 'rcp'

function outcomeOf({ effect, because }: Decision): Shape.PolicyEvaluationDecisionType {
  if (effect === 'allow') return 'allowed'
  return because === 'explicit-deny' ? 'explicitDeny' : 'implicitDeny'
}

function sidesOf({ layers }: Decision): Readonly<Record<string, Shape.PolicyEvaluationDecisionType>> {
  const sides: [string, Shape.PolicyEvaluationDecisionType][] = []
  for (const { kind, says } of layers) {
    const noun = nouns[kind]
    if (noun !== undefined)
      sides.push([noun, says === 'allow' ? 'allowed' : says === 'deny' ? 'explicitDeny' : 'implicitDeny'])
  }
  return Object.fromEntries(sides)
}

function shown({ attached, statement }: StatementTrace, kind: LayerKind): Shape.Statement {
  const place = placesIn(attached.policy)[statement.index]
  // QUIRK: policy-types-of-simulation. AWS answers with words that its own model does not list.
  const SourcePolicyType = nouns[kind] as Shape.PolicySourceType
  return {
    SourcePolicyId: idOf(attached.source),
    SourcePolicyType,
    ...(place === undefined ? {} : { StartPosition: place.start, EndPosition: place.end }),
  }
}

/** Inline policies by whose they are (`user_bob_read`), managed ones by their name, those of the request by their place in it. */
function idOf({ type, name, holder }: PolicySource): string {
  if (type !== 'inline' || holder === undefined) return name
  const resource = holder.slice(holder.lastIndexOf(':') + 1)
  return `${resource.slice(0, resource.indexOf('/'))}_${resource.slice(resource.lastIndexOf('/') + 1)}_${name}`
}

interface StatementPlace {
  readonly start: Shape.Position
  readonly end: Shape.Position
}
const places = new WeakMap<CompiledPolicy, readonly StatementPlace[]>()

/**
 * Where each statement begins and ends. QUIRK: statement-begins-early. A statement begins behind whatever stands before it: the bracket
 * of the list, or the end of the statement before; and one that stands alone behind its own brace. Columns count from 1, and the end is
 * the column behind the last brace.
 */
function placesIn(policy: CompiledPolicy): readonly StatementPlace[] {
  const known = places.get(policy)
  if (known !== undefined) return known
  const { text, root } = policy.document
  const value = memberOf(root, 'Statement')
  const offsets: number[] = []
  let before = (value?.span.start ?? 0) + 1
  for (const { span } of listOf(value)) {
    offsets.push(before, span.end)
    before = span.end
  }
  const found = positionsOf(text, offsets).map(({ line, column }) => ({ Line: line, Column: column }))
  const paired: StatementPlace[] = []
  for (let at = 0; at + 1 < found.length; at += 2) {
    const [start, end] = [found[at], found[at + 1]]
    if (start !== undefined && end !== undefined) paired.push({ start, end })
  }
  places.set(policy, paired)
  return paired
}

const boundaryIn = (bounded: boolean | undefined) =>
  bounded === undefined ? {} : { PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: bounded } }

const organizedIn = (organized: boolean | undefined) =>
  organized === undefined ? {} : { OrganizationsDecisionDetail: { AllowedByOrganizations: organized } }

/** The result for an action that was asked about everything. */
export const simpleResult = (action: string, { resource, decision, matched, missing, bounded, organized }: Result) =>
  ({
    EvalActionName: action,
    EvalResourceName: resource,
    EvalDecision: decision,
    MatchedStatements: matched,
    MissingContextValues: missing,
    ...organizedIn(organized),
    ...boundaryIn(bounded),
  }) satisfies Shape.EvaluationResult

/**
 * The result for an action that was asked about certain resources: theirs put together, and each one's own. It is allowed where all are,
 * and explicitly denied where one is.
 */
export function mergedResult(action: string, results: readonly Result[]): Shape.EvaluationResult {
  const [first, ...more] = results
  const worst = (['explicitDeny', 'implicitDeny'] as const).find((bad) =>
    results.some(({ decision }) => decision === bad),
  )
  const sides = results.find((result) => result.sides !== undefined)?.sides
  const bounds = results.flatMap(({ bounded }) => bounded ?? [])
  const ceilings = results.flatMap(({ organized }) => organized ?? [])
  return {
    ...simpleResult(action, {
      resource: more.length === 0 && first !== undefined ? first.resource : templateOf(action),
      decision: worst ?? 'allowed',
      matched: distinct(results.flatMap(({ matched }) => matched)),
      missing: [...new Set(results.flatMap(({ missing }) => missing))],
      bounded: bounds.length === 0 ? undefined : bounds.every((allows) => allows),
      organized: ceilings.length === 0 ? undefined : ceilings.every((allows) => allows),
      sides,
    }),
    EvalDecisionDetails: sides ?? {},
    ResourceSpecificResults: results.map((result) => ({
      EvalResourceName: result.resource,
      EvalResourceDecision: result.decision,
      MatchedStatements: result.matched,
      MissingContextValues: result.missing,
      ...(result.sides === undefined ? {} : { EvalDecisionDetails: result.sides }),
      ...boundaryIn(result.bounded),
    })),
  }
}

function distinct(statements: readonly Shape.Statement[]): readonly Shape.Statement[] {
  const seen = new Map<string, Shape.Statement>()
  for (const statement of statements) {
    const { SourcePolicyType, SourcePolicyId, EndPosition } = statement
    seen.set(`${SourcePolicyType} ${SourcePolicyId} ${EndPosition?.Line} ${EndPosition?.Column}`, statement)
  }
  return [...seen.values()]
}

const each = (name: string): string => `\${${name}}`

/** What AWS writes for "each of these" where several resources are asked about; everything, for services that it is not known of. */
const templates: ReadonlyMap<string, string> = new Map([
  ['s3', `arn:aws:s3:::${each('BucketName')}/${each('KeyName')}`],
  ['iam', `arn:aws:iam::${each('Account')}:${each('ResourceType')}/${each('ResourceName')}`],
  ['sts', `arn:aws:iam::${each('Account')}:${each('RelativeId')}`],
  ['sqs', `arn:aws:sqs:${each('Region')}:${each('Account')}:${each('QueueName')}`],
  ['kms', `arn:aws:kms:${each('Region')}:${each('Account')}:${each('ResourceType')}/${each('Id')}`],
  ['lambda', `arn:aws:lambda:${each('Region')}:${each('Account')}:${each('ResourceType')}:${each('ResourceId')}`],
  ['ec2', `arn:aws:ec2:${each('Region')}:${each('Account')}:${each('ResourceType')}/${each('ResourcePath')}`],
])

const templateOf = (action: string): string => templates.get(action.slice(0, action.indexOf(':')).toLowerCase()) ?? '*'
