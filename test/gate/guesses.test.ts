import { expect, test } from 'vitest'
import { Guesses } from '../../src/gate/guesses.ts'

const seconds = 1000
const hours = 60 * 60 * seconds

test('five wrong codes are free, then each one costs twice the wait of the one before, an hour at the most', () => {
  const guesses = new Guesses()
  let now = 0
  let requests = 0
  const waits: number[] = []
  for (let at = 0; at < 16; at++) {
    guesses.wrong('device', now, `r${requests++}`)
    let wait = 0
    while (!guesses.mayTry('device', now + wait)) wait += 30 * seconds
    waits.push(wait / seconds)
    now += wait
  }
  expect(waits).toEqual([0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600, 3600, 3600])
  expect(guesses.mayTry('another', now)).toBe(true)
})

test('a request counts once, however often it runs; a right code and a quiet day make good', () => {
  const guesses = new Guesses()
  for (let at = 0; at < 20; at++) guesses.wrong('device', 0, 'one')
  expect(guesses.mayTry('device', 0)).toBe(true)
  const lock = () => {
    for (let at = 0; at < 5; at++) guesses.wrong('device', 0, `r${at}`)
    expect(guesses.mayTry('device', 1)).toBe(false)
  }
  lock()
  guesses.right('device')
  expect(guesses.mayTry('device', 1)).toBe(true)
  lock()
  expect(guesses.mayTry('device', 25 * hours)).toBe(true)
})

test('a clock that is set back locks nobody out', () => {
  const guesses = new Guesses()
  for (let at = 0; at < 8; at++) guesses.wrong('device', 100 * hours, `r${at}`)
  expect(guesses.mayTry('device', 100 * hours)).toBe(false)
  expect(guesses.mayTry('device', 99 * hours)).toBe(true)
})

test('what is remembered is bounded', () => {
  const guesses = new Guesses()
  for (let at = 0; at < 10_000; at++) for (let wrong = 0; wrong < 5; wrong++) guesses.wrong(`${at}`, 0, `${wrong}`)
  expect(guesses.mayTry('7', 1)).toBe(false)
  guesses.wrong('one more', 30 * hours, 'r')
  // Had it been kept, a clock that goes back to where it was would find it again.
  expect(guesses.mayTry('7', 1)).toBe(true)
})
