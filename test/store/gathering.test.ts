import { describe, expect, test } from 'vitest'
import { Gathering } from '../../src/store/gathering.ts'

/** Turns that pass when they are told to. */
function scene() {
  const deferred: (() => void)[] = []
  let paused: (() => void) | undefined
  let begun = 0
  const gathering = new Gathering(() => begun++, {
    defer: (run) => void deferred.push(run),
    pause(run) {
      paused = run
      return () => {
        paused = undefined
      }
    },
  })
  return {
    gathering,
    /** What is begun with at the end of this turn. */
    turn() {
      const before = begun
      for (const run of deferred.splice(0)) run()
      return begun - before
    },
    pass() {
      const run = paused
      paused = undefined
      run?.()
    },
    pausing: () => paused !== undefined,
  }
}

describe('what gathers', () => {
  test('is begun with at the end of the turn where nobody else was about', () => {
    const { gathering, turn, pausing } = scene()
    gathering.waits(1)
    gathering.waits(2)
    expect(pausing()).toBe(false)
    expect(turn()).toBe(1)
    expect(turn()).toBe(0)
  })

  test('is begun with at the end of the turn where fewer than four were', () => {
    const { gathering, turn, pausing } = scene()
    gathering.answered(2, 1)
    expect(pausing()).toBe(false)
    expect(turn()).toBe(1)
  })

  test('waits until as many are there again as were answered and waited', () => {
    const { gathering, turn, pausing } = scene()
    gathering.answered(3, 2)
    expect(pausing()).toBe(true)
    gathering.waits(3)
    gathering.waits(4)
    expect(turn()).toBe(0)
    gathering.waits(5)
    expect(pausing()).toBe(false)
    expect(turn()).toBe(1)
  })

  test('waits for nobody while nobody waits', () => {
    const { gathering, turn, pausing } = scene()
    gathering.answered(5, 0)
    expect(pausing()).toBe(false)
    expect(turn()).toBe(0)
    gathering.waits(1)
    expect(pausing()).toBe(true)
  })

  test('is begun with where nobody more comes for a moment', () => {
    const { gathering, turn, pass } = scene()
    gathering.answered(5, 0)
    gathering.waits(1)
    pass()
    expect(turn()).toBe(1)
  })

  test('waits on where somebody came in that moment, four moments at most', () => {
    const { gathering, turn, pass, pausing } = scene()
    gathering.answered(9, 0)
    gathering.waits(1)
    for (const waiting of [2, 3, 4]) {
      gathering.waits(waiting)
      pass()
      expect(pausing()).toBe(true)
      expect(turn()).toBe(0)
    }
    gathering.waits(5)
    pass()
    expect(pausing()).toBe(false)
    expect(turn()).toBe(1)
  })

  test('is waited for no more once those who were about have gone', () => {
    const { gathering, turn, pass, pausing } = scene()
    gathering.answered(5, 0)
    gathering.waits(1)
    pass()
    expect(turn()).toBe(1)
    gathering.answered(1, 0)
    gathering.waits(1)
    expect(pausing()).toBe(false)
    expect(turn()).toBe(1)
  })
})

test('what gathers is begun with by the machine itself, at once and after a moment', async () => {
  const begun: string[] = []
  let tell: () => void = () => undefined
  const next = () => new Promise<void>((resolve) => (tell = resolve))
  const gathering = new Gathering(() => {
    begun.push('begun')
    tell()
  })
  let told = next()
  gathering.waits(1)
  expect(begun).toEqual([])
  await told
  told = next()
  gathering.answered(4, 1)
  await told
  expect(begun).toEqual(['begun', 'begun'])
})
