import { beforeEach, describe, expect, test } from 'vitest'
import { Available, alone, strong } from '../../src/gate/freshness.ts'
import { StoreUnavailable } from '../../src/store/store.ts'

/** Timers and a clock that are turned by hand. */
class Hand {
  time = 0
  #timers: { at: number; run: () => void }[] = []
  readonly schedule = (milliseconds: number, run: () => void) => {
    const timer = { at: this.time + milliseconds, run }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }
  readonly now = () => this.time

  async pass(milliseconds: number): Promise<void> {
    const end = this.time + milliseconds
    for (;;) {
      await settle()
      const next = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
      if (next === undefined) break
      this.time = next.at
      this.#timers = this.#timers.filter((other) => other !== next)
      next.run()
    }
    this.time = end
    await settle()
  }
}
const settle = async () => {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve()
}

const minute = 60_000
let hand: Hand
/** What the store does when it is asked. */
let store: 'there' | 'away' | 'silent'
let asked: number
const follower = {
  fresh: () => {
    asked++
    if (store === 'there') return Promise.resolve()
    if (store === 'away') return Promise.reject(new StoreUnavailable('gone'))
    return new Promise<void>(() => undefined)
  },
}
beforeEach(() => {
  hand = new Hand()
  store = 'there'
  asked = 0
})

test('one who writes alone waits for nothing', () => {
  expect(alone.look()).toBeUndefined()
})

describe('strong', () => {
  test('a request is answered from what the store has, and refused where it cannot be asked', async () => {
    const freshness = strong(follower, hand.now)
    await expect(freshness.look()).resolves.toEqual({ staleMilliseconds: 0 })
    store = 'away'
    await hand.pass(minute)
    await expect(freshness.look()).rejects.toBeInstanceOf(StoreUnavailable)
    expect(freshness.unseenMilliseconds()).toBe(minute)
  })
})

describe('available', () => {
  const open = () => new Available(follower, 15 * minute, hand.now, hand.schedule)

  test('while the store is there it is asked for every request, as in strong', async () => {
    const freshness = open()
    for (let request = 1; request <= 3; request++) {
      await expect(freshness.look()).resolves.toEqual({ staleMilliseconds: 0 })
      expect(asked).toBe(request)
    }
  })

  test('while it is away answers go on and say how old they may be, without asking for each', async () => {
    const freshness = open()
    store = 'away'
    await hand.pass(minute)
    await expect(freshness.look()).resolves.toEqual({ staleMilliseconds: minute })
    asked = 0
    for (let request = 0; request < 100; request++) await freshness.look()
    expect(asked).toBe(0)
    await hand.pass(14 * minute)
    await expect(freshness.look()).resolves.toEqual({ staleMilliseconds: 15 * minute })
  })

  test('a node that nobody asked anything is as new as the store was a moment before it went away', async () => {
    const freshness = open()
    await hand.pass(60 * minute)
    store = 'away'
    await hand.pass(minute)
    const { staleMilliseconds } = await freshness.look()
    expect(staleMilliseconds).toBeGreaterThanOrEqual(minute)
    expect(staleMilliseconds).toBeLessThanOrEqual(minute + 2000)
  })

  test('once closed it waits for nothing more', async () => {
    const freshness = open()
    freshness.close()
    asked = 0
    await hand.pass(minute)
    expect(asked).toBe(0)
  })

  test('after that long they stop', async () => {
    const freshness = open()
    store = 'away'
    await hand.pass(15 * minute + 1)
    await expect(freshness.look()).rejects.toBeInstanceOf(StoreUnavailable)
  })

  test('once it is back requests wait for it again, by themselves, and also after a refusal', async () => {
    const freshness = open()
    store = 'away'
    await hand.pass(20 * minute)
    await expect(freshness.look()).rejects.toBeInstanceOf(StoreUnavailable)
    store = 'there'
    await hand.pass(2000)
    await expect(freshness.look()).resolves.toEqual({ staleMilliseconds: 0 })
  })

  test('a store that says nothing holds up the first request for a second, and no other', async () => {
    const freshness = open()
    store = 'silent'
    let answered: unknown
    const first = freshness.look().then((sight) => {
      answered = sight
    })
    await hand.pass(999)
    expect(answered).toBeUndefined()
    await hand.pass(1)
    await first
    expect(answered).toEqual({ staleMilliseconds: 1000 })
    await expect(freshness.look()).resolves.toEqual({ staleMilliseconds: 1000 })
  })
})
