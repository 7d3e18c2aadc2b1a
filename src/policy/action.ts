import { compileGlob, type Glob } from '../base/glob.ts'

/** Action patterns are matched without regard to case, on both sides of the colon (IAM User Guide, "Action"). */

/** Where a statement's action patterns send it: which requests need to look at it at all. */
export interface ActionIndex {
  /** Service prefix, in lower case, to what is said of that service. Most policies say nothing of most services. */
  readonly services: ReadonlyMap<string, OfService>
  /** The marks of all those services: most requests need not look further. */
  readonly marks: number
  /** Patterns that are wild before their colon, or have none. */
  readonly anywhere: readonly Wild[]
  /** Statements that every action concerns: `*`. */
  readonly always: readonly number[]
  /** `NotAction`: concerned by every action but these. */
  readonly except: readonly { readonly statement: number; readonly actions: ActionIndex }[]
}

interface OfService {
  /** Whole actions, in lower case, to the statements that name them. */
  readonly exact: Map<string, number[]>
  /** Patterns; each is matched against the name after the colon. */
  readonly wild: Wild[]
}

interface Wild {
  readonly glob: Glob
  readonly statement: number
}

export interface ActionList {
  readonly patterns: readonly string[]
  /** Whether the list came as `NotAction`. */
  readonly negated: boolean
}

export function indexActions(lists: readonly (ActionList | undefined)[]): ActionIndex {
  const services = new Map<string, OfService>()
  const anywhere: Wild[] = []
  const always: number[] = []
  const except: { statement: number; actions: ActionIndex }[] = []

  for (const [statement, list] of lists.entries()) {
    if (list === undefined) continue
    if (list.negated) {
      except.push({ statement, actions: indexActions([{ patterns: list.patterns, negated: false }]) })
      continue
    }
    for (const written of list.patterns) {
      const pattern = written.toLowerCase()
      const colon = pattern.indexOf(':')
      const service = pattern.slice(0, Math.max(colon, 0))
      if (pattern === '*') always.push(statement)
      else if (!isWild(pattern)) push(ofService(services, service).exact, pattern, statement)
      else if (colon >= 0 && !isWild(service)) {
        ofService(services, service).wild.push({ glob: compileGlob(pattern.slice(colon + 1)), statement })
      } else anywhere.push({ glob: compileGlob(pattern), statement })
    }
  }
  let marks = 0
  for (const service of services.keys()) marks |= markOf(service)
  return { services, marks, anywhere, always, except }
}

/** One bit in 32 for a service's name. */
const markOf = (service: string): number =>
  1 << ((service.charCodeAt(0) * 7 + service.charCodeAt(service.length - 1) + service.length * 3) & 31)

function ofService(services: Map<string, OfService>, service: string): OfService {
  let found = services.get(service)
  if (found === undefined) {
    found = { exact: new Map(), wild: [] }
    services.set(service, found)
  }
  return found
}

const isWild = (pattern: string): boolean => pattern.includes('*') || pattern.includes('?')

function push<T>(table: Map<string, T[]>, key: string, value: T): void {
  const list = table.get(key)
  if (list === undefined) table.set(key, [value])
  else list.push(value)
}

/** An action as it is asked for: lower case, cut at its colon once. */
export interface AskedAction {
  readonly text: string
  readonly service: string
  readonly mark: number
  readonly nameAt: number
}

export function askedAction(action: string): AskedAction {
  const text = action.toLowerCase()
  const colon = text.indexOf(':')
  const service = text.slice(0, Math.max(colon, 0))
  return { text, service, mark: markOf(service), nameAt: colon + 1 }
}

const none: readonly never[] = []

/** The statements that the action concerns, in their order in the document, each once. */
export function concerned(index: ActionIndex, action: AskedAction): readonly number[] {
  const service = (index.marks & action.mark) === 0 ? undefined : index.services.get(action.service)
  const narrow = index.anywhere.length === 0 && index.except.length === 0
  if (service === undefined && narrow) return inOrder(index.always)
  const exact = service?.exact.get(action.text) ?? none
  const wild = service?.wild ?? none
  if (wild.length === 0 && narrow) {
    if (index.always.length === 0) return inOrder(exact)
    if (exact.length === 0) return inOrder(index.always)
  }
  const found: number[] = []
  for (const statement of index.always) found.push(statement)
  for (const statement of exact) found.push(statement)
  for (const { glob, statement } of wild) if (glob.matches(action.text, action.nameAt)) found.push(statement)
  for (const { glob, statement } of index.anywhere) if (glob.matches(action.text)) found.push(statement)
  for (const { statement, actions } of index.except) if (!concerns(actions, action)) found.push(statement)
  return inOrder(found)
}

/** Whether the action is among those of an index that holds one list. */
function concerns(index: ActionIndex, action: AskedAction): boolean {
  const service = index.services.get(action.service)
  if (index.always.length > 0 || service?.exact.has(action.text)) return true
  for (const { glob } of service?.wild ?? none) if (glob.matches(action.text, action.nameAt)) return true
  for (const { glob } of index.anywhere) if (glob.matches(action.text)) return true
  return false
}

function inOrder(found: readonly number[]): readonly number[] {
  for (let at = 1; at < found.length; at++) {
    if ((found[at - 1] ?? 0) >= (found[at] ?? 0)) return [...new Set(found)].sort((a, b) => a - b)
  }
  return found
}
