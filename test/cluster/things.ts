import type { Model, Operation } from './history.ts'

/** A user who comes and goes, and bears one tag: a register that may be empty. */
export type PersonCall =
  | { readonly do: 'create' | 'tag'; readonly tag: string }
  | { readonly do: 'delete' }
  | { readonly do: 'get' }
export type PersonResult =
  | { readonly kind: 'done' | 'there already' | 'not there' }
  | { readonly kind: 'is'; readonly tag: string }

export type PersonState = { readonly tag: string } | 'absent'

export const person: Model<PersonState, PersonCall, PersonResult> = {
  initial: 'absent',
  print: (state) => (state === 'absent' ? '-' : state.tag),
  reads: (call) => call.do === 'get',
  answered(state, call, result) {
    if (result.kind === 'not there') return state === 'absent' && call.do !== 'create' ? state : undefined
    if (result.kind === 'there already') return state !== 'absent' && call.do === 'create' ? state : undefined
    if (result.kind === 'is')
      return call.do === 'get' && state !== 'absent' && state.tag === result.tag ? state : undefined
    if (call.do === 'get' || (call.do === 'create') !== (state === 'absent')) return undefined
    return person.happened(state, call)
  },
  happened(state, call) {
    if (call.do === 'create') return state === 'absent' ? { tag: call.tag } : state
    if (call.do === 'tag') return state === 'absent' ? state : { tag: call.tag }
    return call.do === 'delete' ? 'absent' : state
  },
}

/** A user with one key, who may assume a role while a policy is attached that says so. */
export type ActorCall =
  | { readonly do: 'activate' | 'deactivate' | 'list' | 'use' | 'assume' }
  | { readonly do: 'attach' | 'detach'; readonly policy: string }
export type ActorResult =
  | { readonly kind: 'done' | 'not attached' }
  | { readonly kind: 'attached'; readonly policies: readonly string[] }
  /** What came of a request that was signed with the key. */
  | { readonly kind: 'accepted' | 'denied' | 'no such key' }

export interface ActorState {
  readonly active: boolean
  /** In alphabetical order. */
  readonly attached: readonly string[]
}

/** The policy that allows to assume the role. */
export const grant = 'grant'

export const actor: Model<ActorState, ActorCall, ActorResult> = {
  initial: { active: true, attached: [] },
  print: ({ active, attached }) => `${active ? '+' : '-'}${attached.join()}`,
  reads: (call) => ['list', 'use', 'assume'].includes(call.do),
  answered(state, call, result) {
    const { active, attached } = state
    switch (call.do) {
      case 'use':
        return result.kind === (active ? 'accepted' : 'no such key') ? state : undefined
      case 'assume':
        return result.kind === (active ? (attached.includes(grant) ? 'accepted' : 'denied') : 'no such key')
          ? state
          : undefined
      case 'list':
        return result.kind === 'attached' && result.policies.join() === attached.join() ? state : undefined
      case 'detach':
        if (result.kind === 'not attached') return attached.includes(call.policy) ? undefined : state
        return result.kind === 'done' && attached.includes(call.policy) ? actor.happened(state, call) : undefined
      default:
        return result.kind === 'done' ? actor.happened(state, call) : undefined
    }
  },
  happened(state, call) {
    switch (call.do) {
      case 'activate':
      case 'deactivate':
        return { ...state, active: call.do === 'activate' }
      case 'attach':
        return { ...state, attached: [...new Set([...state.attached, call.policy])].sort() }
      case 'detach':
        return { ...state, attached: state.attached.filter((policy) => policy !== call.policy) }
      default:
        return state
    }
  },
}

/** A role whose sessions begin, are used, and are ended all at once. Each session has a name of its own. */
export type SeatCall = { readonly do: 'begin' | 'use'; readonly session: string } | { readonly do: 'revoke' }
export interface SeatResult {
  readonly kind: 'done' | 'accepted' | 'over'
}

/** Names of the sessions that live. */
export type SeatState = readonly string[]

export const seat: Model<SeatState, SeatCall, SeatResult> = {
  initial: [],
  print: (state) => state.join(),
  reads: (call) => call.do === 'use',
  answered(state, call, { kind }) {
    if (call.do === 'use') return (kind === 'accepted') === state.includes(call.session) ? state : undefined
    if (kind !== 'done') return undefined
    return call.do === 'begin' ? [...state, call.session].sort() : []
  },
  // Of a session whose beginning was not answered nobody has the credentials.
  happened: (state, call) => (call.do === 'revoke' ? [] : state),
}

type ActorOperation = Operation<ActorCall, ActorResult>

/**
 * Requests that were accepted although the key had been deactivated: the deactivation was acknowledged before the request
 * began, and no activation can have come between. It follows from linearizability; asked by itself it is a few lines that one
 * can see to be right.
 */
export function acceptedAfterRevocation(operations: readonly ActorOperation[]): readonly ActorOperation[] {
  const told = operations.filter(({ outcome }) => outcome.kind === 'answered')
  const off = told.filter(({ call }) => call.do === 'deactivate')
  const on = operations.filter(({ call }) => call.do === 'activate')
  return told.filter(
    (request) =>
      request.outcome.kind === 'answered' &&
      // A request that was denied was still taken to come from the holder of the key.
      (request.outcome.result.kind === 'accepted' || request.outcome.result.kind === 'denied') &&
      off.some(
        (revocation) =>
          revocation.ended < request.began &&
          on.every(
            ({ began, ended, outcome }) =>
              began > request.ended || (outcome.kind === 'answered' && ended < revocation.began),
          ),
      ),
  )
}
