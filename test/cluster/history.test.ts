import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { linearizable, type Operation } from './history.ts'
import {
  type ActorCall,
  type ActorResult,
  acceptedAfterRevocation,
  actor,
  grant,
  type PersonCall,
  type PersonResult,
  person,
  type SeatCall,
  type SeatResult,
  seat,
} from './things.ts'

const key = 'x'
const unknown = { kind: 'unknown' } as const
const put = (
  began: number,
  ended: number,
  call: PersonCall,
  result?: PersonResult,
): Operation<PersonCall, PersonResult> => ({
  key,
  call,
  began,
  ended,
  outcome: result === undefined ? unknown : { kind: 'answered', result },
  by: '',
})
const act = (
  began: number,
  ended: number,
  call: ActorCall,
  result?: ActorResult,
): Operation<ActorCall, ActorResult> => ({
  key,
  call,
  began,
  ended,
  outcome: result === undefined ? unknown : { kind: 'answered', result },
  by: '',
})
const done = { kind: 'done' } as const
const is = (tag: string) => ({ kind: 'is', tag }) as const
const create = (tag: string): PersonCall => ({ do: 'create', tag })
const tag = (value: string): PersonCall => ({ do: 'tag', tag: value })
const get: PersonCall = { do: 'get' }
const leave: PersonCall = { do: 'delete' }

describe('the checker of histories', () => {
  test.each<[string, Operation<PersonCall, PersonResult>[]]>([
    ['nothing at all', []],
    ['one thing after the other', [put(0, 1, create('a'), done), put(2, 3, get, is('a')), put(4, 5, leave, done)]],
    [
      'a read beside a write, which saw it',
      [put(0, 1, create('a'), done), put(2, 9, tag('b'), done), put(3, 4, get, is('b'))],
    ],
    ['and one that did not', [put(0, 1, create('a'), done), put(2, 9, tag('b'), done), put(3, 4, get, is('a'))]],
    [
      'a write of unknown outcome that took place',
      [put(0, 1, create('a'), done), put(2, 3, tag('b')), put(4, 5, get, is('b'))],
    ],
    ['one that never did', [put(0, 1, create('a'), done), put(2, 3, tag('b')), put(4, 5, get, is('a'))]],
    [
      'one that took place much later than its client gave up',
      [put(0, 1, create('a'), done), put(2, 3, tag('b')), put(4, 5, get, is('a')), put(6, 7, get, is('b'))],
    ],
    ['a refusal that was right', [put(0, 1, create('a'), done), put(2, 3, create('b'), { kind: 'there already' })]],
    [
      'two that came at once, of which one was refused',
      [put(0, 5, create('a'), done), put(0, 5, create('b'), { kind: 'there already' }), put(6, 7, get, is('a'))],
    ],
    [
      'a deletion beside a creation',
      [put(0, 9, create('a')), put(1, 8, leave, done), put(10, 11, get, { kind: 'not there' })],
    ],
  ])('explains %s', (_, operations) => {
    expect(linearizable(person, operations)).toEqual({ kind: 'linearizable' })
  })

  test.each<[string, Operation<PersonCall, PersonResult>[]]>([
    ['a stale read', [put(0, 1, create('a'), done), put(2, 3, tag('b'), done), put(4, 5, get, is('a'))]],
    ['a lost write', [put(0, 1, create('a'), done), put(2, 3, get, { kind: 'not there' })]],
    ['one that comes back', [put(0, 1, create('a'), done), put(2, 3, leave, done), put(4, 5, get, is('a'))]],
    [
      'a read that goes back behind another one',
      [put(0, 1, create('a'), done), put(2, 20, tag('b'), done), put(3, 4, get, is('b')), put(5, 6, get, is('a'))],
    ],
    [
      'a write of unknown outcome that took place twice',
      [
        put(0, 1, create('a'), done),
        put(2, 3, tag('b')),
        put(4, 5, get, is('b')),
        put(6, 7, tag('c'), done),
        put(8, 9, get, is('b')),
      ],
    ],
    ['two who both made the same', [put(0, 5, create('a'), done), put(0, 5, create('b'), done)]],
    ['a refusal for nothing', [put(0, 1, create('a'), { kind: 'there already' })]],
    ['something that nobody wrote', [put(0, 1, create('a'), done), put(2, 3, tag('b')), put(4, 5, get, is('c'))]],
    [
      'an unknown one that took place before it began',
      [put(0, 1, create('a'), done), put(2, 3, get, is('b')), put(4, 5, tag('b'))],
    ],
  ])('finds %s', (_, operations) => {
    expect(linearizable(person, operations).kind).toBe('violated')
  })

  test('names the operation that nothing explains, and what was under way beside it', () => {
    const stale = put(4, 5, get, is('a'))
    const beside = put(3, 6, tag('c'), done)
    const operations = [
      put(0, 1, create('a'), done),
      put(1.5, 2, tag('b'), done),
      beside,
      stale,
      put(7, 8, leave, done),
    ]
    expect(linearizable(person, operations)).toEqual({ kind: 'violated', at: stale, beside: [beside] })
  })

  test('says so where it gives up', () => {
    const operations = Array.from({ length: 12 }, (_, number) => put(0, 9, tag(`${number}`), { kind: 'not there' }))
    expect(linearizable(person, operations, 5).kind).toBe('undecided')
  })

  const attach = (policy: string): ActorCall => ({ do: 'attach', policy })
  test.each<[string, Operation<ActorCall, ActorResult>[]]>([
    [
      'a revoked key that is accepted',
      [act(0, 1, { do: 'deactivate' }, done), act(2, 3, { do: 'use' }, { kind: 'accepted' })],
    ],
    ['a key that is refused for nothing', [act(2, 3, { do: 'use' }, { kind: 'no such key' })]],
    [
      'a role that is assumed without the policy',
      [
        act(0, 1, attach(grant), done),
        act(2, 3, { do: 'detach', policy: grant }, done),
        act(4, 5, { do: 'assume' }, { kind: 'accepted' }),
      ],
    ],
    [
      'a list that lacks one',
      [
        act(0, 1, attach('p'), done),
        act(2, 3, attach('q'), done),
        act(4, 5, { do: 'list' }, { kind: 'attached', policies: ['q'] }),
      ],
    ],
    ['a list that has one too many', [act(0, 1, { do: 'list' }, { kind: 'attached', policies: ['q'] })]],
    ['a detachment of nothing', [act(0, 1, { do: 'detach', policy: 'p' }, done)]],
  ])('finds %s', (_, operations) => {
    expect(linearizable(actor, operations).kind).toBe('violated')
  })

  test.each<[string, number, Operation<ActorCall, ActorResult>[]]>([
    ['after the deactivation was acknowledged', 1, [act(0, 1, { do: 'deactivate' }, done)]],
    ['also where it was accepted and then denied', 1, [act(0, 1, { do: 'deactivate' }, done)]],
    ['not beside the deactivation', 0, [act(0, 3, { do: 'deactivate' }, done)]],
    ['not where nobody was told that it was deactivated', 0, [act(0, 1, { do: 'deactivate' })]],
    [
      'not where it was activated again',
      0,
      [act(0, 1, { do: 'deactivate' }, done), act(1.2, 1.4, { do: 'activate' }, done)],
    ],
    ['nor where that is not known', 0, [act(-3, -2, { do: 'activate' }), act(0, 1, { do: 'deactivate' }, done)]],
    [
      'but where it had been activated before',
      1,
      [act(-3, -2, { do: 'activate' }, done), act(0, 1, { do: 'deactivate' }, done)],
    ],
  ])('an accepted key counts as revoked %s', (name, found, before) => {
    const kind = name.includes('denied') ? 'denied' : 'accepted'
    expect(acceptedAfterRevocation([...before, act(2, 4, { do: 'assume' }, { kind })])).toHaveLength(found)
  })

  const sit = (
    began: number,
    ended: number,
    call: SeatCall,
    kind?: SeatResult['kind'],
  ): Operation<SeatCall, SeatResult> => ({
    key: 's',
    call,
    began,
    ended,
    outcome: kind === undefined ? { kind: 'unknown' } : { kind: 'answered', result: { kind } },
    by: '',
  })
  const [begin, use, end] = [{ do: 'begin', session: 'a' }, { do: 'use', session: 'a' }, { do: 'revoke' }] as const
  test.each<[string, string, Operation<SeatCall, SeatResult>[]]>([
    [
      'a session that lives until it is ended',
      'linearizable',
      [sit(0, 1, begin, 'done'), sit(2, 3, use, 'accepted'), sit(4, 5, end, 'done'), sit(6, 7, use, 'over')],
    ],
    [
      'a session that is ended while it begins',
      'linearizable',
      [sit(0, 3, begin, 'done'), sit(1, 2, end, 'done'), sit(4, 5, use, 'over')],
    ],
    [
      'an end that nobody was told of',
      'linearizable',
      [sit(0, 1, begin, 'done'), sit(2, 3, end), sit(4, 5, use, 'over')],
    ],
    [
      'an ended session that is accepted',
      'violated',
      [sit(0, 1, begin, 'done'), sit(2, 3, end, 'done'), sit(4, 5, use, 'accepted')],
    ],
    ['one that is refused for nothing', 'violated', [sit(0, 1, begin, 'done'), sit(4, 5, use, 'over')]],
    [
      'one that begins afterwards and is over',
      'violated',
      [sit(0, 1, end, 'done'), sit(2, 3, begin, 'done'), sit(4, 5, use, 'over')],
    ],
  ])('judges %s', (_, verdict, operations) => {
    expect(linearizable(seat, operations).kind).toBe(verdict)
  })

  /** Does what a script of random calls says on one true thing, at a random moment within each call's own time. */
  const script = fc.array(
    fc.record({
      call: fc.oneof(
        fc.record({ do: fc.constantFrom('create' as const, 'tag' as const), tag: fc.constantFrom('a', 'b', 'c') }),
        fc.record({ do: fc.constantFrom('delete' as const, 'get' as const) }),
      ),
      at: fc.nat(1000),
      before: fc.nat(60),
      after: fc.nat(60),
      silent: fc.nat(9).map((n) => n === 0),
      lost: fc.boolean(),
    }),
    { maxLength: 30 },
  )
  const performed = (steps: typeof script extends fc.Arbitrary<infer T> ? T : never) => {
    let state = person.initial
    return [...steps]
      .sort((a, b) => a.at - b.at)
      .map(({ call, at, before, after, silent, lost }) => {
        const result: PersonResult =
          call.do === 'get'
            ? state === 'absent'
              ? { kind: 'not there' }
              : is(state.tag)
            : call.do === 'create'
              ? state === 'absent'
                ? done
                : { kind: 'there already' }
              : state === 'absent'
                ? { kind: 'not there' }
                : done
        if (!(silent && lost)) state = person.happened(state, call)
        return put(at - before, at + after, call, silent ? undefined : result)
      })
  }

  test('whatever really took place one after the other is explained', () => {
    fc.assert(
      fc.property(script, (steps) => {
        expect(linearizable(person, performed(steps)).kind).toBe('linearizable')
      }),
    )
  })

  test('and it judges as every order, tried one by one, does', () => {
    // The same question put plainly: is there an order that keeps to the times and to the model?
    const explained = (operations: readonly Operation<PersonCall, PersonResult>[], state = person.initial): boolean => {
      const open = operations.filter(({ outcome }) => outcome.kind === 'answered')
      if (open.length === 0) return true
      return operations.some((first) => {
        if (open.some((other) => other !== first && other.ended < first.began)) return false
        const rest = operations.filter((other) => other !== first)
        const { outcome } = first
        const after =
          outcome.kind === 'answered'
            ? person.answered(state, first.call, outcome.result)
            : person.happened(state, first.call)
        return after !== undefined && explained(rest, after)
      })
    }
    let violated = 0
    fc.assert(
      fc.property(script, fc.nat(), fc.constantFrom('a', 'b', 'c'), (steps, at, other) => {
        const operations = performed(steps.slice(0, 6)).map((operation, index, all): typeof operation =>
          index === at % all.length && operation.call.do === 'get'
            ? { ...operation, outcome: { kind: 'answered', result: is(other) } }
            : operation,
        )
        const verdict = linearizable(person, operations).kind
        if (verdict === 'violated') violated++
        expect(verdict === 'linearizable').toBe(explained(operations))
      }),
      { numRuns: 500 },
    )
    expect(violated).toBeGreaterThan(10)
  })
})
