import { compileGlob } from '../base/glob.ts'
import { type ActionList, askedAction, concerned } from './action.ts'
import type { CompiledPolicy, CompiledStatement } from './compile.ts'

/**
 * Which services policies could let somebody use at all (IAM User Guide, "Refining permissions using last accessed information"). This
 * looks at the text of policies and not at a request: what hangs on a condition or on a resource may come true, so it counts.
 */

const isWild = (text: string): boolean => text.includes('*') || text.includes('?')

/** Whether an action pattern means at least one action of the service, or every one. */
function patternOn(pattern: string, service: string): 'none' | 'some' | 'all' {
  if (pattern === '*') return 'all'
  const colon = pattern.indexOf(':')
  if (colon < 0) return 'none'
  const prefix = pattern.slice(0, colon).toLowerCase()
  if (prefix !== service && !(isWild(prefix) && compileGlob(prefix).matches(service))) return 'none'
  return /^\*+$/.test(pattern.slice(colon + 1)) ? 'all' : 'some'
}

function actionsOn({ patterns, negated }: ActionList, service: string): 'none' | 'some' | 'all' {
  let reach: 'none' | 'some' | 'all' = 'none'
  for (const pattern of patterns) {
    const on = patternOn(pattern, service)
    if (on === 'all') return negated ? 'none' : 'all'
    if (on === 'some') reach = 'some'
  }
  return negated ? (reach === 'none' ? 'all' : 'some') : reach
}

/** Whether any resource that the statement is about could be one of the service. Who names the service by name knows its resources. */
function couldTouch({ actions, resources }: CompiledStatement, service: string): boolean {
  if (resources === undefined || resources.negated) return true
  if (!actions.negated && actions.patterns.some((pattern) => pattern.toLowerCase().startsWith(`${service}:`)))
    return true
  return resources.patterns.some((pattern) => {
    const segment = pattern.split(':')[2]
    return segment === undefined || segment === service || (isWild(segment) && compileGlob(segment).matches(service))
  })
}

/** A Deny that nothing holds back: no condition, and every resource. */
const deniesAlways = ({ effect, clauses, resources }: CompiledStatement): boolean =>
  effect === 'Deny' && clauses.length === 0 && resources?.negated === false && resources.patterns.includes('*')

const statementsOf = (policies: readonly CompiledPolicy[]): readonly CompiledStatement[] =>
  policies.flatMap(({ statements }) => statements.flatMap((statement) => statement ?? []))

/** What is taken back without condition, made ready once for all services. */
function takenBack(statements: readonly CompiledStatement[]) {
  const denials = statements.filter(deniesAlways)
  const patterns = denials.flatMap(({ actions }) => (actions.negated ? [] : actions.patterns))
  const texts = new Set(patterns.map((pattern) => pattern.toLowerCase()))
  const globs = [...texts].filter(isWild).map(compileGlob)
  return {
    wholly: (service: string): boolean => denials.some(({ actions }) => actionsOn(actions, service) === 'all'),
    /** Of a pattern it is only known where the very same one is taken back. */
    covers(pattern: string): boolean {
      const folded = pattern.toLowerCase()
      return texts.has(folded) || (!isWild(folded) && globs.some((glob) => glob.matches(folded)))
    },
  }
}

/** Whether the policies, taken together, leave anything of a service allowed. The service by its prefix. */
export function serviceReach(policies: readonly CompiledPolicy[]): (service: string) => boolean {
  const statements = statementsOf(policies)
  const back = takenBack(statements)
  const grants = statements.filter(({ effect }) => effect === 'Allow')
  return (service) =>
    !back.wholly(service) &&
    grants.some((statement) => {
      const { actions } = statement
      if (actionsOn(actions, service) === 'none' || !couldTouch(statement, service)) return false
      if (actions.negated) return true
      return actions.patterns.some((pattern) => patternOn(pattern, service) !== 'none' && !back.covers(pattern))
    })
}

/** Whether the policies, taken together, could allow an action on some resource. */
export function reachesAction(policies: readonly CompiledPolicy[], action: string): boolean {
  const asked = askedAction(action)
  let allowed = false
  for (const { index, statements } of policies) {
    for (const at of concerned(index, asked)) {
      const statement = statements[at]
      if (statement === undefined) continue
      if (deniesAlways(statement)) return false
      if (statement.effect === 'Allow' && couldTouch(statement, asked.service)) allowed = true
    }
  }
  return allowed
}

/** Whether one policy by itself grants anything of a service, as far as it does not take the whole service back. */
export function grantsService({ statements }: CompiledPolicy, service: string): boolean {
  const own = statements.flatMap((statement) => statement ?? [])
  if (own.some((one) => deniesAlways(one) && actionsOn(one.actions, service) === 'all')) return false
  return own.some(
    (one) => one.effect === 'Allow' && actionsOn(one.actions, service) !== 'none' && couldTouch(one, service),
  )
}
