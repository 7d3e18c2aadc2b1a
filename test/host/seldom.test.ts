import { expect, test } from 'vitest'
import { seldom } from '../../src/host/seldom.ts'

test('the first is told at once, and what follows by its number', () => {
  let now = 0
  const told: string[] = []
  const tell = seldom(
    (what) => told.push(what),
    () => now,
  )
  for (let request = 0; request < 5; request++) tell(`request ${request} failed`)
  expect(told).toEqual(['request 0 failed'])
  now = 9_999
  tell('request 5 failed')
  now = 10_000
  tell('request 6 failed')
  expect(told.slice(1)).toEqual(['request 6 failed (and 5 more since this was last told)'])
  now = 30_000
  tell('request 7 failed')
  expect(told.slice(2)).toEqual(['request 7 failed'])
})

test('a clock that was put back keeps nothing silent', () => {
  let now = 1_000_000
  const told: string[] = []
  const tell = seldom(
    (what) => told.push(what),
    () => now,
  )
  tell('one')
  now = 0
  tell('two')
  expect(told).toEqual(['one', 'two'])
})
