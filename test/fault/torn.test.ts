import { afterAll, beforeAll, expect, test } from 'vitest'
import { dice } from '../fuzz/dice.ts'
import { type Estate, makeEstate } from './estate.ts'
import { targets, wound } from './torn.ts'

const seed = Math.floor(Math.random() * 1e6)
/** Each is cut, and has a bit turned. */
const places = 6

let estate: Estate
beforeAll(async () => {
  estate = await makeEstate()
})
afterAll(() => estate.close())

test.each(targets)(
  '$name that is cut or altered is refused by name, mended or told of, and nothing altered is served',
  async (target) => {
    const { wounds, violations } = await wound(estate, target, dice(seed), places)
    expect(violations, `npm run torn -- --places ${places} --seed ${seed} --only '${target.name}'`).toEqual([])
    expect(wounds).toBe(2 * places)
  },
  60_000,
)

test('what is wounded holds users, records and states enough to tell a wound', () => {
  const { running, stopped, history } = estate
  expect(history.size).toBeGreaterThan(60)
  expect(running.trail.length).toBeGreaterThan(60)
  expect(stopped.trail.slice(0, running.trail.length)).toEqual(running.trail)
  expect(stopped.revision).toBeGreaterThanOrEqual(running.revision)
})
