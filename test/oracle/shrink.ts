import type { Document, Named, Policies, Question, Request, Scalar, Some, Statement } from './question.ts'
import { list } from './question.ts'

/** The smallest question that still fails, as far as leaving out one thing after another leads. */
export function shrink(question: Question, stillFails: (question: Question) => boolean): Question {
  let smallest = question
  for (;;) {
    const smaller = simpler(smallest).find((one) => JSON.stringify(one).length < size(smallest) && stillFails(one))
    if (smaller === undefined) return smallest
    smallest = smaller
  }
}

const size = (question: Question): number => JSON.stringify(question).length

/** Every question with one thing less, the biggest things first. All of them are as legal as the one they are made from. */
function simpler(question: Question): Question[] {
  return [
    ...simplerPolicies(question.policies).map((policies) => ({ ...question, policies })),
    ...simplerRequest(question.request).map((request) => ({ ...question, request })),
  ]
}

/** The same record without one of its keys. */
function without<T extends object>(record: T, key: keyof T & string): T {
  const { [key]: _gone, ...rest } = record
  // Only keys that may be absent are asked for.
  return rest as unknown as T
}

function simplerPolicies(policies: Policies): Policies[] {
  const layers = ['resource', 'resourceRule', 'boundary', 'session', 'scp', 'rcp', 'vpce'] as const
  return [
    ...layers.filter((layer) => policies[layer] !== undefined).map((layer) => without(policies, layer)),
    ...fewer(policies.identity, simplerNamed).map((identity) => ({ ...policies, identity })),
    ...(policies.resource === undefined
      ? []
      : simplerDocument(policies.resource).map((resource) => ({ ...policies, resource }))),
    ...(['boundary', 'session', 'vpce'] as const).flatMap((layer) =>
      fewer(policies[layer] ?? [], simplerDocument)
        .filter((documents) => documents.length > 0)
        .map((documents) => ({ ...policies, [layer]: documents })),
    ),
    ...(['scp', 'rcp'] as const).flatMap((layer) =>
      fewer(policies[layer] ?? [], (level) => fewer(level, simplerNamed))
        .filter((levels) => levels.length > 0)
        .map((levels) => ({ ...policies, [layer]: levels })),
    ),
  ]
}

/** The list without one of its items, or with one of them simpler. */
function fewer<T>(items: readonly T[], simplerItem: (item: T) => readonly T[]): T[][] {
  return [
    ...items.map((_, index) => items.filter((_item, other) => other !== index)),
    ...items.flatMap((item, index) => simplerItem(item).map((one) => items.with(index, one))),
  ]
}

/** The same for what must keep one item: the last one stands alone. */
function fewerOfSome<T extends Scalar | Statement>(
  some: Some<T> | undefined,
  simplerItem: (item: T) => readonly T[],
): Some<T>[] {
  const items = list(some)
  const [only] = items
  if (items.length === 1 && only !== undefined) return [only, ...simplerItem(only)]
  return fewer(items, simplerItem).filter((each) => each.length > 0)
}

const simplerNamed = (policy: Named): Named[] => [
  ...(policy.name === 'p' ? [] : [{ ...policy, name: 'p' }]),
  ...simplerDocument(policy.document).map((document) => ({ ...policy, document })),
]

function simplerDocument(document: Document | string): (Document | string)[] {
  if (typeof document === 'string') {
    const parsed: unknown = JSON.parse(document)
    // It came from a question, so it is a document.
    return [parsed as Document]
  }
  return fewerOfSome(document.Statement, simplerStatement).map((one) => ({ ...document, Statement: one }))
}

function simplerStatement(statement: Statement): Statement[] {
  const found: Statement[] = []
  if (statement.Sid !== undefined) found.push(without(statement, 'Sid'))
  if (statement.Condition !== undefined) found.push(without(statement, 'Condition'))
  if (statement.NotAction !== undefined) found.push({ ...without(statement, 'NotAction'), Action: '*' })
  if (statement.NotResource !== undefined) found.push({ ...without(statement, 'NotResource'), Resource: '*' })
  for (const [element, any] of [
    ['Action', '*'],
    ['NotAction', 'a:b'],
    ['Resource', '*'],
    ['NotResource', 'arn:aws:a:::b'],
  ] as const) {
    if (statement[element] === undefined) continue
    found.push({ ...statement, [element]: any })
    found.push(...fewerOfSome(statement[element], () => []).map((entries) => ({ ...statement, [element]: entries })))
  }
  for (const element of ['Principal', 'NotPrincipal'] as const) {
    const principals = statement[element]
    if (principals === undefined || principals === '*') continue
    found.push({ ...statement, [element]: { AWS: '*' } })
    for (const [type, values] of Object.entries(principals)) {
      const rest = without(principals as Record<string, Some<string>>, type)
      if (Object.keys(rest).length > 0) found.push({ ...statement, [element]: rest })
      found.push(
        ...fewerOfSome(values, () => []).map((each) => ({ ...statement, [element]: { ...principals, [type]: each } })),
      )
    }
  }
  const block = statement.Condition ?? {}
  for (const [operator, entries] of Object.entries(block)) {
    found.push({ ...statement, Condition: without(block, operator) })
    for (const [key, values] of Object.entries(entries)) {
      const with_ = (changed: Readonly<Record<string, Some<Scalar>>>): Statement => ({
        ...statement,
        Condition: { ...block, [operator]: changed },
      })
      found.push(with_(without(entries, key)))
      found.push(...fewerOfSome(values, () => []).map((each) => with_({ ...entries, [key]: each })))
    }
  }
  return found
}

function simplerRequest(request: Request): Request[] {
  return [
    ...(['unknown', 'principalId', 'roleArn', 'resourceAccount'] as const)
      .filter((key) => request[key] !== undefined)
      .map((key) => without(request, key)),
    ...Object.keys(request.context).map((key) => ({ ...request, context: without(request.context, key) })),
    ...Object.entries(request.context).flatMap(([key, value]) =>
      Array.isArray(value)
        ? fewer(value, () => []).map((values) => ({ ...request, context: { ...request.context, [key]: values } }))
        : [],
    ),
    ...fewer(request.unknown ?? [], () => []).map((unknown) => ({ ...request, unknown })),
  ]
}
