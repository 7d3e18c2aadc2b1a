import { expect, test } from 'vitest'
import { afterWrong, forgiven, type Guesses, mayGuess } from '../../src/base/guesses.ts'

const seconds = 1000
const minutes = 60 * seconds
const hours = 60 * minutes

/** So many wrong guesses, all at one time. */
function wrong(count: number, at: number, before?: Guesses): Guesses | undefined {
  let guesses = before
  for (let each = 0; each < count; each++) guesses = afterWrong(guesses, at)
  return guesses
}

test('five wrong guesses are free, then each one costs twice the wait of the one before, an hour at the most', () => {
  let guesses: Guesses | undefined
  let now = 0
  const waits: number[] = []
  for (let at = 0; at < 16; at++) {
    guesses = afterWrong(guesses, now)
    let wait = 0
    while (!mayGuess(guesses, now + wait)) wait += 30 * seconds
    waits.push(wait / seconds)
    now += wait
  }
  expect(waits).toEqual([0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600, 3600, 3600])
})

test('a wait is over when it is over, and not a millisecond before', () => {
  const guesses = wrong(5, 0)
  expect(mayGuess(guesses, 30 * seconds - 1)).toBe(false)
  expect(mayGuess(guesses, 30 * seconds)).toBe(true)
})

test('a quiet day makes good, and a thousand wrong guesses wait no longer than an hour', () => {
  expect(afterWrong(wrong(5, 0), 24 * hours)).toEqual({ wrong: 6, last: 24 * hours })
  expect(afterWrong(wrong(5, 0), 24 * hours + 1)).toEqual({ wrong: 1, last: 24 * hours + 1 })
  const many = wrong(2000, 0)
  expect([mayGuess(many, hours - 1), mayGuess(many, hours)]).toEqual([false, true])
})

test('the right one leaves nothing of them', () => {
  const row = { kind: 'mfa-device', id: 'a' } as const
  expect(forgiven({ ...row, guesses: { wrong: 3, last: 0 } })).toStrictEqual(row)
  expect(forgiven(row)).toStrictEqual(row)
})

test('a clock that is set back locks nobody out, and forgets nothing', () => {
  const guesses = wrong(8, 100 * hours)
  expect(mayGuess(guesses, 100 * hours)).toBe(false)
  expect(mayGuess(guesses, 99 * hours)).toBe(true)
  const next = afterWrong(guesses, 99 * hours)
  expect(next).toEqual({ wrong: 9, last: 99 * hours })
  expect(mayGuess(next, 99 * hours + 7 * minutes)).toBe(false)
  expect(mayGuess(next, 99 * hours + 8 * minutes)).toBe(true)
})

test('those that are free are so at a node whose clock is behind, too', () => {
  expect(mayGuess(wrong(4, 1000), 999)).toBe(true)
  expect(mayGuess(wrong(5, 1000), 999)).toBe(false)
})

test.each([1, 2000, 5 * minutes])('a node whose clock is %i milliseconds behind gives no more guesses', (behind) => {
  let guesses: Guesses | undefined
  let tried = 0
  // Twenty hours at two nodes, every quarter of a minute at both.
  for (let now = 0; now < 20 * hours; now += 15 * seconds)
    for (const clock of [now, now - behind])
      if (mayGuess(guesses, clock)) {
        guesses = afterWrong(guesses, clock)
        tried++
      }
  expect(tried).toBeLessThanOrEqual(5 + 7 + 20)
})
